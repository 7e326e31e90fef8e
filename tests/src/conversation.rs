//! Whole conversations of a page and a server, judged by the browser's side of Fetch: the [oracle](crate::oracle) allows
//! exactly what the policy says, and concludes what the core says it will.
//!
//! What the policy says is found by plain means, from the raw [`Settings`]: lists are looked through, origins are put to
//! the naive matcher.

use std::fmt::Debug;

use omnicors_core::{Decision, Denial, Policy, Verdict, evaluate};

use crate::naive;
use crate::oracle::{
    Blocked, CheckFailure, CredentialsMode, PageRequest, ServerResponse, preflight_max_age,
};
use crate::settings::Settings;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// What was concluded from the answer to the preflight, if the browser made one.
    pub preflight: Option<Conclusion>,
    /// What was concluded from the response to the actual request.
    pub actual: Conclusion,
    /// How many of the responses that were looked at a shared cache may hand to everyone.
    pub cacheable_for_all: u64,
}

/// One conversation: the preflight, if the browser makes one, and the actual request, which is valid.
///
/// # Errors
/// Where the core and the oracle disagree, or either of them and the settings.
pub fn converse(
    raw: &Settings,
    policy: &Policy,
    page: &PageRequest,
) -> Result<Conversation, String> {
    let with_credentials = page.credentials == CredentialsMode::Include;
    let origin_allowed = raw.allows_without_credentials(&page.origin);
    let is_listed = raw.allows_origin(&page.origin);
    let response_allowed = if with_credentials {
        is_listed && raw.credentials
    } else {
        origin_allowed
    };
    let conclude = |decision: &Decision<'_>| {
        if !with_credentials {
            return conclusion_of_core(decision.verdict());
        }
        match conclusion_of_core(decision.verdict_with_credentials()) {
            // The browser sees `*`, and the core knows why.
            Conclusion::Origin if raw.others => Conclusion::Credentials,
            conclusion => conclusion,
        }
    };
    let mut preflight = None;
    if page.needs_preflight() {
        let (method, lines) = page.preflight();
        let (parts, response) = raw.serve(policy, &method, &lines);
        let decision = evaluate(policy, &parts);
        let checked = page.check_preflight(&response);
        let allowed = response_allowed
            && raw.allows_method(&page.normalized_method())
            && page
                .unsafe_header_names()
                .iter()
                .all(|name| raw.allows_header(&page.origin, name));
        same("preflight allowed", &checked.is_ok(), &allowed, &response)?;
        let conclusion = conclusion_of_oracle(checked);
        let concluded = conclude(&decision);
        same("of the preflight", &conclusion, &concluded, &response)?;
        if let Verdict::Denied(Denial::HeaderNotAllowed(named)) = decision.verdict() {
            // The standard looks for Authorization before the others; the core names the first as they were sent.
            let names = page.unsafe_header_names();
            let first = names
                .iter()
                .find(|name| !raw.allows_header(&page.origin, name));
            same(
                "named",
                &first.map(String::as_bytes),
                &Some(named),
                &response,
            )?;
        }
        if allowed {
            let max_age = raw.max_age.map_or(5, u64::from);
            same(
                "max age",
                &preflight_max_age(&response),
                &max_age,
                &response,
            )?;
        }
        // The answer to a preflight is a function of the policy and the origin, where nothing is echoed.
        if !raw.echoes() {
            let lines = [("origin".to_owned(), page.origin.clone().into_bytes())];
            let any = ("access-control-request-method".to_owned(), b"GET".to_vec());
            let (_, other) = raw.serve(policy, "OPTIONS", &[&lines[..], &[any]].concat());
            same("whatever is asked", &response, &other, &response)?;
        }
        preflight = Some(conclusion);
    }

    // Whether or not the preflight was passed: it may have been another one, that is in the browser's cache.
    let (method, lines) = page.actual();
    let (parts, response) = raw.serve(policy, &method, &lines);
    let decision = evaluate(policy, &parts);
    let checked = page.check_actual(&response);
    same("allowed", &checked.is_ok(), &response_allowed, &response)?;
    let conclusion = conclusion_of_oracle(checked);
    same(
        "of the actual request",
        &conclusion,
        &conclude(&decision),
        &response,
    )?;
    let readable = if response_allowed {
        raw.readable_headers(&response)
    } else {
        Vec::new()
    };
    same(
        "readable",
        &page.readable_headers(&response),
        &readable,
        &response,
    )?;
    check_timing(raw, policy, page, &response, origin_allowed)?;

    let cacheable_for_all = check_caches(raw, policy, page, response, response_allowed)?;
    Ok(Conversation {
        preflight,
        actual: conclusion,
        cacheable_for_all,
    })
}

