//! Tests that the README's TOML and printed messages match its code.

use std::time::Duration;

use crate::{PolicyConfig, RequestParts};

const README: &str = include_str!("../README.md");

/// The policy of the section "A policy, in code and in a file".
fn policy_in_code() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins(["https://example.com", "https://*.example.com"])
        .allow_credentials(true)
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["x-request-id"])
        .max_age(Duration::from_secs(3600))
}

/// Returns the code block of the README that starts with this text, without the start.
fn block(start: &str) -> &'static str {
    let (_, after) = README
        .split_once(&format!("\n{start}"))
        .expect("the README has a block with this start");
    after.split_once("\n```").expect("the block ends").0
}

#[test]
#[cfg(feature = "serde")]
fn the_toml_of_the_readme_is_the_policy_of_its_code() {
    let toml = block("```toml\nallow_origins");
    let config: PolicyConfig = toml::from_str(&format!("allow_origins{toml}")).unwrap();
    assert_eq!(config, policy_in_code());
}

#[test]
fn the_faults_of_the_readme_are_printed_as_it_shows() {
    let error = PolicyConfig::new()
        .allow_origins([
            "https://Example.com/",
            "example.org",
            "http://intranet.example",
            "null",
        ])
        .allow_credentials(true)
        .allow_methods(["patch"])
        .allow_headers(["x request id"])
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the CORS policy{}", block("```text\nthe CORS policy"))
    );
}

#[test]
fn the_explanation_of_the_readme_is_printed_as_it_shows() {
    let preflight = RequestParts::new("OPTIONS")
        .origin("https://example.com")
        .request_method("PATCH")
        .request_headers("content-type");
    let policy = policy_in_code().build().unwrap();
    assert_eq!(
        policy.explain(&preflight).to_string(),
        format!("1. request{}", block("```text\n1. request"))
    );
}
