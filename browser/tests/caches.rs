//! The preflight cache and the HTTP cache, as the Fetch standard and RFC 9111 have them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use omnicors_browser::{Browser, Page};
use shared::{page, respond};

/// Fetch, "determine the network partition key": the key is the site of the top-level page, also for a sandboxed frame.
#[test]
fn the_caches_are_divided_by_the_top_level_site() {
    let frame = |embedder: &str| {
        let frame = Page::sandboxed(embedder).unwrap();
        frame.fetch("https://api.example/").method("PUT")
    };
    let get = |embedder: &str| {
        Page::sandboxed(embedder)
            .unwrap()
            .fetch("https://api.example/data")
    };
    let mut server = |_: Request<Bytes>| {
        respond(
            200,
            &[
                ("access-control-allow-origin", "*"),
                ("access-control-allow-methods", "PUT"),
                ("access-control-max-age", "60"),
                ("cache-control", "max-age=60"),
            ],
        )
    };
    let mut browser = Browser::default();
    for (embedder, is_new) in [
        ("https://app.example/", true),
        ("https://app.example/", false),
        ("https://www.app.example/other", false),
        ("https://other.example/", true),
    ] {
        let outcome = browser.send_now(&frame(embedder), &mut server);
        assert_eq!(outcome.exchanges().len(), 1 + usize::from(is_new));
        let outcome = browser.send_now(&get(embedder), &mut server);
        assert_eq!(
            outcome.exchanges()[0].is_from_cache(),
            !is_new,
            "{embedder}"
        );
    }
}

/// The time for a list of header names grows with its length, and not with the square.
#[test]
fn a_long_list_of_allowed_headers_is_stored_in_reasonable_time() {
    let time = |count: usize| {
        let names: Vec<_> = (0..count).map(|number| format!("x-{number}")).collect();
        let names = names.join(",");
        let mut server = move |_: Request<Bytes>| {
            respond(
                200,
                &[
                    ("access-control-allow-origin", "*"),
                    ("access-control-allow-headers", &names),
                ],
            )
        };
        let fetch = page().fetch("https://api.example/").header("x-1", "1");
        move || {
            let start = std::time::Instant::now();
            let mut browser = Browser::default();
            let outcome = browser.send_now(&fetch, &mut server);
            outcome.assert_readable();
            start.elapsed()
        }
    };
    let (mut short, mut long) = (time(2_000), time(32_000));
    // 16 for linear growth, 256 for quadratic growth. The rounds alternate, so that other programs slow down both.
    let mut rounds = (0..5).map(|_| (short(), long()));
    let is_fast = rounds.any(|(short, long)| long < short * 80);
    assert!(is_fast, "{:?} {:?}", short(), long());
}

/// RFC 9111, 4.2.3: the age that a response has when it arrives counts. A 304 sets it anew.
#[test]
fn the_age_of_a_response_counts_for_its_freshness() {
    for (age, fresh_for) in [
        (&[][..], 60),
        (&["0"][..], 60),
        (&["45"][..], 15),
        (&["60"][..], 0),
        (&["45", "1"][..], 15),
        (&["old"][..], 60),
    ] {
        let mut server = |request: Request<Bytes>| {
            if request.headers().contains_key("if-none-match") {
                return respond(304, &[("age", "50")]);
            }
            let mut fields = vec![
                ("access-control-allow-origin", "*"),
                ("cache-control", "max-age=60"),
                ("etag", "\"1\""),
            ];
            fields.extend(age.iter().map(|age| ("age", *age)));
            respond(200, &fields)
        };
        let get = page().fetch("https://api.example/data");
        let mut browser = Browser::default();
        let mut is_cached = |browser: &mut Browser| {
            let outcome = browser.send_now(&get, &mut server);
            outcome.assert_readable();
            outcome.exchanges()[0].is_from_cache()
        };
        assert!(!is_cached(&mut browser));
        if fresh_for > 0 {
            browser.advance(Duration::from_secs(fresh_for - 1));
            assert!(is_cached(&mut browser), "{age:?}");
            browser.advance(Duration::from_secs(1));
        }
        assert!(!is_cached(&mut browser), "{age:?}");
        // The 304 is 50 seconds old.
        browser.advance(Duration::from_secs(9));
        assert!(is_cached(&mut browser), "{age:?}");
        browser.advance(Duration::from_secs(1));
        assert!(!is_cached(&mut browser), "{age:?}");
    }
}
