use omnicors::{Policy, PolicyConfig, PolicyError};

fn policy() -> Result<Policy, PolicyError> {
    PolicyConfig::with_cookies(["https://app.example.com"])
        .allow_header("x-csrf-token")
        .expose_header("x-request-id")
        .build()
}

/// Returns the policy that the files state as well.
pub(crate) fn policy_in_code() -> Policy {
    policy().unwrap()
}

#[test]
fn the_policy_in_code_has_no_warnings() {
    assert_eq!(policy_in_code().warnings(), []);
}

#[test]
fn every_preset_of_the_table_exists_and_builds() {
    let presets = [
        (
            "with_cookies(origins)",
            PolicyConfig::with_cookies(["https://app.example.com"]),
        ),
        ("public_read_only()", PolicyConfig::public_read_only()),
        (
            "grpc_web()",
            PolicyConfig::grpc_web().allow_origin("https://app.example.com"),
        ),
        ("local_development()", PolicyConfig::local_development()),
        (
            "new()",
            PolicyConfig::new().allow_origin("https://app.example.com"),
        ),
    ];
    let rows = super::document::DOCUMENT
        .lines()
        .filter(|line| line.starts_with("| `PolicyConfig::"));
    assert_eq!(rows.count(), presets.len());
    for (name, config) in presets {
        let row = format!("| `PolicyConfig::{name}` |");
        assert!(super::document::DOCUMENT.contains(&row), "{row}");
        assert!(config.build().is_ok(), "{name}");
    }
}
