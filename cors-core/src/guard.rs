//! Decides whose requests are run: see [`PolicyConfig::guard`](crate::PolicyConfig::guard).

use crate::policy::{GuardRules, OriginStatus, Policy};
use crate::rejection::Rejection;
use crate::request::{LookupResult, RequestField, RequestParts, SingleField};

/// Returns why the request of a decision is rejected, or would be without `guard_report_only`. `status` is the one that the decision was
/// made with: a predicate or a set that is asked again may say something else.
pub(crate) fn rejection(
    policy: &Policy,
    request: &RequestParts<'_>,
    status: OriginStatus,
) -> Option<Rejection> {
    let rules = policy.guard.as_deref()?;
    rejection_of_host(rules, request).or_else(|| {
        if request.is_preflight() {
            return None;
        }
        // The response is a 503, which is not a rejection.
        let is_failure = is_failure(status, request);
        let rejection = check_origin(rules, request, status).err();
        rejection.filter(|_| !is_failure)
    })
}

/// Returns true if the origin could not be looked up.
#[inline]
pub(crate) fn is_failure(status: OriginStatus, request: &RequestParts<'_>) -> bool {
    let result = request.known_lookup_result();
    status == OriginStatus::Undecided && result.is_some_and(LookupResult::is_failure)
}

/// Returns why the host of a request is not served.
pub(crate) fn rejection_of_host(
    rules: &GuardRules,
    request: &RequestParts<'_>,
) -> Option<Rejection> {
    if rules.serves_host_of(request) {
        return None;
    }
    Some(match request.host() {
        SingleField::Absent => Rejection::HostMissing,
        SingleField::Repeated => Rejection::HostAmbiguous,
        SingleField::Once(_) => Rejection::HostNotListed,
    })
}

/// Why a request passes the check of its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// The guard does not check such requests.
    NotChecked,
    /// A page of the server itself, or the user, has sent the request.
    SameOrigin,
    /// The policy lists the origin.
    Listed,
    /// The origin may send navigations.
    Navigation,
    /// The request has neither `Sec-Fetch-Site` nor `Origin`.
    NoOrigin,
    /// The request has no `Sec-Fetch-Site`, and its origin has the host of the request.
    OfHost,
}

/// Returns why a request that is not a preflight passes, or why it is rejected. `status` is whether the policy allows the origin.
pub(crate) fn check_origin(
    rules: &GuardRules,
    request: &RequestParts<'_>,
    status: OriginStatus,
) -> Result<Pass, Rejection> {
    let origin = request.origin_field();
    // First, because most requests have a safe method.
    if !rules.checked.checks(
        request.method(),
        origin != SingleField::Absent,
        request.fields_read(),
    ) {
        return Ok(Pass::NotChecked);
    }
    let site = request.site();
    if let SingleField::Once(b"same-origin" | b"none") = site {
        return Ok(Pass::SameOrigin);
    }
    if status.is_of_listed(origin) {
        return Ok(Pass::Listed);
    }
    if site != SingleField::Absent {
        return if is_allowed_navigation(rules, request, origin) {
            Ok(Pass::Navigation)
        } else {
            Err(Rejection::OriginNotListed)
        };
    }
    // Over plain http, and from older browsers.
    match origin {
        SingleField::Absent | SingleField::Once(b"") => Ok(Pass::NoOrigin),
        _ if request.has_origin_of_host() => Ok(Pass::OfHost),
        _ => Err(Rejection::OriginNotHost),
    }
}

fn is_allowed_navigation(
    rules: &GuardRules,
    request: &RequestParts<'_>,
    origin: SingleField<'_>,
) -> bool {
    let is_navigation =
        request.single(RequestField::SecFetchMode) == SingleField::Once(b"navigate");
    is_navigation
        && origin
            .once()
            .is_some_and(|origin| rules.navigations.contains(origin))
}
