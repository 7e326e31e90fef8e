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
    /// The application does not run, because the lookup of the origin has failed: the response is a 503. This is not about a preflight.
    pub(crate) is_unavailable: bool,
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
        let is_run = matches!(decision, Decision::Forward { .. });
        let is_unavailable = !is_run && !is_rejected && decision.kind() != RequestKind::Preflight;
        Self {
            rejection,
            is_only_reported: !is_rejected,
            is_unavailable,
            denial: if is_rejected {
                None
            } else {
                denial(request, decision, is_unavailable)
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

/// Returns why a browser will block the response, or why the application does not run.
fn denial<'a>(
    request: &RequestParts<'a>,
    decision: &Decision<'a>,
    is_unavailable: bool,
) -> Option<Denial<'a>> {
    match decision.verdict() {
        // The user of a form gets the 503, although browsers do not apply CORS to it.
        Verdict::Denied(denial) => (is_unavailable || is_cors(request)).then_some(denial),
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

#[cfg(test)]
mod tests {
    use omnicors_core::{Guard, LookupResult, PolicyConfig, evaluate};

    use super::*;

    type Found<'a> = (bool, Option<Rejection>, Option<Denial<'a>>);

    /// Returns whether the response is a 503, the rejection, and the denial.
    fn found<'a>(
        policy: &'a Policy,
        method: &'a str,
        fields: &'a Vec<(&'static str, &'static str)>,
        result: LookupResult,
    ) -> Found<'a> {
        let request = RequestParts::read(policy, method, fields).lookup_result(result);
        let decision = evaluate(policy, &request);
        let finding = Finding::new(policy, &request, &decision);
        let is_503 = matches!(decision, Decision::Respond { status: 503, .. });
        assert_eq!(finding.is_unavailable, is_503 && method != "OPTIONS");
        (is_503, finding.rejection, finding.denial)
    }

    /// Browsers do not apply CORS to a form, but the application does not run.
    #[test]
    fn a_request_that_is_not_run_after_a_failed_lookup_is_found_in_every_mode() {
        let config = PolicyConfig::new().lookup_origins(true);
        let policy = config.guard(Guard::UnsafeMethods).build().unwrap();
        for mode in ["navigate", "no-cors", "cors"] {
            let fields = vec![
                ("origin", "https://shop.example"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", mode),
            ];
            for (result, denial) in [
                (LookupResult::Failed, Denial::LookupFailed),
                (LookupResult::TimedOut, Denial::LookupTimedOut),
            ] {
                let found = |method| found(&policy, method, &fields, result);
                assert_eq!(found("POST"), (true, None, Some(denial)), "{mode}");
                let of_get = (mode == "cors").then_some(denial);
                assert_eq!(found("GET"), (false, None, of_get), "{mode}");
            }
            let rejection = Some(Rejection::OriginNotListed);
            let found = |result| found(&policy, "POST", &fields, result);
            assert_eq!(found(LookupResult::NotAllowed), (false, rejection, None));
            assert_eq!(found(LookupResult::Allowed), (false, None, None));
        }
        let preflight = vec![
            ("origin", "https://shop.example"),
            ("access-control-request-method", "PUT"),
        ];
        let failed = found(&policy, "OPTIONS", &preflight, LookupResult::Failed);
        assert_eq!(failed, (true, None, Some(Denial::LookupFailed)));
    }
}
