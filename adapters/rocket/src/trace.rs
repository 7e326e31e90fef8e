//! Events, and nothing else: those of `omnicors-http`, told of a request of Rocket's.

use omnicors_http::omnicors_core::{Policy, RequestParts};
use omnicors_http::trace;
use rocket::Request;

use crate::request::{host, parts};

/// A denial, with its reason.
pub(crate) fn denial(policy: &Policy, origin_verdict: Option<bool>, request: &Request<'_>) {
    if !trace::is_enabled() {
        return;
    }
    let host = host(request);
    let mut parts: RequestParts<'_> = parts(request, host.as_deref());
    if let Some(allowed) = origin_verdict {
        parts = parts.origin_verdict(allowed);
    }
    trace::denial(policy, &parts, request.uri().path().as_str(), |name| {
        request.headers().get_one(name).map(str::as_bytes)
    });
}
