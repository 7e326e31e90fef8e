use alloc::string::ToString;
use alloc::vec::Vec;

use super::compiled::Policy;
use super::faults::PolicyError;
use super::known_names::{misspelled_header, misspelled_method};
use super::names::NameList;
use super::origin_rules::ListedOrigins;
use super::setting::Setting;
use super::warning::{CHROMIUM_MAX_AGE, Warning};
use crate::header::SAFELISTED_RESPONSE_HEADERS;
use crate::method;
use crate::origin::{OriginPattern, OriginSet, has_public_suffixes_below, public_suffix};

impl Policy {
    /// Returns the settings that are valid but probably not intended. Log them when the server starts, or check them in CI. Most
    /// policies have none.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let policy = PolicyConfig::new().allow_origin("http://localhost:3000").build()?;
    /// for warning in policy.warnings() {
    ///     eprintln!("warning: {warning}");
    /// }
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn warnings(&self) -> Vec<Warning> {
        all_warnings(self)
    }

    /// Returns the warnings of a policy without its faulty values. Warnings about settings together could be wrong when the faults are
    /// corrected, so this returns only those about a single name or value.
    pub(super) fn warnings_beside(&self, error: &PolicyError) -> Vec<Warning> {
        let has_fault = |setting| {
            let mut faults = error.faults().iter();
            faults.any(|fault| fault.setting() == Some(setting))
        };
        let is_independent = |warning: &Warning| match warning {
            Warning::RegexWithoutEffect(_)
            | Warning::SafelistedMethod(_)
            | Warning::OptionsMethod
            | Warning::SafelistedResponseHeader(_)
            | Warning::LiteralWildcard { .. }
            | Warning::MisspelledName { .. } => true,
            Warning::MaxAgeAboveChromium(_) => !has_fault(Setting::MaxAge),
            _ => false,
        };
        let mut warnings = all_warnings(self);
        warnings.retain(is_independent);
        warnings
    }
}

fn all_warnings(policy: &Policy) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(listed) = &policy.origins.listed {
        let allows_others = listed.allows_beyond_patterns() || policy.origins.allow_others;
        warn_of_loopback(
            &listed.set,
            allows_others,
            policy.credentials,
            &mut warnings,
        );
        if !policy.credentials {
            warn_of_insecure(&listed.set, &mut warnings);
        }
        warn_of_wildcards(&listed.set, policy.credentials, &mut warnings);
        warn_of_unchecked_wildcards(policy, &listed.set, &mut warnings);
        #[cfg(feature = "regex")]
        if let Some(regexes) = &listed.regexes {
            let allow_opaque = policy.origins.allow_opaque;
            let without_effect = regexes
                .without_effect(allow_opaque)
                .map(ToString::to_string);
            warnings.extend(without_effect.map(Warning::RegexWithoutEffect));
        }
    }
    for method in policy.methods.listed() {
        if method::is_safelisted(method.as_bytes()) {
            warnings.push(Warning::SafelistedMethod(method.to_string()));
        } else if method == "OPTIONS" {
            warnings.push(Warning::OptionsMethod);
        }
    }
    // A request header such as `accept` is safelisted only for some values, so an entry for it is never superfluous:
    // https://fetch.spec.whatwg.org/#cors-safelisted-request-header
    // https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name: `*` does not cover Authorization. An echo does.
    let has_star = !policy.echoes_headers() || policy.origins.allow_others;
    if policy.request_headers.is_any()
        && has_star
        && !policy.request_headers.contains(b"authorization")
    {
        warnings.push(Warning::AnyHeaderWithoutAuthorization);
    }
    for name in policy
        .expose_headers
        .listed()
        .filter(|name| SAFELISTED_RESPONSE_HEADERS.contains(name))
    {
        warnings.push(Warning::SafelistedResponseHeader(name.to_string()));
    }
    warn_of_literal_wildcards(policy, &mut warnings);
    warn_of_misspelled_names(policy, &mut warnings);
    warn_of_missing_content_type(policy, &mut warnings);
    if let Some(seconds) = policy
        .max_age()
        .map(|age| age.as_secs())
        .filter(|seconds| *seconds > CHROMIUM_MAX_AGE)
    {
        warnings.push(Warning::MaxAgeAboveChromium(seconds));
    }
    warn_of_guard(policy, &mut warnings);
    warn_of_opt_outs(policy, &mut warnings);
    warnings
}

fn warn_of_literal_wildcards(policy: &Policy, warnings: &mut Vec<Warning>) {
    let lists = [
        (Setting::AllowMethods, &policy.methods),
        (Setting::AllowHeaders, &policy.request_headers),
        (Setting::ExposeHeaders, &policy.expose_headers),
    ];
    for (setting, list) in lists {
        let names = list
            .listed()
            .filter(|name| *name != "*" && name.contains('*'));
        warnings.extend(names.map(|name| Warning::LiteralWildcard {
            setting,
            name: name.to_string(),
        }));
    }
}

