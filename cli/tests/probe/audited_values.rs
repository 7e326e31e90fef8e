//! Findings about the values of header fields and about redirects: which advice they give.

use axum::body::Body;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::Value;

use crate::command::{findings, json};
use crate::server::Running;
use crate::sites::{APP, respond};

const ORIGIN: &str = "access-control-allow-origin";
const CREDENTIALS: &str = "access-control-allow-credentials";

/// Audits a server that changes the responses of the server of a name.
fn audit_changed(
    name: &'static str,
    path: &str,
    change: impl Fn(&Request<Body>, &mut Response<Body>) + Clone + Send + Sync + 'static,
) -> Value {
    let (server, _) = Running::recording(move |request| {
        let mut response = respond(name, request);
        change(request, &mut response);
        response
    });
    json(&[&server.url(path), "--audit", "--origin", APP]).1
}

fn owned(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let expected = expected.iter();
    expected
        .map(|&(id, severity)| (id.to_owned(), severity.to_owned()))
        .collect()
}

/// Returns the text of the finding with this name.
fn text_of<'a>(audit: &'a Value, id: &str) -> &'a str {
    let findings = audit["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["id"] == id);
    let text = finding.and_then(|finding| finding["text"].as_str());
    text.unwrap_or_else(|| panic!("{id} is missing: {audit:#}"))
}

fn replace(response: &mut Response<Body>, name: &'static str, value: &'static str) {
    if let Some(present) = response.headers_mut().get_mut(name) {
        *present = HeaderValue::from_static(value);
    }
}

/// Then the correction `true` would open the server to every site.
#[test]
fn to_correct_the_credentials_is_not_the_advice_if_another_site_is_allowed() {
    for (name, others) in [
        ("reflecting", [("any-origin-repeated", "info")]),
        ("null", [("null-origin", "medium")]),
        ("beginning", [("look-alike-beginning", "medium")]),
        ("plain-http", [("look-alike-http", "low")]),
    ] {
        for value in ["True", "TRUE", "1", "true, true"] {
            let audit = audit_changed(name, "/", move |_, response| {
                replace(response, CREDENTIALS, value);
            });
            let mut expected =
                [owned(&others), owned(&[("credentials-not-true", "medium")])].concat();
            let mut found = findings(&audit);
            expected.sort();
            found.sort();
            assert_eq!(found, expected, "{name}: {audit:#}");
            let text = text_of(&audit, "credentials-not-true");
            assert!(text.contains("Leave the header out"), "{text}");
            assert!(text.contains("compare `Origin` with a list"), "{text}");
            assert!(!text.contains("Send `true`"), "{text}");
        }
    }
}

#[test]
fn only_the_preflight_can_allow_another_site_with_credentials_that_are_not_true() {
    let audit = audit_changed("open-preflight", "/", |request, response| {
        if request.method() == Method::OPTIONS {
            replace(response, CREDENTIALS, "True");
        }
    });
    let text = text_of(&audit, "credentials-not-true");
    assert!(!text.contains("Send `true`"), "{text}");
    let found = findings(&audit);
    let expected = ("credentials-not-true".to_owned(), "medium".to_owned());
    assert!(found.contains(&expected), "{audit:#}");
}

#[test]
fn credentials_that_cannot_be_meant_as_true_are_left_out() {
    for (name, value) in [
        ("public", "True"),
        ("public", "false"),
        ("right", "false"),
        ("reflecting", "False"),
    ] {
        let audit = audit_changed(name, "/", move |_, response| {
            if response.headers().contains_key(ORIGIN) {
                let value = HeaderValue::from_static(value);
                response.headers_mut().insert(CREDENTIALS, value);
            }
        });
        let found = findings(&audit);
        let expected = ("credentials-not-true".to_owned(), "low".to_owned());
        assert!(found.contains(&expected), "{name}: {audit:#}");
        let text = text_of(&audit, "credentials-not-true");
        assert!(text.contains("Leave the header out"), "{text}");
        assert!(!text.contains("Send `true`"), "{text}");
    }
}

/// Responds to each preflight with a redirect.
fn audit_redirect(path: &str, status: u16, location: Option<&'static str>, keeps: bool) -> Value {
    audit_changed("right", path, move |request, response| {
        if request.method() != Method::OPTIONS {
            return;
        }
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        if !keeps {
            response.headers_mut().clear();
        }
        if let Some(location) = location {
            let location = HeaderValue::from_static(location);
            response.headers_mut().insert("location", location);
        }
    })
}

#[test]
fn a_preflight_that_is_redirected_does_not_need_a_login() {
    for (path, status, location, target) in [
        ("/items", 301, "/items/", "/items/`"),
        ("/items/", 308, "/items", "/items`"),
        ("/items", 307, "/v2/items", "/v2/items`"),
        ("/login", 301, "/login/", "/login/`"),
        (
            "/items",
            301,
            "https://api.site.example/items",
            "`https://api.site.example/items`",
        ),
        (
            "/",
            302,
            "https://www.site.example/",
            "`https://www.site.example/`",
        ),
    ] {
        // A redirect with the CORS headers is not followed either.
        for keeps in [true, false] {
            let audit = audit_redirect(path, status, Some(location), keeps);
            let expected = owned(&[("preflight-redirected", "medium")]);
            assert_eq!(findings(&audit), expected, "{path} {location}: {audit:#}");
            let text = text_of(&audit, "preflight-redirected");
            let advice = format!("`OPTIONS` gets {status}, a redirect to `");
            assert!(text.starts_with(&advice), "{text}");
            assert!(text.contains("do not follow a redirect"), "{text}");
            assert!(text.contains("Let pages fetch `"), "{text}");
            assert!(text.contains(target), "{text}");
            assert!(text.contains("before the redirect"), "{text}");
            assert!(!text.contains("cookies"), "{text}");
        }
    }
}

