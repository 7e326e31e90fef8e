//! Origins that are allowed and probably should not be.

use omnicors_browser::Credentials;

use super::observed::{Observed, admits, finding};
use crate::probe::audit::finding::{CORS_CHECK, CREDENTIALS, Finding, ORIGIN_HEADER, Severity};
use crate::probe::audit::look_alikes::Resemblance;
use crate::probe::audit::observation::{Observation, Purpose};
use crate::probe::text;

pub(super) fn judge(observed: &Observed<'_>, findings: &mut Vec<Finding>) {
    let stranger = observed.get(Purpose::Stranger);
    let stranger_admitted = stranger.and_then(admits);
    if let Some(stranger) = stranger {
        any_origin(stranger, findings);
    }
    if let Some(null) = observed.get(Purpose::Null)
        && is_more(admits(null), stranger_admitted)
    {
        findings.push(null_origin(null));
    }
    if let Some(given) = observed.get(Purpose::Given)
        && let Some(error) = given.error(Credentials::Omit)
    {
        let title = format!("The origin `{}` is not allowed", given.origin);
        let text = format!(
            "Its pages cannot read the response: {}. If it should be allowed, see what to change with `omnicors probe` without `--audit`.",
            text::line(&error.to_string())
        );
        findings.push(finding(
            "origin-not-allowed",
            Severity::Info,
            CORS_CHECK,
            &[given],
            [&title, &text],
        ));
    }
    for resemblance in [
        Resemblance::Beginning,
        Resemblance::End,
        Resemblance::Dot,
        Resemblance::Underscore,
        Resemblance::Subdomain,
        Resemblance::PlainHttp,
        Resemblance::Port,
        Resemblance::TrailingDot,
    ] {
        let alike: Vec<_> = observed
            .all(Purpose::LookAlike(resemblance))
            .filter(|alike| is_more(admits(alike), stranger_admitted))
            .collect();
        if !alike.is_empty() {
            findings.push(look_alike(resemblance, &alike));
        }
    }
}

/// Returns true if a page can do more than the page of a stranger can.
fn is_more(admitted: Option<Credentials>, than: Option<Credentials>) -> bool {
    match (admitted, than) {
        (Some(Credentials::Include), than) => than != Some(Credentials::Include),
        (admitted, than) => admitted.is_some() && than.is_none(),
    }
}

fn any_origin(stranger: &Observation, findings: &mut Vec<Finding>) {
    match admits(stranger) {
        Some(Credentials::Include) => findings.push(finding(
            "any-origin-with-credentials",
            Severity::High,
            CREDENTIALS,
            &[stranger],
            [
                "Every site can read responses with the cookies of its visitors",
                "The server sends back an `Origin` that it cannot know, and allows credentials. Compare `Origin` with a list of origins, and \
                 send back only one that is listed. If the responses are public, send `Access-Control-Allow-Origin: *` without \
                 `Access-Control-Allow-Credentials`.",
            ],
        )),
        Some(_) if stranger.allow_origin().as_deref() != Some("*") => findings.push(finding(
            "any-origin-repeated",
            Severity::Info,
            CREDENTIALS,
            &[stranger],
            [
                "Every site can read responses without credentials",
                "The server sends back any `Origin`. `Access-Control-Allow-Origin: *`, always and without `Vary: Origin`, allows the same \
                 and can be cached once for all.",
            ],
        )),
        _ => {}
    }
}

fn null_origin(null: &Observation) -> Finding {
    let severity = if admits(null) == Some(Credentials::Include) {
        Severity::High
    } else {
        Severity::Medium
    };
    finding(
        "null-origin",
        severity,
        ORIGIN_HEADER,
        &[null],
        [
            "`Origin: null` is allowed",
            "Browsers send `null` for every document without an origin of its own, and any site can make one. So this allows every \
             site. Remove `null` from the allowed origins.",
        ],
    )
}

fn look_alike(resemblance: Resemblance, alike: &[&Observation]) -> Finding {
    let has_credentials = alike
        .iter()
        .any(|alike| admits(alike) == Some(Credentials::Include));
    let origins: Vec<_> = alike
        .iter()
        .map(|alike| format!("`{}`", alike.origin))
        .collect();
    let origins = origins.join(" and ");
    let severity = match (resemblance, has_credentials) {
        (_, true) if resemblance.is_foreign() => Severity::High,
        (_, false) if resemblance.is_foreign() => Severity::Medium,
        (Resemblance::PlainHttp, true) => Severity::Medium,
        (_, true) | (Resemblance::PlainHttp, false) => Severity::Low,
        (_, false) => Severity::Info,
    };
    let title = format!(
        "{origins} {} allowed",
        if alike.len() == 1 { "is" } else { "are" }
    );
    let text = match resemblance {
        Resemblance::Beginning | Resemblance::Underscore => {
            "The host belongs to someone else. The server probably looks only at the beginning of `Origin`. Compare the whole origin."
        }
        Resemblance::End => {
            "The host can belong to someone else. The server probably looks only at the end of `Origin`. Compare the whole origin, or let a \
             pattern for subdomains begin with `://` or `.`."
        }
        Resemblance::Dot => {
            "The host can belong to someone else. The server probably uses a regular expression in which `.` stands for any character: write \
             `\\.`, and anchor the expression at both ends."
        }
        Resemblance::Subdomain => {
            "Every subdomain is allowed, so the weakest of them decides who reads the responses. List the subdomains if there are few."
        }
        Resemblance::PlainHttp => {
            "Who controls the network of a user can change pages over plain http, and then read the responses. Allow only `https:`."
        }
        Resemblance::Port => {
            "Every port of the host is allowed, so every program that serves pages there can read the responses. Compare the port as well."
        }
        Resemblance::TrailingDot => {
            "The name with a dot at the end is the same host, but another origin, with cookies of its own. Compare the whole origin."
        }
    };
    let id = format!("look-alike-{}", resemblance.word());
    finding(&id, severity, CORS_CHECK, alike, [&title, text])
}
