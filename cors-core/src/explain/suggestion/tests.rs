use alloc::format;
use alloc::string::{String, ToString as _};

use super::*;
use crate::policy::PolicyConfig;
use crate::request::LookupResult;

fn suggestion_of(config: PolicyConfig, request: &RequestParts<'_>) -> String {
    config
        .build()
        .unwrap()
        .explain(request)
        .suggestion()
        .unwrap_or("nothing")
        .to_string()
}

#[test]
fn a_denial_by_a_lookup_does_not_suggest_listing_the_origin() {
    let policy = PolicyConfig::new()
        .allow_origins(["https://tenant.test"])
        .lookup_origins(true)
        .build()
        .unwrap();
    let request = RequestParts::new("GET").origin("https://tenant.test:8443");
    for (result, reason, suggested) in [
        (
            LookupResult::NotAllowed,
            "did not allow it",
            "add `https://tenant.test:8443` to the data that the lookup reads",
        ),
        (
            LookupResult::Failed,
            "failed",
            "check the server log for the error",
        ),
        (LookupResult::TimedOut, "timed out", "raise its timeout"),
        (
            LookupResult::NotBegun,
            "was not begun",
            "raise the limit on concurrent lookups",
        ),
    ] {
        let request = request.lookup_result(result);
        let explanation = policy.explain(&request);
        let verdict = explanation.verdict().to_string();
        assert!(verdict.contains(reason), "{verdict}");
        let suggestion = explanation.suggestion().unwrap_or_default();
        assert!(suggestion.contains(suggested), "{suggestion}");
        assert!(!suggestion.contains("allow_origins"), "{suggestion}");
    }
}

#[test]
fn denials_have_suggestions() {
    let config = || {
        PolicyConfig::new()
            .allow_origins(["https://example.com", "https://*.example.org"])
            .allow_methods(["PATCH"])
    };
    let origin = |origin| suggestion_of(config(), &RequestParts::new("GET").origin(origin));
    assert_eq!(
        origin("https://a.test"),
        "add `https://a.test` to allow_origins"
    );
    assert_eq!(
        origin("https://example.com:8443"),
        "add `https://example.com:8443` to allow_origins; the listed `https://example.com` differs in the port"
    );
    for look_alike in [
        "https://example.com.evil.test",
        "https://notexample.com",
        "https://my-example.com:8443",
    ] {
        assert_eq!(
            origin(look_alike),
            format!(
                "`{look_alike}` only looks like `https://example.com`; if it is yours, add `{look_alike}` to allow_origins"
            )
        );
    }
    assert_eq!(
        origin("http://example.com"),
        "add `http://example.com` to allow_origins; the listed `https://example.com` differs in the scheme"
    );
    assert_eq!(
        origin("https://www.example.com"),
        "add `https://www.example.com` to allow_origins; the listed `https://example.com` differs in the leading `www.`"
    );
    assert_eq!(
        origin("https://example.org"),
        "add `https://example.org` to allow_origins; the listed `https://*.example.org` does not allow `example.org` itself"
    );
    assert_eq!(
        origin("https://example.com/"),
        "send the origin in the form that browsers use: `https://example.com`"
    );
    assert!(origin("null").contains("dangerously_allow_opaque_origins"));

    let preflight = RequestParts::new("OPTIONS").origin("https://example.com");
    assert_eq!(
        suggestion_of(config(), &preflight.request_method("DELETE")),
        "add `DELETE` to allow_methods"
    );
    assert_eq!(
        suggestion_of(config(), &preflight.request_method("patch")),
        "write `PATCH` in the page; methods are case-sensitive"
    );
    assert_eq!(
        suggestion_of(
            config(),
            &preflight.request_method("PATCH").request_headers("X-A")
        ),
        "add `x-a` to allow_headers"
    );
    assert_eq!(
        suggestion_of(config(), &preflight.request_method("PATCH")),
        "nothing"
    );
}

/// `*` is allowed in a host (<https://url.spec.whatwg.org/#forbidden-domain-code-point>) and in a token. In a policy, it means more.
#[test]
fn a_name_of_a_request_is_not_suggested_as_a_wildcard() {
    let config = || PolicyConfig::new().allow_origin("https://example.com");
    for origin in [
        "https://*.example.com",
        "https://example.com:*",
        "https://pr-*.example.com",
        "moz-extension://*",
        "*",
    ] {
        for config in [config(), config().allow_origins_if(|_| false)] {
            let policy = config.build().unwrap();
            let request = RequestParts::new("GET").origin(origin);
            let text = policy.explain(&request).to_string();
            assert!(!text.contains("add `"), "{text}");
            let policy = PolicyConfig::new().lookup_origins(true).build().unwrap();
            let request = request.lookup_result(LookupResult::NotAllowed);
            let text = policy.explain(&request).to_string();
            assert!(!text.contains("add `"), "{text}");
        }
        let guarded = config().guard(crate::Guard::UnsafeMethods).build().unwrap();
        let fields = [("origin", origin), ("sec-fetch-site", "cross-site")];
        let text = guarded
            .explain(&RequestParts::read(&guarded, "POST", &fields))
            .to_string();
        assert!(!text.contains("add `"), "{text}");
    }
    let preflight = RequestParts::new("OPTIONS").origin("https://example.com");
    assert_eq!(
        suggestion_of(config(), &preflight.request_method("*")),
        "use another method in the page; in a policy, `*` stands for any method"
    );
    assert_eq!(
        suggestion_of(
            config(),
            &preflight.request_method("GET").request_headers("*")
        ),
        "do not set the header in the page; in a policy, `*` stands for any header"
    );
}

#[test]
fn an_origin_to_add_to_the_data_is_printed_whole() {
    let origin = format!("https://{}a'b.example", "a.".repeat(80));
    let policy = PolicyConfig::new().lookup_origins(true).build().unwrap();
    let request = RequestParts::new("GET").origin(&origin);
    let explanation = policy.explain(&request.lookup_result(LookupResult::NotAllowed));
    let suggestion = explanation.suggestion().unwrap_or_default();
    assert!(suggestion.contains(&format!("`{origin}`")), "{suggestion}");
}
