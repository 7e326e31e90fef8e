//! The `tracing` events of the adapters, so that all adapters log the same.

use omnicors_core::adapter::RequestField;
use omnicors_core::{Policy, RequestParts, Verdict, evaluate};
use tracing::{debug, enabled, warn};

/// Logs a denial, its reason and a suggestion, at debug. Does nothing if the policy allows the request.
///
/// Values from the request are escaped and cut to 120 bytes, because a client chooses them. The request is evaluated only if
/// a subscriber [listens](is_enabled).
///
/// Call this once per request, before [`evaluate`]:
///
/// ```
/// use omnicors_adapter::omnicors_core::{RequestParts, evaluate};
/// use omnicors_adapter::{PolicyConfig, events};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let request = RequestParts::new("GET").origin("https://denied.example");
/// events::denial(&policy, &request, "/items");
/// let decision = evaluate(&policy, &request);
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
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
            "a browser will block this by CORS: {denial}"
        );
    }
}

/// Returns true if a subscriber listens to the events of [`denial`].
///
/// An adapter can check this before it reads fields that only the event has:
///
/// ```
/// use omnicors_adapter::events;
///
/// assert!(!events::is_enabled());
/// ```
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

/// Logs, at warn, that a policy needs an origin lookup and the adapter has none.
///
/// Most adapters check a fixed policy when the server starts. This event is for a policy from a handle, or one that is chosen
/// per request.
pub(crate) fn missing_lookup() {
    warn!(
        "the CORS policy sets `lookup_origins`, but the server has no origin lookup, so every origin that is not listed is \
         denied; call `lookup_origins(timeout, function)` on the adapter, or remove `lookup_origins` from the policy"
    );
}

/// Cuts a value from a request to 120 bytes, and escapes it.
fn escaped(bytes: &[u8]) -> String {
    const MAX_LENGTH: usize = 120;
    match bytes.get(..MAX_LENGTH) {
        Some(start) => format!("{}…", start.escape_ascii()),
        None => bytes.escape_ascii().to_string(),
    }
}
