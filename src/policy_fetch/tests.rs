#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use omnicors_core::PolicyConfig;

use super::*;

/// Returns the last line of the message about a blocked request.
fn advice(outcome: &Outcome) -> String {
    outcome.assert_blocked();
    outcome.to_string().lines().last().unwrap().to_owned()
}

#[test]
fn a_blocked_request_names_the_setting_to_change() {
    let policy = PolicyConfig::new()
        .allow_origin("https://app.example")
        .build()
        .unwrap();
    let page = || policy.fetch("https://app.example");
    for (request, expected) in [
        (
            policy.fetch("https://other.example"),
            "To allow it: add `https://other.example` to allow_origins.",
        ),
        (
            policy.fetch("https://other.example").method("PUT"),
            "To allow it: add `https://other.example` to allow_origins.",
        ),
        (
            page().method("DELETE"),
            "To allow it: add `DELETE` to allow_methods.",
        ),
        (
            page().method("patch"),
            "To allow it: write `PATCH` in the page, because methods are case-sensitive, and add `PATCH` to allow_methods.",
        ),
        (
            page().header("X-Token", "1"),
            "To allow it: add `x-token` to allow_headers.",
        ),
        (
            page().credentials(),
            "To allow it: set allow_credentials in the policy, or send the request without credentials.",
        ),
    ] {
        assert_eq!(advice(&request.outcome()), expected);
    }
}

#[test]
fn a_followed_suggestion_allows_the_request() {
    let changed = PolicyConfig::new()
        .allow_origin("https://app.example")
        .allow_method("DELETE")
        .allow_header("x-token")
        .allow_credentials(true)
        .build()
        .unwrap();
    let page = || changed.fetch("https://app.example");
    page().method("DELETE").outcome().assert_readable();
    page().header("x-token", "1").outcome().assert_readable();
    page().credentials().outcome().assert_readable();
}

#[test]
fn a_policy_for_any_origin_names_the_setting_for_credentials() {
    let any = PolicyConfig::new().allow_origin("*").build().unwrap();
    assert_eq!(
        advice(&any.fetch("https://app.example").credentials().outcome()),
        "To allow it: replace `*` by `https://app.example` in allow_origins and set allow_credentials, or send the request without credentials."
    );
    let public = PolicyConfig::public_read_only().build().unwrap();
    assert_eq!(
        advice(&public.fetch("https://app.example").credentials().outcome()),
        "To allow it: replace `*` by `https://app.example` in allow_origins, set allow_credentials and list the names instead of `*` in expose_headers, or send the request without credentials."
    );
    assert_eq!(
        advice(&any.fetch("null").credentials().outcome()),
        "To allow it: send the request without credentials."
    );

    let two_tiers = PolicyConfig::new()
        .allow_origin("https://admin.example")
        .allow_credentials(true)
        .allow_others_without_credentials(true)
        .build()
        .unwrap();
    assert_eq!(
        advice(
            &two_tiers
                .fetch("https://app.example")
                .credentials()
                .outcome()
        ),
        "To allow it: add `https://app.example` to allow_origins, or send the request without credentials."
    );
}

#[test]
fn credentials_are_not_suggested_for_an_insecure_origin() {
    let insecure = PolicyConfig::new()
        .allow_origin("http://app.example")
        .build()
        .unwrap();
    assert_eq!(
        advice(&insecure.fetch("http://app.example").credentials().outcome()),
        "To allow it: send the request without credentials."
    );
}

#[test]
fn a_lookup_without_a_result_names_the_call_that_sets_it() {
    let policy = PolicyConfig::new().lookup_origins(true).build().unwrap();
    let request = || policy.fetch("https://tenant.example");
    assert_eq!(
        advice(&request().outcome()),
        "To allow it: call `.lookup_result(LookupResult::Allowed)` before `outcome()`."
    );
    let denied = request().lookup_result(LookupResult::NotAllowed).outcome();
    assert_eq!(
        advice(&denied),
        "To allow it: if you trust this site, add `https://tenant.example` to the data that the lookup reads."
    );
}

