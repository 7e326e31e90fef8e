//! The page of the quick start in real browsers: editing the policy turns requests from blocked to allowed, and the page
//! shows mistakes in the policy with suggestions.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::env;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use omnicors_browser_tests::{Browser, Engine, Process};
use serde::Deserialize;
use serde_json::{Value, json};

/// The outcomes of the eight requests of the page under its initial policy.
const AT_FIRST: [&str; 8] = [
    "readable", "blocked", "readable", "blocked", "blocked", "readable", "blocked", "blocked",
];
const WITH_PATCH: [&str; 8] = [
    "readable", "blocked", "readable", "readable", "blocked", "readable", "blocked", "blocked",
];
const NONE_ALLOWED: [&str; 8] = ["blocked"; 8];

/// The width of a small phone, in CSS pixels.
const PHONE: u32 = 360;

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn the_page_shows_the_effect_of_each_edit_and_the_mistakes() {
    let program = &build();
    let checked = Engine::in_each(Engine::ALL, async |engine| drive(engine, program).await);
    let [(checks, and_more), others @ ..] = checked;
    for (engine, (others, none)) in Engine::ALL[1..].iter().zip(others) {
        assert_eq!((others, none), (checks, 0), "{}", engine.name());
    }
    let names = Engine::ALL.map(Engine::name).join(", ");
    println!(
        "page: {checks} checks x {names}; {and_more} more, by keyboard and on a phone, in chromium"
    );
}

/// Returns the number of checks, and the number of checks that only run in Chromium.
async fn drive(engine: Engine, program: &Path) -> (usize, usize) {
    // Each engine has its own server, because there is one policy in force.
    let (_quick_start, origin) = start(program);
    let mut page = Page {
        browser: engine.start().await,
        checks: 0,
    };
    page.browser.open(&origin, "/").await;
    page.edit_and_mistake().await;
    let checks = page.checks;
    if engine == Engine::Chromium {
        page.browser.open(&origin, "/").await;
        page.keyboard().await;
        page.phone().await;
    }
    (checks, page.checks - checks)
}

/// Builds in the target folder of the tests, which already contains most dependencies.
fn build() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let target = target.expect("the test is in the target folder");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--locked", "--package", "quickstart"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", target)
        // Would change the path of the program.
        .env_remove("CARGO_BUILD_TARGET");
    let output = build.output().expect("cargo starts");
    assert!(
        output.status.success(),
        "the build fails:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let name = format!("quickstart{}", env::consts::EXE_SUFFIX);
    target.join("debug").join(name)
}

/// Runs the program on free ports, and returns the origin of its page.
fn start(program: &Path) -> (Process, String) {
    let mut process = Process::start(Command::new(program).stdout(Stdio::piped()));
    let word = process.await_line(|line| line.split_whitespace().next().map(str::to_owned));
    let url = word.expect("the program prints the address of the page");
    let origin = url.strip_suffix('/').expect("the root");
    assert!(origin.starts_with("http://localhost:"), "{origin}");
    (process, origin.to_owned())
}

/// The content of the page.
#[derive(Debug, Deserialize)]
struct Shown {
    /// The revision of the policy in force; it increases with each policy.
    revision: i32,
    status: String,
    text: String,
    agreeing: Option<String>,
    checked: Option<String>,
    rows: Vec<Row>,
    mistakes: Vec<Mistake>,
}

