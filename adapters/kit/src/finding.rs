//! What an operator may want to know about a decision: the same for events and counters.

use omnicors_core::adapter::RequestField;
use omnicors_core::{Decision, Denial, Policy, Rejection, RequestKind, RequestParts, Verdict};

use crate::on_reject::is_rejected;
#[cfg(feature = "metrics")]
use crate::reason::Reason;

/// The reasons why a request does not run, or why a browser blocks its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finding<'a> {
    pub(crate) rejection: Option<Rejection>,
    /// The guard only reports, so the request runs.
    pub(crate) is_only_reported: bool,
    pub(crate) denial: Option<Denial<'a>>,
}

impl<'a> Finding<'a> {
    pub(crate) fn new(
        policy: &Policy,
        request: &RequestParts<'a>,
        decision: &Decision<'a>,
    ) -> Self {
        let rejection = if policy.may_reject() {
            decision.rejection()
        } else {
            None
        };
        let is_rejected = rejection.is_some_and(|rejection| is_rejected(decision, rejection));
        Self {
            rejection,
            is_only_reported: !is_rejected,
            denial: if is_rejected {
                None
            } else {
                denial(request, decision)
            },
        }
    }

    /// Returns true if there is a reason.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(crate) fn is_any(&self) -> bool {
        self.rejection.is_some() || self.denial.is_some()
    }

    /// Returns the reason that counts most.
    #[cfg(feature = "metrics")]
    pub(crate) fn reason(&self) -> Reason {
        match (self.rejection, &self.denial) {
            (Some(rejection), _) => rejection.into(),
            (None, Some(denial)) => denial.into(),
            (None, None) => Reason::None,
        }
    }
}

/// Returns why a browser will block the response.
fn denial<'a>(request: &RequestParts<'a>, decision: &Decision<'a>) -> Option<Denial<'a>> {
    match decision.verdict() {
        Verdict::Denied(denial) => is_cors(request).then_some(denial),
        Verdict::Allowed => {
            let is_denied = is_sent_with_denied_credentials(request, decision);
            is_denied.then_some(Denial::CredentialsNotAllowed)
        }
    }
}

/// Returns true if the request has a cookie and the response does not allow credentials. A browser sends cookies to another origin only
/// with the credentials mode "include", and then requires `Access-Control-Allow-Credentials`
/// ([Fetch, CORS check](https://fetch.spec.whatwg.org/#cors-check), step 6).
fn is_sent_with_denied_credentials(request: &RequestParts<'_>, decision: &Decision<'_>) -> bool {
    // The verdict may read further fields.
    decision.kind() == RequestKind::Actual
        && request.value(RequestField::Cookie, 0).is_some()
        && !decision.verdict_with_credentials().is_allowed()
        && is_cors(request)
}

/// Returns true if `Sec-Fetch-Mode` is `cors` or missing. Browsers do not apply the CORS check to navigations and to requests in the
/// mode `no-cors` ([Fetch, HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch), step 5).
fn is_cors(request: &RequestParts<'_>) -> bool {
    let mode = request.value(RequestField::SecFetchMode, 0);
    matches!(mode, None | Some(b"" | b"cors"))
}
