//! Whole conversations of a page and a server, judged by the browser's side of Fetch: for any policy, any request and
//! any credentials mode, the oracle allows exactly what the policy says, and concludes what the core says it will.
//!
//! What the policy says is found here by plain means, from the raw settings: lists are looked through, origins are put to
//! the naive matcher.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "to panic is how a test fails"
)]

#[path = "oracle/generated.rs"]
mod generated;
#[path = "oracle/settings.rs"]
mod settings;

use std::cell::Cell;

use omnicors_core::{Decision, Denial, Policy, Verdict, evaluate};
use omnicors_tests::oracle::{
    Blocked, CheckFailure, CredentialsMode, PageRequest, ServerResponse, preflight_max_age,
};
use omnicors_tests::{effort, naive};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use self::generated::{page, settings};
use self::settings::Settings;

const POLICIES: u32 = 800;
const REQUESTS_PER_POLICY: usize = 30;

#[test]
fn the_oracle_allows_what_the_policy_says_no_more_and_no_less() {
    let config = Config {
        cases: POLICIES * effort::times(),
        failure_persistence: None,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&effort::seed().to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, rng);

    let tally = Tally::default();
    let conversations =
        settings().prop_flat_map(|raw| (vec(page(&raw), REQUESTS_PER_POLICY), Just(raw)));
    let outcome = runner.run(&conversations, |(pages, raw)| {
        let policy = raw.build();
        for page in pages.iter().filter(|page| page.is_valid()) {
            converse(&raw, &policy, page, &tally).map_err(|disagreement| {
                TestCaseError::fail(format!("{disagreement}\n{page:#?}\n{raw:#?}"))
            })?;
        }
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        // The one conversation that went wrong, not the others that were generated with it.
        Err(TestError::Fail(disagreement, _)) => panic!("{disagreement}"),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
    tally.check_that_all_has_happened();
    println!("oracle: {} requests, 0 disagreements", tally.requests.get());
}

/// What has happened: a test in which nothing is ever denied, or allowed, has shown nothing.
#[derive(Default)]
struct Tally {
    requests: Cell<u64>,
    preflights: Cell<u64>,
    allowed: Cell<u64>,
    allowed_preflights: Cell<u64>,
    denied_for_origin: Cell<u64>,
    denied_for_method: Cell<u64>,
    denied_for_header: Cell<u64>,
    denied_for_credentials: Cell<u64>,
    cacheable_for_all: Cell<u64>,
}

fn count(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

impl Tally {
    fn check_that_all_has_happened(&self) {
        let share = self.requests.get() / 100;
        for (what, cell) in [
            ("preflight needed", &self.preflights),
            ("allowed", &self.allowed),
            ("preflight allowed", &self.allowed_preflights),
            ("denied for its origin", &self.denied_for_origin),
            ("denied for its method", &self.denied_for_method),
            ("denied for a header", &self.denied_for_header),
            ("denied for its credentials", &self.denied_for_credentials),
            ("the same for all", &self.cacheable_for_all),
        ] {
            assert!(cell.get() > share, "{what}: {} times only", cell.get());
        }
    }
}

/// One conversation: the preflight, if the browser makes one, and the actual request.
fn converse(
    raw: &Settings,
    policy: &Policy,
    page: &PageRequest,
    tally: &Tally,
) -> Result<(), TestCaseError> {
    let with_credentials = page.credentials == CredentialsMode::Include;
    let origin_allowed = raw.allows_origin(&page.origin);
    let response_allowed = origin_allowed && (raw.credentials || !with_credentials);
    let conclude = |decision: &Decision<'_>| {
        if !with_credentials {
            return conclusion_of_core(decision.verdict());
        }
        conclusion_of_core(decision.verdict_with_credentials())
    };
    count(&tally.requests);

    if page.needs_preflight() {
        count(&tally.preflights);
        let (method, lines) = page.preflight();
        let (parts, response) = raw.serve(policy, &method, &lines);
        let decision = evaluate(policy, &parts);
        let checked = page.check_preflight(&response);
        let allowed = response_allowed
            && raw.allows_method(&page.normalized_method())
            && page
                .unsafe_header_names()
                .iter()
                .all(|name| raw.allows_header(name));
        prop_assert_eq!(
            checked.is_ok(),
            allowed,
            "{:?}\n{}",
            checked,
            shown(&response)
        );
        let conclusion = conclusion_of_oracle(checked);
        let concluded = conclude(&decision);
        prop_assert_eq!(&conclusion, &concluded, "{}", shown(&response));
        conclusion.tally(tally);
        if let Verdict::Denied(Denial::HeaderNotAllowed(named)) = decision.verdict() {
            // The standard looks for Authorization before the others; the core names the first as they were sent.
            let names = page.unsafe_header_names();
            let first = names.iter().find(|name| !raw.allows_header(name));
            prop_assert_eq!(first.map(String::as_bytes), Some(named));
        }
        if allowed {
            count(&tally.allowed_preflights);
            let max_age = raw.max_age.map_or(5, u64::from);
            prop_assert_eq!(preflight_max_age(&response), max_age);
        }
        // The answer to a preflight is a function of the policy and the origin, where nothing is echoed.
        if !raw.echoes() {
            let lines = [("origin".to_owned(), page.origin.clone().into_bytes())];
            let any = ("access-control-request-method".to_owned(), b"GET".to_vec());
            let (_, other) = raw.serve(policy, "OPTIONS", &[&lines[..], &[any]].concat());
            prop_assert_eq!(&response, &other);
        }
    }

    // Whether or not the preflight was passed: it may have been another one, that is in the browser's cache.
    let (method, lines) = page.actual();
    let (parts, response) = raw.serve(policy, &method, &lines);
    let decision = evaluate(policy, &parts);
    let checked = page.check_actual(&response);
    prop_assert_eq!(checked.is_ok(), response_allowed, "{}", shown(&response));
    let conclusion = conclusion_of_oracle(checked);
    prop_assert_eq!(&conclusion, &conclude(&decision), "{}", shown(&response));
    conclusion.tally(tally);
    let readable = if response_allowed {
        raw.readable_headers(&response)
    } else {
        Vec::new()
    };
    prop_assert_eq!(page.readable_headers(&response), readable);
    prop_assert_eq!(
        page.timing_allowed(&response),
        raw.timing && origin_allowed,
        "{}",
        shown(&response)
    );

    // A shared cache that keeps to `Vary` may hand out the response to a request of someone else.
    let is_origin = naive::is_origin(page.origin.as_bytes()) || page.origin == "null";
    let stranger = [("origin".to_owned(), b"https://stranger.test".to_vec())];
    let (_, of_stranger) = raw.serve(policy, "GET", &stranger);
    let (_, of_nobody) = raw.serve(policy, "GET", &[]);
    for stored in [response, of_stranger, of_nobody] {
        if is_origin && !varies_by_origin(&stored) {
            count(&tally.cacheable_for_all);
            prop_assert_eq!(page.check_actual(&stored).is_ok(), response_allowed);
        }
    }
    Ok(())
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
enum Conclusion {
    Allowed,
    Origin,
    Method(String),
    Header,
    Credentials,
}

impl Conclusion {
    fn tally(&self, tally: &Tally) {
        count(match self {
            Self::Allowed => &tally.allowed,
            Self::Origin => &tally.denied_for_origin,
            Self::Method(_) => &tally.denied_for_method,
            Self::Header => &tally.denied_for_header,
            Self::Credentials => &tally.denied_for_credentials,
        });
    }
}

fn conclusion_of_oracle(checked: Result<(), Blocked>) -> Conclusion {
    match checked {
        Ok(()) => Conclusion::Allowed,
        Err(Blocked::PreflightCheck(failure) | Blocked::ActualCheck(failure)) => match failure {
            CheckFailure::AllowOriginMissing => Conclusion::Origin,
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
            Conclusion::Method(method.escape_ascii().to_string())
        }
        Verdict::Denied(Denial::HeaderNotAllowed(_)) => Conclusion::Header,
        Verdict::Denied(Denial::CredentialsNotAllowed) => Conclusion::Credentials,
        Verdict::Denied(_) => Conclusion::Origin,
    }
}
