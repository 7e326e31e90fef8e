//! The chart: the time of omnicors as a share of the time of the framework's own middleware, for the most common requests.
//!
//! ```text
//!   axis      LABEL            LABEL + BAR * MOST
//!     |         |                     |
//!   label       [=========|====]      | 135 ns (tower-http: 192 ns)
//!                         |
//!                         marker: the floor
//! ```
//!
//! A bar beyond the axis has a gap, and its share as text.

use std::fmt::Write as _;

use super::data::{Peer, Row};
use crate::figures::CORE;

/// Where the bars begin, the length of 100 %, and the share at which the axis ends.
const LABEL: f64 = 265.0;
const BAR: f64 = 290.0;
const MOST: f64 = 1.25;

const WIDTH: f64 = 915.0;
const LINE: f64 = 24.0;
const TOP: f64 = 96.0;

/// Colors with enough contrast on a light and a dark background.
const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#24292f}\
.title{font-weight:600;font-size:15px}\
.quiet{fill:#57606a}\
.share{font-weight:600;fill:#fff}\
.peer{fill:#8c959f;opacity:.45}\
.omnicors{fill:#2f6fd0}\
.gap{fill:#fff}\
.floor{stroke:#d29922;stroke-width:3}\
.grid{stroke:#8c959f;stroke-dasharray:3 3}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9da7b3}.gap{fill:#0d1117}}";

const TITLE: &str = "Time that CORS adds to a request";

pub(crate) fn draw(rows: &[Row]) -> String {
    let common: Vec<(&Row, &Peer)> = rows
        .iter()
        .filter(|row| row.is_common && row.group != CORE)
        .filter_map(|row| Some((row, row.peers.first()?)))
        .collect();
    let bottom = TOP + LINE * number(common.len());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{TITLE}: omnicors compared with the framework's own middleware\">\n<style>{STYLE}</style>\n",
        bottom + 52.0
    );
    let _ = writeln!(svg, "<text class=\"title\" x=\"8\" y=\"22\">{TITLE}</text>");
    svg += "<text class=\"quiet\" x=\"8\" y=\"42\">Allowed requests to a policy with one origin. The time of framework and application is subtracted. Shorter is faster.</text>\n";
    svg += &legend(62.0);
    for (index, (row, peer)) in common.iter().enumerate() {
        svg += &bar(TOP + LINE * number(index), row, peer);
    }
    svg + &axis(bottom) + "</svg>\n"
}

fn legend(y: f64) -> String {
    let (swatch, text) = (y + 1.0, y + 11.0);
    format!(
        "<rect class=\"omnicors\" x=\"8\" y=\"{swatch}\" width=\"18\" height=\"10\"/><text x=\"32\" y=\"{text}\">omnicors</text>\
         <rect class=\"peer\" x=\"112\" y=\"{}\" width=\"18\" height=\"16\"/><text x=\"136\" y=\"{text}\">the framework's own middleware (100 %)</text>\
         <line class=\"floor\" x1=\"424\" y1=\"{}\" x2=\"424\" y2=\"{}\"/><text x=\"434\" y=\"{text}\">the floor: the least that a correct middleware can do</text>\n",
        y - 2.0,
        y - 2.0,
        y + 14.0
    )
}

fn axis(bottom: f64) -> String {
    let mut svg = String::new();
    for share in [0.0, 0.5, 1.0] {
        let x = LABEL + BAR * share;
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{bottom}\"/><text class=\"quiet\" text-anchor=\"middle\" x=\"{x}\" y=\"{}\">{:.0} %</text>",
            TOP - 6.0,
            bottom + 18.0,
            share * 100.0
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"quiet\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">share of the time of the framework's own middleware, in percent</text>",
        LABEL + BAR * MOST / 2.0,
        bottom + 40.0
    );
    svg
}

fn bar(y: f64, row: &Row, peer: &Peer) -> String {
    let text = y + 14.0;
    let share = row.omnicors.nanoseconds / peer.cost.nanoseconds;
    let length = share.clamp(0.0, MOST) * BAR;
    let group = match &*row.group {
        "tower, cloned" => "axum (tower, cloned)",
        group => group,
    };
    let request = match row.request.trim_end_matches(", allowed") {
        "actual" => "actual request",
        request => request,
    };
    let mut svg = format!(
        "<text x=\"8\" y=\"{text}\">{group}: {request}</text>\
         <rect class=\"peer\" x=\"{LABEL}\" y=\"{}\" width=\"{BAR}\" height=\"16\"/>\
         <rect class=\"omnicors\" x=\"{LABEL}\" y=\"{}\" width=\"{length:.1}\" height=\"10\"/>",
        y + 2.0,
        y + 5.0,
    );
    if share > MOST {
        svg += &cut(y, share);
    }
    if let Some(floor) = row.floor {
        let share = (floor.nanoseconds / peer.cost.nanoseconds).clamp(0.0, MOST);
        let x = LABEL + share * BAR;
        let _ = write!(
            svg,
            "<line class=\"floor\" x1=\"{x:.1}\" y1=\"{}\" x2=\"{x:.1}\" y2=\"{}\"/>",
            y + 2.0,
            y + 18.0
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"quiet\" x=\"{}\" y=\"{text}\">{:.0} ns ({}: {:.0} ns)</text>",
        LABEL + BAR * MOST + 8.0,
        row.omnicors.nanoseconds,
        peer.name,
        peer.cost.nanoseconds
    );
    svg
}

/// Marks a bar that is longer than the axis: a slanted gap near its end, and its share.
fn cut(y: f64, share: f64) -> String {
    let x = LABEL + BAR * MOST - 14.0;
    format!(
        "<path class=\"gap\" d=\"M{} {}l4 -14h4l-4 14z\"/><text class=\"share\" style=\"font-size:10px\" text-anchor=\"end\" x=\"{}\" y=\"{}\">{:.0} %</text>",
        x,
        y + 17.0,
        x - 4.0,
        y + 13.5,
        share * 100.0
    )
}

/// Converts the index of a bar. There are about a dozen bars.
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
fn number(index: usize) -> f64 {
    index as f64
}
