mod guard;
mod names;
mod opt_outs;
mod patterns;
mod unchecked;

use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use crate::policy::{PolicyConfig, Setting, Warning, build_with_warnings};
use crate::tests::Only;

fn origins<const N: usize>(patterns: [&str; N]) -> PolicyConfig {
    PolicyConfig::new().allow_origins(patterns)
}

fn config() -> PolicyConfig {
    origins(["https://example.com"])
}

fn warnings(config: PolicyConfig) -> Vec<Warning> {
    config.build().unwrap().warnings()
}

#[track_caller]
fn assert_warning(config: PolicyConfig, expected: Warning, prints: &str) {
    assert_eq!(expected.to_string(), prints);
    assert_eq!(warnings(config), [expected]);
}

#[test]
fn ordinary_policies_get_no_warnings() {
    for config in [
        config(),
        PolicyConfig::public_read_only(),
        PolicyConfig::new().lookup_origins(true),
        PolicyConfig::new().allow_origins_if(|_| false),
        PolicyConfig::new().allow_origins_in(Only("https://a.test")),
        origins(["https://example.com", "https://example.org:*"])
            .allow_credentials(true)
            .allow_methods(["PUT", "PATCH", "DELETE"])
            .allow_headers(["content-type", "authorization", "range"])
            .expose_headers(["x-request-id", "etag"])
            .max_age(Duration::from_secs(7200)),
        origins(["https://pr-*.example.com", "https://example.com:*"]).max_age(None),
        origins(["*"])
            .allow_methods(["*"])
            .allow_headers(["*", "authorization"]),
        // A policy with other origins is not only for development.
        origins(["https://example.com", "http://localhost:3000"]),
        origins(["chrome-extension://abcdefghijklmnop"]).allow_credentials(true),
    ] {
        assert_eq!(warnings(config.clone()), [], "{config:?}");
    }
}

#[test]
fn a_policy_with_loopback_origins_only_is_for_development() {
    let prints = "FOR DEVELOPMENT ONLY: the policy allows only pages served from this machine; list your site's origins before you \
                  deploy";
    assert_warning(
        origins(["http://localhost:3000"]),
        Warning::OnlyLoopbackOrigins,
        prints,
    );
    assert_warning(
        PolicyConfig::local_development(),
        Warning::OnlyLoopbackOrigins,
        prints,
    );
    // A lookup or a set may allow other origins.
    for config in [
        origins(["http://localhost"]).lookup_origins(true),
        origins(["http://localhost"]).allow_origins_in(Only("https://a.test")),
    ] {
        assert_eq!(warnings(config), []);
    }
}

#[test]
fn the_policy_of_an_application_is_not_for_development_only() {
    for patterns in [
        &["capacitor://localhost", "https://localhost"][..],
        &["ionic://localhost", "http://localhost"],
        &["tauri://localhost", "http://tauri.localhost"],
        &["http://tauri.localhost"],
        &["app://localhost"],
        &[
            "app://localhost",
            "https://localhost",
            "https://app.example",
        ],
    ] {
        for credentials in [false, true] {
            let config = PolicyConfig::new().allow_origins(patterns);
            let config = config.allow_credentials(credentials);
            assert_eq!(warnings(config), [], "{patterns:?}");
        }
    }
}

#[test]
fn pages_of_this_machine_together_with_others_have_a_warning_with_credentials() {
    for (patterns, first) in [
        (
            &["https://example.com", "http://localhost:*"][..],
            "http://localhost:*",
        ),
        (
            &["https://127.0.0.1:8443", "https://example.com"],
            "https://127.0.0.1:8443",
        ),
        // Origins of applications do not have a port.
        (
            &["capacitor://localhost", "https://localhost:8100"],
            "https://localhost:8100",
        ),
        (
            &["https://example.com", "http://localhost"],
            "http://localhost",
        ),
    ] {
        let config = PolicyConfig::new().allow_origins(patterns);
        assert_eq!(warnings(config.clone()), []);
        let prints = alloc::format!(
            "with credentials (cookies), `{first}` lets a page served by any program on a visitor's machine read everything that the \
             visitor can read here; remove it from the policy that you deploy"
        );
        let warning = Warning::LoopbackOriginWithCredentials(first.to_string());
        assert_warning(config.allow_credentials(true), warning, &prints);
    }
    let looked_up = origins(["http://localhost"]).lookup_origins(true);
    assert_eq!(warnings(looked_up.clone()), []);
    let warning = Warning::LoopbackOriginWithCredentials("http://localhost".to_string());
    assert_eq!(warnings(looked_up.allow_credentials(true)), [warning]);
}

