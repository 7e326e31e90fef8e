//! Everything that uses CORS, in real pages, allowed and denied, as `docs/what-uses-cors.md` says.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "uses/table.rs"]
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use omnicors_browser_tests::api::Api;
use omnicors_browser_tests::document::{self, plain};
use omnicors_browser_tests::http::{ReceivedRequest, Reply};
use omnicors_browser_tests::site::{EMPTY_PAGE, Site};
use omnicors_browser_tests::{Browser, Engine};
use omnicors_core::{Policy, PolicyConfig};
use tokio::time::sleep;

use self::table::{USES, Use};

const DOCUMENT: &str = "what-uses-cors.md";

/// The page in the document, and the setting that every row needs.
const PAGE: &str = "https://app.example";
const FIRST_LINE: &str = r#"allow_origins = ["https://app.example"]"#;

const COMMON: &str = include_str!("uses/common.js");

/// A row of the document.
struct Row {
    name: String,
    /// The settings of the row.
    lines: Vec<String>,
    code: Vec<String>,
    page: String,
    refused: String,
    /// The outcome if the page omits an optional `crossorigin`.
    plain: Option<String>,
    /// Other outcomes in single engines, by the name of the engine.
    differs: BTreeMap<String, String>,
    /// The engines without this feature.
    lacking: BTreeSet<String>,
}

fn rows() -> Vec<Row> {
    let text = document::read(DOCUMENT);
    let without = document::table(&text, ["use", "without `crossorigin`"]);
    let differing = document::table(&text, ["use", "engine", "refused"]);
    let lacking = document::table(&text, ["use", "not in"]);
    let several =
        |cell: &str| -> Vec<String> { plain(cell).split(" and ").map(str::to_owned).collect() };
    let head = ["use", "in a file", "in code", "the page writes", "refused"];
    let rows = document::table(&text, head).into_iter().map(|cells| {
        let (lines, code) = (several(&cells[1]), several(&cells[2]));
        let [name, _, _, page, refused] = cells.map(|cell| plain(&cell));
        let without_crossorigin = without.iter().find(|row| plain(&row[0]) == name);
        Row {
            plain: without_crossorigin.map(|row| plain(&row[1])),
            differs: differing
                .iter()
                .filter(|row| plain(&row[0]) == name)
                .map(|row| (row[1].to_ascii_lowercase(), plain(&row[2])))
                .collect(),
            lacking: lacking
                .iter()
                .filter(|row| plain(&row[0]) == name)
                .flat_map(|row| {
                    row[1]
                        .to_ascii_lowercase()
                        .split(", ")
                        .map(str::to_owned)
                        .collect::<Vec<_>>()
                })
                .collect(),
            name,
            lines,
            code,
            page,
            refused,
        }
    });
    let rows: Vec<Row> = rows.collect();
    for name in without
        .iter()
        .map(|row| &row[0])
        .chain(differing.iter().map(|row| &row[0]))
        .chain(lacking.iter().map(|row| &row[0]))
    {
        let name = plain(name);
        assert!(
            rows.iter().any(|row| row.name == name),
            "`{name}` is not in the main table"
        );
    }
    rows
}

impl Row {
    /// Returns true if the use only needs an allowed origin.
    fn is_by_origin(&self) -> bool {
        self.lines == [FIRST_LINE]
    }