#[derive(Debug, Deserialize)]
struct Row {
    outcome: String,
    agrees: String,
    library: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Mistake {
    place: String,
    kind: String,
    text: String,
}

const SHOWN: &str = r##"
function shown() {
    const summary = document.querySelector("#summary");
    // The first policy has number 0.
    const number = text => text === undefined ? -1 : Number(text);
    const rows = [...document.querySelectorAll(".request")];
    return {
        revision: number(document.body.dataset.revision),
        status: document.querySelector("#policy-status").dataset.state,
        text: document.querySelector("#policy").value,
        summary: summary.textContent,
        agreeing: summary.dataset.agreeing,
        checked: summary.dataset.checked,
        rows: rows.map((row, index) => ({
            outcome: row.dataset.request === String(index + 1) ? row.dataset.outcome : "in another place",
            agrees: String(row.dataset.agrees),
            revision: number(row.dataset.revision),
            sent: number(row.dataset.sent),
            library: row.querySelector(".library").textContent,
        })),
        mistakes: [...document.querySelectorAll("#mistakes li")].map(mistake => ({
            place: mistake.dataset.place,
            kind: mistake.dataset.kind,
            text: mistake.textContent,
        })),
    };
}
"##;

/// Every request was sent under the policy in force, and the summary agrees.
const SETTLED: &str = r#"
const of = outcome => now.rows.filter(row => row.outcome === outcome).length;
if (now.revision < 0 || now.rows.length === 0) return false;
if (now.rows.some(row => row.outcome === "pending" || row.revision !== now.revision)) return false;
if (!now.summary.startsWith(`${of("readable")} readable, ${of("blocked")} blocked`)) return false;
"#;

/// Waits until a condition holds, however often the page changes before, and returns the content of the page. The time
/// limit is for pages that never reach it.
const UNTIL: &str = r"
await new Promise((resolve, reject) => {
    const look = () => {
        if (!holds(shown())) return;
        observer.disconnect();
        clearTimeout(limit);
        resolve();
    };
    const observer = new MutationObserver(look);
    const limit = setTimeout(() => reject(new Error(`still ${JSON.stringify(shown(), null, 1)}`)), 30000);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
});
return shown();
";

struct Page {
    browser: Browser,
    checks: usize,
}

impl Page {
    async fn edit_and_mistake(&mut self) {
        let shown = self.settled("true").await;
        self.expect_equal("at first", &outcomes(&shown), &AT_FIRST);
        self.agrees("at first", &shown);
        let library = &shown.rows[3].library;
        let names_patch = library.contains("preflight") && library.contains("PATCH");
        self.expect_equal(library, &names_patch, &true);

        let text = shown.text.replace(r#""DELETE"]"#, r#""DELETE", "PATCH"]"#);
        assert_ne!(text, shown.text, "there is a method to add one to");
        self.edit(&text).await;
        let before = shown.revision;
        let shown = self.settled(&newer(before)).await;
        self.expect_equal("with PATCH", &outcomes(&shown), &WITH_PATCH);
        self.agrees("with PATCH", &shown);
        self.expect_equal("with PATCH", &shown.status.as_str(), &"in-force");

        self.edit("allow_origins = [\"https://Example.com/\"]\n")
            .await;
        let before = shown.revision;
        let shown = self.until("return now.status === 'wrong'").await;
        self.expect_equal("its place", &shown.mistakes.len(), &1);
        let mistake = &shown.mistakes[0];
        let place = (mistake.place.as_str(), mistake.kind.as_str());
        self.expect_equal("its place", &place, &("allow_origins[0]", "invalid"));
        let fix = mistake.text.contains("Write https://example.com ");
        self.expect_equal(&mistake.text, &fix, &true);
        self.expect_equal("in force with a mistake", &shown.revision, &before);
        self.press("#send-all").await;
        let shown = self.settled("now.rows.every(row => row.sent === 3)").await;
        self.expect_equal("sent again", &outcomes(&shown), &WITH_PATCH);
        self.agrees("sent again", &shown);

        self.press("#mistakes button[data-action=apply]").await;
        let shown = self.settled(&newer(before)).await;
        let text = "allow_origins = [\"https://example.com\"]\n";
        self.expect_equal("mended", &shown.text.as_str(), &text);
        self.expect_equal("mended", &outcomes(&shown), &NONE_ALLOWED);
        self.agrees("mended", &shown);
        self.expect_equal("mended", &shown.mistakes, &Vec::new());

        let text = format!("{text}allow_methods = [\"PUT\"\n");
        self.edit(&text).await;
        let before = shown.revision;
        let shown = self.until("return now.status === 'wrong'").await;
        let places = shown.mistakes.iter();
        let places: Vec<_> = places
            .map(|mistake| (mistake.place.as_str(), mistake.kind.as_str()))
            .collect();
        self.expect_equal("not TOML", &places, &vec![("line 2", "syntax")]);
        self.expect_equal("not TOML", &shown.revision, &before);

        self.press("#reset").await;
        let shown = self.settled(&newer(before)).await;
        self.expect_equal("started over", &outcomes(&shown), &AT_FIRST);
        self.agrees("started over", &shown);
    }

    /// The policy and each request can be reached and opened by keyboard.
    async fn keyboard(&mut self) {
        self.settled("true").await;
        let first = "[data-request='1']";
        self.tab_to("#policy").await;
        let steps = format!("{first} .show-steps");
        self.tab_to(&steps).await;
        let hidden = format!("return document.querySelector(\"{first} .steps\").hidden");
        self.expect_equal(
            "before Enter",
            &self.browser.run(&hidden, &[]).await,
            &json!(true),
        );
        self.key(Key::Enter.into()).await;
        self.expect_equal(
            "after Enter",
            &self.browser.run(&hidden, &[]).await,
            &json!(false),
        );
        self.tab_to(&format!("{first} .show-form")).await;
    }

    async fn tab_to(&mut self, selector: &str) {
        // More than the number of elements before the first request.
        const MOST: usize = 10;
        let there = "return document.activeElement.matches(arguments[0])";
        for _ in 0..MOST {
            self.key(Key::Tab.into()).await;
            if self.browser.run(there, &[json!(selector)]).await == true {
                self.checks += 1;
                return;
            }
        }
        panic!("{selector} is not focused after {MOST} tabs");
    }

    async fn key(&self, value: char) {
        let press = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value });
        let press = press.then(KeyAction::Up { value });
        let pressed = self.browser.client().perform_actions(press).await;
        pressed.expect("a key press works");
    }