#[test]
fn a_warning_of_insecure_origins_has_the_first_and_their_number() {
    let insecure = |first: &str, count| Warning::InsecureOrigins {
        first: first.to_string(),
        count,
    };
    assert_warning(
        origins(["https://a.test", "http://b.test", "http://localhost"]),
        insecure("http://b.test", 1),
        "`http://b.test` does not use https: anyone who controls the network can impersonate it; use https",
    );
    assert_warning(
        origins(["http://a.test", "http://*.b.test", "http://c.test:8080"]),
        insecure("http://a.test", 3),
        "`http://a.test` and 2 more origins do not use https: anyone who controls the network can impersonate them; use https",
    );
    // With credentials, they need an opt-out instead.
    let opted_in = origins(["http://a.test"])
        .allow_credentials(true)
        .dangerously_allow_insecure_origins(true);
    assert_eq!(warnings(opted_in), []);
}

#[test]
fn a_max_age_over_the_limit_of_chromium_has_a_warning() {
    assert_warning(
        config().max_age(Duration::from_secs(7201)),
        Warning::MaxAgeAboveChromium(7201),
        "max_age is 7201 s, but Chromium keeps the response to a preflight for at most 7200 s",
    );
}

#[test]
fn all_warnings_are_returned_together() {
    let config = origins(["http://*.com", "http://a.com"])
        .allow_methods(["POST", "OPTIONS"])
        .expose_headers(["expires"])
        .max_age(Duration::from_secs(86_400))
        .dangerously_allow_insecure_origins(true);
    let count = warnings(config).len();
    assert_eq!(count, 8);
}

/// Warnings about settings together could be wrong when the faults are corrected.
#[test]
fn beside_faults_there_are_only_warnings_about_one_name_or_value() {
    let config = || {
        origins([
            "https://example.com",
            "https://example.com/",
            "https://*.example.com",
            "https://a.example.com",
        ])
        .allow_methods(["PUT", "GET", "OPTIONS"])
        .allow_headers(["x-*"])
        .expose_headers(["content-type"])
        .dangerously_allow_insecure_origins(true)
    };
    let beside = |config: PolicyConfig| {
        let (_, warnings) = build_with_warnings(config).unwrap_err();
        warnings
    };
    let expected = [
        Warning::SafelistedMethod("GET".into()),
        Warning::OptionsMethod,
        Warning::SafelistedResponseHeader("content-type".into()),
        Warning::LiteralWildcard {
            setting: Setting::AllowHeaders,
            name: "x-*".into(),
        },
    ];
    assert_eq!(beside(config()), expected);
    let seconds = Duration::from_secs(86_400);
    let with_max_age = beside(config().max_age(seconds));
    assert_eq!(with_max_age[..4], expected);
    assert_eq!(with_max_age[4..], [Warning::MaxAgeAboveChromium(86_400)]);
    // The value itself is a fault.
    assert_eq!(
        beside(config().max_age(Duration::from_secs(100_000))),
        expected
    );
}

#[test]
fn a_warning_has_its_item() {
    let policy = config()
        .allow_methods(["GET", "OPTIONS"])
        .allow_headers(["*"]);
    let found = warnings(policy);
    let items: Vec<_> = found.iter().map(Warning::item).collect();
    assert_eq!(items, [Some("GET"), Some("OPTIONS"), Some("*")]);
    let unused = warnings(config().dangerously_allow_opaque_origins(true));
    assert_eq!(unused[0].item(), None);
    let unchecked = Warning::UncheckedWildcards {
        setting: Setting::AllowOrigins,
        items: Vec::from(["https://*.a.example".into(), "https://*.b.example".into()]),
    };
    assert_eq!(unchecked.item(), Some("https://*.a.example"));
}

#[test]
fn a_warning_of_unchecked_wildcards_names_ten() {
    let warning = |count: usize| {
        let items = (0..count).map(|number| alloc::format!("https://*.{number}.example"));
        let setting = Setting::AllowOrigins;
        let items = items.collect();
        Warning::UncheckedWildcards { setting, items }.to_string()
    };
    assert!(warning(10).contains("`https://*.9.example`; enable"));
    assert!(warning(11).contains("`https://*.9.example` and 1 more; enable"));
}
