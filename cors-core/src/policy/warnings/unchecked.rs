//! Finds wildcards that only the Public Suffix List can check. Without it, building a policy cannot find `https://*.co.uk`.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::patterns::{may_be_open, parsed, trusts_listed};
use crate::origin::OriginSet;
use crate::policy::compiled::Policy;
use crate::policy::setting::Setting;
use crate::policy::warning::Warning;

pub(super) fn warn_of_unchecked_wildcards(policy: &Policy, warnings: &mut Vec<Warning>) {
    if cfg!(feature = "public-suffix") {
        return;
    }
    let has_opt_out = policy.dangerously_allow_public_suffix_subdomains;
    let listed = policy
        .origins()
        .filter(|_| trusts_listed(policy) && !has_opt_out);
    let listed = listed.into_iter().flat_map(OriginSet::wildcard_patterns);
    let navigations = policy.allow_navigations_from().filter(|_| !has_opt_out);
    let unchecked = [
        (Setting::AllowOrigins, unchecked_patterns(listed)),
        (Setting::AllowOriginRegexes, unchecked_regexes(policy)),
        (
            Setting::AllowNavigationsFrom,
            unchecked_patterns(navigations),
        ),
    ];
    for (setting, items) in unchecked {
        if !items.is_empty() {
            warnings.push(Warning::UncheckedWildcards { setting, items });
        }
    }
}

fn unchecked_patterns<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    parsed(texts)
        .filter(may_be_open)
        .map(|pattern| pattern.to_string())
        .collect()
}

#[cfg(not(feature = "regex"))]
fn unchecked_regexes(_policy: &Policy) -> Vec<String> {
    Vec::new()
}

#[cfg(feature = "regex")]
fn unchecked_regexes(policy: &Policy) -> Vec<String> {
    if !trusts_listed(policy) || policy.dangerously_allow_any_origin_with_credentials {
        return Vec::new();
    }
    let unchecked = policy
        .origin_regexes()
        .filter(|text| may_have_wildcard(text));
    unchecked.map(String::from).collect()
}

/// Returns true if a regular expression may match hosts that it does not name one by one. An expression that consists only of literal
/// characters, alternatives and a port does not. Returns false for hosts under `localhost`, which have no public suffix.
#[cfg(feature = "regex")]
pub(super) fn may_have_wildcard(text: &str) -> bool {
    const PORTS: [&str; 5] = [r"(:\d+)?", r"(?::\d+)?", r":\d+", r"(:[0-9]+)?", r":[0-9]+"];
    let text = text.strip_suffix('$').unwrap_or(text);
    let without_port = PORTS.iter().find_map(|port| text.strip_suffix(port));
    let text = without_port.unwrap_or(text);
    if text.ends_with(r"\.localhost") && !text.contains(['|', '#']) {
        return false;
    }
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let is_literal = match character {
            // An escaped letter or digit is a class such as `\d`, or a position.
            '\\' => characters
                .next()
                .is_some_and(|escaped| escaped.is_ascii_punctuation()),
            '-' | ':' | '/' | '(' | ')' | '?' | '|' | '^' | '$' => true,
            other => other.is_ascii_alphanumeric(),
        };
        if !is_literal {
            return true;
        }
    }
    false
}

#[cfg(all(test, feature = "regex"))]
mod tests {
    use super::may_have_wildcard;

    #[test]
    fn an_expression_of_literal_hosts_has_no_wildcard() {
        for text in [
            r"https://app\.example\.com",
            r"^https://app\.example\.com$",
            r"https://(app|api)\.example\.(com|co\.uk)(:\d+)?",
            r"(?i)https?://(?:www\.)?example\.co\.uk:[0-9]+",
            r"https://my\-app\.example\.com(?::\d+)?$",
            r"https?://.+\.localhost(:\d+)?",
        ] {
            assert!(!may_have_wildcard(text), "{text}");
        }
        for text in [
            r".+\.co\.uk",
            r"https://.+\.example\.com(:\d+)?",
            r"https://[^.]+\.example\.com",
            r"https://pr-\d+\.example\.com",
            r"https://pr-\d{2}\.example\.com",
            r"https://a*\.example\.com",
            r"https://(.+\.co\.uk|a\.localhost)",
            r"https://.+\.co\.uk|https://a\.localhost",
            "(?x) https://.+\\.co\\.uk # https://a\\.localhost",
            r"https://.+(\.localhost)?",
        ] {
            assert!(may_have_wildcard(text), "{text}");
        }
    }
}
