use clap::Parser;
use omnicors::{Policy, PolicyConfig, PolicyError};

/// Serves the API.
#[derive(Parser)]
struct Arguments {
    /// An origin whose pages may use the API; repeat it for more
    #[arg(long = "allow-origin", required = true)]
    allow_origins: Vec<String>,
    /// Allow requests with cookies
    #[arg(long)]
    allow_credentials: bool,
}

impl Arguments {
    fn policy(&self) -> Result<Policy, PolicyError> {
        PolicyConfig::new()
            .allow_origins(&self.allow_origins)
            .allow_credentials(self.allow_credentials)
            .allow_headers(["content-type"])
            .build()
    }
}

#[test]
fn a_policy_is_read_from_the_command_line() {
    let arguments = Arguments::parse_from([
        "api",
        "--allow-origin",
        "https://app.example.com",
        "--allow-origin=https://*.example.org",
        "--allow-credentials",
    ]);
    let expected = PolicyConfig::new()
        .allow_origins(["https://app.example.com", "https://*.example.org"])
        .allow_credentials(true)
        .allow_headers(["content-type"]);
    assert_eq!(
        arguments.policy().unwrap().config(),
        expected.build().unwrap().config()
    );
    assert!(Arguments::try_parse_from(["api"]).is_err());
}
