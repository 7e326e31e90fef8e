//! Stored responses and headers, as the Fetch standard and RFC 9111 have them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use omnicors_browser::{
    Browser, Credentials, Engine, Mode, NetworkError, Page, ReferrerPolicy, ResponseType,
};
use shared::{origin_of, page, respond};

/// A 304 refreshes the stored response: its fields replace the stored ones, and those it does not have stay.
#[test]
fn a_304_keeps_widens_or_narrows_the_stored_response() {
    for (validation, readable) in [
        (&[][..], true),
        (&[("access-control-allow-origin", "*")][..], true),
        (
            &[("access-control-allow-origin", "https://other.example")][..],
            false,
        ),
    ] {
        let mut server = |request: Request<Bytes>| {
            if request.headers().contains_key("if-none-match") {
                respond(304, validation)
            } else {
                respond(
                    200,
                    &[
                        ("etag", "\"1\""),
                        ("access-control-allow-origin", "https://app.example"),
                    ],
                )
            }
        };
        let mut browser = Browser::default();
        let fetch = page().fetch("https://api.example/");
        browser.send_now(&fetch, &mut server).assert_readable();
        let second = browser.send_now(&fetch, &mut server);
        assert_eq!(second.result().is_ok(), readable);
        if readable {
            assert_eq!(second.assert_readable().body(), "body");
        }
    }
}

/// A conditional request of the page itself gets the 304, which then needs its own `Access-Control-Allow-Origin`.
#[test]
fn the_304_of_a_page_that_validates_itself_is_checked() {
    let fetch = page()
        .fetch("https://api.example/")
        .header("if-none-match", "\"1\"");
    for (headers, readable) in [
        (&[][..], false),
        (&[("access-control-allow-origin", "*")][..], true),
    ] {
        let mut server = |request: Request<Bytes>| {
            let allow = [
                ("access-control-allow-origin", "*"),
                ("access-control-allow-headers", "if-none-match"),
            ];
            if request.method() == "OPTIONS" {
                respond(204, &allow)
            } else {
                respond(304, headers)
            }
        };
        let outcome = fetch.send_now(&mut server);
        assert_eq!(outcome.result().is_ok(), readable);
    }
}

/// Two frames of one site share a partition of the cache. Without `Vary: Origin`, the second page gets a response for the first.
#[test]
fn a_stored_response_without_vary_blocks_the_other_page() {
    let one = Page::new("https://one.app.example")
        .unwrap()
        .fetch("https://api.example/");
    let two = Page::new("https://two.app.example")
        .unwrap()
        .fetch("https://api.example/");
    for (vary, ignoring, readable) in [
        ("origin", false, true),
        ("accept", false, false),
        ("origin", true, false),
    ] {
        let mut server = |request: Request<Bytes>| {
            let headers = [
                ("cache-control", "max-age=60"),
                ("vary", vary),
                ("access-control-allow-origin", origin_of(&request)),
            ];
            respond(200, &headers)
        };
        let mut browser = Browser::new(Engine::Standard);
        if ignoring {
            browser = browser.ignoring_vary();
        }
        browser.send_now(&one, &mut server).assert_readable();
        assert!(browser.send_now(&one, &mut server).exchanges()[0].is_from_cache());
        let second = browser.send_now(&two, &mut server);
        assert_eq!(second.result().is_ok(), readable, "{vary} {ignoring}");
        browser.advance(Duration::from_secs(60));
        browser.send_now(&two, &mut server).assert_readable();
    }
}

#[test]
fn the_credentials_mode_decides_what_a_page_can_read() {
    let mut server = |_: Request<Bytes>| {
        respond(
            200,
            &[
                ("access-control-allow-origin", "https://app.example"),
                ("access-control-allow-credentials", "true"),
                ("access-control-expose-headers", "*"),
                ("x-total", "3"),
                ("set-cookie", "a=b"),
                ("content-type", "text/plain"),
            ],
        )
    };
    for (credentials, total) in [
        (Credentials::Omit, true),
        (Credentials::SameOrigin, true),
        (Credentials::Include, false),
    ] {
        let outcome = page()
            .fetch("https://api.example/")
            .credentials(credentials)
            .send_now(&mut server);
        let headers = outcome.assert_readable().headers();
        assert_eq!(headers.contains_key("x-total"), total, "{credentials:?}");
        assert!(headers.contains_key("content-type"));
        assert!(!headers.contains_key("set-cookie"));
    }
}

