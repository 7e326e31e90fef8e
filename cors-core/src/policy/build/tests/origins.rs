//! The rules for origins: those that are faults, alone and together.

use alloc::format;
use alloc::string::{String, ToString as _};

use super::{assert_fault, assert_is, config, fault, invalid, origins};
use crate::limits;
use crate::policy::{Fault, FaultCause, FaultKind, Guard, PolicyConfig, Setting};
use crate::tests::Only;

const TENANT: Only = Only("https://tenant.example");

#[test]
fn a_policy_without_any_origin_is_invalid() {
    assert_fault(
        PolicyConfig::new(),
        invalid(
            "allow_origins: invalid: no origin is allowed; list at least one, such as `https://example.com`, \
             or `*` for any origin",
        ),
    );
}

#[test]
fn a_policy_without_patterns_is_valid_if_something_else_allows_origins() {
    let config = PolicyConfig::new;
    assert!(config().allow_origins_if(|_| true).build().is_ok());
    assert!(config().allow_origins_in(TENANT).build().is_ok());
    assert!(config().lookup_origins(true).build().is_ok());
    #[cfg(feature = "regex")]
    assert!(
        config()
            .allow_origin_regexes(["https://[ab]\\.test"])
            .build()
            .is_ok()
    );
}

#[test]
fn an_origin_that_browsers_send_can_be_listed() {
    for origin in [
        "https://example.com.",
        "app://.",
        "safari-web-extension://2F9A8C11-AB00-4000-8000-000000000000",
        "https://it's.example",
        "https://a!b.example",
        "https://a~b.example",
        "https://a`b.example",
        "https://a$b.example",
        "https://a&b.example",
        "https://a(b.example",
        "https://a+b.example",
        "https://a=b.example",
        "content://com.Example.provider",
        "moz-extension://*",
    ] {
        assert!(origins([origin]).build().is_ok(), "{origin}");
    }
    for origin in ["null", "file://"] {
        let opted = origins([origin]).dangerously_allow_opaque_origins(true);
        assert!(opted.build().is_ok(), "{origin}");
        let fault = fault(origins([origin]));
        assert_eq!(
            fault.opt_out(),
            Some(Setting::DangerouslyAllowOpaqueOrigins)
        );
    }
}

#[test]
fn any_host_of_a_scheme_with_credentials_is_unsafe() {
    let config = || origins(["moz-extension://*"]).allow_credentials(true);
    let fault = fault(config());
    assert_eq!(fault.kind(), FaultKind::Unsafe);
    assert_eq!(
        fault.to_string(),
        "allow_origins[0]: `moz-extension://*` is unsafe: with credentials (cookies), every application or extension with the \
         scheme `moz-extension` could read everything that its users can read here; list the origins you trust; to allow it anyway, set \
         `dangerously_allow_any_origin_with_credentials`"
    );
    let opted = config().dangerously_allow_any_origin_with_credentials(true);
    assert_eq!(opted.build().unwrap().warnings(), []);
}

#[test]
fn a_private_address_without_a_scheme_names_the_opt_out() {
    let config = || origins(["192.168.1.5:3000"]);
    assert_eq!(
        fault(config()).suggestion(),
        Some("http://192.168.1.5:3000")
    );
    let fault = fault(config().allow_credentials(true));
    assert_eq!(
        fault.to_string(),
        "allow_origins[0]: `192.168.1.5:3000` is invalid: origin does not begin with a scheme, such as `https://`; `http://192.168.1.5:3000` \
         would be unsafe: with credentials (cookies), anyone who controls a visitor's network can impersonate an origin without https \
         and act as the visitor; serve its pages over https, and list that origin; to allow it anyway, set \
         `dangerously_allow_insecure_origins`"
    );
}

#[test]
fn any_origin_must_be_the_only_item() {
    let expected = |index| {
        invalid(match index {
            0 => {
                "allow_origins[0]: `*` is invalid: it already allows any origin, so the other origin settings have no effect; remove it, \
                 or remove the others"
            }
            _ => {
                "allow_origins[1]: `*` is invalid: it already allows any origin, so the other origin settings have no effect; remove it, \
                 or remove the others"
            }
        })
    };
    assert_fault(origins(["*", "https://example.com"]), expected(0));
    assert_fault(origins(["https://example.com", "*"]), expected(1));
    assert_fault(origins(["*"]).allow_origins_if(|_| true), expected(0));
    assert_fault(origins(["*"]).allow_origins_in(TENANT), expected(0));
    assert_fault(origins(["*"]).lookup_origins(true), expected(0));
    #[cfg(feature = "regex")]
    assert_fault(
        origins(["*"]).allow_origin_regexes(["https://a\\.test"]),
        expected(0),
    );
    assert!(origins(["*", "*"]).build().is_ok());
}

#[test]
fn too_many_different_lengths_of_partial_labels_are_invalid() {
    let patterns = |domain: &'static str| {
        (1..=limits::LABEL_SHAPES + 1)
            .map(move |length| format!("https://{}*{domain}", "a".repeat(length)))
    };
    let reason = "the patterns have more than 16 combinations of lengths before and after the `*`, and each combination makes matching \
         slower";
    let text = format!("https://{}*", "a".repeat(limits::LABEL_SHAPES + 1));
    for (domain, subdomains) in [
        (".example.com", Some("https://*.example.com")),
        (".example.com:8443", Some("https://*.example.com:8443")),
        (".example.com:*", Some("https://*.example.com:*")),
        (".localhost", Some("https://*.localhost")),
        // Anyone can register a name there.
        (".com", None),
        ("", None),
    ] {
        let allow = subdomains.map_or_else(String::new, |text| format!("allow `{text}`, or "));
        let prints = format!(
            "allow_origins[16]: `{text}{domain}` is invalid: {reason}; {allow}list origins one by one"
        );
        assert_fault(
            PolicyConfig::new().allow_origins(patterns(domain)),
            invalid(&prints),
        );
        let suggested = subdomains.map(|subdomains| origins([subdomains]).build());
        assert!(suggested.is_none_or(|built| built.is_ok()), "{domain}");
    }
    let navigations = config().allow_navigations_from(patterns(".example.com"));
    let cause = FaultCause::TooManyLabelShapes(Some("https://*.example.com".to_string()));
    assert_eq!(fault(navigations).cause(), &cause);
    let just_enough = patterns(".example.com").take(limits::LABEL_SHAPES);
    assert!(
        PolicyConfig::new()
            .allow_origins(just_enough)
            .build()
            .is_ok()
    );
}

