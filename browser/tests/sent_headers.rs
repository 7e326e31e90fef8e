//! Headers that the browser adds: [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch), step 8.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use bytes::Bytes;
use http::{HeaderMap, Request};
use omnicors_browser::{Fetch, Redirect, ReferrerPolicy, ResponseType};
use shared::{page, respond};

/// Sends a request to a server that allows everything, and returns the headers of the last request.
fn sent(fetch: &Fetch) -> HeaderMap {
    let allowed = [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-headers", "*"),
        ("access-control-allow-methods", "*"),
    ];
    let outcome = fetch.send_now(&mut |_: Request<Bytes>| respond(200, &allowed));
    outcome.assert_readable();
    outcome
        .exchanges()
        .last()
        .unwrap()
        .request()
        .headers()
        .clone()
}

/// Steps 8.5 to 8.9.
#[test]
fn the_length_of_a_body_is_sent_if_it_is_known() {
    let fetch = |method: &str| page().fetch("https://api.example/").method(method);
    for (fetch, length) in [
        (fetch("GET"), None),
        (fetch("DELETE"), None),
        (fetch("POST"), Some("0")),
        (fetch("PUT"), Some("0")),
        (fetch("POST").body("four"), Some("4")),
        (fetch("POST").stream("four"), None),
        (fetch("PUT").stream("four"), None),
    ] {
        let headers = sent(&fetch);
        let found = headers.get("content-length");
        assert_eq!(
            found.map(|value| value.to_str().unwrap()),
            length,
            "{fetch:?}"
        );
    }
}

/// Steps 8.16 and 8.18: a page that validates does not use the cache, and caches on the way do not either.
#[test]
fn a_page_that_validates_bypasses_caches() {
    for name in [
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "if-match",
        "if-range",
    ] {
        let fetch = page().fetch("https://app.example/").header(name, "x");
        let headers = sent(&fetch);
        assert_eq!(headers["pragma"], "no-cache", "{name}");
        assert_eq!(headers["cache-control"], "no-cache", "{name}");
        let own = sent(&fetch.header("cache-control", "max-age=0"));
        assert!(own.get_all("cache-control").iter().eq(["max-age=0"]));
    }
    let headers = sent(&page().fetch("https://app.example/"));
    assert!(!headers.contains_key("pragma") && !headers.contains_key("cache-control"));
}

/// Step 8.19.
#[test]
fn a_range_is_requested_without_a_content_coding() {
    let fetch = page().fetch("https://api.example/video");
    assert!(!sent(&fetch).contains_key("accept-encoding"));
    let headers = sent(&fetch.header("range", "bytes=0-99"));
    assert_eq!(headers["accept-encoding"], "identity");
}

/// [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch), step 19: the policy decides about the `Origin` of a request
/// without CORS ([append a request `Origin` header](https://fetch.spec.whatwg.org/#append-a-request-origin-header), step 4).
#[test]
fn a_redirect_sets_the_referrer_policy() {
    let page_origin = "https://app.example";
    for (policies, origin) in [
        (&[][..], page_origin),
        (&["no-referrer"][..], "null"),
        (&["No-Referrer"][..], "null"),
        (&["origin, no-referrer"][..], "null"),
        (&["origin", "no-referrer"][..], "null"),
        (&["no-referrer, unsafe-url"][..], page_origin),
        (&["no-referrer, unknown"][..], "null"),
        (&["unknown"][..], page_origin),
        (&["no-referrer; origin"][..], page_origin),
    ] {
        for fetch in [
            page().post_form("https://app.example/a"),
            page().send_beacon("https://app.example/a", "text/plain", "x"),
        ] {
            let mut server = |request: Request<Bytes>| {
                if request.uri().path() != "/a" {
                    return respond(200, &[]);
                }
                let mut fields = vec![("location", "/b")];
                fields.extend(policies.iter().map(|policy| ("referrer-policy", *policy)));
                respond(307, &fields)
            };
            let outcome = fetch.send_now(&mut server);
            let last = outcome.exchanges().last().unwrap().request();
            assert_eq!(last.uri().path(), "/b");
            assert_eq!(last.headers()["origin"], origin, "{policies:?}");
        }
    }
    // The policy of the page is replaced.
    let form = page().post_form("https://app.example/a");
    let outcome =
        form.referrer_policy(ReferrerPolicy::NoReferrer)
            .send_now(&mut |request: Request<Bytes>| {
                let fields = [("location", "/b"), ("referrer-policy", "origin")];
                let status = if request.uri().path() == "/a" {
                    307
                } else {
                    200
                };
                respond(status, &fields)
            });
    let origins = outcome.exchanges().iter();
    let origins = origins.map(|exchange| exchange.request().headers()["origin"].clone());
    assert!(origins.eq(["null", page_origin]));
}

/// [opaque-redirect filtered response](https://fetch.spec.whatwg.org/#concept-filtered-response-opaque-redirect): the URL stays, and `Response`
/// shows it without the fragment. The timing is allowed by the [TAO check](https://fetch.spec.whatwg.org/#tao-check).
#[test]
fn an_opaque_redirect_has_its_url_and_its_timing() {
    for (url, allow_timing, expected) in [
        ("https://app.example/a#b", None, true),
        ("https://api.example/a#b", None, false),
        ("https://api.example/a#b", Some("*"), true),
    ] {
        let mut fields = vec![("location", "/c"), ("access-control-allow-origin", "*")];
        fields.extend(allow_timing.map(|value| ("timing-allow-origin", value)));
        let fetch = page().fetch(url).redirect(Redirect::Manual);
        let outcome = fetch.send_now(&mut |_: Request<Bytes>| respond(302, &fields));
        let response = outcome.result().unwrap();
        assert_eq!(response.response_type(), ResponseType::OpaqueRedirect);
        assert_eq!(Some(response.url()), url.strip_suffix("#b"));
        assert_eq!(response.is_timing_allowed(), expected, "{url}");
    }
}
