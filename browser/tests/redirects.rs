//! Redirects, as the Fetch standard has them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use bytes::Bytes;
use http::{Request, Response};
use omnicors_browser::{Mode, NetworkError, Page, Redirect, RedirectFailure, ResponseType};
use shared::{origin_of, page, respond};

/// Redirects `/` to `location`; everything else allows any origin.
fn redirecting(
    status: u16,
    location: &'static str,
) -> impl FnMut(Request<Bytes>) -> Response<Bytes> {
    move |request| {
        if request.uri().path() == "/" {
            respond(
                status,
                &[("location", location), ("access-control-allow-origin", "*")],
            )
        } else {
            respond(
                200,
                &[
                    ("access-control-allow-origin", "*"),
                    ("x-origin", origin_of(&request)),
                ],
            )
        }
    }
}

#[test]
fn a_redirect_between_other_origins_sends_null() {
    for (location, origin) in [
        ("https://api.example/b", "https://app.example"),
        ("https://other.example/b", "null"),
        ("https://sub.api.example/b", "null"),
        ("http://localhost/b", "null"),
    ] {
        let mut server = redirecting(302, location);
        let outcome = page().fetch("https://api.example/").send_now(&mut server);
        let last = outcome.exchanges().last().unwrap();
        assert_eq!(last.request().headers()["origin"], origin, "{location}");
        assert!(outcome.assert_readable().is_redirected());
    }
}

/// The page's own URL redirects to another origin: the request becomes a CORS request, and its origin stays.
#[test]
fn a_redirect_from_the_origin_of_the_page_keeps_the_origin() {
    let mut server = redirecting(302, "https://api.example/b");
    let outcome = page().fetch("https://app.example/").send_now(&mut server);
    let [first, last] = outcome.exchanges() else {
        panic!()
    };
    assert!(!first.request().headers().contains_key("origin"));
    assert_eq!(last.request().headers()["origin"], "https://app.example");
    assert_eq!(
        outcome.assert_readable().response_type(),
        ResponseType::Cors
    );
}

/// A redirect back to the origin of the page is still a CORS request.
#[test]
fn a_redirect_back_to_the_origin_of_the_page_needs_the_header_as_well() {
    let mut server = |request: Request<Bytes>| match request.uri().host() {
        Some("api.example") => respond(
            307,
            &[
                ("location", "https://app.example/b"),
                ("access-control-allow-origin", "*"),
            ],
        ),
        _ => respond(200, &[]),
    };
    page()
        .fetch("https://api.example/")
        .send_now(&mut server)
        .assert_blocked();
}

#[test]
fn a_redirect_with_user_info_is_not_followed() {
    for location in [
        "https://user@api.example/b",
        "https://user:pass@other.example/b",
        "https://user@app.example/b",
    ] {
        let mut server = redirecting(302, location);
        let outcome = page().fetch("https://api.example/").send_now(&mut server);
        assert_eq!(
            outcome.assert_blocked(),
            &NetworkError::Redirect(RedirectFailure::UserInfo),
            "{location}"
        );
    }
    let mut server = redirecting(302, "https://user:pass@app.example/b");
    let outcome = page().fetch("https://app.example/").send_now(&mut server);
    outcome.assert_readable();
    let last = outcome.exchanges().last().unwrap().request();
    assert_eq!(last.uri(), "https://app.example/b");
}

#[test]
fn a_redirect_can_be_an_error_or_opaque() {
    let fetch = page().fetch("https://api.example/");
    let outcome = fetch
        .clone()
        .redirect(Redirect::Error)
        .send_now(&mut redirecting(302, "/b"));
    assert_eq!(
        outcome.assert_blocked(),
        &NetworkError::Redirect(RedirectFailure::NotAllowed)
    );
    let outcome = fetch
        .redirect(Redirect::Manual)
        .send_now(&mut redirecting(302, "/b"));
    let response = outcome.result().unwrap();
    assert_eq!(
        (response.response_type(), response.status()),
        (ResponseType::OpaqueRedirect, 0)
    );
}

/// [Main fetch](https://fetch.spec.whatwg.org/#main-fetch), step 12: a network error, and only for another origin. `fetch()` does not throw.
#[test]
fn without_cors_only_the_origin_of_the_page_may_have_another_redirect_mode() {
    for redirect in [Redirect::Error, Redirect::Manual] {
        let fetch = |url: &str| page().fetch(url).mode(Mode::NoCors).redirect(redirect);
        let outcome = fetch("https://api.example/").send_now(&mut redirecting(302, "/b"));
        assert_eq!(outcome.assert_blocked(), &NetworkError::NoCorsRedirectMode);
        assert!(outcome.exchanges().is_empty());
        let section = outcome.assert_blocked().section();
        assert_eq!(section.title(), "Main fetch");

        let own = fetch("https://app.example/b").send_now(&mut redirecting(302, "/b"));
        own.assert_readable();
        let own = fetch("https://app.example/").send_now(&mut redirecting(302, "/b"));
        assert_eq!(own.exchanges().len(), 1);
        match own.result() {
            Ok(response) => {
                assert_eq!(redirect, Redirect::Manual);
                assert_eq!(response.response_type(), ResponseType::OpaqueRedirect);
            }
            Err(error) => {
                assert_eq!(redirect, Redirect::Error);
                assert_eq!(error, NetworkError::Redirect(RedirectFailure::NotAllowed));
            }
        }
    }
}

