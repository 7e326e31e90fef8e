//! Replaces the policy while requests are served: each response belongs to exactly one policy, and no request is lost.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use omnicors_core::{Guard, Policy, PolicyConfig};
use omnicors_tests::cases::Outcome;
use omnicors_tests::client::Connection;
use omnicors_tests::frameworks::{self, Framework, Policies, Started, built};
use omnicors_tests::progress::Progress;

/// The number of concurrent requests, each on its own persistent connection.
const CONNECTIONS: usize = 4;

/// The number of replacements after which the responses are compared.
const ROUNDS: usize = 200;

/// The number of responses while the policy is replaced continuously.
const RAPID_RESPONSES: usize = 800;

const ONE: &str = "https://one.test";
const BOTH: &str = "https://both.test";

/// Two policies without a common setting, so that every mixture is visible.
fn policies() -> [Policy; 2] {
    let first = PolicyConfig::new()
        .allow_origins([ONE, BOTH])
        .allow_methods(["PUT"])
        .allow_headers(["x-first"])
        .expose_headers(["x-first-exposed"])
        .max_age(Duration::from_secs(1))
        .allow_credentials(true)
        .timing_allow_origin(true);
    let second = PolicyConfig::new()
        .allow_origins([BOTH])
        .allow_methods(["DELETE", "PATCH"])
        .allow_headers(["x-second"])
        .expose_headers(["x-second-exposed", "x-second-too"])
        .max_age(Duration::from_secs(2))
        .preflight_status(200)
        .guard(Guard::All);
    [first, second].map(built)
}

/// A request, and the expected response under each policy.
struct Case {
    method: &'static str,
    fields: &'static [(&'static str, &'static str)],
    outcomes: [Outcome; 2],
}