/// Checks which responses let the page see their timing: the one to its request, and one without `Origin`.
fn check_timing(
    raw: &Settings,
    policy: &Policy,
    page: &PageRequest,
    response: &ServerResponse,
    origin_allowed: bool,
) -> Result<(), String> {
    let timing = raw.timing && origin_allowed;
    same("timing", &page.timing_allowed(response), &timing, response)?;

    // An image of the page. Browsers request most of them without `Origin`.
    let (_, image) = raw.serve(policy, "GET", &Vec::new());
    same(
        "timing of an image",
        &page.timing_allowed(&image),
        &raw.allows_timing_without_origin(&page.origin),
        &image,
    )
}

/// A shared cache that keeps to `Vary` may hand out the response to a request of someone else. Returns how many of the responses it
/// may hand to everyone.
fn check_caches(
    raw: &Settings,
    policy: &Policy,
    page: &PageRequest,
    response: ServerResponse,
    response_allowed: bool,
) -> Result<u64, String> {
    let is_origin = naive::is_origin(page.origin.as_bytes());
    let stranger = vec![("origin".to_owned(), b"https://stranger.test".to_vec())];
    let (_, of_stranger) = raw.serve(policy, "GET", &stranger);
    let (_, of_nobody) = raw.serve(policy, "GET", &Vec::new());
    let mut cacheable_for_all = 0;
    for stored in [response, of_stranger, of_nobody] {
        if is_origin && !varies_by_origin(&stored) {
            cacheable_for_all += 1;
            let readable = page.check_actual(&stored).is_ok();
            same("from a cache", &readable, &response_allowed, &stored)?;
        }
    }
    Ok(cacheable_for_all)
}

fn same<T: PartialEq + Debug>(
    what: &str,
    got: &T,
    expected: &T,
    response: &ServerResponse,
) -> Result<(), String> {
    if got == expected {
        return Ok(());
    }
    let shown = shown(response);
    Err(format!("{what}: {got:?} instead of {expected:?}\n{shown}"))
}

fn varies_by_origin(response: &ServerResponse) -> bool {
    response
        .headers
        .iter()
        .filter(|(name, _)| name == b"vary")
        .flat_map(|(_, value)| value.split(|byte| *byte == b','))
        .any(|member| member.trim_ascii().eq_ignore_ascii_case(b"origin"))
}

fn shown(response: &ServerResponse) -> String {
    let line = |(name, value): &(Vec<u8>, Vec<u8>)| {
        format!("\n{}: {}", name.escape_ascii(), value.escape_ascii())
    };
    let lines: String = response.headers.iter().map(line).collect();
    format!("{}{lines}", response.status)
}

/// Why a request was denied, as far as the standard tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// It was not.
    Allowed,
    /// For its origin.
    Origin,
    /// For its method, this one.
    Method(String),
    /// For one of its headers.
    Header,
    /// For its credentials mode.
    Credentials,
}

fn conclusion_of_oracle(checked: Result<(), Blocked>) -> Conclusion {
    match checked {
        Ok(()) => Conclusion::Allowed,
        Err(Blocked::PreflightCheck(failure) | Blocked::ActualCheck(failure)) => match failure {
            CheckFailure::AllowOriginMissing | CheckFailure::AllowOriginMismatch(_) => {
                Conclusion::Origin
            }
            CheckFailure::AllowOriginWildcardWithCredentials
            | CheckFailure::AllowCredentialsMissing => Conclusion::Credentials,
            failure => panic!("no policy means to say this: {failure:?}"),
        },
        Err(Blocked::MethodNotAllowed(method)) => Conclusion::Method(method),
        Err(Blocked::HeaderNotAllowed(_)) => Conclusion::Header,
        Err(blocked) => panic!("no policy means to say this: {blocked:?}"),
    }
}

fn conclusion_of_core(verdict: Verdict<'_>) -> Conclusion {
    match verdict {
        Verdict::Allowed => Conclusion::Allowed,
        Verdict::Denied(Denial::MethodNotAllowed(method)) => {
            Conclusion::Method(String::from_utf8_lossy(method).into_owned())
        }
        Verdict::Denied(Denial::HeaderNotAllowed(_)) => Conclusion::Header,
        Verdict::Denied(Denial::CredentialsNotAllowed) => Conclusion::Credentials,
        Verdict::Denied(_) => Conclusion::Origin,
    }
}
