//! A corrected response passes the check that blocked the page.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use omnicors_browser::{Correction, Credentials, ExchangeKind, Fetch, Mode, Page};

/// A server with one response to preflights and one to everything else, and the corrections that were made to them.
struct Corrected {
    preflight: Response<&'static str>,
    actual: Response<&'static str>,
    corrections: Vec<Correction>,
}

impl Corrected {
    fn respond(&self, request: &Request<Bytes>) -> Response<&'static str> {
        let is_preflight = request
            .headers()
            .contains_key("access-control-request-method");
        let mut response = if is_preflight {
            self.preflight.clone()
        } else {
            self.actual.clone()
        };
        for correction in &self.corrections {
            if (correction.kind() == ExchangeKind::Preflight) == is_preflight {
                correction.apply(&mut response);
            }
        }
        response
    }
}

fn response(status: u16, fields: &[(&str, &str)]) -> Response<&'static str> {
    let mut response = Response::new("body");
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        response
            .headers_mut()
            .append(name, HeaderValue::from_str(value).unwrap());
    }
    response
}

const ORIGIN: &str = "access-control-allow-origin";
const CREDENTIALS: &str = "access-control-allow-credentials";
const METHODS: &str = "access-control-allow-methods";
const HEADERS: &str = "access-control-allow-headers";

fn responses() -> Vec<Response<&'static str>> {
    let app = (ORIGIN, "https://app.example");
    let mut responses = Vec::new();
    for status in [204, 401] {
        for fields in [
            &[][..],
            &[app],
            &[(ORIGIN, "*")],
            &[
                (ORIGIN, "*"),
                (CREDENTIALS, "true"),
                (METHODS, "*"),
                (HEADERS, "*"),
            ],
            &[app, app],
            &[(ORIGIN, "https://app.example, https://other.example")],
            &[
                (ORIGIN, "https://other.example"),
                (CREDENTIALS, "true"),
                ("vary", "Accept-Encoding"),
            ],
            &[
                app,
                (CREDENTIALS, "True"),
                (METHODS, "GET, POST"),
                (HEADERS, "content-type"),
            ],
            &[
                app,
                (METHODS, "PUT; DELETE"),
                (HEADERS, "x-a x-b, content-type"),
            ],
            &[
                app,
                (CREDENTIALS, "true"),
                (METHODS, "PUT,, PATCH"),
                (HEADERS, "Authorization"),
            ],
            &[app, (METHODS, ""), (HEADERS, "*"), ("vary", "origin")],
        ] {
            responses.push(response(status, fields));
        }
    }
    responses
}

fn fetches() -> Vec<Fetch> {
    let page = Page::new("https://app.example/page").unwrap();
    let fetch = page.fetch("https://api.example/items");
    [
        fetch.clone(),
        fetch.clone().method("PUT"),
        fetch
            .clone()
            .method("PATCH")
            .header("content-type", "application/json"),
        fetch
            .clone()
            .header("authorization", "Bearer 1")
            .header("x-a", "1"),
        fetch.clone().method("POST").upload_listener(),
    ]
    .into_iter()
    .flat_map(|fetch| [fetch.clone(), fetch.credentials(Credentials::Include)])
    .collect()
}

/// Each correction must change the outcome, and a preflight and a response need at most one each.
#[test]
fn at_most_one_correction_of_the_preflight_and_one_of_the_response_make_it_readable() {
    let mut corrected = 0;
    for fetch in fetches() {
        for preflight in responses() {
            for actual in responses() {
                let mut server = Corrected {
                    preflight: preflight.clone(),
                    actual,
                    corrections: Vec::new(),
                };
                loop {
                    let outcome =
                        fetch.send_now(&mut |request: Request<Bytes>| server.respond(&request));
                    if outcome.result().is_ok() {
                        break;
                    }
                    let correction = outcome.correction().unwrap_or_else(|| panic!("{outcome}"));
                    let mut kinds = server.corrections.iter().map(Correction::kind);
                    assert!(
                        kinds.all(|kind| kind != correction.kind()),
                        "{outcome}\n{:?}",
                        server.corrections
                    );
                    assert!(
                        correction.status().is_some() || !correction.headers().is_empty(),
                        "{outcome}"
                    );
                    server.corrections.push(correction);
                    corrected += 1;
                }
            }
        }
    }
    assert!(corrected > 3_000, "{corrected}");
}

#[test]
fn a_correction_keeps_what_the_response_has() {
    let page = Page::new("https://app.example").unwrap();
    let fetch = page
        .fetch("https://api.example/")
        .method("DELETE")
        .header("x-a", "1");
    let outcome = fetch.send_now(&mut |_: Request<Bytes>| {
        response(
            403,
            &[
                (ORIGIN, "https://app.example"),
                (METHODS, "GET, PUT"),
                (HEADERS, "content-type"),
            ],
        )
    });
    let correction = outcome.correction().unwrap();
    assert_eq!(correction.status(), Some(StatusCode::NO_CONTENT));
    let headers: Vec<_> = correction
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    assert_eq!(
        headers,
        [
            "access-control-allow-methods: GET, PUT, DELETE",
            "access-control-allow-headers: content-type, x-a",
        ]
    );
}

