//! The events of every adapter, so that all adapters log the same.

use omnicors_core::adapter::RequestField;
use omnicors_core::{Policy, RequestParts, Verdict, evaluate};
use tracing::{debug, enabled, warn};

/// Logs a denial and its reason, at debug. Each value that the request sent is escaped and cut: a stranger can cause any
/// number of denials, with values of any length.
///
/// Reads the request only if someone listens.
pub fn denial(policy: &Policy, request: &RequestParts<'_>, path: &str) {
    if !is_enabled() {
        return;
    }
    if let Verdict::Denied(denial) = evaluate(policy, request).verdict() {
        let field = |field| request.value(field, 0).map(escaped);
        debug!(
            method = escaped(request.method()),
            path = escaped(path.as_bytes()),
            origin = field(RequestField::Origin),
            requested_method = field(RequestField::AccessControlRequestMethod),
            requested_headers = field(RequestField::AccessControlRequestHeaders),
            suggestion = policy.explain(request).suggestion(),
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
        for warning in policy.warnings() {
            warn!("CORS policy: {warning}");
        }
    }
}

/// Logs, at warn, that a policy needs an origin lookup and the adapter has none. Most adapters check a
/// fixed policy when the server starts; this is one from a handle or a choice per request.
pub(crate) fn missing_lookup() {
    warn!(
        "CORS policy: `lookup_origins` is set, and the server has no origin lookup: every origin that is not listed \
         is denied; call `lookup_origins` on the adapter, or do not set it in the policy"
    );
}

/// Escapes the bytes that a stranger sent, and cuts them to 120 bytes.
fn escaped(bytes: &[u8]) -> String {
    const MAX_LENGTH: usize = 120;
    match bytes.get(..MAX_LENGTH) {
        Some(start) => format!("{}…", start.escape_ascii()),
        None => bytes.escape_ascii().to_string(),
    }
}
