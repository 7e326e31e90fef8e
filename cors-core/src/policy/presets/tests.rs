use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::policy::{Policy, PolicyConfig};
use crate::{RequestParts, evaluate};

fn preflight(policy: &Policy, method: &str, headers: &str) -> Result<Vec<String>, String> {
    let request = RequestParts::new("OPTIONS")
        .origin("https://app.example.com")
        .request_method(method)
        .request_headers(headers);
    let decision = evaluate(policy, &request);
    let is_allowed = if policy.allow_credentials() {
        decision.verdict_with_credentials().is_allowed()
    } else {
        decision.verdict().is_allowed()
    };
    if !is_allowed {
        return Err(policy.explain(&request).to_string());
    }
    let fields = decision.headers().iter();
    Ok(fields.map(|field| field.to_string()).collect())
}

/// The lists are from the section "gRPC-Web" of the page "CORS" in the documentation of Connect. They include those of tonic-web
/// before 0.12 and of the examples of Envoy.
#[test]
fn grpc_web_allows_the_headers_of_its_clients() {
    let policy = PolicyConfig::grpc_web()
        .allow_origin("https://app.example.com")
        .build()
        .unwrap();
    let expected = [
        "access-control-allow-origin: https://app.example.com",
        "access-control-allow-methods: GET, HEAD, POST",
        "access-control-allow-headers: content-type, grpc-timeout, x-grpc-web, x-user-agent",
        "access-control-max-age: 600",
        "vary: Origin",
    ];
    let found = preflight(
        &policy,
        "POST",
        "content-type,grpc-timeout,x-grpc-web,x-user-agent",
    );
    assert_eq!(found.unwrap(), expected);
    assert!(preflight(&policy, "POST", "authorization").is_err());
    let exposed: Vec<_> = policy.expose_headers().collect();
    assert_eq!(
        exposed,
        ["grpc-status", "grpc-message", "grpc-status-details-bin"]
    );
    assert!(!policy.allow_credentials());
}

#[test]
fn with_cookies_allows_json_requests_with_credentials() {
    let policy = PolicyConfig::with_cookies(["https://app.example.com"])
        .build()
        .unwrap();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let found = preflight(&policy, method, "content-type").unwrap();
        assert!(
            found
                .iter()
                .any(|field| field == "access-control-allow-credentials: true")
        );
    }
    let other = RequestParts::new("GET").origin("https://other.example.com");
    assert!(!evaluate(&policy, &other).verdict().is_allowed());
}

/// A preset does not set opt-outs.
#[test]
fn a_preset_with_credentials_rejects_dangerous_origins() {
    for origin in ["*", "null", "http://app.example.com", "https://*.com"] {
        assert!(
            PolicyConfig::with_cookies([origin]).build().is_err(),
            "{origin}"
        );
    }
    assert!(PolicyConfig::grpc_web().build().is_err(), "no origin");
}