#[test]
fn what_headers_cannot_change_has_no_correction() {
    let page = Page::new("https://app.example").unwrap();
    let fetch = page.fetch("http://api.example/");
    let outcome = fetch.send_now(&mut |_: Request<Bytes>| response(200, &[]));
    outcome.assert_blocked();
    assert_eq!(outcome.correction(), None, "mixed content");

    let readable = page
        .fetch("https://app.example/")
        .send_now(&mut |_: Request<Bytes>| response(200, &[]));
    assert_eq!(readable.correction(), None);
}

#[test]
fn an_image_with_a_resource_policy_is_corrected() {
    let page = Page::new("https://app.example").unwrap();
    let fetch = page.fetch("https://cdn.other.example/").mode(Mode::NoCors);
    let name = "cross-origin-resource-policy";
    let outcome = fetch.send_now(&mut |_: Request<Bytes>| response(200, &[(name, "same-origin")]));
    let correction = outcome.correction().unwrap();
    let outcome = fetch.send_now(&mut |_: Request<Bytes>| {
        let mut response = response(200, &[(name, "same-origin")]);
        correction.apply(&mut response);
        response
    });
    outcome.result().unwrap();
}

#[test]
fn the_names_of_a_list_that_is_not_valid_are_kept() {
    let page = Page::new("https://app.example").unwrap();
    let fetch = page
        .fetch("https://api.example/")
        .method("DELETE")
        .header("x-a", "1");
    let outcome = fetch.send_now(&mut |_: Request<Bytes>| {
        response(
            200,
            &[
                (ORIGIN, "*"),
                (METHODS, "GET; PUT"),
                (HEADERS, "\"x-b\" x-c"),
            ],
        )
    });
    let correction = outcome.correction().unwrap();
    let values: Vec<_> = correction
        .headers()
        .iter()
        .map(|(_, value)| value.to_str().unwrap())
        .collect();
    assert_eq!(values, ["GET, PUT, DELETE", "x-b, x-c, x-a"]);
}

fn corrected_headers(fetch: &Fetch, fields: &[(&str, &str)]) -> Option<Vec<String>> {
    let outcome = fetch.send_now(&mut |_: Request<Bytes>| response(204, fields));
    let correction = outcome.correction()?;
    let headers = correction.headers().iter();
    Some(
        headers
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect(),
    )
}

#[test]
fn a_list_that_does_not_block_the_page_stays() {
    let page = Page::new("https://app.example").unwrap();
    let fetch = page
        .fetch("https://api.example/")
        .credentials(Credentials::Include);
    let fields = [
        (ORIGIN, "https://app.example"),
        (CREDENTIALS, "true"),
        (METHODS, "*"),
        (HEADERS, "*"),
    ];
    let post = fetch.clone().method("POST").header("x-a", "1");
    assert_eq!(
        corrected_headers(&post, &fields).unwrap(),
        ["access-control-allow-headers: x-a"]
    );
    assert_eq!(
        corrected_headers(&fetch.method("PUT"), &fields).unwrap(),
        ["access-control-allow-methods: PUT"]
    );
}

#[test]
fn quotation_marks_are_not_part_of_a_name() {
    let page = Page::new("https://app.example").unwrap();
    let fetch = page.fetch("https://api.example/").method("PUT");
    for quoted in ["'PUT'", "\"PUT\"", "'GET', 'PUT'"] {
        let corrected = corrected_headers(&fetch, &[(ORIGIN, "*"), (METHODS, quoted)]).unwrap();
        let expected = quoted.replace(['\'', '"'], "");
        assert_eq!(
            corrected,
            [format!("access-control-allow-methods: {expected}")]
        );
    }
}

/// Methods are case-sensitive, and only the page can change the one that it sends:
/// <https://fetch.spec.whatwg.org/#concept-method-normalize>.
#[test]
fn a_method_that_the_page_misspells_has_no_correction() {
    let page = Page::new("https://app.example").unwrap();
    for method in ["patch", "Patch"] {
        let fetch = page.fetch("https://api.example/").method(method);
        for methods in ["PATCH", "PUT"] {
            let fields = [(ORIGIN, "*"), (METHODS, methods)];
            assert_eq!(corrected_headers(&fetch, &fields), None);
        }
        assert_eq!(
            corrected_headers(&fetch, &[]).unwrap(),
            ["access-control-allow-origin: https://app.example"]
        );
    }
}

#[test]
fn a_resource_policy_is_not_opened_for_more_sites_than_needed() {
    let name = "cross-origin-resource-policy";
    for (page, url, expected) in [
        (
            "https://app.site.example",
            "https://cdn.site.example/",
            "same-site",
        ),
        (
            "http://app.site.example",
            "http://cdn.site.example/",
            "same-site",
        ),
        // The site of an http page is not that of an https URL.
        (
            "http://app.site.example",
            "https://cdn.site.example/",
            "cross-origin",
        ),
        (
            "https://app.example",
            "https://cdn.other.example/",
            "cross-origin",
        ),
    ] {
        let fetch = Page::new(page).unwrap().fetch(url).mode(Mode::NoCors);
        assert_eq!(
            corrected_headers(&fetch, &[(name, "same-origin")]).unwrap(),
            [format!("{name}: {expected}")],
            "{page} {url}"
        );
    }
}
