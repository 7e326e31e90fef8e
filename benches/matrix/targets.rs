//! The targets of the benchmark.

use std::fmt;

use crate::cases::{Case, Origins};
use crate::figures::{CORE, Cost, Row, Sources};
use crate::instructions::Counted;

/// A target, and the outcome of each row that it applies to.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// How many of ten rows must meet the limit.
    of_ten: usize,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Target {
    fn for_all(name: &'static str, outcomes: Vec<Outcome>) -> Self {
        Self {
            name,
            of_ten: 10,
            outcomes,
        }
    }

    fn for_nine_of_ten(name: &'static str, outcomes: Vec<Outcome>) -> Self {
        Self {
            of_ten: 9,
            ..Self::for_all(name, outcomes)
        }
    }

    pub(crate) fn missed(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| !outcome.is_met())
    }

    pub(crate) fn is_met(&self) -> bool {
        let met = self.outcomes.len() - self.missed().count();
        met * 10 >= self.outcomes.len() * self.of_ten
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
    fn new(group: &str, case: &Case, figure: f64, limit: f64) -> Self {
        let (origins, request) = (case.origins.name(), case.request.name());
        Self {
            row: format!("{group} ({origins}; {request})"),
            figure,
            limit,
        }
    }

    fn of(row: &Row, figure: f64, limit: f64) -> Self {
        Self::new(row.group, &row.case, figure, limit)
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

/// The greatest accepted ratio to the floor.
pub(crate) const OF_FLOOR: f64 = 1.25;

pub(crate) fn of(rows: &[Row], counted: &[Counted], sources: &[Sources]) -> Vec<Target> {
    let (cores, servers): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.group == CORE);
    let (counted_cores, counted): (Vec<&Counted>, Vec<&Counted>) =
        counted.iter().partition(|row| row.group == CORE);
    vec![
        Target::for_all(
            "instructions: at most 1.25 of the floor",
            counted_beside_floors(&counted),
        ),
        Target::for_all(
            "time: at most 1.25 of the floor",
            beside_floors(&servers, |row, floor| {
                (ratio(row.base, row.omnicors, floor), OF_FLOOR)
            }),
        ),
        Target::for_all(
            "allocations: not more than the floor",
            beside_floors(&servers, |row, floor| {
                (allocations(row.omnicors), allocations(floor))
            }),
        ),
        Target::for_all(
            "instructions: not more than the peer, if its responses are correct",
            counted_beside_peers(&counted, 1.0),
        ),
        Target::for_all(
            "time: not more than the peer, if its responses are correct",
            beside_peers(&servers, |row, peer| {
                (ratio(row.base, row.omnicors, peer), 1.0)
            }),
        ),
        Target::for_all(
            "allocations: not more than the peer, if its responses are correct",
            beside_peers(&servers, |row, peer| {
                (allocations(row.omnicors), allocations(peer))
            }),
        ),
        Target::for_nine_of_ten(
            "instructions: in nine of ten rows at most half of the peer, if its responses are correct",
            counted_beside_peers(&counted, 0.5),
        ),
        Target::for_nine_of_ten(
            "time: in nine of ten rows at most half of the peer, if its responses are correct",
            beside_peers(&servers, |row, peer| {
                (ratio(row.base, row.omnicors, peer), 0.5)
            }),
        ),
        Target::for_all(
            "core: no allocations",
            cores
                .iter()
                .map(|row| Outcome::of(row, allocations(row.omnicors), 0.0))
                .collect(),
        ),
        Target::for_all(
            "core: at most the instructions of cors-core, if its responses are correct",
            counted_beside_peers(&counted_cores, 1.0),
        ),
        Target::for_all(
            "core: any number of origins and patterns takes at most twice the time of one origin",
            against_one_origin(&cores),
        ),
        Target::for_all(
            "a policy handle, a policy per request, or `tracing` without a subscriber: at most 10 % more time",
            against_fixed_policy(sources),
        ),
    ]
}

/// Returns the ratio of two costs beyond that of the framework. If a response to a preflight saves more work of the application than
/// it takes, a cost is negative. Then the cost of the framework is not subtracted.
pub(crate) fn net_ratio(base: f64, omnicors: f64, other: f64) -> f64 {
    if omnicors > 0.0 && other > 0.0 {
        omnicors / other
    } else {
        (base + omnicors) / (base + other)
    }
}

fn ratio(base: Cost, omnicors: Cost, other: Cost) -> f64 {
    net_ratio(base.nanoseconds, omnicors.nanoseconds, other.nanoseconds)
}

fn allocations(cost: Cost) -> f64 {
    count(cost.memory.allocations)
}

fn beside_floors(
    rows: &[&Row],
    figure_and_limit: impl Fn(&Row, Cost) -> (f64, f64),
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        if let Some(floor) = row.floor {
            let (figure, limit) = figure_and_limit(row, floor);
            outcomes.push(Outcome::of(row, figure, limit));
        }
    }
    outcomes
}

fn beside_peers(
    rows: &[&Row],
    figure_and_limit: impl Fn(&Row, Cost) -> (f64, f64),
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        for peer in row.peers.iter().filter(|peer| peer.differences.is_empty()) {
            let (figure, limit) = figure_and_limit(row, peer.cost);
            outcomes.push(Outcome::of(row, figure, limit));
        }
    }
    outcomes
}

fn counted_beside_floors(counted: &[&Counted]) -> Vec<Outcome> {
    let floors = counted.iter().filter_map(|row| Some((row, row.floor?)));
    floors
        .map(|(row, floor)| counted_outcome(row, floor, OF_FLOOR))
        .collect()
}

fn counted_beside_peers(counted: &[&Counted], limit: f64) -> Vec<Outcome> {
    let peers = counted
        .iter()
        .filter_map(|row| Some((row, row.peer.as_ref()?)));
    peers
        .filter(|(_, peer)| peer.differences.is_empty())
        .map(|(row, peer)| counted_outcome(row, peer.count, limit))
        .collect()
}

fn counted_outcome(row: &Counted, other: i64, limit: f64) -> Outcome {
    let figure = net_ratio(count(row.base), count(row.omnicors), count(other));
    Outcome::new(row.group, &row.case, figure, limit)
}

fn against_one_origin(rows: &[&Row]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in rows {
        let is_larger = row.case.origins.is_large()
            || matches!(row.case.origins, Origins::Multiple | Origins::Many);
        let one = rows
            .iter()
            .find(|one| one.case.origins == Origins::One && one.case.request == row.case.request);
        if let Some(one) = one.filter(|_| is_larger) {
            let figure = row.omnicors.nanoseconds / one.omnicors.nanoseconds;
            outcomes.push(Outcome::of(row, figure, 2.0));
        }
    }
    outcomes
}

fn against_fixed_policy(sources: &[Sources]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for row in sources {
        let others = [
            ("policy handle", Some(row.handle.nanoseconds)),
            ("policy per request", Some(row.per_request.nanoseconds)),
            ("tracing", row.tracing),
        ];
        for (name, nanoseconds) in others {
            outcomes.extend(nanoseconds.map(|nanoseconds| {
                let figure = nanoseconds / row.fixed.nanoseconds;
                Outcome::new(name, &row.case, figure, 1.1)
            }));
        }
    }
    outcomes
}

#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
pub(crate) fn count(number: i64) -> f64 {
    number as f64
}
