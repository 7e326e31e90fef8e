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