#[test]
fn cookies_are_sent_as_the_credentials_mode_says_and_never_with_a_preflight() {
    for (url, credentials, sent) in [
        ("https://api.example/", Credentials::Omit, false),
        ("https://api.example/", Credentials::SameOrigin, false),
        ("https://api.example/", Credentials::Include, true),
        ("https://app.example/", Credentials::SameOrigin, true),
        ("https://app.example/", Credentials::Omit, false),
    ] {
        let mut server = |_: Request<Bytes>| {
            respond(
                200,
                &[
                    ("access-control-allow-origin", "https://app.example"),
                    ("access-control-allow-credentials", "true"),
                    ("access-control-allow-methods", "PUT"),
                ],
            )
        };
        let fetch = page()
            .fetch(url)
            .method("PUT")
            .credentials(credentials)
            .cookies("a=b");
        let outcome = fetch.send_now(&mut server);
        outcome.assert_readable();
        for exchange in outcome.exchanges() {
            let headers = exchange.request().headers();
            assert_eq!(
                headers.contains_key("cookie"),
                sent && exchange.request().method() == "PUT",
                "{url} {credentials:?}"
            );
        }
    }
}

/// The table "Sec-Fetch-Site" and the rows about `Origin` that were measured on loopback.
#[test]
fn origin_and_fetch_metadata_are_sent_as_engines_send_them() {
    for (page_url, url, site) in [
        (
            "http://localhost:3000",
            "http://localhost:3000/",
            "same-origin",
        ),
        (
            "http://localhost:3000",
            "http://localhost:3001/",
            "same-site",
        ),
        (
            "http://localhost:3000",
            "http://127.0.0.1:3000/",
            "cross-site",
        ),
        ("http://a.localhost", "http://b.localhost/", "cross-site"),
        (
            "https://one.example.com",
            "https://two.example.com/",
            "same-site",
        ),
    ] {
        let mut seen = String::new();
        let mut server = |request: Request<Bytes>| {
            seen = request.headers()["sec-fetch-site"]
                .to_str()
                .unwrap()
                .to_owned();
            respond(200, &[("access-control-allow-origin", "*")])
        };
        Page::new(page_url)
            .unwrap()
            .fetch(url)
            .send_now(&mut server)
            .assert_readable();
        assert_eq!(seen, site, "{page_url} {url}");
    }
    let plain = page_for("http://app.example").fetch("http://api.example/");
    let outcome = plain.send_now(&mut |_: Request<Bytes>| respond(200, &[]));
    assert!(
        !outcome.exchanges()[0]
            .request()
            .headers()
            .contains_key("sec-fetch-site"),
        "not a trustworthy URL"
    );
}

fn page_for(url: &str) -> Page {
    Page::new(url).unwrap()
}

#[test]
fn a_form_of_the_same_origin_without_a_referrer_sends_null() {
    for (policy, url, origin) in [
        (
            ReferrerPolicy::NoReferrer,
            "https://app.example/save",
            "null",
        ),
        (
            ReferrerPolicy::StrictOrigin,
            "https://app.example/save",
            "https://app.example",
        ),
        (
            ReferrerPolicy::StrictOrigin,
            "http://api.example/save",
            "null",
        ),
        (
            ReferrerPolicy::SameOrigin,
            "https://api.example/save",
            "null",
        ),
        (
            ReferrerPolicy::Origin,
            "http://api.example/save",
            "https://app.example",
        ),
    ] {
        let form = page().post_form(url).referrer_policy(policy);
        let outcome = form.send_now(&mut |_: Request<Bytes>| respond(200, &[]));
        let headers = outcome.exchanges()[0].request().headers();
        assert_eq!(headers["origin"], origin, "{policy:?} {url}");
        assert!(
            headers
                .get("sec-fetch-mode")
                .is_none_or(|mode| mode == "navigate")
        );
    }
}