    /// Returns the policy of the row, with or without its own setting, for a page of this origin.
    fn policy(&self, page: &str, with_its_line: bool) -> Policy {
        let mut text = FIRST_LINE.replace(PAGE, page);
        if with_its_line && !self.is_by_origin() {
            text = format!("{text}\n{}", self.lines.join("\n"));
        }
        let config: PolicyConfig =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        config
            .build()
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

#[test]
fn the_document_has_a_row_for_every_tested_use() {
    let rows = rows();
    let documented: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let usage: Vec<&str> = USES.iter().map(|usage| usage.name).collect();
    assert_eq!(documented, usage);
}

#[test]
fn the_columns_of_the_document_agree() {
    for (row, usage) in rows().iter().zip(&USES) {
        let code = row.lines.iter().map(|line| {
            let (setting, value) = line.split_once(" = ").expect("a setting");
            format!(".{setting}({value})")
        });
        assert!(code.eq(row.code.iter().cloned()), "{}", row.name);
        assert_eq!(row.is_by_origin(), usage.denied.is_none(), "{}", row.name);
        let has_crossorigin = row.page.to_ascii_lowercase().contains("crossorigin");
        assert_eq!(
            has_crossorigin,
            row.plain.is_some(),
            "{}: with `crossorigin` or without",
            row.name
        );
        assert_eq!(
            has_crossorigin,
            usage.script.contains("if (!plain)"),
            "{}",
            row.name
        );
    }
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn every_use_of_cors_is_allowed_and_denied_as_documented() {
    let rows = rows();
    let usage = Engine::in_each(Engine::ALL, async |engine| run_in(engine, &rows).await);
    let mut faults = String::new();
    for (engine, usage) in Engine::ALL.iter().zip(&usage) {
        for (name, reason) in &usage.cannot {
            println!("{}: no {name}: {reason}", engine.name());
        }
        usage.faults.iter().for_each(|fault| {
            writeln!(faults, "{}: {fault}", engine.name()).expect("memory");
        });
    }
    assert!(faults.is_empty(), "\n{faults}");
    for row in &rows {
        let engines = Engine::ALL.iter().zip(&usage);
        let (cannot, can): (Vec<_>, Vec<_>) =
            engines.partition(|(_, usage)| usage.cannot.iter().any(|cannot| cannot.0 == row.name));
        assert!(!can.is_empty(), "{}: no engine supports this", row.name);
        let cannot: BTreeSet<String> = cannot
            .iter()
            .map(|(engine, _)| engine.name().to_owned())
            .collect();
        assert_eq!(row.lacking, cannot, "{}: the engines without it", row.name);
    }
    let outcomes: usize = usage.iter().map(|usage| usage.outcomes).sum();
    let names = Engine::ALL.map(Engine::name).join(", ");
    println!(
        "uses: {} uses x {names}, allowed and denied: {outcomes} outcomes as documented",
        rows.len()
    );
}

/// The results of one engine.
#[derive(Default)]
struct UseReport {
    outcomes: usize,
    /// The uses that the engine does not support, and the missing feature.
    cannot: Vec<(String, String)>,
    faults: Vec<String>,
}

async fn run_in(engine: Engine, rows: &[Row]) -> UseReport {
    let fixture = Fixture {
        browser: engine.start_with_webgl().await,
        pages: Site::start(page),
    };
    let mut all = UseReport::default();
    for (row, usage) in rows.iter().zip(&USES) {
        fixture.check_use(row, usage, &mut all).await;
    }
    all
}

struct Fixture {
    browser: Browser,
    pages: Site,
}

/// Each request has a unique query, so that no cache has a response.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Fixture {
    async fn check_use(&self, row: &Row, usage: &Use, all: &mut UseReport) {
        let page = self.pages.origin("app.localhost");
        let other = self.pages.origin("other.localhost");
        let api = Api::start(row.policy(&page, true));
        let refused = row.differs.get(self.browser.engine().name());
        let refused = refused.unwrap_or(&row.refused);
        let mut outcomes = vec![
            (
                "allowed",
                self.outcome(&page, &api, usage, false, true).await,
                usage.allowed,
            ),
            (
                "another origin",
                self.outcome(&other, &api, usage, false, false).await,
                usage.denied.unwrap_or(refused),
            ),
        ];
        if !row.is_by_origin() {
            let api = Api::start(row.policy(&page, false));
            let got = self.outcome(&page, &api, usage, false, false).await;
            outcomes.push(("without the line", got, refused));
        }
        if let Some(expected) = &row.plain {
            let got = self.outcome(&page, &api, usage, true, false).await;
            outcomes.push(("without `crossorigin`", got, expected));
            // Same as for the allowed page, unless that page may do more than use the content.
            let expected = if expected == usage.allowed {
                refused
            } else {
                expected
            };
            let got = self.outcome(&other, &api, usage, true, false).await;
            outcomes.push(("another origin without `crossorigin`", got, expected));
        }
        let lacks: BTreeSet<&str> = outcomes
            .iter()
            .filter_map(|(_, got, _)| got.strip_prefix("cannot: "))
            .collect();
        if let Some(reason) = lacks.first() {
            all.cannot.push((row.name.clone(), (*reason).to_owned()));
            return;
        }
        for (how, got, expected) in &outcomes {
            all.outcomes += 1;
            if got != expected {
                all.faults
                    .push(format!("{}, {how}: `{got}`, not `{expected}`", row.name));
            }
        }
    }

    /// Returns the outcome in a page of this origin. `is_allowed` says whether the server should get the request.
    async fn outcome(
        &self,
        page: &str,
        api: &Api,
        usage: &Use,
        without_crossorigin: bool,
        is_allowed: bool,
    ) -> String {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let api_origin = api.origin("api.localhost");
        let position = USES.iter().position(|other| other.name == usage.name);
        let position = position.expect("the use is in the table");
        let without_crossorigin = if without_crossorigin { "&plain" } else { "" };
        let target =
            format!("/?use={position}&api={api_origin}&number={number}{without_crossorigin}");
        self.browser.open(page, &target).await;
        let outcome = self.browser.run_async("return await outcome", &[]).await;
        let outcome = outcome
            .as_str()
            .expect("a script returns one line")
            .to_owned();
        if outcome == BEACON {
            return arrival_of_beacon(api, &format!("number={number}"), is_allowed).await;
        }
        // A request that was never sent was not denied by a policy.
        let arrived = api.arrived(&format!("number={number}"));
        assert!(
            !arrived.is_empty() || outcome.starts_with("cannot: "),
            "{}: `{outcome}`, but no request arrived",
            usage.name
        );
        outcome
    }
}

/// The result of a script if only the server knows the outcome.
const BEACON: &str = "beacon";

/// The time limit for an allowed beacon on a busy machine, and the time to wait for one that should not arrive: a script cannot
/// detect that a beacon was not sent.
const TIMEOUT: [Duration; 2] = [Duration::from_mins(1), Duration::from_secs(2)];

/// Returns whether the server gets a beacon, in addition to its preflight.
async fn arrival_of_beacon(api: &Api, query: &str, is_allowed: bool) -> String {
    let [allowed, refused] = TIMEOUT;
    let patience = if is_allowed { allowed } else { refused };
    let started = Instant::now();
    while started.elapsed() < patience {
        let arrived = api.arrived(query);
        if arrived.iter().any(|request| request.method == "POST") {
            return "the server gets it".to_owned();
        }
        sleep(Duration::from_millis(10)).await;
    }
    assert!(
        !api.arrived(query).is_empty(),
        "the browser sent no preflight"
    );
    "the server does not get it".to_owned()
}

/// Serves a page that contains the script of a use. A script of WebDriver may have more rights than the page.
fn page(request: &ReceivedRequest) -> Reply {
    let position: Option<usize> = request.parameter("use").and_then(|text| text.parse().ok());
    let usage = &USES[position.expect("each page has a use")];
    let script = usage.script;
    let page = Reply::page(format!(
        "{EMPTY_PAGE}<body><script>globalThis.outcome = (async function () {{ {COMMON} {script} }})();</script>"
    ));
    if usage.name == "Images in a page that requires CORP" {
        return page.field("cross-origin-embedder-policy", "require-corp");
    }
    page
}
