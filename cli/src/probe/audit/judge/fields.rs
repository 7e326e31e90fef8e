//! Header fields with values that browsers do not accept.

use http::header::{self, HeaderName};
use omnicors_browser::Page;
use omnicors_core::{Origin, OriginPattern};

use super::observed::{Observed, finding};
use crate::loopback::with_scheme;
use crate::probe::audit::finding::{CORS_CHECK, CREDENTIALS, Finding, RESPONSES, Severity, TIMING};
use crate::probe::audit::look_alikes::Resemblance;
use crate::probe::audit::observation::{Observation, Purpose};
use crate::probe::text;

pub(super) fn judge(observed: &Observed<'_>, findings: &mut Vec<Finding>) {
    let all = observed.0;
    findings.extend(all.iter().find_map(several_origins));
    findings.extend(invalid_origin(observed));
    findings.extend(all.iter().find_map(wildcard_with_credentials));
    findings.extend(credentials_not_true(observed));
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

/// A value that is not that of any `Origin`: <https://fetch.spec.whatwg.org/#concept-cors-check>, step 4.
fn invalid_origin(observed: &Observed<'_>) -> Option<Finding> {
    let allowed = observed.allowed();
    let page = allowed.or_else(|| observed.get(Purpose::Given));
    let is_of_page = |observation: &Observation, page: Option<&Observation>| {
        page.is_some_and(|page| page.origin == observation.origin)
    };
    let mut invalid: Vec<(&Observation, String)> = observed
        .0
        .iter()
        .filter(|observation| is_checked(observation.purpose))
        .filter(|observation| several_origins(observation).is_none())
        .filter_map(|observation| Some((observation, observation.allow_origin()?)))
        .filter(|(_, value)| !is_accepted(value))
        .collect();
    // A value that blocks a page that should be allowed is shown first.
    invalid.sort_by_key(|(observation, _)| !is_of_page(observation, page));
    let &(shown, ref value) = invalid.first()?;
    // Then only others get it, which are to be blocked.
    let is_harmless = allowed.is_some() && !is_of_page(shown, allowed);
    let severity = if is_harmless {
        Severity::Low
    } else {
        Severity::Medium
    };
    let field = format!(
        "No browser accepts `Access-Control-Allow-Origin: {}`",
        text::line(value)
    );
    let text = if value.is_empty() {
        "No browser accepts an empty `Access-Control-Allow-Origin`. Compare `Origin` with a list of origins, and send back one that is listed. \
         Leave the header out for others."
            .to_owned()
    } else if value.contains('*') {
        format!(
            "{field}: `*` is a wildcard only if it is the whole value. Compare `Origin` with the pattern on the server, and send back an origin \
             that matches."
        )
    } else if let Some(meant) = meant_origin(value) {
        format!(
            "{field}, because it is not written as in `Origin`, and browsers compare each character. Send `{meant}`."
        )
    } else {
        format!(
            "{field}, because it is not an origin. Send the scheme and the host of the page, and the port if it is not the default one, as in \
             `https://app.example`."
        )
    };
    let title = "`Access-Control-Allow-Origin` is not an origin";
    Some(finding(
        "invalid-origin",
        severity,
        CORS_CHECK,
        &[shown],
        [title, &text],
    ))
}

/// Returns true if browsers look at `Access-Control-Allow-Origin` in the response.
fn is_checked(purpose: Purpose) -> bool {
    !matches!(
        purpose,
        Purpose::NonCors | Purpose::OtherHost | Purpose::WebSocket
    )
}

/// Returns true if browsers accept the value for a page of some origin. A host can contain `*`, but then it is meant as a pattern.
fn is_accepted(value: &str) -> bool {
    value == "*" || !value.contains('*') && Origin::parse(value.as_bytes()).is_ok()
}

/// Returns the origin that a value was probably meant as, in the form that browsers send.
fn meant_origin(value: &str) -> Option<String> {
    let value = value.trim_matches(['"', '\'', '`']);
    let url = if value.contains("://") {
        value.to_owned()
    } else if value == "localhost" || value.contains(['.', ':']) {
        with_scheme(value.trim_start_matches('/'))
    } else {
        return None;
    };
    let page = Page::new(&url).ok()?;
    let origin = page.origin().to_string();
    // Such as `https://a.example;https://b.example`.
    let is_origin = !page.origin().is_opaque() && OriginPattern::parse(&origin).is_ok();
    is_origin.then_some(origin)
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

fn credentials_not_true(observed: &Observed<'_>) -> Option<Finding> {
    let value = |observation: &Observation| {
        let value = observation.value(&header::ACCESS_CONTROL_ALLOW_CREDENTIALS);
        value.filter(|value| value != "true")
    };
    let is_false = |value: &str| value.eq_ignore_ascii_case("false");
    // To send `true`, which is the correction of the value, must not be the advice if it lets other sites in.
    let opened = observed
        .0
        .iter()
        .filter(|observation| is_of_someone_else(observation.purpose))
        .filter(|observation| observation.allow_origin().as_deref() == Some(&*observation.origin))
        .find(|observation| value(observation).is_some_and(|value| !is_false(&value)));
    let first = || observed.0.iter().find(|it| value(it).is_some());
    let shown = opened.or_else(first)?;
    let value = value(shown)?;
    let field = format!("`Access-Control-Allow-Credentials: {}`", text::line(&value));
    let text = if opened.is_some() {
        format!(
            "{field} has no effect, and `true` would be dangerous: the server allows the origin `{}`, whose pages could then use the cookies of \
             their visitors. Leave the header out. If pages need credentials, compare `Origin` with a list of origins first, and send back only \
             one that is listed.",
            shown.origin
        )
    } else if is_false(&value) {
        format!("{field} has no effect: only `true` has one. Leave the header out.")
    } else if shown.allow_origin().as_deref() == Some("*") {
        format!(
            "{field} has no effect, and with `Access-Control-Allow-Origin: *`, browsers block requests with credentials in any case. Leave the \
             header out. If pages need credentials, compare `Origin` with a list of origins first, and send back only one that is listed."
        )
    } else {
        format!(
            "{field} has no effect. Send `true`, in lower case and once, or leave the header out."
        )
    };
    let severity = if opened.is_some() {
        Severity::Medium
    } else {
        Severity::Low
    };
    let title = "`Access-Control-Allow-Credentials` is not `true`";
    Some(finding(
        "credentials-not-true",
        severity,
        CORS_CHECK,
        &[shown],
        [title, &text],
    ))
}

/// Returns true if the origin of the request is one that someone else can have, or change the pages of.
fn is_of_someone_else(purpose: Purpose) -> bool {
    match purpose {
        Purpose::Stranger
        | Purpose::StrangerPreflight
        | Purpose::PrivateNetwork
        | Purpose::Null => true,
        Purpose::LookAlike(resemblance) => {
            resemblance.is_foreign() || resemblance == Resemblance::PlainHttp
        }
        _ => false,
    }
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
