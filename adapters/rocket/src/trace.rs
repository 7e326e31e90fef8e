//! Events, and nothing else: those of `omnicors-http`, told of a request of Rocket's.

use omnicors_http::omnicors_core::{Policy, RequestParts, Verdict, evaluate};
use rocket::Request;
use tracing::{debug, enabled, warn};

use crate::request::{host, parts};

/// What is hardly meant about a policy, once, when it is prepared.
pub(crate) fn advice(policy: &Policy) {
    if enabled!(tracing::Level::WARN) {
        for advice in policy.advice() {
            warn!("CORS policy: {advice}");
        }
    }
}

/// A denial, with its reason. At debug: a stranger can cause as many as they like.
pub(crate) fn denial(policy: &Policy, origin_verdict: Option<bool>, request: &Request<'_>) {
    if !enabled!(tracing::Level::DEBUG) {
        return;
    }
    let host = host(request);
    let mut parts: RequestParts<'_> = parts(request, host.as_deref());
    if let Some(allowed) = origin_verdict {
        parts = parts.origin_verdict(allowed);
    }
    if let Verdict::Denied(denial) = evaluate(policy, &parts).verdict() {
        let line = |name| request.headers().get_one(name).map(tracing::field::debug);
        debug!(
            method = request.method().as_str(),
            path = request.uri().path().as_str(),
            origin = line("origin"),
            requested_method = line("access-control-request-method"),
            requested_headers = line("access-control-request-headers"),
            change = policy.explain(&parts).change(),
            "a browser will deny this by CORS: {denial}"
        );
    }
}
