//! All figures, for programs.

use serde_json::{Value, json};

use super::{Run, docs};
use crate::figures::{Cost, Row};

pub(crate) fn of(run: &Run, lock: &str) -> String {
    let targets = run.targets.iter().map(|target| {
        let missed = target.missed();
        json!({
            "target": target.name,
            "rows": target.outcomes.len(),
            "missed": missed.map(ToString::to_string).collect::<Vec<_>>(),
        })
    });
    let sources = run.sources.iter().map(|sources| {
        json!({
            "origins": sources.case.origins.name(),
            "request": sources.case.request.name(),
            "fixed": cost(sources.fixed),
            "handle": cost(sources.handle),
            "per_request": cost(sources.per_request),
            "tracing": { "nanoseconds": sources.tracing },
        })
    });
    let instructions = run.instructions.iter().map(|counted| {
        json!({
            "group": counted.group,
            "origins": counted.origins.name(),
            "request": counted.request.name(),
            "ours": counted.ours,
            "peer": counted.peer,
            "theirs": counted.theirs,
            "by_hand": counted.by_hand,
        })
    });
    let whole = json!({
        "machine": docs::machine(),
        "compiler": docs::compiler(),
        "versions": docs::versions(lock).collect::<std::collections::BTreeMap<_, _>>(),
        "rows": run.rows.iter().map(row).collect::<Vec<_>>(),
        "sources": sources.collect::<Vec<_>>(),
        "instructions": instructions.collect::<Vec<_>>(),
        "targets": targets.collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}

fn row(row: &Row) -> Value {
    let peers = row.peers.iter().map(|peer| {
        json!({
            "name": peer.name,
            "cost": cost(peer.cost),
            "answers_otherwise": peer.otherwise,
        })
    });
    json!({
        "group": row.group,
        "origins": row.case.origins.name(),
        "request": row.case.request.name(),
        "framework_alone": cost(row.base),
        "ours": cost(row.ours),
        "peers": peers.collect::<Vec<_>>(),
        "limit": row.limit.map(cost),
    })
}

fn cost(cost: Cost) -> Value {
    json!({
        "nanoseconds": (cost.nanoseconds * 10.0).round() / 10.0,
        "allocations": cost.asked.allocations,
        "bytes": cost.asked.bytes,
    })
}
