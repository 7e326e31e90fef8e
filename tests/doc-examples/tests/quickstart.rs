//! The Rust code that the page of the quick start generates builds the policy of the editor.
#![allow(
    clippy::duration_suboptimal_units,
    reason = "the generated code writes every time in seconds"
)]

use omnicors::{Policy, PolicyConfig, PolicyError};

type Build = fn() -> Result<Policy, PolicyError>;

include!(concat!(env!("OUT_DIR"), "/policies.rs"));

#[test]
fn the_generated_code_builds_the_policy_of_the_editor() {
    assert!(POLICIES.len() > 5);
    for (text, build) in POLICIES {
        let config: PolicyConfig = toml::from_str(text).expect("a config");
        let policy = config.build().expect("a policy");
        let built = build().expect("the generated code builds a policy");
        assert_eq!(built.config(), policy.config(), "{text}");
    }
}
