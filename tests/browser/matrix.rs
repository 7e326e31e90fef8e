//! Sends every case that a page can cause from real pages in real browsers to real servers: the browser must send and conclude
//! what `omnicors-browser` and the core predict.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "matrix/console.rs"]
mod console;
#[path = "matrix/run.rs"]
mod run;
#[path = "matrix/servers.rs"]
mod servers;

use omnicors_browser_tests::Engine;
use omnicors_browser_tests::cases::{self, Ports};
use omnicors_browser_tests::relay::Relay;

use run::{Found, Matrix};
use servers::Servers;

/// The minimum number of cases: guards against cases that are skipped by mistake.
const MIN_CASES: usize = 150;

/// The minimum number of generated pairs of a policy and a request, in each engine.
const MIN_GENERATED: usize = 1_000;

/// The minimum number of predicted console lines of generated pairs, in each engine whose console can be read.
const MIN_LINES: usize = 100;

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn every_engine_sends_and_concludes_what_is_predicted() {
    let pages = Relay::start();
    let others = pages.on_another_port();
    let api = pages.on_another_port();
    let all = cases::load(Ports {
        page: pages.port(),
        other: others.port(),
    });
    let (servers, _running) = Servers::start(&all);
    let matrix = Matrix {
        pages,
        others,
        api,
        all,
        servers,
    };

    let found = Engine::in_each(Engine::ALL, async |engine| matrix.run(engine).await);
    for (engine, found) in Engine::ALL.iter().zip(&found) {
        for disagreement in &found.disagreements {
            println!("{disagreement}\n");
        }
        for (reason, count) in &found.skipped {
            println!("{}: {count} pairs are skipped: {reason}", engine.name());
        }
        println!(
            "{}: {} outcomes deviate from the standard, as omnicors-browser says",
            engine.name(),
            found.deviations
        );
        for (reason, count) in &found.unread {
            println!(
                "{}: {count} console lines are not read: {reason}",
                engine.name()
            );
        }
        if console::unreadable(*engine, false).is_none() {
            let (lines, generated) = (found.console_lines, found.generated_lines);
            println!(
                "{}: {lines} console lines, {generated} of them of generated pairs",
                engine.name()
            );
            assert!(generated >= MIN_LINES, "{generated} lines");
        }
    }
    let least = |count: fn(&Found) -> usize| found.iter().map(count).min().unwrap_or_default();
    let (pairs, generated) = (least(|found| found.pairs), least(|found| found.generated));
    let disagreements: usize = found.iter().map(|found| found.disagreements.len()).sum();
    let names = Engine::ALL.map(Engine::name).join(", ");
    println!(
        "browsers: {pairs} pairs x {names}: {disagreements} disagreements; {generated} of the pairs are generated"
    );
    assert_eq!(disagreements, 0);
    assert!(generated >= MIN_GENERATED, "{generated} generated pairs");
    assert!(pairs - generated >= MIN_CASES, "{pairs} pairs");
}
