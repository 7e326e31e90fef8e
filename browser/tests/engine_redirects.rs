//! The differences between engines after redirects and for uploads, which were measured with Chromium 156, Firefox ESR 153.7 and
//! WebKitGTK 2.50.6.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use bytes::Bytes;
use http::{Request, Response};
use omnicors_browser::{
    Browser, CorsFailure, Credentials, Engine, Fetch, Mode, NetworkError, Page, RedirectFailure,
};
use shared::{origin_of, page, respond};

const PAGE: &str = "https://app.example/";
const API: &str = "https://api.example/";

/// Redirects `/` to `location`, and allows everything.
fn redirecting(
    status: u16,
    location: &'static str,
) -> impl FnMut(Request<Bytes>) -> Response<Bytes> {
    move |request| {
        let allow = [
            ("access-control-allow-origin", origin_of(&request)),
            ("access-control-allow-methods", "PUT, DELETE"),
            ("access-control-allow-headers", "authorization"),
            ("location", location),
        ];
        if request.uri().path() == "/" && request.method() != "OPTIONS" {
            respond(status, &allow)
        } else {
            respond(200, &allow[..3])
        }
    }
}

/// Returns the method and the origin of each request, and `blocked` if the page gets a network error.
fn sent(engine: Engine, fetch: &Fetch, status: u16, location: &'static str) -> String {
    let mut server = redirecting(status, location);
    let outcome = Browser::new(engine).send_now(fetch, &mut server);
    let mut sent = Vec::new();
    for exchange in outcome.exchanges() {
        let request = exchange.request();
        sent.push(format!("{} {}", request.method(), origin_of(request)));
    }
    if outcome.result().is_err() {
        sent.push("blocked".to_owned());
    }
    sent.join(", ")
}

