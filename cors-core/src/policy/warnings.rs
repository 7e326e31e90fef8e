//! Finds settings that are valid but probably not intended.

mod of_origins;
mod opt_outs;
mod patterns;
mod unchecked;

use alloc::string::ToString;
use alloc::vec::Vec;

use self::of_origins::warn_of_origins;
use self::opt_outs::warn_of_opt_outs;
use super::check_names::is_request_header_to_list;
use super::compiled::Policy;
use super::faults::PolicyError;
use super::guard::Guard;
use super::known_names::{misspelled_header, misspelled_method};
use super::names::NameList;
use super::setting::Setting;
use super::warning::{CHROMIUM_MAX_AGE, Warning};
use crate::header::SAFELISTED_RESPONSE_HEADERS;
use crate::method;
use crate::origin::OriginSet;

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
    warn_of_origins(policy, &mut warnings);
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
        (Setting::AllowHeaders, &policy.request_headers, |name| {
            misspelled_header(name).filter(|meant| is_request_header_to_list(meant))
        }),
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
    let reports = policy.guard_report_only() && !rejects_hosts;
    let has_navigations = policy.allow_navigations_from().next().is_some();
    if !reports && !has_navigations {
        return;
    }
    let guards = possible_guards(policy);
    let settings = [
        (Setting::GuardReportOnly, reports),
        (Setting::AllowNavigationsFrom, has_navigations),
    ];
    for (setting, _) in settings.into_iter().filter(|(_, is_set)| *is_set) {
        let guards = guards.clone();
        warnings.push(Warning::NeedsGuard { setting, guards });
    }
}

/// Returns the values of the guard that are not a fault in the policy, without `off`.
fn possible_guards(policy: &Policy) -> Vec<Guard> {
    let is_possible = |guard: &Guard| {
        // No guard makes an exact origin a fault. One is enough to have a policy that lists origins.
        let few = |set| {
            OriginSet::exact_patterns(set)
                .take(1)
                .chain(set.wildcard_patterns())
        };
        let config = policy.config_with(policy.origins().map(few).into_iter().flatten());
        config.guard(*guard).build().is_ok()
    };
    let guards = [Guard::UnsafeMethods, Guard::All];
    guards.into_iter().filter(is_possible).collect()
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

#[cfg(test)]
mod tests;
