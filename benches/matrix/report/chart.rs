//! The chart: what ours takes of what the framework's own takes, for the usual requests.

use std::fmt::Write as _;

use super::table;
use crate::figures::{Peer, Row};

const LABEL: f64 = 230.0;
const BAR: f64 = 360.0;
const WIDTH: f64 = 860.0;
const LINE: f64 = 24.0;
const TOP: f64 = 64.0;

/// Colours that can be read on white and on black; text and lines follow the reader's choice.
const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#24292f}\
.title{font-weight:600;font-size:15px}\
.quiet{fill:#57606a}\
.theirs{fill:#8c959f;opacity:.45}\
.ours{fill:#2f81f7}\
.limit{stroke:#d29922;stroke-width:3}\
.grid{stroke:#8c959f;stroke-dasharray:3 3}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9da7b3}}";

pub(crate) fn of(rows: &[Row]) -> String {
    let usual: Vec<(&Row, &Peer)> = rows
        .iter()
        .filter(|row| table::is_usual(row))
        .filter_map(|row| Some((row, row.peers.first()?)))
        .collect();
    let lines: f64 = usual.iter().map(|_| LINE).sum();
    let bottom = TOP + lines;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"What a request costs beyond the framework, beside the framework's own middleware\">\n<style>{STYLE}</style>\n",
        bottom + 30.0
    );
    svg += "<text class=\"title\" x=\"8\" y=\"22\">What CORS adds to a request: Omnicors, as a share of what is used now</text>\n";
    svg += "<text class=\"quiet\" x=\"8\" y=\"42\">net of the framework; the yellow mark is the application putting the same headers in by hand; less is better</text>\n";
    for (number, (row, peer)) in usual.iter().enumerate() {
        svg += &line(TOP + LINE * index(number), row, peer);
    }
    for share in [0.5, 1.0] {
        let x = LABEL + BAR * share;
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{bottom}\"/><text class=\"quiet\" text-anchor=\"middle\" x=\"{x}\" y=\"{}\">{:.0} %</text>",
            TOP - 6.0,
            bottom + 18.0,
            share * 100.0
        );
    }
    svg + "</svg>\n"
}

fn line(y: f64, row: &Row, peer: &Peer) -> String {
    let theirs = peer.cost.nanoseconds;
    // Less than nothing is nothing, and what is off the chart ends at its edge: the figures say what it is.
    let length = |nanoseconds: f64| (nanoseconds / theirs).clamp(0.0, 1.15) * BAR;
    let text = y + 14.0;
    let mut svg = format!(
        "<text x=\"8\" y=\"{text}\">{}, {}</text><rect class=\"theirs\" x=\"{LABEL}\" y=\"{}\" width=\"{BAR}\" height=\"16\"/><rect class=\"ours\" x=\"{LABEL}\" y=\"{}\" width=\"{:.1}\" height=\"10\"/>",
        row.group,
        row.case.request.name(),
        y + 2.0,
        y + 5.0,
        length(row.ours.nanoseconds),
    );
    if let Some(limit) = row.limit.filter(|_| row.group != crate::figures::ENGINE) {
        let x = LABEL + length(limit.nanoseconds);
        let _ = write!(
            svg,
            "<line class=\"limit\" x1=\"{x:.1}\" y1=\"{}\" x2=\"{x:.1}\" y2=\"{}\"/>",
            y + 2.0,
            y + 18.0
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"quiet\" x=\"{}\" y=\"{text}\">{:.0} ns / {} {theirs:.0} ns</text>",
        LABEL + BAR * 1.15 + 8.0,
        row.ours.nanoseconds,
        peer.name
    );
    svg
}

/// There are a dozen.
#[expect(clippy::cast_precision_loss, reason = "as said above")]
fn index(number: usize) -> f64 {
    number as f64
}
