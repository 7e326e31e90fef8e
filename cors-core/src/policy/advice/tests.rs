use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::time::Duration;

use crate::policy::{Advice, PolicyConfig};

fn origins<const N: usize>(patterns: [&str; N]) -> PolicyConfig {
    PolicyConfig::new().allow_origins(patterns)
}

fn config() -> PolicyConfig {
    origins(["https://example.com"])
}

fn advice(config: PolicyConfig) -> Vec<Advice> {
    config.build().unwrap().advice()
}

#[track_caller]
fn assert_advice(config: PolicyConfig, expected: Advice, prints: &str) {
    assert_eq!(expected.to_string(), prints);
    assert_eq!(advice(config), [expected]);
}

#[test]
fn ordinary_policies_get_no_advice() {
    for config in [
        config(),
        PolicyConfig::public_read_only(),
        PolicyConfig::new().decide_origins_outside(true),
        PolicyConfig::new().allow_origins_if(|_| false),
        origins(["https://example.com", "https://*.example.com"])
            .allow_credentials(true)
            .allow_methods(["PUT", "PATCH", "DELETE"])
            .allow_headers(["content-type", "authorization", "range"])
            .expose_headers(["x-request-id", "etag"])
            .max_age(Duration::from_secs(7200)),
        origins(["https://pr-*.example.com", "https://example.com:*"]).max_age(None),
        origins(["*"]).allow_methods(["*"]).allow_headers(["*"]),
        // Pages of this machine beside others are nothing to worry about.
        origins(["https://example.com", "http://localhost:3000"]),
        origins(["chrome-extension://abcdefghijklmnop"]).allow_credentials(true),
    ] {
        assert_eq!(advice(config.clone()), [], "{config:?}");
    }
}

#[test]
fn a_policy_for_this_machine_alone_is_loudly_called_one_for_development() {
    let prints = "FOR DEVELOPMENT ONLY: just pages of this very machine are allowed; list your site's origins before you \
                  deploy";
    assert_advice(
        origins(["http://localhost:3000"]),
        Advice::OnlyLoopbackOrigins,
        prints,
    );
    assert_advice(
        PolicyConfig::local_development(),
        Advice::OnlyLoopbackOrigins,
        prints,
    );
    // Something beyond the patterns may allow others.
    assert_eq!(
        advice(origins(["http://localhost"]).decide_origins_outside(true)),
        []
    );
}

#[test]
fn insecure_origins_are_told_by_the_first_and_their_number() {
    let insecure = |first: &str, count| Advice::InsecureOrigins {
        first: first.to_string(),
        count,
    };
    assert_advice(
        origins(["https://a.test", "http://b.test", "http://localhost"]),
        insecure("http://b.test", 1),
        "`http://b.test` is an origin without TLS: whoever controls the network can pose as it; use https",
    );
    assert_advice(
        origins(["http://a.test", "http://*.b.test", "ws://c.test"]),
        insecure("http://a.test", 3),
        "`http://a.test` and 2 more are origins without TLS: whoever controls the network can pose as them; use https",
    );
    // With credentials they were refused, and have been opted in to.
    let opted_in = origins(["http://a.test"])
        .allow_credentials(true)
        .dangerously_allow_insecure_origins(true);
    assert_eq!(advice(opted_in), []);
}

#[test]
fn a_wildcard_that_anyone_can_get_under_is_told() {
    for pattern in [
        "https://*.com",
        "https://*example.com",
        "https://pr-*.com:*",
    ] {
        assert_advice(
            origins([pattern]),
            Advice::OpenWildcard(pattern.to_string()),
            &alloc::format!(
                "`{pattern}` admits names that anyone can register; all under a domain of yours is written \
                 `https://*.example.com`"
            ),
        );
    }
    let local = origins(["https://*.localhost", "https://a.test"]);
    let opted_in = origins(["https://*.com"])
        .allow_credentials(true)
        .dangerously_allow_public_suffix_subdomains(true);
    for config in [local, opted_in] {
        assert_eq!(advice(config), []);
    }
    let under_suffix = advice(origins(["https://*.co.uk"]));
    if cfg!(feature = "public-suffix") {
        assert_eq!(
            under_suffix,
            [Advice::OpenWildcard("https://*.co.uk".to_string())]
        );
    } else {
        assert_eq!(under_suffix, []);
    }
}

#[test]
fn a_pattern_that_another_covers_is_told_with_that_one() {
    let covered = |pattern: &str, by: &str| Advice::CoveredPattern {
        pattern: pattern.to_string(),
        by: by.to_string(),
    };
    assert_advice(
        origins(["https://www.example.com", "https://*.example.com"]),
        covered("https://www.example.com", "https://*.example.com"),
        "`https://www.example.com` can be left out: `https://*.example.com` admits all that it admits",
    );
    let config = origins([
        "https://example.com:8443",
        "https://*.a.example.com",
        "https://pr-*.example.com",
        "https://*.example.com",
        "https://example.com:*",
    ]);
    assert_eq!(
        advice(config),
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
        // `_` and outer hyphens are not what a wild card stands for.
        origins(["https://a_b.example.com", "https://*.example.com"]),
    ] {
        assert_eq!(advice(not_covered), []);
    }
}

