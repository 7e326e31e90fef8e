//! Tables in Markdown, which a terminal shows well enough.

use std::fmt::Write as _;

use crate::cases::Request;
use crate::figures::{Cost, ENGINE, Peer, Row, Sources};
use crate::instructions::Counted;
use crate::targets::{Target, count};

/// A table for the engines, and one for each framework.
pub(crate) fn all(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut rows = rows;
    while let Some(first) = rows.first() {
        let count = rows
            .iter()
            .take_while(|row| row.group == first.group)
            .count();
        let (group, rest) = rows.split_at(count);
        let _ = writeln!(text, "### {}\n", first.group);
        text += &if first.group == ENGINE {
            engines(group)
        } else {
            framework(group)
        };
        text.push('\n');
        rows = rest;
    }
    text
}

fn engines(rows: &[Row]) -> String {
    let mut text = String::from(
        "| origins | request | ours, ns | cors-core, ns | ours / it | bunner_cors_rs, ns | ours / it | hash set, ns | allocations: ours, cors-core, bunner_cors_rs | answers otherwise |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        let [cors_core, bunner] = &*row.peers else {
            continue;
        };
        let otherwise = [cors_core, bunner]
            .into_iter()
            .filter(|peer| !peer.otherwise.is_empty())
            .map(|peer| format!("{}: {}", peer.name, peer.otherwise.join(", ")));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {}, {}, {} | {} |",
            row.case.origins.name(),
            row.case.request.name(),
            time(row.ours),
            time(cors_core.cost),
            ratio(row.ours, cors_core.cost),
            time(bunner.cost),
            ratio(row.ours, bunner.cost),
            row.limit.map_or_else(String::new, time),
            row.ours.asked.allocations,
            cors_core.cost.asked.allocations,
            bunner.cost.asked.allocations,
            otherwise.collect::<Vec<_>>().join("; "),
        );
    }
    text
}

fn framework(rows: &[Row]) -> String {
    let peer = rows.iter().find_map(|row| row.peers.first());
    let peer = peer.map_or("its own", |peer| peer.name);
    let mut text = format!(
        "| origins | request | alone, ns | ours, ns | {peer}, ns | ours / it | by hand, ns | ours / it | allocations: ours, {peer}, by hand | bytes: ours, {peer}, by hand | {peer} answers otherwise |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        let theirs = row.peers.first();
        let of_peer = |show: &dyn Fn(&Peer) -> String| theirs.map_or_else(|| "-".into(), show);
        let limit = row.limit.unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {}, {}, {} | {}, {}, {} | {} |",
            row.case.origins.name(),
            row.case.request.name(),
            time(row.base),
            time(row.ours),
            of_peer(&|peer| time(peer.cost)),
            of_peer(&|peer| ratio(row.ours, peer.cost)),
            time(limit),
            ratio(row.ours, limit),
            row.ours.asked.allocations,
            of_peer(&|peer| peer.cost.asked.allocations.to_string()),
            limit.asked.allocations,
            row.ours.asked.bytes,
            of_peer(&|peer| peer.cost.asked.bytes.to_string()),
            limit.asked.bytes,
            theirs.map_or_else(|| "cannot say it".into(), |peer| peer.otherwise.join(", ")),
        );
    }
    text
}

/// Where the policy comes from.
pub(crate) fn sources(sources: &[Sources]) -> String {
    let mut text = String::from(
        "| policy, with tower | request | fixed, ns | behind a handle, ns | on top | chosen per request, ns | on top | `tracing` compiled in and switched off, ns | on top |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in sources {
        let fixed = row.fixed.nanoseconds;
        let beside =
            |nanoseconds| format!("{nanoseconds:.0} | {:.0} %", on_top(nanoseconds, fixed));
        let _ = writeln!(
            text,
            "| {} | {} | {fixed:.0} | {} | {} | {} |",
            row.case.origins.name(),
            row.case.request.name(),
            beside(row.handle.nanoseconds),
            beside(row.per_request.nanoseconds),
            row.tracing.map_or_else(|| "- | -".into(), beside),
        );
    }
    text
}

fn on_top(nanoseconds: f64, base: f64) -> f64 {
    (nanoseconds / base - 1.0) * 100.0
}

/// What valgrind counts.
pub(crate) fn instructions(counted: &[Counted]) -> String {
    let mut text = String::from(
        "| | origins | request | ours | its own | ours / it | by hand | ours / it |\n\
         |---|---|---|--:|--:|--:|--:|--:|\n",
    );
    for row in counted {
        let beside = |other: i64| format!("{other} | {:.2}", count(row.ours) / count(other));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            row.group,
            row.origins.name(),
            row.request.name(),
            row.ours,
            row.theirs.map_or_else(|| "- | -".into(), beside),
            row.by_hand.map_or_else(|| "- | -".into(), beside),
        );
    }
    text
}

/// Each target, and whether it is met; then each row that misses one.
pub(crate) fn targets(targets: &[Target]) -> String {
    let mut text = String::from("| target | rows | met | |\n|---|--:|--:|---|\n");
    for target in targets {
        let rows = target.outcomes.len();
        let met = rows - target.missed().count();
        let mark = if target.is_met() { "met" } else { "MISSED" };
        let _ = writeln!(text, "| {} | {rows} | {met} | {mark} |", target.name);
    }
    for target in targets.iter().filter(|target| !target.is_met()) {
        let _ = writeln!(text, "\nMissed: {}\n", target.name);
        for outcome in target.missed() {
            let _ = writeln!(text, "* {outcome}");
        }
    }
    text
}

/// With three digits: there are no more to be had.
fn time(cost: Cost) -> String {
    let nanoseconds = cost.nanoseconds;
    if nanoseconds.abs() < 10.0 {
        format!("{nanoseconds:.1}")
    } else {
        format!("{nanoseconds:.0}")
    }
}

fn ratio(ours: Cost, other: Cost) -> String {
    // Less than nothing: an answer saves what the framework does for the application.
    if ours.nanoseconds <= 0.0 || other.nanoseconds <= 0.0 {
        return "-".into();
    }
    let ratio = ours.nanoseconds / other.nanoseconds;
    if ratio < 0.1 {
        format!("{ratio:.3}")
    } else {
        format!("{ratio:.2}")
    }
}

/// The rows of the chart and of the summary: what nearly all requests are.
pub(crate) fn is_usual(row: &Row) -> bool {
    row.case.origins == crate::cases::Origins::One
        && matches!(row.case.request, Request::Actual | Request::Preflight)
}
