//! The events of every adapter, so that all adapters log the same.

use omnicors_core::{Policy, RequestParts, Verdict, evaluate};
use tracing::{debug, enabled, warn};

/// Logs a denial and its reason, at debug. Each value that the request sent is escaped and cut: a stranger can cause any
/// number of denials, with values of any length.
///
/// `parts` returns all request parts that CORS reads, including `Host` and `Sec-Fetch-Site`, which the verdict depends on
/// even if the decision does not. It is called only if someone listens. `field` returns the value of the request's first
/// field with a name.
pub fn denial<'a, 'b>(
    policy: &Policy,
    parts: impl FnOnce() -> RequestParts<'a>,
    path: &str,
    field: impl Fn(&'static str) -> Option<&'b [u8]>,
) {
    if !is_enabled() {
        return;
    }
    let parts = parts();
    if let Verdict::Denied(denial) = evaluate(policy, &parts).verdict() {
        let field = |name| field(name).map(escaped);
        debug!(
            method = escaped(parts.method()),
            path = escaped(path.as_bytes()),
            origin = field("origin"),
            requested_method = field("access-control-request-method"),
            requested_headers = field("access-control-request-headers"),
            change = policy.explain(&parts).change(),
            "a browser will deny this by CORS: {denial}"
        );
    }
}

/// Returns true if someone listens to [`denial`].
pub fn is_enabled() -> bool {
    enabled!(tracing::Level::DEBUG)
}

/// Logs the warnings about a policy, at warn.
pub(crate) fn policy_warnings(policy: &Policy) {
    if enabled!(tracing::Level::WARN) {
        for warning in policy.advice() {
            warn!("CORS policy: {warning}");
        }
    }
}

/// Logs, at warn, that a policy needs an origin lookup and the adapter has none.
pub(crate) fn missing_lookup() {
    warn!(
        "CORS policy: `decide_origins_outside` is set, and the server has no origin lookup: every origin that is not listed \
         is denied; call `lookup_origins`, or do not set it"
    );
}

/// Logs, at warn, that an adapter has an origin lookup and no policy needs one.
#[cfg(feature = "tokio")]
pub(crate) fn unused_lookup() {
    warn!(
        "CORS policy: `decide_origins_outside` is not set, and the function given to `lookup_origins` is never called; set it"
    );
}

/// Escapes the bytes that a stranger sent, and cuts them to a bearable length.
fn escaped(bytes: &[u8]) -> String {
    const MAX_LENGTH: usize = 120;
    match bytes.get(..MAX_LENGTH) {
        Some(start) => format!("{}…", start.escape_ascii()),
        None => bytes.escape_ascii().to_string(),
    }
}
