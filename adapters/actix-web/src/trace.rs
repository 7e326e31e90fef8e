//! Events, and nothing else.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN,
};
use omnicors_http::omnicors_core::{Policy, Verdict, evaluate};
use tracing::{debug, enabled, warn};

use crate::policy::parts;

/// What is hardly meant about a policy, once, when it is prepared.
pub(crate) fn advice(policy: &Policy) {
    if enabled!(tracing::Level::WARN) {
        for advice in policy.advice() {
            warn!("CORS policy: {advice}");
        }
    }
}

/// A denial, with its reason. At debug: a stranger can cause as many as they like.
pub(crate) fn denial(policy: &Policy, request: &ServiceRequest, origin_verdict: Option<bool>) {
    if !enabled!(tracing::Level::DEBUG) {
        return;
    }
    let mut parts = parts(request, true);
    if let Some(allowed) = origin_verdict {
        parts = parts.origin_verdict(allowed);
    }
    if let Verdict::Denied(denial) = evaluate(policy, &parts).verdict() {
        let line = |name: HeaderName| request.headers().get(name).map(tracing::field::debug);
        debug!(
            method = %request.method(),
            path = request.path(),
            origin = line(ORIGIN),
            requested_method = line(ACCESS_CONTROL_REQUEST_METHOD),
            requested_headers = line(ACCESS_CONTROL_REQUEST_HEADERS),
            change = policy.explain(&parts).change(),
            "a browser will deny this by CORS: {denial}"
        );
    }
}
