//! The policy is replaced while requests are served: each response belongs wholly to one policy, and none is lost.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "to panic is how a test fails"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use omnicors_core::{Policy, PolicyConfig};
use omnicors_tests::cases::Outcome;
use omnicors_tests::client::Connection;
use omnicors_tests::frameworks::{self, Framework, Policies, Started, built};
use omnicors_tests::progress::Progress;

/// Requests in flight at a time: each is on a connection of its own, which is kept.
const CONNECTIONS: usize = 4;

/// How often the policy is replaced with a look at what comes of it.
const ROUNDS: usize = 200;

/// How many responses come while the policy is replaced as fast as can be.
const IN_THE_STORM: usize = 800;

const ONE: &str = "https://one.test";
const BOTH: &str = "https://both.test";

/// Two policies that agree on nothing: whatever is taken from the wrong one can be seen.
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
        .refuse_disallowed_origins(true);
    [first, second].map(built)
}

/// A request, and what each of the policies has it answered with.
struct Case {
    method: &'static str,
    lines: &'static [(&'static str, &'static str)],
    outcomes: [Outcome; 2],
}

fn outcome(status: u16, ran: bool, lines: &[&str]) -> Outcome {
    Outcome {
        status,
        // The application of the frameworks does not say so itself; that it has run is seen by its body.
        ran: false,
        body: if ran { "hello" } else { "" }.to_owned(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        vary: vec!["origin".to_owned()],
    }
}

fn cases() -> [Case; 4] {
    const PREFLIGHT: (&str, &str) = ("Access-Control-Request-Method", "PUT");
    [
        Case {
            method: "GET",
            lines: &[("Host", "api.test"), ("Origin", BOTH)],
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
            lines: &[("Host", "api.test"), ("Origin", BOTH), PREFLIGHT],
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
            lines: &[("Host", "api.test"), ("Origin", ONE)],
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
            lines: &[("Host", "api.test"), ("Origin", ONE), PREFLIGHT],
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
fn each_response_belongs_wholly_to_one_policy_while_policies_are_replaced_and_none_is_lost() {
    let cases = cases();
    for Case { outcomes, .. } in &cases {
        assert_ne!(outcomes[0], outcomes[1], "nothing could be told");
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

/// Asks while the policy is replaced; returns how many responses came.
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
            // First one at a time. Of more responses than connections, one is to a request that was sent after: it must be
            // of the new policy.
            for round in 0..ROUNDS {
                let is_second = round % 2 == 0;
                started.replace(if is_second { &second } else { &first }.clone());
                let before = load.seen(usize::from(is_second));
                load.responses.wait_for(CONNECTIONS + 1);
                let after = load.seen(usize::from(is_second));
                assert!(
                    before < after || load.responses.is_over(),
                    "{}: round {round} changes nothing",
                    load.name
                );
            }
            // Then as fast as can be.
            let enough = load.responses.done() + IN_THE_STORM;
            while load.responses.done() < enough && !load.responses.is_over() {
                started.replace(second.clone());
                started.replace(first.clone());
                thread::yield_now();
            }
        },
    )
}

/// Asks while the policy is chosen per request, by the path; returns how many responses came.
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
            load.responses.wait_for(IN_THE_STORM);
            let are_both = load.seen(0) > 0 && load.seen(1) > 0;
            assert!(
                are_both || load.responses.is_over(),
                "{}: one is never chosen",
                load.name
            );
        },
    )
}

/// Several connections that ask one thing after the other, until they are told to stop.
struct Load {
    name: &'static str,
    /// How many responses were of the first policy, and of the second.
    seen: [AtomicUsize; 2],
    /// The same together.
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

    /// Runs `client`, which is told its number, on as many threads as there are connections, while `meanwhile` runs.
    fn run(
        &self,
        client: impl Fn(usize) -> Result<(), String> + Sync,
        meanwhile: impl FnOnce(),
    ) -> usize {
        thread::scope(|scope| {
            for number in 0..CONNECTIONS {
                let client = &client;
                scope.spawn(move || {
                    // One that ends early, for whatever reason, ends it for all.
                    let _over = self.responses.over_when_dropped();
                    if let Err(error) = client(number) {
                        *self.wrong.lock().unwrap() = Some(error);
                    }
                });
            }
            let _over = self.responses.over_when_dropped();
            meanwhile();
        });
        if let Some(wrong) = self.wrong.lock().unwrap().take() {
            panic!("{}: {wrong}", self.name);
        }
        self.responses.done()
    }

    /// What one of the connections asks. `policy_of` says whose a response is, by what each policy has it be and which of
    /// the paths was asked.
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
        // Each begins elsewhere, so that unlike requests are under way at a time.
        for turn in number.. {
            if self.responses.is_over() {
                break;
            }
            let case = &cases[turn % cases.len()];
            let path = turn / cases.len() % paths.len();
            let response = connection
                .ask(case.method, paths[path], case.lines)
                .map_err(|error| format!("request {turn} is lost: {error}"))?;
            let got = Outcome::of(&response);
            let policy = policy_of(&case.outcomes, path, &got).ok_or_else(|| {
                let asked = (case.method, paths[path], case.lines);
                format!("{asked:?} is answered by no policy, or by the wrong one: {got}")
            })?;
            self.seen[policy].fetch_add(1, Ordering::SeqCst);
            self.responses.add();
        }
        Ok(())
    }
}
