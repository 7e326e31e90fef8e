use crate::decision::Decision;
use crate::guard;
use crate::policy::{GuardRules, OriginStatus, Policy};
use crate::request::RequestParts;
use crate::response::ResponseHeaders;

/// 403 (Forbidden), for a preflight.
const FORBIDDEN: u16 = 403;

/// 503 (Service Unavailable).
const UNAVAILABLE: u16 = 503;

/// Applies a policy to a request, and returns what the server must do.
///
/// ```
/// use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// match evaluate(&policy, &request) {
///     Decision::Forward { headers } => println!("run the application, then apply {headers:?} to its response"),
///     Decision::Respond { status, headers } => println!("respond with {status} and {headers:?}"),
/// }
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
///
/// # What each request gets
///
/// | request | origin | decision | headers |
/// |---|---|---|---|
/// | any, with a host that is not [served](crate::PolicyConfig::allow_hosts) | any | Respond 421 | `Cache-Control: no-store` |
/// | any | any, in a [static policy](Policy::is_static) | as for an allowed origin | the same, whatever `Origin` is; no `Vary` |
/// | non-CORS | - | Forward | `Timing-Allow-Origin` with the exact origins, [if they are few](crate::PolicyConfig::timing_allow_origin); `Vary: Origin` |
/// | actual | allowed | Forward | `Allow-Origin`, `Allow-Credentials`, `Expose-Headers`, `Timing-Allow-Origin`; `Vary: Origin` |
/// | actual | denied | Forward | `Vary: Origin` |
/// | actual or non-CORS | rejected by the [guard](crate::PolicyConfig::guard) | Respond 403 | `Vary: Origin`, `Cache-Control: no-store` |
/// | preflight | allowed | Respond 204 | `Allow-Origin`, `Allow-Credentials`, `Allow-Methods`, `Allow-Headers`, `Max-Age`, `Allow-Private-Network`; `Vary` |
/// | preflight | denied | Respond 403 | `Vary: Origin` |
/// | actual | denied, and the policy [allows others without credentials](crate::PolicyConfig::allow_others_without_credentials) | Forward | `Allow-Origin: *`, `Expose-Headers`, `Timing-Allow-Origin`; `Vary: Origin` |
/// | preflight | denied, and the policy allows others without credentials | Respond 204 | as for an allowed origin, without credentials: `*` instead of an echo |
/// | any | undecided, because no lookup was made or begun | as for a denied origin | also `Cache-Control: no-store` |
/// | actual | undecided, because a lookup failed or timed out | Forward; Respond 503 if the guard checks the request | as for a denied origin, and `Cache-Control: no-store`; with 503, `Retry-After: 1` |
/// | preflight | undecided, because a lookup failed or timed out | Respond 503 | `Vary: Origin`, `Cache-Control: no-store`, `Retry-After: 1` |
///
/// The response to a preflight lists every method and header that is allowed, whatever this request asks for. The browser compares
/// the request with the list, caches one response for many requests, and shows the missing method or header in its console.
///
/// Fetch: [HTTP requests](https://fetch.spec.whatwg.org/#http-requests) and
/// [HTTP responses](https://fetch.spec.whatwg.org/#http-responses) of the CORS protocol,
/// [CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
///
/// # Lifetimes
///
/// A decision borrows the policy and the bytes of the request, but not the [`RequestParts`]. A function can create the parts and return
/// the decision:
///
/// ```
/// use omnicors_core::{Decision, Policy, RequestParts, evaluate};
///
/// fn decide<'a>(policy: &'a Policy, method: &'a str, origin: &'a [u8]) -> Decision<'a> {
///     evaluate(policy, &RequestParts::new(method).origin(origin))
/// }
/// ```
#[must_use]
#[inline]
pub fn evaluate<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Decision<'a> {
    // Only the path of most requests is inlined here, so that the decision is created in the memory of the caller.
    if request.is_preflight() {
        return evaluate_preflight(policy, request);
    }
    let status = if request.is_without_origin() {
        OriginStatus::Absent
    } else {
        origin_status(policy, request)
    };
    if let Some(rules) = &policy.guard {
        if let Some(decision) = reject(policy, rules, request, status) {
            return decision;
        }
    }
    Decision::Forward {
        headers: ResponseHeaders::new(policy, request, status),
    }
}

fn evaluate_preflight<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Decision<'a> {
    if let Some(decision) = misdirected(policy, request) {
        return decision;
    }
    let status = origin_status(policy, request);
    if !policy.forward_preflights && guard::is_failure(status, request) {
        return respond_to_failure(policy, request);
    }
    let headers = ResponseHeaders::of_preflight(policy, request, status);
    if policy.forward_preflights {
        return Decision::Forward { headers };
    }
    let is_allowed = status == OriginStatus::Allowed || policy.origins.allow_others;
    let status = if is_allowed {
        policy.preflight_status
    } else {
        FORBIDDEN
    };
    Decision::Respond { status, headers }
}

#[inline]
fn origin_status(policy: &Policy, request: &RequestParts<'_>) -> OriginStatus {
    if policy.is_static() {
        OriginStatus::Allowed
    } else {
        policy.origin_status(request)
    }
}

/// Returns the decision about a request that is not a preflight and that the guard rejects. Returns `None` if the request passes, or if
/// the guard only reports.
#[inline(never)]
fn reject<'a>(
    policy: &'a Policy,
    rules: &GuardRules,
    request: &RequestParts<'a>,
    status: OriginStatus,
) -> Option<Decision<'a>> {
    // In a function of its own, because most requests are from a listed origin, and nothing else is checked. An opaque origin can be
    // allowed and not listed.
    if status == OriginStatus::Allowed
        && rules.hosts.is_empty()
        && !policy.dangerously_allow_opaque_origins()
    {
        return None;
    }
    reject_checked(policy, rules, request, status)
}

#[inline(never)]
fn reject_checked<'a>(
    policy: &'a Policy,
    rules: &GuardRules,
    request: &RequestParts<'a>,
    status: OriginStatus,
) -> Option<Decision<'a>> {
    if let Some(decision) = misdirected(policy, request) {
        return Some(decision);
    }
    // First, because this reads no other field. The origin passes whatever they are.
    if status.is_of_listed(request.origin_field()) {
        return None;
    }
    let rejection = guard::check_origin(rules, request, status).err()?;
    if rules.report_only {
        return None;
    }
    if guard::is_failure(status, request) {
        return Some(respond_to_failure(policy, request));
    }
    Some(Decision::Respond {
        status: rejection.status(),
        headers: ResponseHeaders::of_rejection(policy, request, status),
    })
}

/// Returns the decision about a request for a host that is not served.
fn misdirected<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Option<Decision<'a>> {
    let rules = policy.guard.as_deref().filter(|rules| !rules.report_only)?;
    let rejection = guard::rejection_of_host(rules, request)?;
    Some(Decision::Respond {
        status: rejection.status(),
        headers: ResponseHeaders::of_misdirected(policy, request),
    })
}

#[cold]
fn respond_to_failure<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Decision<'a> {
    Decision::Respond {
        status: UNAVAILABLE,
        headers: ResponseHeaders::of_failure(policy, request),
    }
}