#[test]
fn a_preflight_that_is_redirected_to_a_login_needs_one() {
    for location in [
        "/login",
        "/users/sign_in?next=%2Fitems",
        "https://login.site.example/",
        "https://id.site.example/oauth2/authorize?client_id=1",
    ] {
        let audit = audit_redirect("/items", 302, Some(location), false);
        let expected = owned(&[("preflight-needs-login", "medium")]);
        assert_eq!(findings(&audit), expected, "{location}: {audit:#}");
        let text = text_of(&audit, "preflight-needs-login");
        assert!(text.contains("before authentication"), "{text}");
        assert!(!text.contains("Let pages fetch"), "{text}");
    }
}

#[test]
fn a_redirect_of_preflights_without_a_url_to_fetch_suggests_none() {
    for location in [None, Some("http://"), Some("ftp://other.example/")] {
        let audit = audit_redirect("/items", 301, location, false);
        let expected = owned(&[("preflight-redirected", "medium")]);
        assert_eq!(findings(&audit), expected, "{location:?}: {audit:#}");
        let text = text_of(&audit, "preflight-redirected");
        assert!(!text.contains("Let pages fetch"), "{text}");
        assert!(text.contains("Respond to `OPTIONS` with 204"), "{text}");
    }
}

#[test]
fn a_value_that_is_not_an_origin_is_found_with_what_to_send() {
    for (value, change) in [
        (
            "https://app.site.example/",
            "Send `https://app.site.example`.",
        ),
        (
            "https://app.site.example/a",
            "Send `https://app.site.example`.",
        ),
        (
            "https://app.site.example:443",
            "Send `https://app.site.example`.",
        ),
        (
            "https://App.Site.example",
            "Send `https://app.site.example`.",
        ),
        (
            "HTTPS://app.site.example",
            "Send `https://app.site.example`.",
        ),
        ("app.site.example", "Send `https://app.site.example`."),
        (
            "\"https://app.site.example\"",
            "Send `https://app.site.example`.",
        ),
        ("localhost:3000", "Send `http://localhost:3000`."),
        (
            "https://*.site.example",
            "Compare `Origin` with the pattern",
        ),
        ("http://localhost:*", "Compare `Origin` with the pattern"),
        ("", "an empty `Access-Control-Allow-Origin`"),
        ("undefined", "Send the scheme and the host of the page"),
        ("true", "Send the scheme and the host of the page"),
        ("Null", "Send the scheme and the host of the page"),
        (
            "https://a.site.example;https://b.site.example",
            "Send the scheme and the host of the page",
        ),
    ] {
        let audit = audit_changed("right", "/", move |_, response| {
            replace(response, ORIGIN, value);
        });
        let expected = owned(&[("invalid-origin", "medium"), ("origin-not-allowed", "info")]);
        assert_eq!(findings(&audit), expected, "{value}: {audit:#}");
        let text = text_of(&audit, "invalid-origin");
        assert!(text.contains(change), "{value}: {text}");
    }
}

#[test]
fn the_origin_of_another_page_is_a_valid_value() {
    for value in [
        "https://other.site.example",
        "null",
        "http://localhost:3000",
        "tauri://localhost",
    ] {
        let audit = audit_changed("right", "/", move |_, response| {
            replace(response, ORIGIN, value);
        });
        let expected = owned(&[("origin-not-allowed", "info")]);
        assert_eq!(findings(&audit), expected, "{value}: {audit:#}");
    }
}

#[test]
fn a_value_that_is_not_an_origin_and_only_others_get_is_a_small_mistake() {
    let audit = audit_changed("right", "/", |_, response| {
        if !response.headers().contains_key(ORIGIN) {
            let empty = HeaderValue::from_static("");
            response.headers_mut().insert(ORIGIN, empty);
        }
    });
    let expected = owned(&[("invalid-origin", "low")]);
    assert_eq!(findings(&audit), expected, "{audit:#}");
}

/// Browsers do not look at the header in the response to a request without `Origin`.
#[test]
fn a_value_that_is_not_an_origin_is_right_without_origin() {
    let audit = audit_changed("right", "/", |request, response| {
        if !request.headers().contains_key("origin") {
            let empty = HeaderValue::from_static("");
            response.headers_mut().insert(ORIGIN, empty);
        }
    });
    assert_eq!(findings(&audit), [], "{audit:#}");
}

/// `delta-seconds` has digits only: <https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2>.
#[test]
fn a_max_age_has_digits_only() {
    for (value, expected) in [
        ("600", None),
        ("0", None),
        ("0600", None),
        ("86400", None),
        ("-1", None),
        ("+600", Some("is not a number of seconds")),
        ("+99999999999", Some("is not a number of seconds")),
        ("6e2", Some("is not a number of seconds")),
        ("600.0", Some("is not a number of seconds")),
        ("", Some("is not a number of seconds")),
        ("86401", Some("is longer than any browser")),
        (
            "99999999999999999999999",
            Some("is longer than any browser"),
        ),
    ] {
        let audit = audit_changed("right", "/", move |_, response| {
            replace(response, "access-control-max-age", value);
        });
        match expected {
            None => assert_eq!(findings(&audit), [], "{value}: {audit:#}"),
            Some(expected) => {
                let found = owned(&[("max-age", "info")]);
                assert_eq!(findings(&audit), found, "{value}: {audit:#}");
                let text = text_of(&audit, "max-age");
                assert!(text.contains(expected), "{value}: {text}");
            }
        }
    }
}
