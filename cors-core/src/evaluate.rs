use crate::decision::Decision;
use crate::policy::{OriginStatus, Policy};
use crate::request::RequestParts;
use crate::response::ResponseHeaders;

/// The status of a response instead of which the application does not run.
const FORBIDDEN: u16 = 403;

/// Decides what a server must do with a request, and which headers its response gets.
///
/// | request | origin | decision | headers |
/// |---|---|---|---|
/// | any | any, in a [static policy](Policy::is_static) | as for an allowed origin | the same, whatever `Origin` is; no `Vary` |
/// | non-CORS | - | Forward | `Vary: Origin` |
/// | actual | allowed | Forward | `Allow-Origin`, `Allow-Credentials`, `Expose-Headers`, `Timing-Allow-Origin`; `Vary: Origin` |
/// | actual | denied | Forward | `Vary: Origin` |
/// | actual | denied, and the policy refuses those | Respond 403 | `Vary: Origin`, `Cache-Control: no-store` |
/// | preflight | allowed | Respond 204 | `Allow-Origin`, `Allow-Credentials`, `Allow-Methods`, `Allow-Headers`, `Max-Age`, `Allow-Private-Network`; `Vary` |
/// | preflight | denied | Respond 403 | `Vary: Origin` |
/// | any | undecided, because a lookup failed | as for a denied origin | as well `Cache-Control: no-store` |
///
/// The response to a preflight states every method and header that is allowed, whatever this request asks for: the browser
/// enforces it, keeps one response for many requests, and names in its console the method or header that is missing.
///
/// A decision borrows the policy and the bytes of the request, but not the [`RequestParts`]:
///
/// ```
/// use omnicors_core::{Decision, Policy, RequestParts, evaluate};
///
/// fn decide<'a>(policy: &'a Policy, method: &'a str, origin: &'a [u8]) -> Decision<'a> {
///     evaluate(policy, &RequestParts::new(method).origin(origin))
/// }
/// ```
///
/// Fetch: [HTTP requests](https://fetch.spec.whatwg.org/#http-requests) and
/// [HTTP responses](https://fetch.spec.whatwg.org/#http-responses) of the CORS protocol,
/// [CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
#[must_use]
#[inline]
pub fn evaluate<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Decision<'a> {
    let status = policy.origin_status(request);
    if request.is_preflight() {
        let headers = ResponseHeaders::of_preflight(policy, request, status);
        if policy.forward_preflights {
            return Decision::Forward { headers };
        }
        let status = match status {
            OriginStatus::Allowed => policy.preflight_status,
            OriginStatus::Absent | OriginStatus::Denied | OriginStatus::Undecided => FORBIDDEN,
        };
        return Decision::Respond { status, headers };
    }
    let is_denied = matches!(status, OriginStatus::Denied | OriginStatus::Undecided);
    if is_denied && policy.refuse_disallowed_origins && !request.is_same_origin() {
        let headers = ResponseHeaders::of_rejection(policy, request, status);
        return Decision::Respond {
            status: FORBIDDEN,
            headers,
        };
    }
    Decision::Forward {
        headers: ResponseHeaders::new(policy, request, status),
    }
}
