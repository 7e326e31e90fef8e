mod guard;
mod opt_outs;
mod unchecked;

use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use crate::policy::{PolicyConfig, Setting, Warning};
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

#[test]
fn safelisted_names_and_options_have_a_warning() {
    assert_warning(
        config().allow_methods(["DELETE", "GET"]),
        Warning::SafelistedMethod("GET".to_string()),
        "GET can be left out of allow_methods: it is safelisted and always allowed",
    );
    assert_warning(
        config().allow_methods(["OPTIONS"]),
        Warning::OptionsMethod,
        "OPTIONS can be left out of allow_methods: preflights do not need it; keep it only if pages send OPTIONS requests themselves",
    );
    assert_warning(
        config().expose_headers(["Content-Type", "etag"]),
        Warning::SafelistedResponseHeader("content-type".to_string()),
        "content-type can be left out of expose_headers: it is safelisted and always readable",
    );
}

/// Each of these is safelisted only for some values: Fetch,
/// [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
#[test]
fn a_request_header_that_is_safelisted_for_some_values_has_no_warning() {
    for name in [
        "accept",
        "Accept-Language",
        "content-language",
        "content-type",
        "range",
    ] {
        assert_eq!(warnings(config().allow_header(name)), [], "{name}");
    }
}

#[test]
fn an_asterisk_inside_a_name_has_a_warning() {
    let literal = |setting, name: &str| Warning::LiteralWildcard {
        setting,
        name: name.to_string(),
    };
    assert_warning(
        config().allow_headers(["X-*", "x-a"]),
        literal(Setting::AllowHeaders, "x-*"),
        "browsers read `x-*` in allow_headers literally: `*` is a wildcard only if it is the whole name; list each name",
    );
    let everywhere = config().allow_methods(["P*"]).expose_headers(["x-*"]);
    assert_eq!(
        warnings(everywhere),
        [
            literal(Setting::AllowMethods, "P*"),
            literal(Setting::ExposeHeaders, "x-*")
        ]
    );
}

#[test]
fn a_misspelled_name_has_a_warning() {
    for (setting, name, meant, with) in [
        (
            Setting::AllowMethods,
            "OPTION",
            "OPTIONS",
            (|config, name| PolicyConfig::allow_method(config, name))
                as fn(PolicyConfig, &str) -> PolicyConfig,
        ),
        (
            Setting::AllowHeaders,
            "authorisation",
            "authorization",
            |config, name| config.allow_header(name),
        ),
        (
            Setting::AllowHeaders,
            "content_type",
            "content-type",
            |config, name| config.allow_header(name),
        ),
        (
            Setting::ExposeHeaders,
            "accept-range",
            "accept-ranges",
            |config, name| config.expose_header(name),
        ),
    ] {
        let warning = Warning::MisspelledName {
            setting,
            name: name.to_string(),
            meant,
        };
        let prints = alloc::format!(
            "`{name}` in {setting} looks like a misspelling; did you mean `{meant}`?"
        );
        assert_warning(with(config(), name), warning, &prints);
    }
    // The well-known names are forbidden request headers, so listing them would be a fault.
    for name in ["accept_encoding", "content_length", "content-lenght"] {
        assert_eq!(warnings(config().allow_header(name)), [], "{name}");
        assert_eq!(warnings(config().expose_header(name)).len(), 1, "{name}");
    }
    // The policy allows both spellings, because some clients use the wrong one.
    let both = config().allow_headers(["authorisation", "authorization"]);
    assert_eq!(warnings(both), []);
    let correct = config()
        .allow_methods(["SEARCH", "BATCH"])
        .allow_headers(["x-api-key", "x-csrftoken", "x-csrf-token", "x_tenant"])
        .expose_headers(["etag", "x-total-count"]);
    assert_eq!(warnings(correct), []);
}

#[test]
fn a_method_with_a_body_without_content_type_has_a_warning() {
    let prints = |method| {
        alloc::format!(
            "pages cannot send JSON with {method}, because `content-type` is not in allow_headers; add `content-type` to allow_headers"
        )
    };
    for (methods, first) in [
        (&["PUT"][..], "PUT"),
        (&["DELETE", "PATCH", "PUT"], "PATCH"),
        (&["QUERY"], "QUERY"),
    ] {
        let without = config().allow_methods(methods);
        let warning = Warning::MethodWithoutContentType(first.to_string());
        assert_warning(without.clone(), warning.clone(), &prints(first));
        assert_warning(without.allow_header("x-a"), warning, &prints(first));
    }
    for config in [
        config().allow_methods(["DELETE"]),
        config(),
        config()
            .allow_methods(["PUT"])
            .allow_headers(["Content-Type"]),
        config()
            .allow_methods(["PUT"])
            .allow_headers(["*", "authorization"]),
        config()
            .allow_methods(["PUT"])
            .allow_headers(["*"])
            .allow_credentials(true),
    ] {
        assert_eq!(warnings(config.clone()), [], "{config:?}");
    }
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
fn any_header_without_authorization_has_a_warning() {
    let any = || {
        PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .allow_headers(["*"])
    };
    let prints = "without credentials, `*` in allow_headers does not cover Authorization; if pages send that header, list \
         `authorization` as well";
    assert_warning(any(), Warning::AnyHeaderWithoutAuthorization, prints);
    let others = any().allow_credentials(true);
    assert_eq!(warnings(others.clone()), []);
    let others = others.allow_others_without_credentials(true);
    assert_warning(
        others.clone(),
        Warning::AnyHeaderWithoutAuthorization,
        prints,
    );
    assert_eq!(warnings(any().allow_header("Authorization")), []);
    assert_eq!(warnings(others.allow_header("authorization")), []);
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
