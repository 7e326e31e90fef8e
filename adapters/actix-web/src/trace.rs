//! Events, and nothing else: those of `omnicors-http`, told of a request of actix-web's.

use actix_web::dev::ServiceRequest;
use omnicors_http::omnicors_core::Policy;
use omnicors_http::trace;

use crate::policy::parts;

/// A denial, with its reason.
pub(crate) fn denial(policy: &Policy, request: &ServiceRequest, origin_verdict: Option<bool>) {
    if !trace::is_enabled() {
        return;
    }
    let mut parts = parts(request, true);
    if let Some(allowed) = origin_verdict {
        parts = parts.origin_verdict(allowed);
    }
    trace::denial(policy, &parts, request.path(), |name| {
        Some(request.headers().get(name)?.as_bytes())
    });
}
