//! Faults of policies with a guard, and of `allow_navigations_from`.

use alloc::boxed::Box;
use alloc::string::ToString as _;

use super::{assert_fault, config, fault, origins, unsafe_setting};
use crate::policy::{Fault, FaultCause, Guard, PolicyConfig, Setting};
use crate::{RequestParts, evaluate};

const GUARDS: [Guard; 2] = [Guard::UnsafeMethods, Guard::All];

const ANY: Setting = Setting::DangerouslyAllowAnyOriginWithCredentials;
const SUFFIX: Setting = Setting::DangerouslyAllowPublicSuffixSubdomains;

/// Returns the config with an opt-out.
fn permitted(config: PolicyConfig, opt_out: Setting) -> PolicyConfig {
    match opt_out {
        ANY => config.dangerously_allow_any_origin_with_credentials(true),
        SUFFIX => config.dangerously_allow_public_suffix_subdomains(true),
        other => panic!("{other}"),
    }
}

/// Returns true if the guard lets a form of a page run.
fn runs_form_of(config: PolicyConfig, origin: &str) -> bool {
    let policy = config.build().unwrap();
    let fields = [("origin", origin), ("sec-fetch-site", "cross-site")];
    let request = RequestParts::read(&policy, "POST", &fields);
    evaluate(&policy, &request).rejection().is_none()
}

#[test]
fn a_pattern_that_matches_origins_of_anyone_is_unsafe_with_a_guard() {
    for (text, stranger, prints, opt_out) in [
        (
            "https://*.com",
            "https://evil.com",
            "allow_origins[0]: `https://*.com` is unsafe: anyone can register a name under `com` (a public suffix), and would pass the \
             guard, because listed origins do; put a domain that you own after the `*`; to allow it anyway, set \
             `dangerously_allow_public_suffix_subdomains`",
            SUFFIX,
        ),
        (
            "https://dev-*",
            "https://dev-evil",
            "allow_origins[0]: `https://dev-*` is unsafe: anyone can register a name that this pattern allows, and would pass the guard, \
             because listed origins do; put a domain that you own after the `*`; to allow it anyway, set \
             `dangerously_allow_public_suffix_subdomains`",
            SUFFIX,
        ),
        (
            "moz-extension://*",
            "moz-extension://7e3b8d3c",
            "allow_origins[0]: `moz-extension://*` is unsafe: listed origins pass the guard, so every application or extension with the \
             scheme `moz-extension` would pass it; list the origins you trust; to allow it anyway, set \
             `dangerously_allow_any_origin_with_credentials`",
            ANY,
        ),
    ] {
        for guard in GUARDS {
            let config = origins([text]).guard(guard);
            assert_fault(config.clone(), unsafe_setting(prints, Some(opt_out)));
            assert_fault(
                config.clone().guard_report_only(true),
                unsafe_setting(prints, Some(opt_out)),
            );
            // As the fault says.
            assert!(runs_form_of(permitted(config, opt_out), stranger));
        }
        assert!(origins([text]).build().is_ok(), "{text}");
    }
}

#[test]
fn a_fault_with_a_guard_has_the_suggestion_that_it_has_with_credentials() {
    let open = || origins(["https://*example.com"]);
    let with_credentials = fault(open().allow_credentials(true));
    let with_guard = fault(open().guard(Guard::All));
    assert_eq!(with_guard.suggestion(), Some("https://*.example.com"));
    assert_eq!(with_guard.suggestion(), with_credentials.suggestion());
    assert_eq!(with_guard.opt_out(), with_credentials.opt_out());
    let danger = Box::new(with_credentials.cause().clone());
    assert_eq!(with_guard.cause(), &FaultCause::AnyonePassesGuard(danger));
    // With both, the fault is that of credentials, which can be read as well.
    let both = fault(open().guard(Guard::All).allow_credentials(true));
    assert_eq!(both, with_credentials);
    // The text that was probably meant has the same fault.
    let meant = fault(origins(["MOZ-EXTENSION://*"]).guard(Guard::All));
    assert_eq!((meant.suggestion(), meant.opt_out()), (None, Some(ANY)));
}

#[test]
#[cfg(feature = "public-suffix")]
fn a_wildcard_at_a_public_suffix_is_unsafe_with_a_guard() {
    for text in [
        "https://*.co.uk",
        "https://*.github.io",
        "https://*.amazonaws.com",
    ] {
        for guard in GUARDS {
            let config = origins([text]).guard(guard);
            assert_eq!(fault(config.clone()).opt_out(), Some(SUFFIX), "{text}");
            assert!(permitted(config, SUFFIX).build().is_ok(), "{text}");
        }
    }
}

