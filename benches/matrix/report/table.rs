//! Tables in Markdown.

use std::fmt::Write as _;

use super::data::{Cost, InstructionRow, Peer, Row, SourceRow, TargetRow};
use crate::figures::CORE;
use crate::targets::{count, net_ratio};

/// Returns a table for each group.
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
        text += &if first.group == CORE {
            core(group)
        } else {
            framework(group)
        };
        text.push('\n');
        rows = rest;
    }
    text
}

fn core(rows: &[Row]) -> String {
    let mut text = String::from(
        "| allowed origins | request | omnicors-core, ns | cors-core, ns | omnicors-core / cors-core | bunner_cors_rs, ns | \
         omnicors-core / bunner_cors_rs | `HashSet` lookup, ns | allocations: omnicors-core, cors-core, bunner_cors_rs | \
         incorrect responses |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        let [cors_core, bunner] = &*row.peers else {
            continue;
        };
        let differences = [cors_core, bunner]
            .into_iter()
            .filter(|peer| !peer.differences.is_empty())
            .map(|peer| format!("{}: {}", peer.name, peer.differences.join(", ")));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {}, {}, {} | {} |",
            row.origins,
            row.request,
            time(row.omnicors),
            time(cors_core.cost),
            ratio(row.omnicors, cors_core.cost),
            time(bunner.cost),
            ratio(row.omnicors, bunner.cost),
            row.floor.map_or_else(String::new, time),
            row.omnicors.allocations,
            cors_core.cost.allocations,
            bunner.cost.allocations,
            differences.collect::<Vec<_>>().join("; "),
        );
    }
    text
}

fn framework(rows: &[Row]) -> String {
    let peer = rows.iter().find_map(|row| row.peers.first());
    let name = peer.map_or("other middleware", |peer| &peer.name);
    let mut text = format!(
        "| allowed origins | request | no middleware, ns | omnicors, ns | {name}, ns | omnicors / {name} | floor, ns | \
         omnicors / floor | allocations: omnicors, {name}, floor | \
         bytes: omnicors, {name}, floor | incorrect responses of {name} |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        let peer = row.peers.first();
        let of_peer = |show: &dyn Fn(&Peer) -> String| peer.map_or_else(|| "-".into(), show);
        let floor = row.floor;
        let of_floor = |show: &dyn Fn(Cost) -> String| floor.map_or_else(|| "-".into(), show);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {}, {}, {} | {}, {}, {} | {} |",
            row.origins,
            row.request,
            time(row.no_middleware),
            time(row.omnicors),
            of_peer(&|peer| time(peer.cost)),
            of_peer(&|peer| ratio(row.omnicors, peer.cost)),
            of_floor(&time),
            of_floor(&|floor| ratio(row.omnicors, floor)),
            row.omnicors.allocations,
            of_peer(&|peer| peer.cost.allocations.to_string()),
            of_floor(&|floor| floor.allocations.to_string()),
            row.omnicors.bytes,
            of_peer(&|peer| peer.cost.bytes.to_string()),
            of_floor(&|floor| floor.bytes.to_string()),
            peer.map_or_else(
                || "not supported".into(),
                |peer| peer.differences.join(", ")
            ),
        );
    }
    text
}

/// Returns the table of the sources of a policy.
pub(crate) fn sources(sources: &[SourceRow]) -> String {
    let mut text = String::from(
        "| request | fixed policy, ns | policy handle, ns | difference | policy per request, ns | difference | \
         fixed policy, `tracing` without a subscriber, ns | difference |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in sources {
        let fixed = row.fixed.nanoseconds;
        let against = |nanoseconds: f64| {
            format!(
                "{nanoseconds:.0} | {:+.0} %",
                (nanoseconds / fixed - 1.0) * 100.0
            )
        };
        let _ = writeln!(
            text,
            "| {} | {fixed:.0} | {} | {} | {} |",
            row.request,
            against(row.handle.nanoseconds),
            against(row.per_request.nanoseconds),
            row.tracing.map_or_else(|| "- | -".into(), against),
        );
    }
    text
}

/// Returns the table of instructions.
pub(crate) fn instructions(rows: &[InstructionRow]) -> String {
    let mut text = String::from(
        "| | allowed origins | request | no middleware | omnicors | peer | | omnicors / peer | floor | omnicors / floor | incorrect responses of the peer |\n\
         |---|---|---|--:|--:|---|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        let against = |other: i64| format!("{other} | {:.2}", instruction_ratio(row, other));
        let peer = row.peer.as_ref();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.group,
            row.origins,
            row.request,
            row.base,
            row.omnicors,
            peer.map_or("-", |peer| &peer.name),
            peer.map_or_else(|| "- | -".into(), |peer| against(peer.count)),
            row.floor.map_or_else(|| "- | -".into(), against),
            peer.map_or_else(String::new, |peer| peer.differences.join(", ")),
        );
    }
    text
}

/// Returns the ratio of the instructions of omnicors to others.
pub(crate) fn instruction_ratio(row: &InstructionRow, other: i64) -> f64 {
    net_ratio(count(row.base), count(row.omnicors), count(other))
}

/// Returns the table of targets, and a list of the rows that miss one.
pub(crate) fn targets(targets: &[TargetRow]) -> String {
    let mut text = String::from("| target | rows | met | |\n|---|--:|--:|---|\n");
    for target in targets {
        let met = target.rows - target.missed.len();
        let mark = if target.is_met { "met" } else { "MISSED" };
        let _ = writeln!(
            text,
            "| {} | {} | {met} | {mark} |",
            target.target, target.rows
        );
    }
    for target in targets.iter().filter(|target| !target.missed.is_empty()) {
        let _ = writeln!(text, "\nMissed: {}\n", target.target);
        for outcome in &target.missed {
            let _ = writeln!(text, "* {outcome}");
        }
    }
    text
}

/// Writes a time with at most three digits, because more are not reproducible.
fn time(cost: Cost) -> String {
    let nanoseconds = cost.nanoseconds;
    if nanoseconds.abs() < 10.0 {
        format!("{nanoseconds:.1}")
    } else {
        format!("{nanoseconds:.0}")
    }
}

fn ratio(omnicors: Cost, other: Cost) -> String {
    // A time can be negative: a response to a preflight saves the work of the application.
    if omnicors.nanoseconds <= 0.0 || other.nanoseconds <= 0.0 {
        return "-".into();
    }
    let ratio = omnicors.nanoseconds / other.nanoseconds;
    if ratio < 0.1 {
        format!("{ratio:.3}")
    } else {
        format!("{ratio:.2}")
    }
}
