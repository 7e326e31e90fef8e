//! Preflights.

use http::header::{self, HeaderName};
use omnicors_browser::{Credentials, NetworkError};

use super::observed::{Observed, admits, finding};
use super::redirects::{is_redirect, redirected_preflight};
use crate::probe::audit::finding::{CREDENTIALS, Finding, PREFLIGHT, PRIVATE_NETWORK, Severity};
use crate::probe::audit::observation::{Observation, Purpose};
use crate::probe::text;

/// Firefox's limit, in seconds. Chromium's is two hours, and WebKit's ten minutes.
const LONGEST_MAX_AGE: u64 = 86_400;

pub(super) fn judge(observed: &Observed<'_>, findings: &mut Vec<Finding>) {
    if let Some(preflight) = observed.get(Purpose::Preflight) {
        allowed_preflight(observed, preflight, findings);
        max_age(preflight, findings);
        authorization(preflight, findings);
    }
    let stranger = observed.get(Purpose::StrangerPreflight);
    if let Some(stranger) = stranger {
        any_origin(observed, stranger, findings);
    }
    if let Some(private) = observed.get(Purpose::PrivateNetwork)
        && private.value(&PRIVATE_NETWORK_FIELD).as_deref() == Some("true")
    {
        private_network(private, findings);
    }
}

const PRIVATE_NETWORK_FIELD: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");

/// The preflight of an origin whose pages can read the response.
fn allowed_preflight(
    observed: &Observed<'_>,
    preflight: &Observation,
    findings: &mut Vec<Finding>,
) {
    let credentials = observed
        .allowed()
        .and_then(admits)
        .unwrap_or(Credentials::Omit);
    let Some(error) = preflight.error(credentials) else {
        return;
    };
    let status = preflight.status();
    let code = status.as_u16();
    if is_redirect(status) {
        findings.push(redirected_preflight(preflight));
    } else if code == 401 || code == 407 {
        let text = format!(
            "`OPTIONS` gets {code}. Browsers send preflights without cookies and without `Authorization`, so no preflight can pass. Respond \
             to `OPTIONS` with 204 and the CORS headers before authentication."
        );
        let title = "Preflights need a login";
        findings.push(finding(
            "preflight-needs-login",
            Severity::Medium,
            PREFLIGHT,
            &[preflight],
            [title, &text],
        ));
    } else if status.is_server_error() && code != 501 {
        let text = format!(
            "`OPTIONS` gets {code}. Respond to preflights with 204 and the CORS headers before anything else can fail."
        );
        let title = "Preflights get an error of the server";
        findings.push(finding(
            "preflight-fails",
            Severity::Medium,
            PREFLIGHT,
            &[preflight],
            [title, &text],
        ));
    } else if matches!(
        error,
        NetworkError::InvalidAllowMethods(_) | NetworkError::InvalidAllowHeaders(_)
    ) {
        let text = format!(
            "Browsers do not accept it: {}.",
            text::line(&error.to_string())
        );
        let title = "A list in the response to preflights is not valid";
        findings.push(finding(
            "preflight-invalid",
            Severity::Medium,
            PREFLIGHT,
            &[preflight],
            [title, &text],
        ));
    } else if !matches!(
        preflight.error(Credentials::Omit),
        Some(NetworkError::PreflightCheck(_) | NetworkError::PreflightStatus(_))
    ) && matches!(error, NetworkError::PreflightCheck(_))
    {
        let text = format!(
            "A page can read simple responses with credentials, but its preflight is only accepted without: {}. Send \
             `Access-Control-Allow-Credentials: true` with the response to preflights as well.",
            text::line(&error.to_string())
        );
        let title = "Preflights do not allow credentials";
        findings.push(finding(
            "preflight-credentials",
            Severity::Low,
            CREDENTIALS,
            &[preflight],
            [title, &text],
        ));
    } else if matches!(
        error,
        NetworkError::PreflightCheck(_) | NetworkError::PreflightStatus(_)
    ) {
        let text = format!(
            "The origin can read simple responses, but its preflight gets {code} and is not accepted: {}. That is right if pages only \
             send simple requests. Otherwise respond to `OPTIONS` with 204 and the CORS headers.",
            text::line(&error.to_string())
        );
        let title = "Preflights are not answered";
        findings.push(finding(
            "preflight-not-answered",
            Severity::Info,
            PREFLIGHT,
            &[preflight],
            [title, &text],
        ));
    }
}

