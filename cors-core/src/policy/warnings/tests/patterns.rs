//! Warnings of patterns of origins, and of regular expressions.

use alloc::string::ToString as _;

#[cfg(feature = "regex")]
use super::config;
use super::{assert_warning, origins, warnings};
use crate::policy::Warning;

#[test]
fn a_wildcard_under_a_public_suffix_has_a_warning() {
    for pattern in [
        "https://*.com",
        "https://*example.com",
        "https://pr-*.com:*",
    ] {
        assert_warning(
            origins([pattern]),
            Warning::OpenWildcard(pattern.to_string()),
            &alloc::format!(
                "`{pattern}` allows domains that anyone can register; to allow all subdomains of your own domain, write \
                 `https://*.example.com`"
            ),
        );
    }
    let local = origins(["https://*.localhost", "https://a.test"]);
    let opted_in = origins(["https://*.com"])
        .allow_credentials(true)
        .dangerously_allow_public_suffix_subdomains(true);
    for config in [local, opted_in] {
        assert_eq!(warnings(config), []);
    }
    let under_suffix = warnings(origins(["https://*.co.uk"]));
    if cfg!(feature = "public-suffix") {
        assert_eq!(
            under_suffix,
            [Warning::OpenWildcard("https://*.co.uk".to_string())]
        );
    } else {
        assert_eq!(under_suffix, []);
    }
}

#[test]
fn a_pattern_that_another_one_covers_has_a_warning() {
    let covered = |pattern: &str, by: &str| Warning::CoveredPattern {
        pattern: pattern.to_string(),
        by: by.to_string(),
    };
    assert_warning(
        origins(["https://www.example.com", "https://*.example.com"]),
        covered("https://www.example.com", "https://*.example.com"),
        "`https://www.example.com` can be left out: `https://*.example.com` allows the same origins",
    );
    let config = origins([
        "https://example.com:8443",
        "https://*.a.example.com",
        "https://pr-*.example.com",
        "https://*.example.com",
        "https://example.com:*",
    ]);
    assert_eq!(
        warnings(config),
        [
            covered("https://example.com:8443", "https://example.com:*"),
            covered("https://*.a.example.com", "https://*.example.com"),
            covered("https://pr-*.example.com", "https://*.example.com"),
        ]
    );
    for not_covered in [
        origins(["https://example.com", "https://*.example.com"]),
        origins(["http://www.localhost", "https://*.localhost"]).allow_origins(["https://a.test"]),
        origins(["https://www.example.com:1", "https://*.example.com"]),
        // Responses to requests without `Origin` list only exact origins in `Timing-Allow-Origin`.
        origins(["https://www.example.com", "https://*.example.com"]).timing_allow_origin(true),
        // A wildcard does not match `_` and outer hyphens.
        origins(["https://a_b.example.com", "https://*.example.com"]),
    ] {
        assert_eq!(warnings(not_covered), []);
    }
}

#[test]
fn a_covered_pattern_with_a_wildcard_has_a_warning_with_timing_as_well() {
    let config = origins(["https://*.a.example.com", "https://*.example.com"]);
    assert_eq!(warnings(config.timing_allow_origin(true)).len(), 1);
}

#[cfg(feature = "regex")]
#[test]
fn a_regex_that_matches_no_origin_has_a_warning() {
    assert_warning(
        config().allow_origin_regexes([r"https://.+\.example\.com", r"/https:\/\/example\.org/"]),
        Warning::RegexWithoutEffect(r"/https:\/\/example\.org/".into()),
        r"`/https:\/\/example\.org/` in allow_origin_regexes cannot match any origin: an origin has a scheme and a lower-case host, without a slash at the end and without the default port; write it as in `https://.+\.example\.com`",
    );
}

#[cfg(feature = "regex")]
#[test]
fn a_warning_of_an_expression_escapes_and_shortens_it() {
    let text = "(?x)\n /x/ # \u{202e}";
    let found = warnings(config().allow_origin_regexes([text]));
    assert_eq!(found, [Warning::RegexWithoutEffect(text.to_string())]);
    let printed = found[0].to_string();
    assert!(
        printed.starts_with(r"`(?x)\n /x/ # \u{202e}` in"),
        "{printed}"
    );
    let long = alloc::format!("/{}/", "x".repeat(1000));
    let found = warnings(config().allow_origin_regexes([long]));
    let printed = found[0].to_string();
    assert!(printed.len() < 400, "{printed}");
}