fn warn_of_misspelled_names(policy: &Policy, warnings: &mut Vec<Warning>) {
    type Misspelled = fn(&str) -> Option<&'static str>;
    let lists: [(Setting, &NameList, Misspelled); 3] = [
        (Setting::AllowMethods, &policy.methods, misspelled_method),
        (
            Setting::AllowHeaders,
            &policy.request_headers,
            misspelled_header,
        ),
        (
            Setting::ExposeHeaders,
            &policy.expose_headers,
            misspelled_header,
        ),
    ];
    for (setting, list, misspelled) in lists {
        for name in list.listed() {
            // If the well-known name is listed as well, both are intended.
            let meant = misspelled(name).filter(|meant| !list.contains(meant.as_bytes()));
            warnings.extend(meant.map(|meant| Warning::MisspelledName {
                setting,
                name: name.to_string(),
                meant,
            }));
        }
    }
}

/// `POST` does not count: it is always allowed, so a policy may be intended for forms or for reading only.
fn warn_of_missing_content_type(policy: &Policy, warnings: &mut Vec<Warning>) {
    let headers = &policy.request_headers;
    if headers.is_any() || headers.contains(b"content-type") {
        return;
    }
    let mut with_body = policy
        .methods
        .listed()
        .filter(|method| matches!(*method, "PUT" | "PATCH" | "QUERY"));
    let first = with_body.next().map(ToString::to_string);
    warnings.extend(first.map(Warning::MethodWithoutContentType));
}

fn warn_of_guard(policy: &Policy, warnings: &mut Vec<Warning>) {
    if !policy.guard().is_off() {
        let opaque = opaque_origins(policy).map(ToString::to_string);
        warnings.extend(opaque.map(Warning::OpaqueOriginWithGuard));
        return;
    }
    let rejects_hosts = policy.allow_hosts().next().is_some();
    if policy.guard_report_only() && !rejects_hosts {
        warnings.push(Warning::NeedsGuard(Setting::GuardReportOnly));
    }
    if policy.allow_navigations_from().next().is_some() {
        warnings.push(Warning::NeedsGuard(Setting::AllowNavigationsFrom));
    }
}

/// Returns the exact origins of the policy that are opaque.
fn opaque_origins(policy: &Policy) -> impl Iterator<Item = &str> {
    let listed = policy.origins.listed.iter();
    let opaque = ["null", "file://"].into_iter();
    opaque.filter(move |origin| {
        let mut listed = listed.clone();
        listed.any(|listed| listed.set.contains_exact(origin.as_bytes()))
    })
}

fn patterns(set: &OriginSet) -> impl Iterator<Item = OriginPattern<'_>> {
    // All patterns parsed when the policy was built.
    set.patterns()
        .filter_map(|text| OriginPattern::parse(text).ok())
}

fn warn_of_loopback(
    set: &OriginSet,
    allows_others: bool,
    credentials: bool,
    warnings: &mut Vec<Warning>,
) {
    let is_local = |pattern: &OriginPattern<'_>| is_page_of_this_machine(pattern, set);
    if !allows_others && patterns(set).all(|pattern| is_local(&pattern)) {
        warnings.push(Warning::OnlyLoopbackOrigins);
    } else if credentials {
        let first = patterns(set).find(is_local);
        warnings
            .extend(first.map(|first| Warning::LoopbackOriginWithCredentials(first.to_string())));
    }
}

/// Returns true if the origin belongs to pages served from this machine. Installed applications use such origins as well: those of
/// Tauri, and, together with a custom scheme, those of Capacitor, Ionic and Cordova. They are not pages served from this machine.
fn is_page_of_this_machine(pattern: &OriginPattern<'_>, set: &OriginSet) -> bool {
    let is_of_application = match pattern.as_str() {
        "http://tauri.localhost" | "https://tauri.localhost" => true,
        "http://localhost" | "https://localhost" => {
            let own = [
                "capacitor://localhost",
                "ionic://localhost",
                "app://localhost",
            ];
            own.iter().any(|own| set.contains_exact(own.as_bytes()))
        }
        _ => false,
    };
    pattern.is_loopback() && !is_of_application
}

fn is_insecure(pattern: &OriginPattern<'_>) -> bool {
    !pattern.is_potentially_trustworthy() && !pattern.is_opaque()
}

fn warn_of_insecure(set: &OriginSet, warnings: &mut Vec<Warning>) {
    let mut insecure = patterns(set).filter(is_insecure);
    if let Some(first) = insecure.next() {
        warnings.push(Warning::InsecureOrigins {
            first: first.to_string(),
            count: 1 + insecure.count(),
        });
    }
}

/// Returns true if anyone can register a name that the pattern allows.
fn is_open(pattern: &OriginPattern<'_>) -> bool {
    pattern.wildcard_parent().is_some_and(|parent| {
        public_suffix(parent).is_some()
            || pattern.has_leading_wildcard() && has_public_suffixes_below(parent)
    })
}