    /// Nothing is wider than the window, even with all parts of a request open.
    async fn phone(&mut self) {
        let resized = self.browser.client().set_window_size(PHONE, 800).await;
        resized.expect("resizing works");
        let open =
            "document.querySelectorAll('[aria-expanded=false]').forEach(button => button.click());
            return innerWidth;";
        let width = self.browser.run(open, &[]).await;
        self.expect_equal("the window", &width, &json!(PHONE));
        let all = "return document.documentElement.scrollWidth";
        let all = self.browser.run(all, &[]).await.as_u64();
        let fits = all.is_some_and(|all| all <= u64::from(PHONE));
        self.expect_equal(&format!("{all:?} pixels fit {PHONE}"), &fits, &true);
    }

    fn expect_equal<T: PartialEq + Debug>(&mut self, what: &str, got: &T, expected: &T) {
        let engine = self.browser.engine().name();
        assert_eq!(got, expected, "{engine}: {what}");
        self.checks += 1;
    }

    /// The library agrees with each request, as far as the page can check.
    fn agrees(&mut self, when: &str, shown: &Shown) {
        for (index, row) in shown.rows.iter().enumerate() {
            let what = format!("{when}, request {}: {}", index + 1, row.library);
            self.expect_equal(&what, &row.agrees.as_str(), &"true");
        }
        self.expect_equal(when, &shown.checked.as_deref(), &Some("8"));
        self.expect_equal(when, &shown.agreeing, &shown.checked);
    }

    /// Sets the policy as if it was typed.
    async fn edit(&self, text: &str) {
        let script = "const policy = document.querySelector('#policy');
            policy.value = arguments[0];
            policy.dispatchEvent(new Event('input', { bubbles: true }));";
        self.browser.run(script, &[json!(text)]).await;
    }

    async fn press(&self, selector: &str) {
        let script = "document.querySelector(arguments[0]).click()";
        self.browser.run(script, &[json!(selector)]).await;
    }

    /// Waits until every request was sent under the policy in force and a condition holds.
    async fn settled(&self, and: &str) -> Shown {
        self.until(&format!("{SETTLED} return {and};")).await
    }

    /// Waits until a condition on `now`, the content of the page, holds.
    async fn until(&self, holds: &str) -> Shown {
        let script = format!("{SHOWN} function holds(now) {{ {holds} }} {UNTIL}");
        let shown: Value = self.browser.run_async(&script, &[]).await;
        serde_json::from_value(shown).expect("the content of a page")
    }
}

fn newer(revision: i32) -> String {
    format!("now.revision > {revision}")
}

fn outcomes(shown: &Shown) -> [&str; 8] {
    let outcomes: Vec<&str> = shown.rows.iter().map(|row| row.outcome.as_str()).collect();
    outcomes.try_into().expect("eight requests")
}
