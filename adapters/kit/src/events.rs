//! The events of every adapter: for those that are written by hand for a framework, and log as the others do.

use omnicors_core::{Policy, RequestParts, Verdict, evaluate};
use tracing::{debug, enabled, warn};

/// Tells what is hardly meant about a policy, at warn: to be called once, when it is prepared.
pub fn advice(policy: &Policy) {
    if enabled!(tracing::Level::WARN) {
        for advice in policy.advice() {
            warn!("CORS policy: {advice}");
        }
    }
}

/// True if anyone listens to [`denial`].
pub fn is_enabled() -> bool {
    enabled!(tracing::Level::DEBUG)
}

/// Tells of a policy that leaves origins to someone, and there is no one, at warn.
pub(crate) fn undecided() {
    warn!(
        "CORS policy: `decide_origins_outside` is set, and nothing decides: every origin that is not listed is denied; call \
         `decide_origins`, or do not set it"
    );
}

/// Tells of someone who decides about origins for a policy that leaves none to them, at warn.
#[cfg(feature = "tokio")]
pub(crate) fn never_asked() {
    warn!(
        "CORS policy: `decide_origins_outside` is not set, and the function given to `decide_origins` is never asked; set it"
    );
}

/// Tells of a denial, with its reason. At debug, and with no more than the start of each line: a stranger can cause as
/// many as they like, of any length.
///
/// `parts` makes all that CORS reads, `Host` and `Sec-Fetch-Site` included, which the verdict depends on (if not the
/// decision), where anyone listens; `line` gives the value of the first line of the request with a name.
pub fn denial<'a, 'b>(
    policy: &Policy,
    parts: impl FnOnce() -> RequestParts<'a>,
    path: &str,
    line: impl Fn(&'static str) -> Option<&'b [u8]>,
) {
    if !is_enabled() {
        return;
    }
    let parts = parts();
    if let Verdict::Denied(denial) = evaluate(policy, &parts).verdict() {
        let line = |name| line(name).map(shown);
        debug!(
            method = shown(parts.method()),
            path = shown(path.as_bytes()),
            origin = line("origin"),
            requested_method = line("access-control-request-method"),
            requested_headers = line("access-control-request-headers"),
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
