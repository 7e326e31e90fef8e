//! Names that the server does not have, to which CORS does not apply either.

use http::StatusCode;
use omnicors_browser::Credentials;

use super::observed::{Observed, admits, finding};
use crate::probe::audit::finding::{Finding, MISDIRECTED, Severity};
use crate::probe::audit::look_alikes::STRANGER;
use crate::probe::audit::observation::{Observation, Purpose};

pub(super) fn judge(observed: &Observed<'_>, findings: &mut Vec<Finding>) {
    let Some((own, other, Likeness::Same)) = compare(*observed) else {
        return;
    };
    // Then DNS rebinding adds nothing to what pages can do.
    let is_open = observed.get(Purpose::Stranger).and_then(admits).is_some()
        && observed
            .get(Purpose::StrangerPreflight)
            .is_some_and(|preflight| preflight.is_allowed(Credentials::Omit));
    findings.push(finding(
        "any-host",
        if is_open { Severity::Info } else { Severity::Medium },
        MISDIRECTED,
        &[own, other],
        [
            "The server responds to any `Host`",
            "A page of any site can let its name resolve to this address (DNS rebinding). For the browser, the page then has the origin of the \
             server: it reads all responses, and sends any request. Serve only the names at which the server is reached, and respond with \
             421 to others; in Omnicors, with `allow_hosts`. If the server is for the Internet, and only tested at this address, this is no \
             mistake.",
        ],
    ));
}

/// Returns true if the response to another name could not be compared.
pub(in crate::probe::audit) fn is_unclear(observed: Observed<'_>) -> bool {
    matches!(compare(observed), Some((_, _, Likeness::Unclear)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Same,
    Different,
    /// The body changes with each request, or has no end.
    Unclear,
}

/// Compares the response to another name with that to the server's own name.
fn compare(observed: Observed<'_>) -> Option<(&Observation, &Observation, Likeness)> {
    let own = observed.get(Purpose::NonCors)?;
    let other = observed.get(Purpose::OtherHost)?;
    let likeness = if other.status() != own.status() || !is_of_the_application(own.status()) {
        Likeness::Different
    } else if !own.has_whole_body() || !other.has_whole_body() {
        Likeness::Unclear
    } else if is_same_body(own, other) {
        Likeness::Same
    } else {
        let again = [Purpose::Stranger, Purpose::Null].into_iter();
        let is_stable = again
            .filter_map(|purpose| observed.get(purpose))
            .filter(|again| again.status() == own.status())
            .all(|again| is_same_body(own, again));
        if is_stable {
            Likeness::Different
        } else {
            Likeness::Unclear
        }
    };
    Some((own, other, likeness))
}

/// Returns true if the status shows that the request has reached the application. A server can respond with 403 or 404, for different
/// reasons, to its own name and to others. An MCP server responds with 405 or 406 to a GET.
fn is_of_the_application(status: StatusCode) -> bool {
    let others = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_ACCEPTABLE];
    status.is_success() || others.contains(&status)
}

/// Compares two bodies. They may repeat the URL, which differs.
fn is_same_body(own: &Observation, other: &Observation) -> bool {
    let text = |observation: &Observation| {
        String::from_utf8_lossy(observation.response.body()).into_owned()
    };
    let host = own.exchange.request().uri().host().unwrap_or_default();
    let as_own = text(other)
        .replace(STRANGER, host)
        .replace(mark(other), mark(own));
    as_own == text(own)
}

/// Returns the value in the URL that no other request of the audit has, or an empty text.
fn mark(observation: &Observation) -> &str {
    let query = observation.exchange.request().uri().query();
    let parts = query.and_then(|query| query.rsplit_once("omnicors-audit="));
    parts.map_or("", |(_, mark)| mark)
}