fn warn_of_wildcards(set: &OriginSet, credentials: bool, warnings: &mut Vec<Warning>) {
    let wild: Vec<_> = set
        .wildcard_patterns()
        .filter_map(|text| OriginPattern::parse(text).ok())
        .collect();
    if !credentials {
        // With credentials, these are faults.
        for pattern in &wild {
            if is_open(pattern) && !pattern.is_loopback() {
                warnings.push(Warning::OpenWildcard(pattern.to_string()));
            }
        }
    }
    warn_of_covered(set, &wild, warnings);
}

/// Without the Public Suffix List, building a policy cannot find a wildcard such as `https://*.co.uk`.
fn warn_of_unchecked_wildcards(policy: &Policy, set: &OriginSet, warnings: &mut Vec<Warning>) {
    if cfg!(feature = "public-suffix")
        || !policy.credentials
        || policy.dangerously_allow_public_suffix_subdomains
    {
        return;
    }
    let unchecked: Vec<_> = set
        .wildcard_patterns()
        .filter_map(|text| OriginPattern::parse(text).ok())
        .filter(|pattern| pattern.wildcard_parent().is_some() && !pattern.is_loopback())
        .map(|pattern| pattern.to_string())
        .collect();
    if !unchecked.is_empty() {
        warnings.push(Warning::UncheckedWildcards(unchecked));
    }
}

/// Warns of patterns that other patterns cover. Exact origins are looked up in the set. Patterns with a wildcard are compared in
/// pairs, so only the first 1000 are compared.
fn warn_of_covered(set: &OriginSet, wild: &[OriginPattern<'_>], warnings: &mut Vec<Warning>) {
    const MOST: usize = 1000;
    if wild.is_empty() {
        return;
    }
    let exact = patterns(set).filter_map(|pattern| pattern.origin());
    let covered = exact.filter_map(|origin| {
        let (pattern, by) = (origin.to_string(), set.wildcard_that_allows(&origin)?);
        Some(Warning::CoveredPattern { pattern, by })
    });
    warnings.extend(covered.take(MOST));
    let wild = wild.get(..MOST).unwrap_or(wild);
    for pattern in wild {
        let covers = |other: &&OriginPattern<'_>| {
            other.as_str() != pattern.as_str() && other.covers(pattern)
        };
        if let Some(by) = wild.iter().find(covers) {
            let (pattern, by) = (pattern.to_string(), by.to_string());
            warnings.push(Warning::CoveredPattern { pattern, by });
        }
    }
}

/// Returns true if a regular expression needs the opt-out for any origin with credentials.
fn has_regex_for_any_site(policy: &Policy) -> bool {
    #[cfg(feature = "regex")]
    if policy.dangerously_allow_any_origin_with_credentials {
        return policy.origins.has_regex_for_any_site();
    }
    let _ = policy;
    false
}

fn warn_of_opt_outs(policy: &Policy, warnings: &mut Vec<Warning>) {
    let listed = policy.origins.listed.as_ref();
    let any_origin = listed.is_none();
    let allows_beyond_patterns = listed.is_some_and(ListedOrigins::allows_beyond_patterns);
    let credentials = policy.credentials;
    let one_is = |check: &dyn Fn(&OriginPattern<'_>) -> bool| {
        policy
            .origins()
            .is_some_and(|set| patterns(set).any(|pattern| check(&pattern)))
    };
    // Without the Public Suffix List, any wildcard may need the opt-out.
    let may_be_under_suffix = |pattern: &OriginPattern<'_>| {
        let is_open = if cfg!(feature = "public-suffix") {
            is_open(pattern)
        } else {
            pattern.wildcard_parent().is_some()
        };
        is_open && !pattern.is_loopback()
    };
    // A setting that is off needs nothing, so the patterns are not parsed for it.
    let unused = [
        (
            Setting::DangerouslyAllowOpaqueOrigins,
            policy.origins.allow_opaque
                && !((any_origin && credentials)
                    || allows_beyond_patterns
                    || one_is(&|pattern| pattern.is_opaque())),
        ),
        (
            Setting::DangerouslyAllowAnyOriginWithCredentials,
            policy.dangerously_allow_any_origin_with_credentials
                && !(credentials
                    && (any_origin
                        || has_regex_for_any_site(policy)
                        || one_is(&|pattern| pattern.any_host_scheme().is_some()))),
        ),
        (
            Setting::DangerouslyAllowInsecureOrigins,
            policy.origins.allow_insecure
                && !(credentials
                    && (allows_beyond_patterns || one_is(&|pattern| is_insecure(pattern)))),
        ),
        (
            Setting::DangerouslyAllowPublicSuffixSubdomains,
            policy.dangerously_allow_public_suffix_subdomains
                && !(credentials && one_is(&may_be_under_suffix)),
        ),
    ];
    for (name, is_unused) in unused {
        if is_unused {
            warnings.push(Warning::UnusedOptOut(name));
        }
    }
}

#[cfg(test)]
mod tests;
