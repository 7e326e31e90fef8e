//! The README tells no tales: what it shows in TOML, and as printed, is what comes of what it shows in code.

use std::time::Duration;

use crate::{PolicyConfig, RequestParts};

const README: &str = include_str!("../README.md");

/// The policy of "A policy, in code and in a file".
fn policy_in_code() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins(["https://example.com", "https://*.example.com"])
        .allow_credentials(true)
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["x-request-id"])
        .max_age(Duration::from_secs(3600))
}

/// The code block of the README that starts like this.
fn block(start: &str) -> &'static str {
    let (_, after) = README
        .split_once(&format!("\n{start}"))
        .expect("a block that starts so");
    after.split_once("\n```").expect("an end of the block").0
}

#[test]
#[cfg(feature = "serde")]
fn the_policy_in_toml_is_the_policy_in_code() {
    let toml = block("```toml\nallow_origins");
    let config: PolicyConfig = toml::from_str(&format!("allow_origins{toml}")).unwrap();
    assert_eq!(config, policy_in_code());
}

#[test]
fn a_mistake_prints_what_the_readme_says() {
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
fn an_explanation_reads_as_the_readme_says() {
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
