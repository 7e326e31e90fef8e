use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use crate::policy::{FaultCause, PolicyConfig, Setting};

fn faults(config: PolicyConfig) -> Vec<String> {
    let error = config.build().unwrap_err();
    error.faults().iter().map(ToString::to_string).collect()
}

#[test]
fn every_setting_is_read_from_text() {
    let config = PolicyConfig::from_pairs(
        "CORS_",
        [
            (
                "CORS_ALLOW_ORIGINS",
                "https://a.example, https://*.b.example",
            ),
            ("CORS_LOOKUP_ORIGINS", "true"),
            ("CORS_STATIC_ORIGIN", "false"),
            ("CORS_ALLOW_CREDENTIALS", "true"),
            ("CORS_ALLOW_OTHERS_WITHOUT_CREDENTIALS", "true"),
            ("CORS_ALLOW_METHODS", "PUT DELETE"),
            ("CORS_ALLOW_HEADERS", "content-type,\n  authorization\n"),
            ("CORS_EXPOSE_HEADERS", "etag"),
            ("CORS_MAX_AGE", "3600"),
            ("CORS_TIMING_ALLOW_ORIGIN", "TRUE"),
            ("CORS_ALLOW_PRIVATE_NETWORK", "true"),
            ("CORS_PREFLIGHT_STATUS", "200"),
            ("CORS_FORWARD_PREFLIGHTS", "true"),
            ("CORS_DANGEROUSLY_ALLOW_OPAQUE_ORIGINS", "true"),
            ("CORS_DANGEROUSLY_ALLOW_ANY_ORIGIN_WITH_CREDENTIALS", "true"),
            ("CORS_DANGEROUSLY_ALLOW_INSECURE_ORIGINS", "true"),
            ("CORS_DANGEROUSLY_ALLOW_PUBLIC_SUFFIX_SUBDOMAINS", "true"),
        ],
    );
    let expected = PolicyConfig::new()
        .allow_origins(["https://a.example", "https://*.b.example"])
        .lookup_origins(true)
        .allow_credentials(true)
        .allow_others_without_credentials(true)
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["etag"])
        .max_age(Duration::from_secs(3600))
        .timing_allow_origin(true)
        .allow_private_network(true)
        .preflight_status(200)
        .forward_preflights(true)
        .dangerously_allow_opaque_origins(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .dangerously_allow_insecure_origins(true)
        .dangerously_allow_public_suffix_subdomains(true);
    assert_eq!(config, expected);
    assert!(config.build().is_ok());
}

#[test]
#[cfg(feature = "regex")]
fn an_expression_is_not_split() {
    let expression = r"https://[a-z]{1,3}\.(a|b)\.example";
    let config = PolicyConfig::from_pairs("", [("ALLOW_ORIGIN_REGEXES", expression)]);
    assert_eq!(config.allow_origin_regexes, [expression]);
}

#[test]
fn an_empty_variable_is_the_same_as_a_missing_one() {
    for empty in ["", " ", "\n"] {
        let names = Setting::ALL.map(|setting| format!("CORS_{}", setting.as_str().to_uppercase()));
        let pairs = names.iter().map(|name| (name, empty));
        let config = PolicyConfig::from_pairs("CORS_", pairs);
        assert_eq!(config, PolicyConfig::new());
        assert_eq!(
            faults(config),
            [
                "CORS_ALLOW_ORIGINS: invalid: no origin is allowed; list at least one, such as `https://example.com`, or `*` \
              for any origin"
            ]
        );
    }
}

#[test]
#[cfg_attr(miri, ignore = "compares names, which takes Miri minutes")]
fn names_without_the_prefix_are_ignored_and_those_with_it_are_not() {
    let config = PolicyConfig::from_pairs(
        "APP_CORS_",
        [
            ("APP_CORS_ALLOW_ORIGINS", "https://a.example"),
            ("ALLOW_ORIGINS", "nonsense"),
            ("CORS_ALLOW_ORIGINS", "nonsense"),
            ("app_cors_max_age", "nonsense"),
            ("APP_CORS", "nonsense"),
            ("", "nonsense"),
        ],
    );
    assert!(config.build().is_ok());
    let pairs = [
        ("CORS_ALLOWED_ORIGINS", "https://a.example"),
        ("CORS_maxAge", "5"),
        ("CORS_SERVICE_HOST", "10.0.0.1"),
        ("CORS_", ""),
    ];
    let found = faults(PolicyConfig::from_pairs("CORS_", pairs));
    assert_eq!(
        found[..2],
        [
            "unknown variable `CORS_ALLOWED_ORIGINS`: did you mean `CORS_ALLOW_ORIGINS`?",
            "unknown variable `CORS_maxAge`: did you mean `CORS_MAX_AGE`?",
        ]
    );
    assert!(
        found[2].starts_with("unknown variable `CORS_SERVICE_HOST`; "),
        "{found:?}"
    );
    assert!(
        found[3].starts_with("unknown variable `CORS_`; "),
        "{found:?}"
    );
    assert_eq!(found.len(), 4);
}

