//! The page of the quick start in real browsers: editing the policy turns requests from blocked to allowed, the page shows mistakes in
//! the policy with suggestions, and everyone can use it: by keyboard, on a phone, with a screen reader, and without JavaScript.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "browsers/accessibility.rs"]
mod accessibility;
#[path = "browsers/editing.rs"]
mod editing;
#[path = "browsers/keyboard.rs"]
mod keyboard;
#[path = "browsers/mistakes.rs"]
mod mistakes;
#[path = "browsers/page.rs"]
mod page;
#[path = "browsers/phone.rs"]
mod phone;
#[path = "browsers/usage.rs"]
mod usage;
#[path = "browsers/without_scripts.rs"]
mod without_scripts;

use std::process::{Command, Stdio};

use omnicors_browser_tests::{Engine, Process};
use page::Page;

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn the_page_shows_the_effect_of_each_edit_and_the_mistakes() {
    in_each("editing", async |engine| {
        // Each engine has its own server, because there is one policy in force.
        let (_quick_start, origin) = start();
        let mut page = Page::open(engine.start().await, &origin).await;
        page.edit_and_mistake().await;
        page.add_and_flip().await;
        page.presets().await;
        page.checks()
    });
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn each_mistake_is_marked_at_its_line_and_explained() {
    in_each("mistakes", async |engine| {
        let (_quick_start, origin) = start();
        let mut page = Page::open(engine.start().await, &origin).await;
        page.mistakes().await;
        page.checks()
    });
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn the_tabs_show_how_to_use_the_policy_in_force() {
    in_each("usage", async |engine| {
        let (_quick_start, origin) = start();
        let mut page = Page::open(engine.start().await, &origin).await;
        page.usage().await;
        page.checks()
    });
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn everything_can_be_done_by_keyboard() {
    in_each("keyboard", async |engine| {
        let (_quick_start, origin) = start();
        let mut page = Page::open(engine.start().await, &origin).await;
        page.keyboard().await;
        page.checks()
    });
}

#[test]
#[ignore = "needs Chromium, Firefox, WebKitGTK and axe-core: run cargo xtask test"]
fn axe_finds_no_violation_in_light_and_dark() {
    for dark in [false, true] {
        in_each("accessibility", async |engine| {
            let (_quick_start, origin) = start();
            let mut page = Page::open(engine.start_in(dark).await, &origin).await;
            page.accessibility(dark).await;
            page.checks()
        });
    }
}

#[test]
#[ignore = "needs Chromium: run cargo xtask test"]
fn the_page_fits_a_phone_and_can_be_used_with_a_finger() {
    let [checks] = Engine::in_each([Engine::Chromium], async |engine| {
        let (_quick_start, origin) = start();
        let mut page = Page::open(engine.start().await, &origin).await;
        page.phone().await;
        page.checks()
    });
    println!("phone: {checks} checks x chromium");
}

#[test]
#[ignore = "needs Chromium: run cargo xtask screenshot"]
fn pictures_of_each_mistake_are_taken_for_review() {
    let [pictures] = Engine::in_each([Engine::Chromium], async |engine| {
        let mut taken = 0;
        for dark in [false, true] {
            let (_quick_start, origin) = start();
            let mut page = Page::open(engine.start_in(dark).await, &origin).await;
            taken += page.pictures(dark).await;
        }
        taken
    });
    println!("pictures: {pictures} in {}", page::pictures().display());
}

#[test]
#[ignore = "needs Chromium and Firefox: run cargo xtask test"]
fn without_javascript_there_is_a_notice_and_nothing_dead() {
    let engines = [Engine::Chromium, Engine::Firefox];
    Engine::in_each(engines, async |engine| {
        let (_quick_start, origin) = start();
        let browser = engine.start_without_scripts().await;
        without_scripts::notice_and_nothing_dead(&browser, &origin).await;
    });
}

/// Runs checks in each engine, and compares their numbers.
fn in_each(name: &str, run: impl AsyncFn(Engine) -> usize + Sync) {
    let [first, others @ ..] = Engine::in_each(Engine::ALL, run);
    assert_eq!(others, [first; 2], "all engines run the same checks");
    let names = Engine::ALL.map(Engine::name).join(", ");
    println!("{name}: {first} checks x {names}");
}

/// Runs the program on free ports, and returns the origin of its page.
fn start() -> (Process, String) {
    let mut process =
        Process::start(Command::new(env!("CARGO_BIN_EXE_quickstart")).stdout(Stdio::piped()));
    let word = process.await_line(|line| line.split_whitespace().next().map(str::to_owned));
    let url = word.expect("the program prints the address of the page");
    let origin = url.strip_suffix('/').expect("the root");
    assert!(origin.starts_with("http://localhost:"), "{origin}");
    (process, origin.to_owned())
}