#[test]
fn safelisted_names_and_options_are_told() {
    assert_advice(
        config().allow_methods(["PUT", "GET"]),
        Advice::SafelistedMethod("GET".to_string()),
        "GET can be left out of allow_methods: it is safelisted, and always allowed",
    );
    assert_advice(
        config().allow_methods(["OPTIONS"]),
        Advice::OptionsMethod,
        "OPTIONS can be left out of allow_methods, unless a page is to use it itself: preflights do not need it",
    );
    assert_advice(
        config().allow_headers(["Accept", "content-type"]),
        Advice::SafelistedRequestHeader("accept".to_string()),
        "accept can be left out of allow_headers: it is safelisted, for values of up to 128 plain characters",
    );
    assert_advice(
        config().expose_headers(["Content-Type", "etag"]),
        Advice::SafelistedResponseHeader("content-type".to_string()),
        "content-type can be left out of expose_headers: it is safelisted, and always readable",
    );
}

#[test]
fn a_wildcard_within_a_name_is_told_to_be_none() {
    let literal = |field, name: &str| Advice::LiteralWildcard {
        field,
        name: name.to_string(),
    };
    assert_advice(
        config().allow_headers(["X-*", "x-a"]),
        literal("allow_headers", "x-*"),
        "`x-*` in allow_headers stands for itself only: to a browser, `*` is a wild card where it stands alone",
    );
    let everywhere = config().allow_methods(["P*"]).expose_headers(["x-*"]);
    assert_eq!(
        advice(everywhere),
        [
            literal("allow_methods", "P*"),
            literal("expose_headers", "x-*")
        ]
    );
}

#[test]
fn a_max_age_beyond_what_chromium_keeps_is_told() {
    assert_advice(
        config().max_age(Duration::from_secs(7201)),
        Advice::MaxAgeAboveChromium(7201),
        "max_age is 7201 s, but Chromium asks again after 7200 s",
    );
}

const NULL: &str = "dangerously_allow_null_origin";
const ANY: &str = "dangerously_allow_any_origin_with_credentials";
const INSECURE: &str = "dangerously_allow_insecure_origins";
const SUFFIX: &str = "dangerously_allow_public_suffix_subdomains";

#[test]
fn an_opt_out_that_nothing_needs_is_told() {
    let all = |config: PolicyConfig| {
        config
            .dangerously_allow_null_origin(true)
            .dangerously_allow_any_origin_with_credentials(true)
            .dangerously_allow_insecure_origins(true)
            .dangerously_allow_public_suffix_subdomains(true)
    };
    let needless = |config: PolicyConfig| -> Vec<&'static str> {
        advice(all(config))
            .into_iter()
            .filter_map(|advice| match advice {
                Advice::NeedlessOptOut(name) => Some(name),
                _ => None,
            })
            .collect()
    };
    for (config, unused) in [
        (config(), &[NULL, ANY, INSECURE, SUFFIX][..]),
        (
            config().allow_credentials(true),
            &[NULL, ANY, INSECURE, SUFFIX],
        ),
        (origins(["null"]), &[ANY, INSECURE, SUFFIX]),
        (origins(["*"]), &[NULL, ANY, INSECURE, SUFFIX]),
        (origins(["https://*.com"]), &[NULL, ANY, INSECURE, SUFFIX]),
        (origins(["*"]).allow_credentials(true), &[INSECURE, SUFFIX]),
        (
            origins(["http://a.test"]).allow_credentials(true),
            &[NULL, ANY, SUFFIX],
        ),
        (
            origins(["http://localhost", "https://*.localhost"]).allow_credentials(true),
            &[NULL, ANY, INSECURE, SUFFIX],
        ),
        // What lies beyond the patterns may turn out insecure.
        (
            PolicyConfig::new()
                .decide_origins_outside(true)
                .allow_credentials(true),
            &[NULL, ANY, SUFFIX],
        ),
        (
            origins(["https://*.com"]).allow_credentials(true),
            &[NULL, ANY, INSECURE],
        ),
    ] {
        assert_eq!(needless(config.clone()), unused, "{config:?}");
    }
    // Whether this needs it is known to the list only.
    let own = origins(["https://*.example.com"]).allow_credentials(true);
    assert_eq!(
        needless(own).contains(&SUFFIX),
        cfg!(feature = "public-suffix")
    );
    assert_advice(
        config().dangerously_allow_null_origin(true),
        Advice::NeedlessOptOut(NULL),
        "dangerously_allow_null_origin can be left out: nothing in the policy needs it",
    );
}

#[test]
fn all_advice_is_given_at_once() {
    let config = origins(["http://*.com", "http://a.com"])
        .allow_methods(["POST", "OPTIONS"])
        .allow_headers(["accept-language"])
        .expose_headers(["expires"])
        .max_age(Duration::from_secs(86_400))
        .dangerously_allow_insecure_origins(true);
    let count = advice(config).len();
    assert_eq!(count, 9);
}