fn any_origin(observed: &Observed<'_>, preflight: &Observation, findings: &mut Vec<Finding>) {
    let can_read = observed.get(Purpose::Stranger).and_then(admits) == Some(Credentials::Include);
    if preflight.is_allowed(Credentials::Include) && !can_read {
        findings.push(finding(
            "preflight-any-origin",
            Severity::High,
            PREFLIGHT,
            &[preflight],
            [
                "Preflights of every site are accepted, with credentials",
                "A page of any site can make the browser send requests that change something, with the cookies of its visitors, even if it \
                 cannot read the responses. Compare `Origin` with the same list for preflights as for other requests.",
            ],
        ));
    }
}

fn max_age(preflight: &Observation, findings: &mut Vec<Finding>) {
    let Some(value) = preflight.value(&header::ACCESS_CONTROL_MAX_AGE) else {
        return;
    };
    let shown = text::line(&value);
    let text = match delta_seconds(&value) {
        Some(seconds) if seconds > LONGEST_MAX_AGE => format!(
            "`Access-Control-Max-Age: {shown}` is longer than any browser keeps the result: Chromium keeps it for 2 hours, Firefox for 24, WebKit \
             for 10 minutes. Until then, browsers send requests that are no longer allowed. Send at most 86400."
        ),
        // -1 is a usual way to turn the cache off, and browsers agree about it.
        None if value != "-1" => format!(
            "`Access-Control-Max-Age: {shown}` is not a number of seconds, so browsers keep the result for 5 seconds."
        ),
        _ => return,
    };
    let title = "`Access-Control-Max-Age` is not what browsers use";
    findings.push(finding(
        "max-age",
        Severity::Info,
        PREFLIGHT,
        &[preflight],
        [title, &text],
    ));
}

/// Reads a [number of seconds](https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2), which has digits only: no `+`. A number that is too
/// large for the type is the largest of the type.
fn delta_seconds(value: &str) -> Option<u64> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| value.parse().unwrap_or(u64::MAX))
}

fn authorization(preflight: &Observation, findings: &mut Vec<Finding>) {
    let name = header::ACCESS_CONTROL_ALLOW_HEADERS;
    if preflight.has_element(&name, "*") && !preflight.has_element(&name, "authorization") {
        findings.push(finding(
            "wildcard-authorization",
            Severity::Info,
            PREFLIGHT,
            &[preflight],
            [
                "`Access-Control-Allow-Headers: *` does not cover `Authorization`",
                "Browsers still accept it, against the standard; Firefox warns. If pages send `Authorization`, name it: \
                 `Access-Control-Allow-Headers: *, authorization`.",
            ],
        ));
    }
    let is_with_credentials = preflight
        .value(&header::ACCESS_CONTROL_ALLOW_CREDENTIALS)
        .as_deref()
        == Some("true");
    let lists = [
        header::ACCESS_CONTROL_ALLOW_METHODS,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
    ];
    let wildcards: Vec<_> = lists
        .iter()
        .filter(|name| preflight.has_element(name, "*"))
        .map(|name| text::name(name.as_str()))
        .collect();
    if is_with_credentials && !wildcards.is_empty() {
        let title = format!(
            "`*` in {} is not a wildcard with credentials",
            wildcards.join(" and ")
        );
        findings.push(finding(
            "wildcard-list-with-credentials",
            Severity::Low,
            CREDENTIALS,
            &[preflight],
            [
                &title,
                "For requests with credentials, browsers take it for the name `*`, and block the request. List the names.",
            ],
        ));
    }
}

fn private_network(private: &Observation, findings: &mut Vec<Finding>) {
    let is_accepted = admits(private).is_some();
    findings.push(finding(
        "private-network",
        if is_accepted { Severity::Medium } else { Severity::Info },
        PRIVATE_NETWORK,
        &[private],
        [
            "Pages of the Internet are allowed to ask this server in a private network",
            "`Access-Control-Allow-Private-Network: true` is sent to an origin that the server cannot know. Send it only to origins that need it. \
             No current browser asks for it.",
        ],
    ));
}
