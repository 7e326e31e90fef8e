//! What the message of an outcome says about the probable cause, and what to change.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::{Request, Response};
use omnicors_browser::{Fetch, Page};

fn suggestion(fetch: &Fetch, status: u16, fields: &[(&str, &str)]) -> String {
    let outcome = fetch.send_now(&mut |_: Request<Bytes>| {
        let mut response = Response::builder().status(status);
        for (name, value) in fields {
            response = response.header(*name, *value);
        }
        response.body("").unwrap()
    });
    outcome.suggestion().unwrap_or_default()
}

fn fetch() -> Fetch {
    let page = Page::new("https://app.example").unwrap();
    page.fetch("https://api.example/items")
}

const ORIGIN: &str = "access-control-allow-origin";

/// <https://fetch.spec.whatwg.org/#cors-preflight-fetch>, step 7: a redirect is not an ok status.
#[test]
fn a_redirect_of_a_preflight_leads_to_its_target() {
    let put = fetch().method("PUT");
    for fields in [
        &[][..],
        &[(ORIGIN, "*")],
        &[(ORIGIN, "https://other.example")],
        &[(ORIGIN, "https://app.example, *")],
    ] {
        let fields = [fields, &[("location", "/items/")]].concat();
        for status in [301, 302, 307, 308] {
            let suggestion = suggestion(&put, status, &fields);
            assert!(suggestion.contains("`Location: /items/`"), "{suggestion}");
            assert!(
                suggestion.contains("fetch the target of the redirect"),
                "{suggestion}"
            );
        }
        let suggestion = suggestion(&put, 405, &fields);
        assert!(!suggestion.contains("/items/"), "{suggestion}");
    }
}

/// <https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches>
#[test]
fn a_stored_response_for_another_origin_is_recognized() {
    let other = (ORIGIN, "https://other.example");
    for stored in [
        ("age", "100"),
        ("x-cache", "HIT from proxy"),
        ("cf-cache-status", "HIT"),
        ("cache-status", "cache; hit; ttl=30"),
    ] {
        let suggestion = suggestion(&fetch(), 200, &[other, stored]);
        assert!(suggestion.contains("Vary: Origin"), "{suggestion}");
    }
    for fields in [
        &[other][..],
        &[other, ("x-cache", "MISS")],
        &[other, ("age", "100"), ("vary", "accept, origin")],
        &[(ORIGIN, "app.example"), ("age", "100")],
    ] {
        let suggestion = suggestion(&fetch(), 200, fields);
        assert!(!suggestion.contains("Vary"), "{suggestion}");
    }
}
