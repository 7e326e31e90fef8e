//! The targets of the benchmark.

use std::fmt;

use crate::cases::{Origins, Request};
use crate::figures::{CORE, Cost, Row, Sources};

/// A target, and the outcome of each row that it applies to.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Target {
    pub(crate) fn missed(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| !outcome.is_met())
    }

    pub(crate) fn is_met(&self) -> bool {
        self.missed().next().is_none()
    }
}

/// A figure, and its limit in a target.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    row: String,
    figure: f64,
    limit: f64,
}

impl Outcome {
    fn new(row: &Row, peer: &str, figure: f64, limit: f64) -> Self {
        let (origins, request) = (row.case.origins.name(), row.case.request.name());
        Self {
            row: format!("{} ({origins}; {request}{peer})", row.group),
            figure,
            limit,
        }
    }

    fn is_met(&self) -> bool {
        self.figure <= self.limit
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:.2} (limit {})", self.row, self.figure, self.limit)
    }
}

pub(crate) fn of(rows: &[Row], sources: &[Sources]) -> Vec<Target> {
    let (cores, servers): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.group == CORE);
    vec![
        Target {
            name: "at most half of the time of the framework's middleware, if its responses are correct",
            outcomes: beside_peers(&servers, true, 0.5),
        },
        Target {
            name: "not slower than the framework's middleware, if its responses are correct",
            outcomes: beside_peers(&servers, true, 1.0),
        },
        Target {
            name: "not slower than the framework's middleware, if its responses differ",
            outcomes: beside_peers(&servers, false, 1.0),
        },
        Target {
            name: "not more allocations than the framework's middleware, if its responses are correct",
            outcomes: allocations(&servers, true),
        },
        Target {
            name: "not more allocations than the framework's middleware, if its responses differ",
            outcomes: allocations(&servers, false),
        },
        Target {
            name: "allowed requests: at most 1.3 times the time of inserting the same headers without any check",
            outcomes: against_fixed_headers(&servers),
        },
        Target {
            name: "non-CORS and denied requests: no allocations except those of the `Vary` field",
            outcomes: only_vary(&servers),
        },
        Target {
            name: "core: no allocations",
            outcomes: cores
                .iter()
                .map(|row| Outcome::new(row, "", count(row.omnicors.memory.allocations), 0.0))
                .collect(),
        },
        Target {
            name: "core: at most half of the time of cors-core, if its responses are correct",
            outcomes: against_cors_core(&cores, true),
        },
        Target {
            name: "core: at most half of the time of cors-core, if its responses differ",
            outcomes: against_cors_core(&cores, false),
        },
        Target {
            name: "core: any number of origins and patterns takes at most twice the time of one origin",
            outcomes: against_one_origin(&cores),
        },
        Target {
            name: "a policy handle, a policy per request, or `tracing` without a subscriber: at most 10 % more",
            outcomes: against_fixed_policy(sources),
        },
    ]
}

/// Returns the ratio of two times. A time of at most zero is never slower.
fn ratio(omnicors: Cost, other: Cost) -> f64 {
    if omnicors.nanoseconds <= 0.0 && omnicors.nanoseconds <= other.nanoseconds {
        0.0
    } else if other.nanoseconds <= 0.0 {
        f64::INFINITY
    } else {
        omnicors.nanoseconds / other.nanoseconds
    }
}

fn beside_peers(rows: &[&Row], is_correct: bool, limit: f64) -> Vec<Outcome> {
    each_peer(rows, is_correct, |row, cost| {
        (ratio(row.omnicors, cost), limit)
    })
}

fn allocations(rows: &[&Row], is_correct: bool) -> Vec<Outcome> {
    each_peer(rows, is_correct, |row, cost| {
        (
            count(row.omnicors.memory.allocations),
            count(cost.memory.allocations),
        )
    })
}

fn each_peer(
    rows: &[&Row],
    is_correct: bool,
    figure_and_limit: impl Fn(&Row, Cost) -> (f64, f64),
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        for peer in &row.peers {
            if peer.differences.is_empty() == is_correct {
                let (figure, limit) = figure_and_limit(row, peer.cost);
                outcomes.push(Outcome::new(row, "", figure, limit));
            }
        }
    }
    outcomes
}

fn against_fixed_headers(rows: &[&Row]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        let is_allowed = matches!(
            row.case.request,
            Request::Actual | Request::Preflight | Request::PreflightHeaders
        );
        if let Some(limit) = row.limit.filter(|_| is_allowed) {
            outcomes.push(Outcome::new(row, "", ratio(row.omnicors, limit), 1.3));
        }
    }
    outcomes
}

fn only_vary(rows: &[&Row]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        let is_denied = matches!(
            row.case.request,
            Request::NonCors
                | Request::ActualDenied
                | Request::PreflightDenied
                | Request::ActualLong
        );
        if let Some(limit) = row.limit.filter(|_| is_denied) {
            let figure = count(row.omnicors.memory.allocations);
            outcomes.push(Outcome::new(
                row,
                "",
                figure,
                count(limit.memory.allocations),
            ));
        }
    }
    outcomes
}

fn against_cors_core(rows: &[&Row], is_correct: bool) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        let cors_core = row.peers.iter().filter(|peer| peer.name == "cors-core");
        for peer in cors_core.filter(|peer| peer.differences.is_empty() == is_correct) {
            outcomes.push(Outcome::new(row, "", ratio(row.omnicors, peer.cost), 0.5));
        }
    }
    outcomes
}

fn against_one_origin(rows: &[&Row]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        let is_larger = matches!(
            row.case.origins,
            Origins::Multiple
                | Origins::Many
                | Origins::HundredThousand
                | Origins::Million
                | Origins::MillionAndPatterns
        );
        let one = rows
            .iter()
            .find(|one| one.case.origins == Origins::One && one.case.request == row.case.request);
        if let Some(one) = one.filter(|_| is_larger) {
            outcomes.push(Outcome::new(
                row,
                "",
                ratio(row.omnicors, one.omnicors),
                2.0,
            ));
        }
    }
    outcomes
}

fn against_fixed_policy(sources: &[Sources]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in sources {
        let (origins, request) = (row.case.origins.name(), row.case.request.name());
        let others = [
            ("policy handle", Some(row.handle.nanoseconds)),
            ("policy per request", Some(row.per_request.nanoseconds)),
            ("tracing", row.tracing),
        ];
        for (name, nanoseconds) in others {
            outcomes.extend(nanoseconds.map(|nanoseconds| Outcome {
                row: format!("{name} ({origins}; {request})"),
                figure: nanoseconds / row.fixed.nanoseconds,
                limit: 1.1,
            }));
        }
    }
    outcomes
}

#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
pub(crate) fn count(number: i64) -> f64 {
    number as f64
}