/// Checks what each engine sends; `other` is for the engines that are not named.
fn assert_sent(
    fetch: &Fetch,
    (status, location): (u16, &'static str),
    named: &[(Engine, &str)],
    other: &str,
) {
    for engine in Engine::ALL {
        let expected = named.iter().find(|named| named.0 == engine);
        let expected = expected.map_or(other, |named| named.1);
        assert_eq!(sent(engine, fetch, status, location), expected, "{engine}");
    }
}

#[test]
fn firefox_sends_the_preflight_after_a_redirect_from_the_page() {
    assert_sent(
        &page().fetch(API).method("PUT"),
        (307, "https://other.example/b"),
        &[(
            Engine::Firefox,
            "OPTIONS https://app.example, PUT https://app.example, OPTIONS https://app.example, PUT null",
        )],
        "OPTIONS https://app.example, PUT https://app.example, OPTIONS null, PUT null",
    );
}

/// A server that allows only the page allows Firefox's preflight, so Firefox runs the request.
#[test]
fn firefox_checks_the_preflight_after_a_redirect_for_the_origin_of_the_page() {
    let fetch = page().fetch(API).method("PUT");
    for (engine, ran) in [(Engine::Standard, false), (Engine::Firefox, true)] {
        let mut server = |request: Request<Bytes>| {
            let location = ("location", "https://other.example/b");
            let allow = [
                ("access-control-allow-origin", "https://app.example"),
                ("access-control-allow-methods", "PUT"),
                location,
            ];
            if request.uri().path() == "/" && request.method() == "PUT" {
                respond(307, &allow)
            } else {
                respond(200, &allow[..2])
            }
        };
        let outcome = Browser::new(engine).send_now(&fetch, &mut server);
        outcome.assert_blocked();
        let last = outcome.exchanges().last().unwrap().request();
        assert_eq!(last.method() == "PUT", ran, "{engine}");
    }
}

#[test]
fn firefox_and_webkit_send_a_preflight_for_a_redirected_get() {
    let again = "OPTIONS https://app.example, PUT https://app.example, OPTIONS https://app.example, GET https://app.example";
    assert_sent(
        &page().fetch(API).method("PUT"),
        (303, "/b"),
        &[(Engine::Firefox, again), (Engine::WebKit, again)],
        "OPTIONS https://app.example, PUT https://app.example, GET https://app.example",
    );
}

#[test]
fn chromium_sends_no_preflight_for_an_upload_listener_without_a_body() {
    let upload = page().fetch(API).method("POST").upload_listener();
    assert_sent(
        &upload,
        (200, ""),
        &[(Engine::Chromium, "POST https://app.example")],
        "OPTIONS https://app.example, POST https://app.example",
    );
    assert_sent(
        &upload.body("x"),
        (200, ""),
        &[],
        "OPTIONS https://app.example, POST https://app.example",
    );
}

#[test]
fn chromium_follows_no_redirect_with_user_info() {
    assert_sent(
        &page().fetch(API).mode(Mode::NoCors),
        (302, "https://user:pass@api.example/b"),
        &[(Engine::Chromium, "GET none, blocked")],
        "GET none, GET none",
    );
    assert_sent(
        &page().fetch(PAGE),
        (302, "https://user:pass@app.example/b"),
        &[(Engine::Chromium, "GET none, blocked")],
        "GET none, GET none",
    );
}

#[test]
fn webkit_sends_the_preflight_before_it_rejects_user_info() {
    let location = "https://user:pass@api.example/b";
    assert_sent(
        &page().fetch(PAGE).method("PUT"),
        (307, location),
        &[(
            Engine::WebKit,
            "PUT https://app.example, OPTIONS https://app.example, blocked",
        )],
        "PUT https://app.example, blocked",
    );
    assert_sent(
        &page().fetch(PAGE),
        (302, location),
        &[],
        "GET none, blocked",
    );
    assert_sent(
        &page().fetch(API),
        (302, location),
        &[],
        "GET https://app.example, blocked",
    );
}

#[test]
fn webkit_redirects_delete_to_another_origin_as_get() {
    for status in [301, 302, 307, 308] {
        assert_sent(
            &page().fetch(PAGE).method("DELETE"),
            (status, "https://api.example/b"),
            &[(
                Engine::WebKit,
                "DELETE https://app.example, GET https://app.example",
            )],
            "DELETE https://app.example, OPTIONS https://app.example, DELETE https://app.example",
        );
    }
    assert_sent(
        &page().fetch(PAGE).method("DELETE"),
        (307, "/b"),
        &[],
        "DELETE https://app.example, DELETE https://app.example",
    );
}

#[test]
fn webkit_keeps_the_origin_of_a_post_that_becomes_a_get() {
    assert_sent(
        &page().fetch(PAGE).method("POST"),
        (303, "/b"),
        &[(
            Engine::WebKit,
            "POST https://app.example, GET https://app.example",
        )],
        "POST https://app.example, GET none",
    );
    assert_sent(
        &page().fetch(API).method("POST").mode(Mode::NoCors),
        (303, "https://other.example/b"),
        &[],
        "POST https://app.example, GET none",
    );
}

#[test]
fn chromium_follows_the_redirect_of_an_upload_with_user_info_as_the_standard_says() {
    let upload = page().fetch(PAGE).method("POST").body("x");
    let upload = upload.upload_listener();
    assert_sent(
        &upload,
        (307, "https://user:pass@app.example/b"),
        &[],
        "POST https://app.example, POST https://app.example",
    );
    assert_sent(
        &upload,
        (307, "https://user:pass@api.example/b"),
        &[(
            Engine::WebKit,
            "POST https://app.example, OPTIONS https://app.example, blocked",
        )],
        "POST https://app.example, blocked",
    );
}

#[test]
fn chromium_hides_the_origin_after_a_redirect_without_cors_to_another_origin() {
    let fetch = page().fetch(PAGE).method("POST").mode(Mode::NoCors);
    assert_sent(
        &fetch,
        (307, "https://api.example/b"),
        &[(Engine::Chromium, "POST https://app.example, POST null")],
        "POST https://app.example, POST https://app.example",
    );
    assert_sent(
        &fetch,
        (307, "/b"),
        &[],
        "POST https://app.example, POST https://app.example",
    );
}

#[test]
fn chromium_and_webkit_hide_the_origin_after_the_redirect_of_a_form_to_another_origin() {
    let null = "POST https://app.example, POST null";
    let form = page().post_form(PAGE);
    assert_sent(
        &form,
        (307, "https://api.example/b"),
        &[(Engine::Chromium, null), (Engine::WebKit, null)],
        "POST https://app.example, POST https://app.example",
    );
    let mut server = redirecting(307, "https://api.example/b");
    let outcome = Browser::new(Engine::WebKit).send_now(&form, &mut server);
    let last = outcome.exchanges().last().unwrap().request().headers();
    assert_eq!(last["sec-fetch-site"], "cross-site");
}

#[test]
fn webkit_rejects_a_second_redirect_that_does_not_allow_credentials() {
    for (credentials, allows, blocked) in [
        (Credentials::SameOrigin, false, true),
        (Credentials::SameOrigin, true, false),
        (Credentials::Omit, false, false),
    ] {
        for engine in Engine::ALL {
            let mut server = |request: Request<Bytes>| {
                let allow = [
                    ("access-control-allow-origin", origin_of(&request)),
                    ("access-control-allow-methods", "PUT"),
                    ("access-control-allow-credentials", "true"),
                ];
                let location = match request.uri().path() {
                    _ if request.method() == "OPTIONS" => return respond(204, &allow[..2]),
                    "/" => "https://api.example/b",
                    "/b" => "https://api.example/c",
                    _ => return respond(200, &allow[..2]),
                };
                let allow = &allow[..if allows { 3 } else { 2 }];
                respond(307, &[allow, &[("location", location)]].concat())
            };
            let fetch = page().fetch(PAGE).method("PUT").credentials(credentials);
            let outcome = Browser::new(engine).send_now(&fetch, &mut server);
            let methods: Vec<_> = outcome
                .exchanges()
                .iter()
                .map(|exchange| exchange.request().method().as_str())
                .collect();
            let methods = methods.join(" ");
            if blocked && engine == Engine::WebKit {
                let failure = CorsFailure::AllowCredentialsMissing;
                let expected = NetworkError::Redirect(RedirectFailure::CredentialsCheck(failure));
                assert_eq!(outcome.assert_blocked(), &expected);
                assert_eq!(methods, "PUT OPTIONS PUT OPTIONS");
            } else {
                outcome.assert_readable();
                assert_eq!(methods, "PUT OPTIONS PUT OPTIONS PUT", "{engine}");
            }
        }
    }
}

#[test]
fn chromium_and_firefox_tell_the_site_around_a_sandboxed_frame_that_it_has_no_cookies() {
    let get = Page::sandboxed(PAGE).unwrap().fetch("/").mode(Mode::NoCors);
    let get = get.credentials(Credentials::Include);
    let both = |requests| [(Engine::Chromium, requests), (Engine::Firefox, requests)];
    assert_sent(&get, (200, ""), &both("GET null"), "GET none");
    assert_sent(
        &get,
        (302, "/b"),
        &both("GET null, GET null"),
        "GET none, GET none",
    );
    assert_sent(
        &get,
        (302, "https://api.example/b"),
        &[
            (Engine::Chromium, "GET null, GET null"),
            (Engine::Firefox, "GET null, GET none"),
        ],
        "GET none, GET none",
    );
    assert_sent(
        &get.clone().method("POST"),
        (303, "/b"),
        &[
            (Engine::Firefox, "POST null, GET null"),
            (Engine::WebKit, "POST null, GET null"),
        ],
        "POST null, GET none",
    );
    assert_sent(
        &get.credentials(Credentials::SameOrigin),
        (200, ""),
        &[],
        "GET none",
    );
    let other = Page::sandboxed(PAGE).unwrap().image(API);
    assert_sent(&other, (200, ""), &[], "GET none");
}
