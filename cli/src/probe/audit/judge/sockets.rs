//! The handshake of a `WebSocket`, to which CORS does not apply.

use http::StatusCode;

use super::observed::{Observed, finding};
use crate::probe::audit::finding::{Finding, Severity, WEB_SOCKET};
use crate::probe::audit::observation::Purpose;

pub(super) fn judge(observed: &Observed<'_>, findings: &mut Vec<Finding>) {
    let handshake = observed.get(Purpose::WebSocket);
    let is_opened = |status| status == StatusCode::SWITCHING_PROTOCOLS;
    if let Some(handshake) = handshake.filter(|it| is_opened(it.status())) {
        findings.push(finding(
            "websocket-any-origin",
            Severity::High,
            WEB_SOCKET,
            &[handshake],
            [
                "A page of any site can open a WebSocket",
                "Browsers open it with the cookies of the visitor, and CORS does not apply to it. Compare `Origin` in the handshake with a list of \
                 origins, and respond with 403 if it is not listed. If the socket does not use cookies, and everything in it is public, this is \
                 no mistake.",
            ],
        ));
    }
}
