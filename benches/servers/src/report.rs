use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use crate::interval::{self, median};
use crate::load::{Load, MULTIPLEXED, OPEN, Round};
use crate::{Framework, Middleware};

/// The rounds of the servers of a framework, in the order of [`Middleware::ALL`].
type Row<'a> = (&'a Framework, [Vec<Round>; Middleware::ALL.len()]);

/// Returns a table in Markdown.
pub(crate) fn table(rows: &[Row<'_>], load: Load) -> String {
    let mut text = format!(
        "{} rounds of {} s for each server, in turns; one worker thread; {OPEN} requests at once, over {OPEN} connections, or {MULTIPLEXED} \
         of HTTP/2 and HTTP/3.\n\n\
         | framework | CORS | requests per second | as a share of none (95 % confidence) | p99 | as a share of none |\n\
         |---|---|--:|--:|--:|--:|\n",
        load.rounds, load.seconds
    );
    for (framework, servers) in rows {
        for (middleware, rounds) in Middleware::ALL.into_iter().zip(servers) {
            let name = match middleware {
                Middleware::None => "none",
                Middleware::Omnicors => "omnicors",
                Middleware::Own => framework.own,
            };
            let none = &servers[0];
            let rate = |round: &Round| round.requests_per_second;
            let latency = |round: &Round| round.p99;
            let _ = writeln!(
                text,
                "| {} | {name} | {:.0} | {} | {:.0} µs | {} |",
                framework.name,
                median(rounds.iter().map(rate).collect()),
                share(rounds, none, rate),
                median(rounds.iter().map(latency).collect()),
                share(rounds, none, latency),
            );
        }
    }
    text
}

/// Writes the ratio of a figure to that of the server without CORS, in the same round.
fn share(rounds: &[Round], none: &[Round], figure: fn(&Round) -> f64) -> String {
    if std::ptr::eq(rounds, none) {
        return "-".to_owned();
    }
    let pairs = rounds.iter().zip(none);
    let ratios: Vec<f64> = pairs
        .map(|(round, none)| figure(round) / figure(none))
        .collect();
    let interval = interval::of(&ratios);
    format!(
        "{:.3} ({:.3} to {:.3})",
        interval.median, interval.low, interval.high
    )
}

/// Writes the table to a file that git ignores.
pub(crate) fn write(text: &str) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("servers.md"), text)
}
