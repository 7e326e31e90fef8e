//! Warnings of wildcards that the Public Suffix List did not check.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{origins, warnings};
use crate::policy::{Guard, PolicyConfig, Setting, Warning};

/// Returns the settings and items of the warnings, of which there are none with the Public Suffix List.
fn unchecked(config: PolicyConfig) -> Vec<(Setting, Vec<String>)> {
    let unchecked = warnings(config)
        .into_iter()
        .filter_map(|warning| match warning {
            Warning::UncheckedWildcards { setting, items } => Some((setting, items)),
            _ => None,
        });
    unchecked.collect()
}

#[track_caller]
fn assert_unchecked(config: &PolicyConfig, setting: Setting, items: &[&str]) {
    let items = items.iter().map(ToString::to_string).collect();
    let mut expected = Vec::from([(setting, items)]);
    if cfg!(feature = "public-suffix") {
        expected.clear();
    }
    assert_eq!(unchecked(config.clone()), expected, "{config:?}");
}

#[test]
fn the_warning_of_unchecked_wildcards_says_where_they_are() {
    for (setting, items, prints) in [
        (
            Setting::AllowNavigationsFrom,
            &["https://*.example.com", "https://pr-*.example.org:*"][..],
            "these wildcards in allow_navigations_from were not checked against the Public Suffix List: `https://*.example.com`, \
             `https://pr-*.example.org:*`; enable the feature `public-suffix`, which makes a wildcard such as `https://*.co.uk` a \
             fault here",
        ),
        (
            Setting::AllowOriginRegexes,
            &["https://.+\n"],
            r"these wildcards in allow_origin_regexes were not checked against the Public Suffix List: `https://.+\n`; enable the feature `public-suffix`, which makes an expression such as `https://.+\.co\.uk` a fault here",
        ),
    ] {
        let items = items.iter().map(ToString::to_string).collect();
        let warning = Warning::UncheckedWildcards { setting, items };
        assert_eq!(warning.to_string(), prints);
    }
}

#[test]
fn unchecked_wildcards_have_a_warning_with_credentials_or_a_guard() {
    let patterns = ["https://*.example.com", "https://pr-*.example.org:*"];
    let beside_others =
        || origins(["https://example.net", "https://*.localhost"]).allow_origins(patterns);
    for config in [
        beside_others().allow_credentials(true),
        beside_others().guard(Guard::UnsafeMethods),
    ] {
        assert_unchecked(&config, Setting::AllowOrigins, &patterns);
        let permitted = config.dangerously_allow_public_suffix_subdomains(true);
        assert_eq!(unchecked(permitted), []);
    }
    assert_eq!(unchecked(beside_others()), []);
    for checked in [
        origins(["https://example.com", "https://*.localhost"]),
        origins([
            "chrome-extension://abcdefghijklmnop",
            "https://example.com:*",
        ]),
    ] {
        let checked = checked.allow_credentials(true);
        assert_eq!(unchecked(checked.clone()), [], "{checked:?}");
    }
}

/// With the list, this wildcard is a fault.
#[cfg(not(feature = "public-suffix"))]
#[test]
fn a_navigation_that_was_not_checked_has_a_warning() {
    let config = origins(["https://example.com"])
        .guard(Guard::UnsafeMethods)
        .allow_navigations_from(["https://login.example", "https://*.co.uk"]);
    let items = ["https://*.co.uk"];
    assert_unchecked(&config, Setting::AllowNavigationsFrom, &items);
    let permitted = config.dangerously_allow_public_suffix_subdomains(true);
    assert_eq!(warnings(permitted), []);
}

#[cfg(feature = "regex")]
#[test]
fn an_expression_that_was_not_checked_has_a_warning() {
    let own = r"https://.+\.example\.com";
    let config = || {
        let literal = r"https://(app|api)\.example\.com(:\d+)?";
        PolicyConfig::new().allow_origin_regexes([literal, own])
    };
    for trusting in [
        config().allow_credentials(true),
        config().guard(Guard::UnsafeMethods),
    ] {
        assert_unchecked(&trusting, Setting::AllowOriginRegexes, &[own]);
        let permitted = trusting.dangerously_allow_any_origin_with_credentials(true);
        assert_eq!(unchecked(permitted), []);
    }
    assert_eq!(unchecked(config()), []);
}