#[test]
fn a_location_must_be_an_http_url_and_redirects_end_after_20() {
    for (location, error) in [
        ("data:,x", RedirectFailure::NotHttp("data".to_owned())),
        (
            "https://[",
            RedirectFailure::InvalidLocation("https://[".to_owned()),
        ),
        ("/", RedirectFailure::TooMany),
    ] {
        let outcome = page()
            .fetch("https://api.example/")
            .send_now(&mut redirecting(302, location));
        assert_eq!(outcome.assert_blocked(), &NetworkError::Redirect(error));
    }
}

#[test]
fn redirects_change_the_method_and_drop_headers_as_the_standard_says() {
    for (status, method, sent) in [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (307, "POST", "POST"),
        (308, "PUT", "PUT"),
        (302, "PUT", "PUT"),
    ] {
        let fetch = Page::new("https://api.example")
            .unwrap()
            .fetch("https://api.example/")
            .method(method);
        let outcome = fetch
            .header("content-type", "text/plain")
            .send_now(&mut redirecting(status, "/b"));
        let last = outcome.exchanges().last().unwrap().request();
        assert_eq!(last.method(), sent, "{status} {method}");
        assert_eq!(
            last.headers().contains_key("content-type"),
            method == sent,
            "{status} {method}"
        );
    }
}

#[test]
fn authorization_is_dropped_when_the_origin_changes() {
    for (location, kept) in [("/b", true), ("https://other.example/b", false)] {
        let mut server = |request: Request<Bytes>| {
            let allow = [
                ("access-control-allow-origin", "*"),
                ("access-control-allow-headers", "authorization"),
            ];
            if request.method() == "OPTIONS" || request.uri().path() != "/" {
                respond(200, &allow)
            } else {
                respond(302, &[("location", location), allow[0]])
            }
        };
        let fetch = page()
            .fetch("https://api.example/")
            .header("authorization", "Bearer x");
        let outcome = fetch.send_now(&mut server);
        let last = outcome.exchanges().last().unwrap().request();
        assert_eq!(
            last.headers().contains_key("authorization"),
            kept,
            "{location}"
        );
    }
}

#[test]
fn a_stream_is_not_sent_again() {
    let fetch = page()
        .fetch("https://api.example/")
        .method("POST")
        .stream("chunk");
    for (status, failure) in [(303, None), (307, Some(RedirectFailure::StreamBody))] {
        let mut server = |request: Request<Bytes>| {
            if request.method() == "OPTIONS" {
                respond(204, &[("access-control-allow-origin", "*")])
            } else if request.uri().path() == "/" {
                respond(
                    status,
                    &[("location", "/b"), ("access-control-allow-origin", "*")],
                )
            } else {
                respond(200, &[("access-control-allow-origin", "*")])
            }
        };
        let outcome = fetch.send_now(&mut server);
        assert_eq!(outcome.result().err(), failure.map(NetworkError::Redirect));
    }
}

/// [HTTP-network fetch](https://fetch.spec.whatwg.org/#http-network-fetch), step 8.3. Browsers speak HTTP/2 only over TLS.
#[test]
fn a_stream_is_not_sent_over_http1_but_its_preflight_is() {
    let page = Page::new("http://app.example").unwrap();
    let upload = |url: &str| page.fetch(url).method("POST").stream("chunk");
    for (fetch, sent) in [
        (upload("https://api.example/"), &["OPTIONS", "POST"][..]),
        (upload("https://api.example/").over_http1(), &["OPTIONS"]),
        (upload("http://api.example/"), &["OPTIONS"]),
        (upload("http://app.example/"), &[]),
        // The later body is not a stream.
        (upload("http://api.example/").body("x"), &["POST"]),
    ] {
        let allow = [("access-control-allow-origin", "*")];
        let outcome = fetch.send_now(&mut |_: Request<Bytes>| respond(200, &allow));
        let methods = outcome.exchanges().iter();
        let methods: Vec<_> = methods
            .map(|exchange| exchange.request().method().as_str())
            .collect();
        assert_eq!(methods, sent, "{outcome}");
        let failure = (sent.last() != Some(&"POST")).then_some(NetworkError::StreamOverHttp1);
        assert_eq!(outcome.result().err(), failure);
    }
}

#[test]
fn a_preflight_is_not_redirected_and_needs_a_successful_status() {
    for status in [301, 302, 307, 400, 401, 403, 404, 405, 500] {
        let mut server = |_: Request<Bytes>| {
            respond(
                status,
                &[
                    ("location", "/b"),
                    ("access-control-allow-origin", "*"),
                    ("access-control-allow-methods", "PUT"),
                ],
            )
        };
        let outcome = page()
            .fetch("https://api.example/")
            .method("PUT")
            .send_now(&mut server);
        assert_eq!(
            outcome.assert_blocked(),
            &NetworkError::PreflightStatus(status)
        );
        assert_eq!(outcome.exchanges().len(), 1);
    }
}
