//! Events, and nothing else.

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use omnicors_core::{Policy, Verdict, evaluate};
use tracing::{debug, enabled, warn};

use crate::request::RequestHead;

/// What is hardly meant about a policy, once, when it is prepared.
pub(crate) fn advice(policy: &Policy) {
    if enabled!(tracing::Level::WARN) {
        for advice in policy.advice() {
            warn!("CORS policy: {advice}");
        }
    }
}

/// A denial, with its reason. At debug: a stranger can cause as many as they like.
pub(crate) fn denial(policy: &Policy, head: &RequestHead<'_>, origin_verdict: Option<bool>) {
    if !enabled!(tracing::Level::DEBUG) {
        return;
    }
    let mut parts = head.parts(true);
    if let Some(allowed) = origin_verdict {
        parts = parts.origin_verdict(allowed);
    }
    if let Verdict::Denied(denial) = evaluate(policy, &parts).verdict() {
        let line = |name| head.headers.get(name).map(|value| shown(value.as_bytes()));
        debug!(
            method = %head.method,
            path = shown(head.uri.path().as_bytes()),
            origin = line(ORIGIN),
            requested_method = line(ACCESS_CONTROL_REQUEST_METHOD),
            requested_headers = line(ACCESS_CONTROL_REQUEST_HEADERS),
            change = policy.explain(&parts).change(),
            "a browser will deny this by CORS: {denial}"
        );
    }
}

/// What a stranger has sent, in one line of bearable length.
fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 120;
    match bytes.get(..LONGEST) {
        Some(start) => format!("{}…", start.escape_ascii()),
        None => bytes.escape_ascii().to_string(),
    }
}
