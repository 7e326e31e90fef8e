//! For any policy, page and request, the browser's side of Fetch allows exactly what the policy allows, and blocks for the reason that
//! the core predicts: see [`omnicors_tests::conversation`].

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "oracle/generated.rs"]
mod generated;

use std::cell::Cell;

use omnicors_tests::conversation::{Conclusion, Conversation, converse};
use omnicors_tests::effort;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use self::generated::{other_fields, page, settings, static_settings};

const POLICIES: u32 = 800;
const REQUESTS_PER_POLICY: usize = 30;

#[test]
fn a_browser_allows_exactly_what_the_policy_allows() {
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
        let policy = raw
            .build()
            .map_err(|error| TestCaseError::fail(format!("{error}\n{raw:#?}")))?;
        for page in &pages {
            let conversation = converse(&raw, &policy, page).map_err(|disagreement| {
                TestCaseError::fail(format!("{disagreement}\n{page:#?}\n{raw:#?}"))
            })?;
            if let Some(conversation) = conversation {
                tally.add(&conversation);
            }
        }
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        // Only report the failing conversation, not the others that were generated with it.
        Err(TestError::Fail(disagreement, _)) => panic!("{disagreement}"),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
    tally.assert_every_outcome_occurred();
    println!("oracle: {} requests, 0 disagreements", tally.requests.get());
}

/// <https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches>: with a static policy, neither `Origin` nor anything else in a
/// request changes a byte of the response, and there is no `Vary`.
#[test]
fn a_static_policy_sends_identical_responses_to_all_requests_of_a_kind() {
    let config = Config {
        cases: 2_000 * effort::times(),
        failure_persistence: None,
        ..Config::default()
    };
    let seen = Cell::new(0_u64);
    let requests = (static_settings(), vec(other_fields(), 8));
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&requests, |(raw, requests)| {
        let policy = raw
            .build()
            .map_err(|error| TestCaseError::fail(format!("{error}\n{raw:#?}")))?;
        prop_assert!(policy.is_static(), "{raw:#?}");
        let (_, actual) = raw.serve(&policy, "GET", &Vec::new());
        let preflight = |origin: &[u8]| {
            Vec::from([
                ("origin".to_owned(), origin.to_vec()),
                ("access-control-request-method".to_owned(), b"GET".to_vec()),
            ])
        };
        let fields = preflight(b"https://example.com");
        let (_, of_preflight) = raw.serve(&policy, "OPTIONS", &fields);
        for others in requests {
            let (_, response) = raw.serve(&policy, "GET", &others);
            prop_assert_eq!(&response, &actual, "{:#?}", others);
            let (_, response) = raw.serve(&policy, "POST", &others);
            prop_assert_eq!(&response, &actual, "{:#?}", others);
            let fields = [preflight(b"\xFF"), others].concat();
            let (_, response) = raw.serve(&policy, "OPTIONS", &fields);
            prop_assert_eq!(&response, &of_preflight, "{:#?}", fields);
            seen.set(seen.get() + 1);
        }
        let ours = |(name, value): &(String, Vec<u8>)| {
            name == "vary" && value.to_ascii_lowercase().ends_with(b"origin")
        };
        prop_assert!(!actual.headers.iter().any(ours), "{actual:?}");
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    println!(
        "oracle: {} requests to static policies, identical responses",
        seen.get()
    );
}

/// Counts outcomes. A run in which nothing is ever denied, or allowed, would prove nothing.
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
    fn add(&self, conversation: &Conversation) {
        count(&self.requests);
        if let Some(conclusion) = &conversation.preflight {
            count(&self.preflights);
            self.conclude(conclusion);
            if *conclusion == Conclusion::Allowed {
                count(&self.allowed_preflights);
            }
        }
        self.conclude(&conversation.actual);
        let cacheable = self.cacheable_for_all.get() + conversation.cacheable_for_all;
        self.cacheable_for_all.set(cacheable);
    }

    fn conclude(&self, conclusion: &Conclusion) {
        count(match conclusion {
            Conclusion::Allowed => &self.allowed,
            Conclusion::Origin => &self.denied_for_origin,
            Conclusion::Method(_) => &self.denied_for_method,
            Conclusion::Header => &self.denied_for_header,
            Conclusion::Credentials => &self.denied_for_credentials,
        });
    }

    fn assert_every_outcome_occurred(&self) {
        let share = self.requests.get() / 100;
        for (what, cell) in [
            ("preflight needed", &self.preflights),
            ("allowed", &self.allowed),
            ("preflight allowed", &self.allowed_preflights),
            ("origin denied", &self.denied_for_origin),
            ("method denied", &self.denied_for_method),
            ("header denied", &self.denied_for_header),
            ("credentials denied", &self.denied_for_credentials),
            ("cacheable for all", &self.cacheable_for_all),
        ] {
            assert!(cell.get() > share, "{what}: {} times only", cell.get());
        }
    }
}
