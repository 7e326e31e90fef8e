//! What was promised, and whether it is kept.

use std::fmt;

use crate::cases::{Origins, Request};
use crate::figures::{Cost, ENGINE, Row, Sources};

/// A promise, by each row that it speaks of.
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

/// A figure and its limit.
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
        write!(f, "{}: {:.2}, not {}", self.row, self.figure, self.limit)
    }
}

pub(crate) fn of(rows: &[Row], sources: &[Sources]) -> Vec<Target> {
    let (engines, servers): (Vec<&Row>, Vec<&Row>) =
        rows.iter().partition(|row| row.group == ENGINE);
    vec![
        Target {
            name: "at most half of what the framework's own costs, where that answers as it should",
            outcomes: beside_peers(&servers, true, 0.5),
        },
        Target {
            name: "never slower than the framework's own, where that answers as it should",
            outcomes: beside_peers(&servers, true, 1.0),
        },
        Target {
            name: "never slower than the framework's own, where that answers otherwise",
            outcomes: beside_peers(&servers, false, 1.0),
        },
        Target {
            name: "never more allocations than the framework's own, where that answers as it should",
            outcomes: allocations(&servers, true),
        },
        Target {
            name: "never more allocations than the framework's own, where that answers otherwise",
            outcomes: allocations(&servers, false),
        },
        Target {
            name: "at most 1.3 times the same headers put in by hand: allowed, actual and preflight",
            outcomes: beside_hand(&servers),
        },
        Target {
            name: "non-CORS or refused: no allocation beyond those of the `Vary` line",
            outcomes: vary_alone(&servers),
        },
        Target {
            name: "engine: no allocation",
            outcomes: engines
                .iter()
                .map(|row| Outcome::new(row, "", count(row.ours.asked.allocations), 0.0))
                .collect(),
        },
        Target {
            name: "engine: at most half of cors-core's time, where that answers as it should",
            outcomes: beside_cors_core(&engines, true),
        },
        Target {
            name: "engine: at most half of cors-core's time, where that answers otherwise",
            outcomes: beside_cors_core(&engines, false),
        },
        Target {
            name: "engine: as many origins as one likes, patterns too, at most twice the time of one",
            outcomes: beside_one(&engines),
        },
        Target {
            name: "a handle, a policy per request, `tracing` switched off: at most 10 % on top",
            outcomes: on_top(sources),
        },
    ]
}

/// Ours beside theirs; what takes nothing is beside nothing.
fn ratio(ours: Cost, other: Cost) -> f64 {
    if ours.nanoseconds <= 0.0 && ours.nanoseconds <= other.nanoseconds {
        0.0
    } else if other.nanoseconds <= 0.0 {
        f64::INFINITY
    } else {
        ours.nanoseconds / other.nanoseconds
    }
}

fn beside_peers(rows: &[&Row], answers_rightly: bool, limit: f64) -> Vec<Outcome> {
    each_peer(rows, answers_rightly, |row, cost| {
        (ratio(row.ours, cost), limit)
    })
}

fn allocations(rows: &[&Row], answers_rightly: bool) -> Vec<Outcome> {
    each_peer(rows, answers_rightly, |row, cost| {
        (
            count(row.ours.asked.allocations),
            count(cost.asked.allocations),
        )
    })
}

fn each_peer(
    rows: &[&Row],
    answers_rightly: bool,
    figure_and_limit: impl Fn(&Row, Cost) -> (f64, f64),
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        for peer in &row.peers {
            if peer.otherwise.is_empty() == answers_rightly {
                let (figure, limit) = figure_and_limit(row, peer.cost);
                outcomes.push(Outcome::new(row, "", figure, limit));
            }
        }
    }
    outcomes
}

fn beside_hand(rows: &[&Row]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        let is_allowed = matches!(
            row.case.request,
            Request::Actual | Request::Preflight | Request::PreflightHeaders
        );
        if let Some(limit) = row.limit.filter(|_| is_allowed) {
            outcomes.push(Outcome::new(row, "", ratio(row.ours, limit), 1.3));
        }
    }
    outcomes
}

fn vary_alone(rows: &[&Row]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        let is_refused = matches!(
            row.case.request,
            Request::NonCors
                | Request::ActualRefused
                | Request::PreflightRefused
                | Request::ActualLong
        );
        if let Some(limit) = row.limit.filter(|_| is_refused) {
            let figure = count(row.ours.asked.allocations);
            outcomes.push(Outcome::new(
                row,
                "",
                figure,
                count(limit.asked.allocations),
            ));
        }
    }
    outcomes
}

fn beside_cors_core(rows: &[&Row], answers_rightly: bool) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        let cors_core = row.peers.iter().filter(|peer| peer.name == "cors-core");
        for peer in cors_core.filter(|peer| peer.otherwise.is_empty() == answers_rightly) {
            outcomes.push(Outcome::new(row, "", ratio(row.ours, peer.cost), 0.5));
        }
    }
    outcomes
}

fn beside_one(rows: &[&Row]) -> Vec<Outcome> {
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
            outcomes.push(Outcome::new(row, "", ratio(row.ours, one.ours), 2.0));
        }
    }
    outcomes
}

fn on_top(sources: &[Sources]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in sources {
        let (origins, request) = (row.case.origins.name(), row.case.request.name());
        let others = [
            ("handle", Some(row.handle.nanoseconds)),
            ("per request", Some(row.per_request.nanoseconds)),
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

/// There are a few.
#[expect(clippy::cast_precision_loss, reason = "as said above")]
pub(crate) fn count(number: i64) -> f64 {
    number as f64
}
