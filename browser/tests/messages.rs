//! The messages that a developer sees when a page cannot read a response.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use expect_test::expect;
use http::{Request, Response};
use omnicors_browser::{Bytes, Credentials, Outcome, Page, Server, ServerError};
use shared::{origin_of, page, respond};

const ORIGIN: (&str, &str) = ("access-control-allow-origin", "https://app.example");
const CREDENTIALS: (&str, &str) = ("access-control-allow-credentials", "true");

/// Sends a PUT of JSON to a server that responds to everything alike.
fn put(status: u16, headers: &[(&str, &str)]) -> Outcome {
    let put = page()
        .fetch("https://api.example/items")
        .method("PUT")
        .header("content-type", "application/json");
    put.send_now(&mut |request: Request<Bytes>| {
        assert_eq!(origin_of(&request), "https://app.example");
        respond(status, headers)
    })
}

/// Sends a GET, with credentials.
fn get(status: u16, headers: &[(&str, &str)]) -> Outcome {
    let get = page()
        .fetch("https://api.example/items")
        .credentials(Credentials::Include);
    get.send_now(&mut |_: Request<Bytes>| respond(status, headers))
}

/// Returns the last line of a message.
fn last_line(outcome: &Outcome) -> String {
    outcome.assert_blocked();
    outcome.to_string().lines().last().unwrap().to_owned()
}

