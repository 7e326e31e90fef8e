//! [Cross-origin resource policy check](https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use bytes::Bytes;
use http::Request;
use omnicors_browser::{Mode, NetworkError, Page};
use shared::respond;

/// The last rows of `same-site` are about schemes: an insecure page does not get a response of https, and a secure page gets one of http.
#[test]
fn a_resource_policy_blocks_a_no_cors_response() {
    for (page, url, policy, allowed) in [
        (
            "https://app.example",
            "https://cdn.example/",
            "same-origin",
            false,
        ),
        (
            "https://www.cdn.example",
            "https://cdn.example/",
            "same-origin",
            false,
        ),
        (
            "https://www.cdn.example",
            "https://cdn.example/",
            "same-site",
            true,
        ),
        (
            "https://app.example",
            "https://cdn.example/",
            "same-site",
            false,
        ),
        (
            "data:text/html,page",
            "https://cdn.example/",
            "same-site",
            false,
        ),
        (
            "https://app.example",
            "https://cdn.example/",
            "cross-origin",
            true,
        ),
        (
            "https://app.example",
            "https://cdn.example/",
            "Same-Origin",
            true,
        ),
        (
            "http://www.cdn.example",
            "https://cdn.example/",
            "same-site",
            false,
        ),
        (
            "http://www.cdn.example",
            "http://cdn.example/",
            "same-site",
            true,
        ),
        (
            "https://app.localhost",
            "http://api.app.localhost/",
            "same-site",
            true,
        ),
        (
            "https://app.localhost",
            "http://api.localhost/",
            "same-site",
            false,
        ),
    ] {
        let mut server =
            |_: Request<Bytes>| respond(200, &[("cross-origin-resource-policy", policy)]);
        let fetch = Page::new(page).unwrap().fetch(url).mode(Mode::NoCors);
        let outcome = fetch.send_now(&mut server);
        let expected = (!allowed).then(|| NetworkError::ResourcePolicy(policy.to_owned()));
        assert_eq!(outcome.result().err(), expected, "{page} {url} {policy}");
    }
}
