//! Whole conversations between a page and a server. The [oracle](crate::oracle), which is the browser's side of Fetch, must
//! allow exactly what the policy allows, and reach the verdict that the core predicts.
//!
//! Whether the policy allows a request is computed from the [`Settings`]: lists are searched, and origins are passed to
//! the naive matcher.

use std::fmt::Debug;

use omnicors_core::{Decision, Denial, Policy, Verdict, evaluate};

use crate::naive;
use crate::oracle::{
    Blocked, CheckFailure, CredentialsMode, PageRequest, ServerResponse, preflight_max_age,
};
use crate::settings::Settings;

/// The outcome of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The browser's conclusion from the response to the preflight, if it sent one.
    pub preflight: Option<Conclusion>,
    /// The browser's conclusion from the response to the actual request.
    pub actual: Conclusion,
    /// How many of the responses a shared cache may send to every page.
    pub cacheable_for_all: u64,
}

/// Checks one conversation: the preflight, if the browser sends one, and the actual request. The request must be valid.
///
/// # Errors
/// Returns the first disagreement between the core, the oracle and the settings.
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
            // The browser only sees `*`. The core also knows that the origin is not listed.
            Conclusion::Origin if raw.others => Conclusion::Credentials,
            conclusion => conclusion,
        }
    };
    let mut preflight = None;
    if page.needs_preflight() {
        let (method, fields) = page.preflight();
        let (parts, response) = raw.serve(policy, &method, &fields);
        let decision = evaluate(policy, &parts);
        let checked = page.check_preflight(&response);
        let allowed = response_allowed
            && raw.allows_method(&page.normalized_method())
            && page
                .unsafe_header_names()
                .iter()
                .all(|name| raw.allows_header(&page.origin, name));
        expect_equal("preflight allowed", &checked.is_ok(), &allowed, &response)?;
        let conclusion = conclusion_of_oracle(checked);
        let concluded = conclude(&decision);
        expect_equal(
            "conclusion from the preflight",
            &conclusion,
            &concluded,
            &response,
        )?;
        if let Verdict::Denied(Denial::HeaderNotAllowed(named)) = decision.verdict() {
            // Fetch checks `Authorization` before other headers; the core names the first header in the order of the request.
            let names = page.unsafe_header_names();
            let first = names
                .iter()
                .find(|name| !raw.allows_header(&page.origin, name));
            expect_equal(
                "named",
                &first.map(String::as_bytes),
                &Some(named),
                &response,
            )?;
        }
        if allowed {
            let max_age = raw.max_age.map_or(5, u64::from);
            expect_equal(
                "max age",
                &preflight_max_age(&response),
                &max_age,
                &response,
            )?;
        }
        // Without echoes, the response to a preflight depends only on the policy and the origin.
        if !raw.echoes() {
            let fields = [("origin".to_owned(), page.origin.clone().into_bytes())];
            let any = ("access-control-request-method".to_owned(), b"GET".to_vec());
            let (_, other) = raw.serve(policy, "OPTIONS", &[&fields[..], &[any]].concat());
            expect_equal("response to another method", &response, &other, &response)?;
        }
        preflight = Some(conclusion);
    }

    // Check this even after a denied preflight: another preflight in the browser's cache may allow the request.
    let (method, fields) = page.actual();
    let (parts, response) = raw.serve(policy, &method, &fields);
    let decision = evaluate(policy, &parts);
    let checked = page.check_actual(&response);
    expect_equal("allowed", &checked.is_ok(), &response_allowed, &response)?;
    let conclusion = conclusion_of_oracle(checked);
    expect_equal(
        "conclusion from the actual request",
        &conclusion,
        &conclude(&decision),
        &response,
    )?;
    let readable = if response_allowed {
        raw.readable_headers(&response)
    } else {
        Vec::new()
    };
    expect_equal(
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

/// Checks whether the page sees the timing of the response to its request, and of a response to a request without `Origin`.
fn check_timing(
    raw: &Settings,
    policy: &Policy,
    page: &PageRequest,
    response: &ServerResponse,
    origin_allowed: bool,
) -> Result<(), String> {
    let timing = raw.timing && origin_allowed;
    expect_equal("timing", &page.timing_allowed(response), &timing, response)?;

    // Browsers request most images without `Origin`.
    let (_, image) = raw.serve(policy, "GET", &Vec::new());
    expect_equal(
        "timing of an image",
        &page.timing_allowed(&image),
        &raw.allows_timing_without_origin(&page.origin),
        &image,
    )
}

/// Checks the responses that a shared cache, which honors `Vary`, may reuse for another request. Returns how many responses it
/// may send to every page.
fn check_caches(
    raw: &Settings,
    policy: &Policy,
    page: &PageRequest,
    response: ServerResponse,
    response_allowed: bool,
) -> Result<u64, String> {
    let is_origin = naive::is_origin(page.origin.as_bytes());
    let other = vec![("origin".to_owned(), b"https://other.test".to_vec())];
    let (_, to_other) = raw.serve(policy, "GET", &other);
    let (_, without_origin) = raw.serve(policy, "GET", &Vec::new());
    let mut cacheable_for_all = 0;
    for stored in [response, to_other, without_origin] {
        if is_origin && !varies_by_origin(&stored) {
            cacheable_for_all += 1;
            let readable = page.check_actual(&stored).is_ok();
            expect_equal("from a cache", &readable, &response_allowed, &stored)?;
        }
    }
    Ok(cacheable_for_all)
}

fn expect_equal<T: PartialEq + Debug>(
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
    let field = |(name, value): &(Vec<u8>, Vec<u8>)| {
        format!("\n{}: {}", name.escape_ascii(), value.escape_ascii())
    };
    let fields: String = response.headers.iter().map(field).collect();
    format!("{}{fields}", response.status)
}

/// The conclusion of a browser, with the reason that the standard distinguishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// The request is allowed.
    Allowed,
    /// The origin is not allowed.
    Origin,
    /// This method is not allowed.
    Method(String),
    /// A header is not allowed.
    Header,
    /// Credentials are not allowed.
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
            failure => panic!("the core never sends this: {failure:?}"),
        },
        Err(Blocked::MethodNotAllowed(method)) => Conclusion::Method(method),
        Err(Blocked::HeaderNotAllowed(_)) => Conclusion::Header,
        Err(blocked) => panic!("the core never sends this: {blocked:?}"),
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