#[test]
fn each_fault_names_its_variable() {
    let pairs = [
        (
            "CORS_ALLOW_ORIGINS",
            "https://a.example,https://B.example,http://c.example",
        ),
        ("CORS_ALLOW_CREDENTIALS", "true"),
        ("CORS_ALLOW_METHODS", "patch"),
        ("CORS_MAX_AGE", "1h"),
        ("CORS_PREFLIGHT_STATUS", "404"),
        ("CORS_STATIC_ORIGIN", "true"),
        ("CORS_TIMING_ALLOW_ORIGIN", "on"),
        ("CORS_ALLOW_ORIGINS_FROM", "/etc/origins.txt"),
        ("CORS_ALLOW_ORIGINS_IF", "x"),
        ("CORS_DECIDE_ORIGINS_OUTSIDE", "true"),
    ];
    let error = PolicyConfig::from_pairs("CORS_", pairs)
        .build()
        .unwrap_err();
    let mut found: Vec<_> = error.faults().iter().map(ToString::to_string).collect();
    let unsafe_origin = found.remove(6);
    assert!(
        unsafe_origin.starts_with("CORS_ALLOW_ORIGINS, item 3: `http://c.example` is unsafe: "),
        "{unsafe_origin}"
    );
    assert!(
        unsafe_origin.ends_with("set `CORS_DANGEROUSLY_ALLOW_INSECURE_ORIGINS`"),
        "{unsafe_origin}"
    );
    assert_eq!(
        found,
        [
            "CORS_MAX_AGE: `1h` is invalid: expected a number of seconds, or \"none\"; write `3600`",
            "CORS_TIMING_ALLOW_ORIGIN: `on` is invalid: expected true or false; write `true`",
            "CORS_ALLOW_ORIGINS_IF: invalid: it can only be set in code; list patterns in allow_origins, or use lookup_origins",
            "CORS_DECIDE_ORIGINS_OUTSIDE: invalid: the setting was renamed; write `CORS_LOOKUP_ORIGINS`",
            "CORS_ALLOW_ORIGINS_FROM: `/etc/origins.txt` is invalid: it works only in a policy file that `PolicyFile` (omnicors-tokio) \
             reads; list the origins in allow_origins",
            "CORS_ALLOW_ORIGINS, item 2: `https://B.example` is invalid: origin has an upper-case letter; browsers send lower \
             case; write `https://b.example`",
            "CORS_STATIC_ORIGIN: `true` is invalid: it requires exactly one origin in allow_origins, without a wildcard; remove \
             allow_origin_regexes, allow_origins_if, allow_origins_in, lookup_origins, allow_others_without_credentials and guard, \
             and, with allow_credentials, `*` from allow_methods and allow_headers",
            "CORS_ALLOW_METHODS, item 1: `patch` is invalid: methods are case-sensitive; write `PATCH`",
            "CORS_PREFLIGHT_STATUS: `404` is invalid: a browser accepts a preflight only with a status from 200 to 299; write \
             `204`",
        ]
    );
    let fault = &error.faults()[5];
    assert_eq!(fault.variable(), Some("CORS_ALLOW_ORIGINS"));
    assert_eq!(
        (fault.setting(), fault.index()),
        (Some(Setting::AllowOrigins), Some(1))
    );
}

#[test]
fn settings_in_code_are_not_faults_of_a_variable() {
    let config = PolicyConfig::from_pairs(
        "CORS_",
        [
            ("CORS_ALLOW_ORIGINS", "https://A.example"),
            ("CORS_MAX_AGE", "60"),
            ("CORS_PREFLIGHT_STATUS", "200"),
        ],
    );
    let config = config
        .allow_origin("https://B.example")
        .allow_method("put")
        .max_age(Duration::from_secs(100_000))
        .preflight_status(404);
    let found = faults(config);
    let starts: Vec<_> = found
        .iter()
        .map(|fault| fault.split_once(": ").unwrap().0)
        .collect();
    assert_eq!(
        starts,
        [
            "CORS_ALLOW_ORIGINS, item 1",
            "allow_origins[1]",
            "allow_methods[0]",
            "max_age",
            "preflight_status",
        ]
    );
}

#[test]
fn a_variable_that_is_set_twice_in_different_case_is_a_fault() {
    let pairs = [("CORS_MAX_AGE", "5"), ("CORS_max_age", "6")];
    let error = PolicyConfig::from_pairs("CORS_", pairs)
        .build()
        .unwrap_err();
    assert_eq!(error.faults()[0].cause(), &FaultCause::Repeated);
    assert_eq!(
        error.faults()[0].to_string(),
        "CORS_max_age: invalid: the setting is written twice; remove one of the two"
    );
}

#[test]
fn a_suggested_list_for_a_variable_has_no_quotes() {
    for (name, value, list) in [
        ("CORS_ALLOW_METHODS", "GET|PUT", "GET, PUT"),
        ("CORS_ALLOW_HEADERS", "x-a|x-b", "x-a, x-b"),
    ] {
        let config = |value: &str| {
            let pairs = [("CORS_ALLOW_ORIGINS", "https://a.example"), (name, value)];
            PolicyConfig::from_pairs("CORS_", pairs)
        };
        let error = config(value).build().unwrap_err();
        let [fault] = error.faults() else {
            panic!("{error}")
        };
        assert_eq!(fault.help(), Some(format!("write `{list}`")));
        // The value as it is written.
        assert!(config(list).build().is_ok(), "{list}");
    }
}