/// These patterns name who may have such an origin. Without credentials, `http` has a warning only, and `null` needs its own opt-out.
#[test]
fn patterns_of_one_owner_are_fine_with_a_guard() {
    for text in [
        "https://app.example.com",
        "https://*.example.com",
        "https://pr-*.example.com:*",
        "http://intranet.example",
        "http://*.intranet.example",
        "http://localhost:*",
        "http://*.localhost:3000",
        "chrome-extension://abcdefghijklmnop",
    ] {
        for guard in GUARDS {
            let config = origins([text]).guard(guard);
            assert!(config.build().is_ok(), "{text}");
        }
    }
}

#[test]
#[cfg(feature = "regex")]
fn a_regular_expression_that_can_match_any_site_is_unsafe_with_a_guard() {
    for (text, stranger, reason) in [
        (
            "https://.*",
            "https://evil.test",
            "it must not match a site that others can register; end it with a host that you own, after `\\.` or `//`, and escape each dot, \
             as in `https://.+\\.example\\.com`",
        ),
        (
            "https://[a-j]{3}\\.com",
            "https://bad.com",
            "each host that it can end with is checked, and there are more than 250 or they cannot be listed; use a simpler expression, or \
             list the origins",
        ),
    ] {
        let with = || PolicyConfig::new().allow_origin_regexes([text]);
        for guard in GUARDS {
            let prints = alloc::format!(
                "allow_origin_regexes[0]: `{text}` is unsafe: listed origins pass the guard, so {reason}; to allow it anyway, set \
                 `dangerously_allow_any_origin_with_credentials`"
            );
            let config = with().guard(guard);
            assert_fault(config.clone(), unsafe_setting(&prints, Some(ANY)));
            assert!(runs_form_of(permitted(config, ANY), stranger), "{text}");
        }
        assert!(with().build().is_ok(), "{text}");
    }
    let own = PolicyConfig::new().allow_origin_regexes([r"https://.+\.example\.com(:\d+)?"]);
    assert!(own.guard(Guard::All).build().is_ok());
}

/// Returns the fault of an entry of `allow_navigations_from`, in a policy with all opt-outs.
fn navigation_fault(text: &str) -> Fault {
    let config = config()
        .guard(Guard::UnsafeMethods)
        .dangerously_allow_opaque_origins(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .dangerously_allow_insecure_origins(true)
        .dangerously_allow_public_suffix_subdomains(true);
    fault(config.allow_navigations_from([text]))
}

#[test]
fn no_opt_out_permits_navigations_of_everyone() {
    for text in [
        "*",
        "moz-extension://*",
        "*://*",
        "MOZ-EXTENSION://*",
        "'*'",
    ] {
        let fault = navigation_fault(text);
        assert!(
            fault.to_string().ends_with(
                "any site could send forms in the name of a visitor; list the origins whose forms are accepted"
            ),
            "{fault}"
        );
        assert_eq!(
            (fault.suggestion(), fault.opt_out()),
            (None, None),
            "{text}"
        );
    }
    for text in [
        "null",
        "file://",
        "NULL",
        "FILE://",
        "file:///home/me/a.html",
    ] {
        let fault = navigation_fault(text);
        assert!(
            fault.to_string().ends_with(
                "any site can send a form with this origin; list the origin of the site, which must not have the referrer policy \
                 `no-referrer`"
            ),
            "{fault}"
        );
        assert_eq!(
            (fault.suggestion(), fault.opt_out()),
            (None, None),
            "{text}"
        );
    }
    // Others are corrected.
    let corrected = navigation_fault("https://Login.example/");
    assert_eq!(corrected.suggestion(), Some("https://login.example"));
    let corrected = navigation_fault("http://*.Login.example");
    assert_eq!(corrected.suggestion(), Some("http://*.login.example"));
}

#[test]
fn a_fault_does_not_suggest_any_origin_where_that_is_a_fault() {
    let any = || origins(["*://*"]);
    assert_eq!(fault(any()).suggestion(), Some("*"));
    for config in [any().guard(Guard::UnsafeMethods), any().guard(Guard::All)] {
        let fault = fault(config);
        assert_eq!(
            (fault.suggestion(), fault.opt_out()),
            (None, None),
            "{fault}"
        );
    }
    // No opt-out permits it either.
    let both = fault(any().guard(Guard::All).allow_credentials(true));
    assert_eq!((both.suggestion(), both.opt_out()), (None, None), "{both}");
}

#[test]
fn a_fault_of_a_static_origin_suggests_only_a_single_origin() {
    for text in [
        "*://*",
        "https://*.Example.com",
        "https://Example.com:*",
        "NULL",
    ] {
        let config = origins([text])
            .static_origin(true)
            .dangerously_allow_opaque_origins(true);
        let fault = fault(config);
        assert_eq!(
            (fault.suggestion(), fault.opt_out()),
            (None, None),
            "{fault}"
        );
    }
    let one = fault(origins(["https://Example.com"]).static_origin(true));
    assert_eq!(one.suggestion(), Some("https://example.com"));
}
