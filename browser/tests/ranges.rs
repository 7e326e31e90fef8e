//! Ranges: [206 and `Content-Range`](https://fetch.spec.whatwg.org/#cors-safelisted-request-header).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use bytes::Bytes;
use http::Request;
use shared::{origin_of, page, respond};

#[test]
fn a_range_with_a_start_needs_no_preflight_and_content_range_must_be_exposed() {
    for (range, requests) in [("bytes=0-3", 1), ("bytes=4-", 1), ("bytes=-3", 2)] {
        for (exposed, readable) in [("", false), ("content-range", true), ("*", true)] {
            let mut server = |request: Request<Bytes>| {
                let fields = [
                    ("access-control-allow-origin", origin_of(&request)),
                    ("access-control-allow-headers", "range"),
                    ("access-control-expose-headers", exposed),
                    ("content-range", "bytes 0-3/8"),
                ];
                respond(206, &fields)
            };
            let fetch = page().fetch("https://api.example/").header("range", range);
            let outcome = fetch.send_now(&mut server);
            assert_eq!(outcome.exchanges().len(), requests, "{range}");
            let response = outcome.assert_readable();
            assert_eq!(response.status(), 206);
            assert_eq!(response.headers().contains_key("content-range"), readable);
        }
    }
}