#[test]
fn more_than_4_gib_of_origins_are_invalid() {
    // 4 GiB are too much for a test: this checks only the text.
    let fault = Fault {
        index: Some(100_000_000),
        ..Fault::new(
            Some(Setting::AllowOrigins),
            "https://example.com",
            FaultCause::TooManyOrigins,
        )
    };
    assert_is(
        &fault,
        invalid(
            "allow_origins[100000000]: `https://example.com` is invalid: the exact origins together are longer than 4 GiB; use \
             `lookup_origins`",
        ),
    );
}

#[test]
#[cfg(feature = "regex")]
fn a_regular_expression_that_does_not_parse_is_invalid() {
    assert_fault(
        PolicyConfig::new().allow_origin_regexes(["https://a\\.test", "https://("]),
        invalid(
            "allow_origin_regexes[1]: `https://(` is invalid: not a valid regular expression: unclosed group",
        ),
    );
    // A regular expression may contain commas and spaces.
    assert_fault(
        PolicyConfig::new().allow_origin_regexes(["(a, b"]),
        invalid(
            "allow_origin_regexes[0]: `(a, b` is invalid: not a valid regular expression: unclosed group",
        ),
    );
}

#[test]
#[cfg(feature = "regex")]
#[cfg_attr(miri, ignore = "compiles to the limit, which takes Miri too long")]
fn regular_expressions_that_grow_too_large_are_invalid() {
    assert_fault(
        PolicyConfig::new().allow_origin_regexes(["https://(.{1,100}){1,100}"]),
        invalid(
            "allow_origin_regexes: invalid: the regular expressions together compile to more than 1 MiB; use smaller repetition counts",
        ),
    );
}

#[test]
#[cfg(feature = "regex")]
fn faults_of_other_items_are_reported_with_any_origin() {
    let config = origins(["*"]).allow_origin_regexes(["("]);
    let error = config.build().unwrap_err();
    let settings = error.faults().iter().map(Fault::setting);
    assert!(settings.eq([Setting::AllowOrigins, Setting::AllowOriginRegexes].map(Some)));
}

#[test]
fn a_static_origin_is_the_only_rule_for_origins() {
    let valid = || origins(["https://example.com"]).static_origin(true);
    assert!(valid().build().unwrap().is_static());
    assert!(valid().allow_credentials(true).build().is_ok());
    assert!(valid().allow_methods(["*"]).build().is_ok());
    let with_any = |config: PolicyConfig| config.allow_credentials(true).allow_methods(["*"]);
    for config in [
        valid().allow_origin("https://example.org"),
        origins(["https://*.example.com"]).static_origin(true),
        origins(["https://example.com:*"]).static_origin(true),
        origins(["*"]).static_origin(true),
        PolicyConfig::new().lookup_origins(true).static_origin(true),
        valid().lookup_origins(true),
        valid().allow_origins_if(|_| true),
        valid().allow_origins_in(TENANT),
        valid().guard(Guard::All),
        valid()
            .allow_credentials(true)
            .allow_others_without_credentials(true),
        with_any(valid()),
        valid().allow_credentials(true).allow_headers(["*"]),
    ] {
        let error = config.clone().build().unwrap_err();
        let [fault] = error.faults() else {
            panic!("{error}: {config:?}");
        };
        assert_eq!(fault.setting(), Some(Setting::StaticOrigin));
    }
    // Any method would be echoed, which is a fault.
    let any = valid().allow_credentials(true).allow_methods(["ANY"]);
    assert_eq!(fault(any).suggestion(), None);
    assert_eq!(
        fault(valid().allow_methods(["ANY"])).suggestion(),
        Some("*")
    );
    // An invalid pattern is one fault, not two.
    let error = origins(["example.com"]).static_origin(true).build();
    let error = error.unwrap_err();
    assert_eq!(error.faults().len(), 1, "{error}");
    #[cfg(feature = "regex")]
    assert!(
        valid()
            .allow_origin_regexes(["https://example\\.org"])
            .build()
            .is_err()
    );
}

#[test]
fn others_without_credentials_need_a_list_with_credentials() {
    let config = || origins(["https://example.com"]).allow_others_without_credentials(true);
    assert!(config().allow_credentials(true).build().is_ok());
    assert_fault(
        config(),
        invalid(
            "allow_others_without_credentials: `true` is invalid: it requires allow_credentials; to allow any origin without \
             credentials, list `*` in allow_origins",
        ),
    );
    let refusing = config().allow_credentials(true);
    assert_fault(
        refusing.guard(Guard::All),
        invalid(
            "allow_others_without_credentials: `true` is invalid: the guard `all` rejects the origins that this setting allows; \
             remove one of the two, or set guard to `unsafe-methods`",
        ),
    );
    let any = origins(["*"])
        .allow_credentials(true)
        .allow_others_without_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true);
    let error = any.build().unwrap_err();
    assert_eq!(error.faults().len(), 1, "{error}");
}
