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

/// Fetch, "determine the network partition key", of a request: its reserved client decides, whose top-level creation URL is the URL of a
/// top-level navigation (<https://html.spec.whatwg.org/multipage/browsing-the-web.html#create-navigation-params-by-fetching>).
#[test]
fn a_navigation_uses_the_caches_of_the_site_to_which_it_leads() {
    const TARGET: &str = "https://docs.example/guide";
    let mut server = |request: Request<Bytes>| {
        if request.uri().path() == "/moved" {
            return respond(302, &[("location", TARGET)]);
        }
        respond(200, &[("cache-control", "max-age=60")])
    };
    let page = |url: &str| Page::new(url).unwrap();
    let frame = Page::sandboxed("https://app.example/").unwrap();
    let mut browser = Browser::default();
    for (fetch, is_cached) in [
        // This page stores it under its own site.
        (page("https://app.example/").image(TARGET), false),
        (page("https://app.example/").navigate(TARGET), false),
        (page("https://other.example/").navigate(TARGET), true),
        // The site of the last URL decides.
        (
            page("https://other.example/").navigate("https://go.example/moved"),
            true,
        ),
        (page("https://www.docs.example/").image(TARGET), true),
        (page("https://other.example/").image(TARGET), false),
        // A frame that navigates stays below the page that embeds it.
        (frame.navigate(TARGET), true),
        (
            Page::sandboxed("https://third.example/")
                .unwrap()
                .navigate(TARGET),
            false,
        ),
    ] {
        let outcome = browser.send_now(&fetch, &mut server);
        assert!(outcome.result().is_ok(), "{outcome}");
        let last = outcome.exchanges().last().unwrap();
        assert_eq!(last.is_from_cache(), is_cached, "{fetch:?}");
    }
    // RFC 9111, 4.4: a form by POST makes what is stored for its URL invalid, in its own partition.
    let form = page("https://other.example/").post_form(TARGET);
    let _ = browser.send_now(&form, &mut server);
    for (fetch, is_cached) in [
        (page("https://docs.example/").image(TARGET), false),
        (page("https://app.example/").image(TARGET), true),
    ] {
        let outcome = browser.send_now(&fetch, &mut server);
        assert_eq!(outcome.exchanges()[0].is_from_cache(), is_cached);
    }
}

/// HTML, "obtain a site": an opaque origin is a site of its own (<https://html.spec.whatwg.org/multipage/browsers.html#obtain-a-site>).
#[test]
fn each_page_with_an_opaque_origin_has_its_own_caches() {
    let mut server = |_: Request<Bytes>| {
        respond(
            200,
            &[
                ("access-control-allow-origin", "*"),
                ("access-control-allow-methods", "PUT"),
                ("access-control-max-age", "60"),
            ],
        )
    };
    for open in [
        || Page::new("data:text/html,page").unwrap(),
        || Page::new("file:///home/page.html").unwrap(),
        Page::opaque,
        || Page::sandboxed("data:text/html,page").unwrap(),
    ] {
        let mut browser = Browser::default();
        let (page, other) = (open(), open());
        for (page, count) in [(&page, 2), (&page, 1), (&page.clone(), 1), (&other, 2)] {
            let put = page.fetch("https://api.example/").method("PUT");
            let outcome = browser.send_now(&put, &mut server);
            assert_eq!(outcome.exchanges().len(), count, "{page:?}");
        }
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

/// RFC 9111, 4.3.4: a 304 with a strong validator updates only stored responses with the same one. Fetch, "HTTP-network-or-cache fetch": after
/// a 304, the response is the stored one.
#[test]
fn a_304_with_another_strong_etag_does_not_update_the_stored_response() {
    for (stored, validation, updates) in [
        ("\"1\"", Some("\"1\""), true),
        ("\"1\"", Some("\"2\""), false),
        ("W/\"1\"", Some("\"1\""), false),
        ("W/\"1\"", Some("W/\"1\""), true),
        ("\"1\"", Some("W/\"1\""), true),
        ("\"1\"", None, true),
    ] {
        let mut server = |request: Request<Bytes>| {
            if request.headers().contains_key("if-none-match") {
                let mut fields = vec![("cache-control", "max-age=60"), ("x-version", "new")];
                fields.extend(validation.map(|etag| ("etag", etag)));
                return respond(304, &fields);
            }
            let fields = [("etag", stored), ("x-version", "old")];
            respond(200, &fields)
        };
        let get = page().fetch("https://app.example/data");
        let mut browser = Browser::default();
        browser.send_now(&get, &mut server).assert_readable();
        let outcome = browser.send_now(&get, &mut server);
        let response = outcome.assert_readable();
        assert_eq!(response.status(), 200);
        let version = if updates { "new" } else { "old" };
        assert_eq!(response.headers()["x-version"], version, "{validation:?}");
        let outcome = browser.send_now(&get, &mut server);
        assert_eq!(outcome.exchanges()[0].is_from_cache(), updates);
    }
}