#[test]
fn a_url_with_more_than_an_origin_is_not_a_page() {
    for page in [
        "https://api.example/items",
        "HTTPS://api.example/items",
        "http://api.example?page=2",
        "https://api.example/#top",
    ] {
        assert!(has_path(page), "{page}");
    }
    for page in [
        "https://app.example",
        "https://app.example/",
        "http://[::1]:3000",
        "null",
        "data:text/html,hello",
        "file:///home/me/index.html",
        "tauri://localhost",
    ] {
        assert!(!has_path(page), "{page}");
    }
}

#[test]
#[should_panic(expected = "pass the origin of the page that sends the request")]
fn the_url_of_a_server_panics() {
    let policy = PolicyConfig::public_read_only().build().unwrap();
    let _ = policy.fetch("https://api.example/items");
}

/// RFC 9110, 15.5.20: a 421 says that the server does not serve the host. A policy is asked about a host that it serves.
#[test]
fn the_server_has_the_first_host_that_the_policy_serves() {
    let config = || PolicyConfig::new().allow_origin("https://app.example");
    let named = config().allow_hosts(["api.example:8443"]).build().unwrap();
    let outcome = named.fetch("https://app.example").outcome();
    outcome.assert_readable();
    assert_eq!(
        outcome.exchanges()[0].request().uri(),
        "https://api.example:8443/"
    );
    let other = named.fetch("https://app.example").host("other.example");
    let other = other.outcome();
    other.assert_blocked();
    assert_eq!(other.exchanges()[0].response().unwrap().status(), 421);
    assert!(other.to_string().contains("allow_hosts"), "{other}");

    // Secure Contexts, "is origin potentially trustworthy": an https page may fetch http on loopback.
    let loopback = config().allow_loopback_hosts().build().unwrap();
    for host in ["127.0.0.1", "localhost:8080", "[::1]:3000"] {
        let request = loopback.fetch("https://app.example").host(host);
        let outcome = request.outcome();
        outcome.assert_readable();
        let uri = outcome.exchanges()[0].request().uri().to_string();
        assert_eq!(uri, format!("http://{host}/"));
    }
    let default = loopback.fetch("https://app.example").outcome();
    default.assert_readable();
}

/// Fetch, "main fetch", step 12: a request for the page's own origin is not a CORS request.
#[test]
fn a_page_of_the_host_of_the_server_is_same_origin() {
    let policy = PolicyConfig::new()
        .allow_origin("https://app.example")
        .build()
        .unwrap();
    let request = policy.fetch("https://other.example").method("PUT");
    let outcome = request.host("other.example").outcome();
    outcome.assert_readable();
    assert_eq!(outcome.exchanges().len(), 1);
}

#[test]
fn a_text_that_is_not_a_host_panics() {
    let policy = PolicyConfig::public_read_only().build().unwrap();
    for host in [
        "https://api.example",
        "api.example/v1",
        "a b",
        "",
        "me@api.example",
    ] {
        let request = || policy.fetch("https://app.example").host(host);
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(request())));
        let message = panic.unwrap_err().downcast::<String>().unwrap();
        assert!(
            message.starts_with(&format!("`{host}` is not a host")),
            "{message}"
        );
    }
}

#[test]
fn the_types_of_the_http_crate_are_methods_and_header_names() {
    use omnicors_browser::http::{Method, header};

    let policy = PolicyConfig::new()
        .allow_origin("https://app.example")
        .allow_method(Method::DELETE)
        .allow_header(header::AUTHORIZATION)
        .build()
        .unwrap();
    let request = policy.fetch("https://app.example").method(Method::DELETE);
    let outcome = request.header(header::AUTHORIZATION, "Bearer 1").outcome();
    outcome.assert_readable();
}

#[test]
fn the_server_has_a_host_that_is_not_the_pages() {
    let config = PolicyConfig::new().allow_origin("https://api.example");
    let policy = config.allow_hosts(["www.example", "api.example"]);
    let policy = policy.build().unwrap();
    let put = || policy.fetch("https://api.example").method("PUT");
    put().outcome().assert_blocked();
    // CORS does not apply to the page's own server.
    put().host("api.example").outcome().assert_readable();
    let get = policy.fetch("https://www.example").outcome();
    get.assert_blocked();
}