#[test]
fn a_get_without_cors_has_no_origin_and_a_post_has_one() {
    let fetch = page()
        .fetch("https://cdn.example/")
        .mode(Mode::NoCors)
        .header("x-custom", "dropped");
    for (method, origin) in [("GET", None), ("POST", Some("https://app.example"))] {
        let outcome = fetch
            .clone()
            .method(method)
            .send_now(&mut |_: Request<Bytes>| respond(200, &[]));
        let headers = outcome.exchanges()[0].request().headers();
        assert_eq!(
            headers.get("origin").map(|value| value.to_str().unwrap()),
            origin
        );
        assert!(!headers.contains_key("x-custom"));
        assert_eq!(
            outcome.result().unwrap().response_type(),
            ResponseType::Opaque
        );
    }
    let outcome = fetch
        .method("PUT")
        .send_now(&mut |_: Request<Bytes>| respond(200, &[]));
    assert!(matches!(
        outcome.result(),
        Err(NetworkError::InvalidRequest(_))
    ));
}

/// <https://fetch.spec.whatwg.org/#port-blocking>
#[test]
fn a_bad_port_is_not_connected_to() {
    for (port, blocked) in [
        (1, true),
        (6000, true),
        (10080, true),
        (3000, false),
        (443, false),
    ] {
        let fetch = page().fetch(&format!("https://api.example:{port}/"));
        let outcome = fetch.send_now(&mut |_: Request<Bytes>| respond(200, &[]));
        assert_eq!(outcome.exchanges().is_empty(), blocked, "{port}");
        let error = outcome.result().err();
        assert_eq!(error == Some(NetworkError::BadPort(port)), blocked);
    }
}

#[test]
fn mixed_content_and_urls_with_user_info_are_not_sent() {
    for url in [
        "http://api.example/",
        "https://user@api.example/",
        "ftp://api.example/",
        "https://",
    ] {
        let outcome = page().fetch(url).send_now(&mut |_: Request<Bytes>| {
            respond(200, &[("access-control-allow-origin", "*")])
        });
        assert!(outcome.result().is_err(), "{url}");
        assert!(outcome.exchanges().is_empty(), "{url}");
    }
}

#[test]
fn timing_is_allowed_for_the_same_origin_and_by_the_header() {
    for (url, value, allowed) in [
        ("https://app.example/", "", true),
        ("https://api.example/", "", false),
        ("https://api.example/", "*", true),
        (
            "https://api.example/",
            "https://other.example, https://app.example",
            true,
        ),
        ("https://api.example/", "https://APP.example", false),
    ] {
        let mut server = |_: Request<Bytes>| {
            respond(
                200,
                &[
                    ("access-control-allow-origin", "*"),
                    ("timing-allow-origin", value),
                ],
            )
        };
        let outcome = page().fetch(url).send_now(&mut server);
        assert_eq!(
            outcome.assert_readable().is_timing_allowed(),
            allowed,
            "{url} {value}"
        );
    }
}

/// <https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2>: a number that is too large is the largest possible one.
#[test]
fn a_response_with_an_enormous_max_age_is_stored() {
    let mut browser = Browser::default();
    let fetch = page().fetch("https://api.example/");
    let mut sent = 0;
    for _ in 0..2 {
        let mut server = |_: Request<Bytes>| {
            sent += 1;
            let cache_control = "max-age=99999999999999999999999";
            respond(
                200,
                &[
                    ("access-control-allow-origin", "*"),
                    ("cache-control", cache_control),
                ],
            )
        };
        browser.send_now(&fetch, &mut server).assert_readable();
        browser.advance(Duration::from_secs(1_000_000));
    }
    assert_eq!(sent, 1);
}