fn outcome(status: u16, ran: bool, fields: &[&str]) -> Outcome {
    Outcome {
        status,
        // These applications do not send `x-ran`; the body shows that they ran.
        ran: false,
        body: if ran { "hello" } else { "" }.to_owned(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        vary: vec!["origin".to_owned()],
    }
}

fn cases() -> [Case; 4] {
    const PREFLIGHT: (&str, &str) = ("Access-Control-Request-Method", "PUT");
    [
        Case {
            method: "GET",
            fields: &[("Host", "api.test"), ("Origin", BOTH)],
            outcomes: [
                outcome(
                    200,
                    true,
                    &[
                        "access-control-allow-credentials: true",
                        "access-control-allow-origin: https://both.test",
                        "access-control-expose-headers: x-first-exposed",
                        "timing-allow-origin: https://both.test",
                    ],
                ),
                outcome(
                    200,
                    true,
                    &[
                        "access-control-allow-origin: https://both.test",
                        "access-control-expose-headers: x-second-exposed, x-second-too",
                    ],
                ),
            ],
        },
        Case {
            method: "OPTIONS",
            fields: &[("Host", "api.test"), ("Origin", BOTH), PREFLIGHT],
            outcomes: [
                outcome(
                    204,
                    false,
                    &[
                        "access-control-allow-credentials: true",
                        "access-control-allow-headers: x-first",
                        "access-control-allow-methods: GET, HEAD, POST, PUT",
                        "access-control-allow-origin: https://both.test",
                        "access-control-max-age: 1",
                    ],
                ),
                outcome(
                    200,
                    false,
                    &[
                        "access-control-allow-headers: x-second",
                        "access-control-allow-methods: GET, HEAD, POST, DELETE, PATCH",
                        "access-control-allow-origin: https://both.test",
                        "access-control-max-age: 2",
                    ],
                ),
            ],
        },
        Case {
            method: "GET",
            fields: &[("Host", "api.test"), ("Origin", ONE)],
            outcomes: [
                outcome(
                    200,
                    true,
                    &[
                        "access-control-allow-credentials: true",
                        "access-control-allow-origin: https://one.test",
                        "access-control-expose-headers: x-first-exposed",
                        "timing-allow-origin: https://one.test",
                    ],
                ),
                outcome(403, false, &["cache-control: no-store"]),
            ],
        },
        Case {
            method: "OPTIONS",
            fields: &[("Host", "api.test"), ("Origin", ONE), PREFLIGHT],
            outcomes: [
                outcome(
                    204,
                    false,
                    &[
                        "access-control-allow-credentials: true",
                        "access-control-allow-headers: x-first",
                        "access-control-allow-methods: GET, HEAD, POST, PUT",
                        "access-control-allow-origin: https://one.test",
                        "access-control-max-age: 1",
                    ],
                ),
                outcome(403, false, &[]),
            ],
        },
    ]
}

#[test]
fn each_response_belongs_to_one_policy_while_policies_are_replaced() {
    let cases = cases();
    for Case { outcomes, .. } in &cases {
        assert_ne!(
            outcomes[0], outcomes[1],
            "the policies are indistinguishable"
        );
    }
    let all = frameworks::all();
    let mut fewest = usize::MAX;
    for framework in &all {
        let count = while_replaced(&**framework, &cases) + while_chosen(&**framework, &cases);
        fewest = fewest.min(count);
    }
    println!(
        "swap: {fewest} and more responses x {} servers, each wholly of one policy, none lost",
        all.len()
    );
}

/// Sends requests while the policy is replaced; returns the number of responses.
fn while_replaced(framework: &dyn Framework, cases: &[Case]) -> usize {
    let [first, second] = policies();
    let started = framework.start(Policies::Replaceable(first.clone()));
    let load = Load::new(framework.name());
    load.run(
        |number| {
            load.ask(&started, cases, number, &["/"], |outcomes, _, got| {
                outcomes.iter().position(|outcome| outcome == got)
            })
        },
        || {
            // First one replacement at a time. After more responses than connections, at least one request was sent after the
            // replacement, and must get the new policy.
            for round in 0..ROUNDS {
                let is_second = round % 2 == 0;
                started.replace(if is_second { &second } else { &first }.clone());
                let before = load.seen(usize::from(is_second));
                load.responses.wait_for(CONNECTIONS + 1);
                let after = load.seen(usize::from(is_second));
                assert!(
                    before < after || load.responses.is_finished(),
                    "{}: round {round} has no effect",
                    load.name
                );
            }
            // Then as fast as possible.
            let enough = load.responses.done() + RAPID_RESPONSES;
            while load.responses.done() < enough && !load.responses.is_finished() {
                started.replace(second.clone());
                started.replace(first.clone());
                thread::yield_now();
            }
        },
    )
}

/// Sends requests while a function chooses the policy by path; returns the number of responses.
fn while_chosen(framework: &dyn Framework, cases: &[Case]) -> usize {
    let started = framework.start(Policies::ByPath(policies()));
    let load = Load::new(framework.name());
    load.run(
        |number| {
            let paths = ["/", "/other"];
            load.ask(&started, cases, number, &paths, |outcomes, path, got| {
                (outcomes[path] == *got).then_some(path)
            })
        },
        || {
            load.responses.wait_for(RAPID_RESPONSES);
            let are_both = load.seen(0) > 0 && load.seen(1) > 0;
            assert!(
                are_both || load.responses.is_finished(),
                "{}: one policy is never chosen",
                load.name
            );
        },
    )
}

/// Several connections that send requests in turn until the test stops them.
struct Load {
    name: &'static str,
    /// The number of responses of the first and of the second policy.
    seen: [AtomicUsize; 2],
    /// The number of responses of both.
    responses: Progress,
    wrong: Mutex<Option<String>>,
}

impl Load {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            seen: [AtomicUsize::new(0), AtomicUsize::new(0)],
            responses: Progress::new(),
            wrong: Mutex::new(None),
        }
    }

    fn seen(&self, policy: usize) -> usize {
        self.seen[policy].load(Ordering::SeqCst)
    }

    /// Runs `client` with its number on as many threads as there are connections, while `meanwhile` runs.
    fn run(
        &self,
        client: impl Fn(usize) -> Result<(), String> + Sync,
        meanwhile: impl FnOnce(),
    ) -> usize {
        thread::scope(|scope| {
            for number in 0..CONNECTIONS {
                let client = &client;
                scope.spawn(move || {
                    // If one client ends early, all end.
                    let _over = self.responses.finish_when_dropped();
                    if let Err(error) = client(number) {
                        *self.wrong.lock().unwrap() = Some(error);
                    }
                });
            }
            let _over = self.responses.finish_when_dropped();
            meanwhile();
        });
        if let Some(wrong) = self.wrong.lock().unwrap().take() {
            panic!("{}: {wrong}", self.name);
        }
        self.responses.done()
    }

    /// Sends the requests of one connection. `policy_of` returns the policy of a response, given the outcome and the
    /// path.
    fn ask(
        &self,
        started: &Started,
        cases: &[Case],
        number: usize,
        paths: &[&str],
        policy_of: impl Fn(&[Outcome; 2], usize, &Outcome) -> Option<usize>,
    ) -> Result<(), String> {
        let open = Connection::open(started.address());
        let mut connection = open.map_err(|error| error.to_string())?;
        // Each client begins with another request, so that different requests are in flight.
        for turn in number.. {
            if self.responses.is_finished() {
                break;
            }
            let case = &cases[turn % cases.len()];
            let path = turn / cases.len() % paths.len();
            let response = connection
                .ask(case.method, paths[path], case.fields)
                .map_err(|error| format!("request {turn} is lost: {error}"))?;
            let got = Outcome::of(&response);
            let policy = policy_of(&case.outcomes, path, &got).ok_or_else(|| {
                let request = (case.method, paths[path], case.fields);
                format!("{request:?} gets a response of no policy, or of the wrong one: {got}")
            })?;
            self.seen[policy].fetch_add(1, Ordering::SeqCst);
            self.responses.add();
        }
        Ok(())
    }
}
