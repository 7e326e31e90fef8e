//! Warnings of opt-outs that nothing needs.

use alloc::vec::Vec;

use super::{assert_warning, config, origins, warnings};
use crate::policy::{Guard, PolicyConfig, Setting, Warning};

const NULL: Setting = Setting::DangerouslyAllowOpaqueOrigins;
const ANY: Setting = Setting::DangerouslyAllowAnyOriginWithCredentials;
const INSECURE: Setting = Setting::DangerouslyAllowInsecureOrigins;
const SUFFIX: Setting = Setting::DangerouslyAllowPublicSuffixSubdomains;

#[test]
fn an_unused_opt_out_has_a_warning() {
    let all = |config: PolicyConfig| {
        config
            .dangerously_allow_opaque_origins(true)
            .dangerously_allow_any_origin_with_credentials(true)
            .dangerously_allow_insecure_origins(true)
            .dangerously_allow_public_suffix_subdomains(true)
    };
    let needless = |config: PolicyConfig| -> Vec<Setting> {
        warnings(all(config))
            .into_iter()
            .filter_map(|warning| match warning {
                Warning::UnusedOptOut(name) => Some(name),
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
        // A lookup may be asked about insecure origins.
        (
            PolicyConfig::new()
                .lookup_origins(true)
                .allow_credentials(true),
            &[ANY, SUFFIX],
        ),
        (
            origins(["https://*.com"]).allow_credentials(true),
            &[NULL, ANY, INSECURE],
        ),
    ] {
        assert_eq!(needless(config.clone()), unused, "{config:?}");
    }
    // With a guard, these patterns need the same opt-outs as with credentials, except for insecure ones.
    for (config, unused) in [
        (origins(["https://*.com"]), &[NULL, ANY, INSECURE][..]),
        (origins(["moz-extension://*"]), &[NULL, INSECURE, SUFFIX]),
        (origins(["http://a.test"]), &[NULL, ANY, INSECURE, SUFFIX]),
    ] {
        let config = config.guard(Guard::UnsafeMethods);
        assert_eq!(needless(config.clone()), unused, "{config:?}");
    }
    // A navigation needs the same opt-outs as an origin with credentials, whatever the guard is.
    for guard in [Guard::Off, Guard::UnsafeMethods] {
        for (pattern, unused) in [
            ("https://login.example", &[NULL, ANY, INSECURE, SUFFIX][..]),
            ("http://login.example", &[NULL, ANY, SUFFIX]),
            ("https://*.com", &[NULL, ANY, INSECURE]),
            ("http://*.com", &[NULL, ANY]),
        ] {
            let config = config().guard(guard).allow_navigations_from([pattern]);
            assert_eq!(needless(config.clone()), unused, "{config:?}");
            // As the warnings say: the others are needed.
            if unused.len() < 4 {
                assert!(config.build().is_err(), "{pattern}");
            }
        }
    }
    // The Public Suffix List is necessary to know that this pattern does not need the opt-out.
    let own = origins(["https://*.example.com"]).allow_credentials(true);
    assert_eq!(
        needless(own).contains(&SUFFIX),
        cfg!(feature = "public-suffix")
    );
    assert_warning(
        config().dangerously_allow_opaque_origins(true),
        Warning::UnusedOptOut(NULL),
        "dangerously_allow_opaque_origins can be left out: nothing in the policy needs it",
    );
}

#[cfg(feature = "regex")]
#[test]
fn an_expression_can_need_the_opt_out_for_any_origin() {
    let is_needless = |text: &str, config: PolicyConfig| {
        let config = config
            .allow_origin_regexes([text])
            .dangerously_allow_any_origin_with_credentials(true);
        warnings(config).contains(&Warning::UnusedOptOut(ANY))
    };
    for trusting in [
        config().allow_credentials(true),
        config().guard(Guard::UnsafeMethods),
    ] {
        assert!(!is_needless("https://.*", trusting.clone()));
        assert!(is_needless(r"https://app\.example\.com", trusting.clone()));
        // The Public Suffix List is necessary to know that this expression does not need the opt-out.
        let is_known = is_needless(r"https://.+\.example\.com", trusting);
        assert_eq!(is_known, cfg!(feature = "public-suffix"));
    }
    assert!(is_needless("https://.*", config()));
}
