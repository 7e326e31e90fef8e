//! Header fields with values that browsers do not accept.

use http::header::{self, HeaderName};

use super::observed::{Observed, finding};
use crate::probe::audit::finding::{CORS_CHECK, CREDENTIALS, Finding, RESPONSES, Severity, TIMING};
use crate::probe::audit::observation::{Observation, Purpose};
use crate::probe::text;

pub(super) fn judge(observed: &Observed<'_>, findings: &mut Vec<Finding>) {
    let all = observed.0;
    findings.extend(all.iter().find_map(several_origins));
    findings.extend(all.iter().find_map(wildcard_with_credentials));
    findings.extend(all.iter().find_map(credentials_not_true));
    let readable = all
        .iter()
        .filter(|observation| observation.purpose != Purpose::Preflight);
    findings.extend(readable.clone().find_map(wildcard_exposed_with_credentials));
    findings.extend(readable.clone().find_map(timing));
}

fn several_origins(observation: &Observation) -> Option<Finding> {
    let value = observation.allow_origin()?;
    let fields = observation
        .headers()
        .get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    let text = if fields.iter().count() > 1 {
        "The header is sent more than once, probably by two parts of the server, or by the server and a proxy. Browsers block every page. Let only \
         one of them send it."
    } else if value.contains([',', ' ']) {
        "A list of origins is not valid, and browsers block every page. Compare `Origin` with the list, and send back only this origin."
    } else {
        return None;
    };
    let title = "`Access-Control-Allow-Origin` has several values";
    Some(finding(
        "several-origins",
        Severity::Medium,
        CORS_CHECK,
        &[observation],
        [title, text],
    ))
}

fn wildcard_with_credentials(observation: &Observation) -> Option<Finding> {
    let is_wildcard = observation.allow_origin().as_deref() == Some("*");
    let is_both = is_wildcard
        && observation
            .value(&header::ACCESS_CONTROL_ALLOW_CREDENTIALS)
            .as_deref()
            == Some("true");
    is_both.then(|| {
        finding(
            "wildcard-with-credentials",
            Severity::Low,
            CREDENTIALS,
            &[observation],
            [
                "`Access-Control-Allow-Origin: *` together with `Access-Control-Allow-Credentials: true`",
                "Browsers block requests with credentials then. If pages need them, send back a listed origin; otherwise leave out \
                 `Access-Control-Allow-Credentials`.",
            ],
        )
    })
}

fn credentials_not_true(observation: &Observation) -> Option<Finding> {
    let value = observation.value(&header::ACCESS_CONTROL_ALLOW_CREDENTIALS)?;
    (value != "true").then(|| {
        let text = format!(
            "`Access-Control-Allow-Credentials: {}` has no effect. Send `true`, in lower case and once, or leave the header out.",
            text::line(&value)
        );
        let title = "`Access-Control-Allow-Credentials` is not `true`";
        finding("credentials-not-true", Severity::Low, CORS_CHECK, &[observation], [title, &text])
    })
}

fn wildcard_exposed_with_credentials(observation: &Observation) -> Option<Finding> {
    let is_with_credentials = observation
        .value(&header::ACCESS_CONTROL_ALLOW_CREDENTIALS)
        .as_deref()
        == Some("true");
    let is_both =
        is_with_credentials && observation.has_element(&header::ACCESS_CONTROL_EXPOSE_HEADERS, "*");
    is_both.then(|| {
        finding(
            "wildcard-exposed-with-credentials",
            Severity::Low,
            RESPONSES,
            &[observation],
            [
                "`*` in Access-Control-Expose-Headers is not a wildcard with credentials",
                "For requests with credentials, browsers take it for the name `*`, and pages cannot read the headers. List the names.",
            ],
        )
    })
}

fn timing(observation: &Observation) -> Option<Finding> {
    let is_any = observation.has_element(&HeaderName::from_static("timing-allow-origin"), "*");
    is_any.then(|| {
        finding(
            "timing-any-origin",
            Severity::Info,
            TIMING,
            &[observation],
            [
                "`Timing-Allow-Origin: *`",
                "Every site can measure how long the parts of a request take. That is right for public files.",
            ],
        )
    })
}