#[test]
fn the_message_about_a_preflight_that_routing_answers() {
    let headers = [("allow", "GET,PUT"), ("date", "now"), ("x-id", "7")];
    expect![[r"

        > OPTIONS https://api.example/items
        > access-control-request-method: PUT
        > access-control-request-headers: content-type
        > origin: https://app.example
        < 405 Method Not Allowed
        < allow: GET,PUT

        Blocked: the preflight failed: `Access-Control-Allow-Origin` is missing.
        `OPTIONS` got 405, probably from routing. The server must respond to preflights with 204 and CORS headers before that: make a CORS layer that allows the origin `https://app.example` the outermost layer."]]
    .assert_eq(&put(405, &headers).to_string());
}

#[test]
fn the_message_about_any_origin_with_credentials() {
    let headers = [
        ("access-control-allow-origin", "*"),
        ("content-type", "text/plain"),
    ];
    expect![[r#"

        > GET https://api.example/items
        > origin: https://app.example
        < 200 OK
        < access-control-allow-origin: *

        Blocked: the response cannot be read: `Access-Control-Allow-Origin` is `*`; with credentials it must be `https://app.example`.
        The server must list the origin `https://app.example` instead of allowing any origin, and allow credentials; or leave out `credentials: "include"` in the page."#]]
    .assert_eq(&get(200, &headers).to_string());
}

#[test]
fn a_preflight_without_cors_headers_and_with_an_error_names_the_status() {
    for (status, responder) in [
        (307, "a redirect"),
        (401, "authentication"),
        (404, "routing"),
        (405, "routing"),
        (500, "an error of the server"),
    ] {
        let line = last_line(&put(status, &[]));
        let expected = format!("`OPTIONS` got {status}, probably from {responder}");
        assert!(line.starts_with(&expected), "{line}");
    }
}

#[test]
fn a_preflight_with_403_may_come_from_a_cors_layer() {
    let line = last_line(&put(403, &[]));
    let expected =
        "probably from a CORS layer that does not allow the origin `https://app.example`";
    assert!(line.contains(expected), "{line}");
}

#[test]
fn a_preflight_with_204_and_without_cors_headers_names_the_origin() {
    assert_eq!(
        last_line(&put(204, &[])),
        "Either no CORS layer has responded to `OPTIONS`, or the CORS layer does not allow the origin `https://app.example`."
    );
}

#[test]
fn an_error_response_without_cors_headers_names_the_status() {
    let line = last_line(&get(502, &[]));
    assert!(
        line.starts_with(
            "`GET` got 502, probably from a part of the server outside the CORS layer"
        ),
        "{line}"
    );
}

#[test]
fn a_redirect_without_cors_headers_names_the_status() {
    let line = last_line(&get(302, &[("location", "https://login.example/")]));
    assert!(
        line.starts_with("`GET` got 302. A redirect needs CORS headers too"),
        "{line}"
    );
}

#[test]
fn no_message_suggests_allowing_the_origin_null() {
    let url = "https://api.example/items";
    let mut server = |request: Request<Bytes>| {
        let location = ("location", "https://cdn.example.net/items");
        match request.uri().host() {
            Some("api.example") => respond(302, &[ORIGIN, location]),
            _ => respond(200, &[ORIGIN]),
        }
    };
    let line = last_line(&page().fetch(url).send_now(&mut server));
    assert!(
        line.starts_with(
            "A redirect to another origin has made the origin `null`: fetch the target"
        ),
        "{line}"
    );
    let sandboxed = Page::opaque().fetch(url);
    let line = last_line(&sandboxed.send_now(&mut |_: Request<Bytes>| respond(200, &[ORIGIN])));
    assert!(
        line.starts_with("The page has no origin, because it is a file"),
        "{line}"
    );
}

#[test]
fn a_response_without_cors_headers_after_an_allowed_preflight_names_the_method() {
    let put = page().fetch("https://api.example/items").method("PUT");
    let outcome = put.send_now(&mut |request: Request<Bytes>| {
        let headers = [ORIGIN, ("access-control-allow-methods", "PUT")];
        let count = if request.method() == "OPTIONS" { 2 } else { 0 };
        respond(200, &headers[..count])
    });
    assert_eq!(
        last_line(&outcome),
        "The preflight was allowed: the server must send `Access-Control-Allow-Origin: https://app.example` with the response to PUT as well."
    );
}

#[test]
fn a_repeated_header_and_a_list_have_different_causes() {
    let repeated = last_line(&get(200, &[ORIGIN, ORIGIN]));
    assert!(
        repeated.contains("probably by two CORS layers"),
        "{repeated}"
    );

    let list = "https://app.example, https://admin.example";
    let list = last_line(&get(200, &[("access-control-allow-origin", list)]));
    assert!(list.starts_with("A list of origins is not valid"), "{list}");
}

#[test]
fn missing_credentials_name_both_ways_out() {
    assert_eq!(
        last_line(&get(200, &[ORIGIN])),
        "The server must allow credentials, in the responses to preflights too; or leave out `credentials: \"include\"` in the page."
    );
}

#[test]
fn a_wildcard_that_does_not_apply_is_named() {
    let allowed = [
        ORIGIN,
        CREDENTIALS,
        ("access-control-allow-methods", "*"),
        ("access-control-allow-headers", "*"),
    ];
    let message = |method: &str, header: &str, credentials: Credentials| {
        let fetch = page()
            .fetch("https://api.example/items")
            .method(method)
            .header(header, "1")
            .credentials(credentials);
        last_line(&fetch.send_now(&mut |_: Request<Bytes>| respond(204, &allowed)))
    };
    assert_eq!(
        message("PUT", "accept", Credentials::Include),
        "With credentials, `*` is not a wildcard: list `PUT` on the server."
    );
    assert_eq!(
        message("GET", "x-token", Credentials::Include),
        "With credentials, `*` is not a wildcard: list `x-token` on the server."
    );
    assert_eq!(
        message("GET", "authorization", Credentials::Omit),
        "`*` does not allow `authorization`: list it on the server as well."
    );
}

#[test]
#[should_panic(
    expected = "the request was not blocked by the browser: the page cannot make this request: "
)]
fn a_request_that_no_page_can_make_is_not_blocked() {
    let fetch = page().fetch("https://api.example/").method("GET POST");
    let _ = fetch
        .send_now(&mut |_: Request<Bytes>| respond(200, &[]))
        .assert_blocked();
}

#[test]
#[should_panic(
    expected = "the request was not blocked by the browser: the scheme `ftp` is not http or https"
)]
fn a_url_of_another_scheme_is_not_blocked() {
    let fetch = page().fetch("ftp://api.example/");
    let _ = fetch
        .send_now(&mut |_: Request<Bytes>| respond(200, &[]))
        .assert_blocked();
}

#[test]
#[should_panic(
    expected = "the request was not blocked by the browser: the server did not respond: refused"
)]
fn a_server_that_does_not_respond_has_not_been_blocked() {
    struct Offline;

    impl Server<()> for Offline {
        async fn respond(&mut self, _: Request<Bytes>) -> Result<Response<Bytes>, ServerError> {
            Err("refused".into())
        }
    }

    let fetch = page().fetch("https://api.example/");
    let _ = fetch.send_now(&mut Offline).assert_blocked();
}
