//! What the page says about a run: a paragraph, and one table.

use std::fmt::Write as _;

use super::data::{InstructionRow, Report, Row};
use super::table::instruction_ratio;
use crate::cases::{Origins, Request};
use crate::figures::CORE;
use crate::targets::{OF_FLOOR, count, net_ratio};

/// The columns of the table.
const COLUMNS: [(Origins, Request, &str); 7] = [
    (Origins::One, Request::NonCors, "no `Origin`"),
    (Origins::One, Request::Actual, "allowed"),
    (Origins::One, Request::ActualDenied, "denied"),
    (Origins::One, Request::Preflight, "preflight"),
    (Origins::All, Request::NonCors, "any: no `Origin`"),
    (Origins::All, Request::Actual, "any: allowed"),
    (Origins::All, Request::Preflight, "any: preflight"),
];

pub(crate) fn paragraph(report: &Report) -> String {
    let (actual, preflight) = (
        times(&report.rows, Request::Actual),
        times(&report.rows, Request::Preflight),
    );
    let counted = servers(report);
    let peers: Vec<f64> = counted.iter().filter_map(|row| peer_ratio(row)).collect();
    let mut floors: Vec<f64> = counted.iter().filter_map(|row| floor_ratio(row)).collect();
    floors.sort_by(f64::total_cmp);
    let least = |limit: f64| peers.iter().filter(|ratio| **ratio <= limit).count();
    let at = |part: usize| floors.get(floors.len() * part / 10).copied();
    let (median, most) = (at(5).unwrap_or_default(), at(9).unwrap_or_default());
    format!(
        "With Omnicors, CORS adds {actual} to an allowed request, and {preflight} to a preflight, depending on the framework. \
         In {} of the {} measured cases in which the framework's own middleware gives the expected response, Omnicors executes at most as \
         many instructions; in {}, at most half as many; in {} of the others, the *floor*, the least that a correct middleware can do, \
         executes more than half. Compared with the floor, Omnicors executes at most {OF_FLOOR} times the instructions in {} of {} cases, \
         {median:.2} times in the median, and {most:.2} times in nine of ten cases at most.\n",
        least(1.0),
        peers.len(),
        least(0.5),
        counted
            .iter()
            .filter(|row| is_half_out_of_reach(row))
            .count(),
        floors.iter().filter(|ratio| **ratio <= OF_FLOOR).count(),
        floors.len(),
    )
}

/// Returns the least and the greatest time of a request to a policy with one origin.
fn times(rows: &[Row], request: Request) -> String {
    let rows = rows.iter().filter(|row| {
        row.group != CORE && row.origins == Origins::One.name() && row.request == request.name()
    });
    let times: Vec<f64> = rows.map(|row| row.omnicors.nanoseconds).collect();
    let least = times.iter().copied().fold(f64::INFINITY, f64::min);
    let most = times.iter().copied().fold(0.0, f64::max);
    format!("{least:.0} to {most:.0} ns")
}

pub(crate) fn table(report: &Report) -> String {
    let names = COLUMNS.map(|column| column.2).join(" | ");
    let mut text = format!(
        "Instructions of Omnicors, divided by those of the framework's own middleware / by those of the floor, for a policy with \
         one origin and for one that allows any origin:\n\n\
         | | {names} |\n|---{}|\n",
        "|--:".repeat(COLUMNS.len())
    );
    let counted = servers(report);
    let mut groups: Vec<&str> = counted.iter().map(|row| &*row.group).collect();
    groups.dedup();
    for group in groups {
        let cells = COLUMNS.map(|(origins, request, _)| {
            let row = counted.iter().find(|row| {
                row.group == group && row.origins == origins.name() && row.request == request.name()
            });
            row.map_or_else(|| "-".into(), |row| cell(row))
        });
        let _ = writeln!(text, "| {group} | {} |", cells.join(" | "));
    }
    text + "\n\\* The framework's own middleware does not give the expected response: it sends no `Vary`, or responds in place of the application.\n"
}

fn cell(row: &InstructionRow) -> String {
    let shown = |other| format!("{:.2}", instruction_ratio(row, other));
    let peer = row.peer.as_ref().map_or_else(
        || "-".into(),
        |peer| {
            let mark = if peer.differences.is_empty() {
                ""
            } else {
                "\\*"
            };
            format!("{}{mark}", shown(peer.count))
        },
    );
    let floor = row.floor.map_or_else(|| "-".into(), shown);
    format!("{peer} / {floor}")
}

fn servers(report: &Report) -> Vec<&InstructionRow> {
    let rows = report.instructions.iter();
    rows.filter(|row| row.group != CORE).collect()
}

/// Returns the ratio to a peer whose responses are correct.
fn peer_ratio(row: &InstructionRow) -> Option<f64> {
    let peer = row.peer.as_ref()?;
    let is_correct = peer.differences.is_empty();
    is_correct.then(|| instruction_ratio(row, peer.count))
}

/// Returns true if Omnicors executes more than half of the instructions of a peer whose responses are correct, and the floor does so too.
fn is_half_out_of_reach(row: &InstructionRow) -> bool {
    let exceeds_half = peer_ratio(row).is_some_and(|ratio| ratio > 0.5);
    let (Some(floor), Some(peer)) = (row.floor, &row.peer) else {
        return false;
    };
    exceeds_half && net_ratio(count(row.base), count(floor), count(peer.count)) > 0.5
}

fn floor_ratio(row: &InstructionRow) -> Option<f64> {
    Some(instruction_ratio(row, row.floor?))
}
