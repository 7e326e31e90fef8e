//! The README is tested: its examples compile, and the texts that it shows are what the code prints.

#[cfg(all(doctest, feature = "tower"))]
#[doc = include_str!("../README.md")]
struct Examples;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{PolicyConfig, RequestParts};

    const README: &str = include_str!("../README.md");

    /// The policy of "A policy".
    fn policy_in_code() -> PolicyConfig {
        PolicyConfig::new()
            .allow_origins(["https://example.com", "https://*.example.com"])
            .allow_credentials(true)
            .allow_methods(["PUT", "DELETE"])
            .allow_headers(["content-type", "authorization"])
            .expose_headers(["x-request-id"])
            .max_age(Duration::from_secs(3600))
    }

    /// Returns the code block of the README that starts with `start`.
    fn block(start: &str) -> &'static str {
        let (_, after) = README
            .split_once(&format!("\n{start}"))
            .expect("a block with this start");
        after.split_once("\n```").expect("the end of the block").0
    }

    #[test]
    fn the_mistakes_in_the_readme_print_what_it_shows() {
        let error = PolicyConfig::new()
            .allow_origins(["https://Example.com/", "http://intranet.example"])
            .allow_credentials(true)
            .allow_methods(["patch"])
            .build()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the CORS policy{}", block("```text\nthe CORS policy"))
        );
    }

    #[test]
    fn the_explanation_in_the_readme_is_what_is_printed() {
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
}
