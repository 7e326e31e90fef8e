//! What uses CORS, each in a real page, allowed and refused, as `docs/what-uses-cors.md` tells it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "to panic is how a test fails"
)]

#[path = "uses/table.rs"]
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use omnicors_browser_tests::api::Api;
use omnicors_browser_tests::document::{self, plain};
use omnicors_browser_tests::http::{Asked, Reply};
use omnicors_browser_tests::site::{EMPTY_PAGE, Site};
use omnicors_browser_tests::{Browser, Engine};
use omnicors_core::{Policy, PolicyConfig};
use tokio::time::sleep;

use self::table::{USES, Use};

const DOCUMENT: &str = "what-uses-cors.md";

/// What the document calls the page, and what each row needs beside its own line.
const PAGE: &str = "https://app.example";
const FIRST_LINE: &str = r#"allow_origins = ["https://app.example"]"#;

const COMMON: &str = include_str!("uses/common.js");

/// A row of the document.
struct Row {
    name: String,
    /// One, or several.
    lines: Vec<String>,
    code: Vec<String>,
    page: String,
    refused: String,
    /// The outcome if the page does not write `crossorigin`, where it could.
    plain: Option<String>,
    /// The outcomes in other engines than most, by the name of the engine.
    differs: BTreeMap<String, String>,
    /// Engines that do not have it.
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
        let plainly = without.iter().find(|row| plain(&row[0]) == name);
        Row {
            plain: plainly.map(|row| plain(&row[1])),
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
            "`{name}` is in one table only"
        );
    }
    rows
}

impl Row {
    /// Only the origin has to be allowed.
    fn is_by_origin(&self) -> bool {
        self.lines == [FIRST_LINE]
    }

    /// The policy that the row tells of, or the same without its line, for a page of this origin.
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
fn the_document_has_a_row_for_every_use_that_is_tried() {
    let rows = rows();
    let told: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let tried: Vec<&str> = USES.iter().map(|tried| tried.name).collect();
    assert_eq!(told, tried);
}

#[test]
fn the_document_says_the_same_in_a_file_in_code_and_of_the_page() {
    for (row, tried) in rows().iter().zip(&USES) {
        let code = row.lines.iter().map(|line| {
            let (setting, value) = line.split_once(" = ").expect("a setting");
            format!(".{setting}({value})")
        });
        assert!(code.eq(row.code.iter().cloned()), "{}", row.name);
        assert_eq!(
            row.is_by_origin(),
            tried.to_others.is_none(),
            "{}",
            row.name
        );
        let asks = row.page.to_ascii_lowercase().contains("crossorigin");
        assert_eq!(
            asks,
            row.plain.is_some(),
            "{}: with `crossorigin` or without",
            row.name
        );
        assert_eq!(asks, tried.script.contains("if (!plain)"), "{}", row.name);
    }
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn every_use_of_cors_is_allowed_and_refused_as_the_document_says() {
    let rows = rows();
    let tried = Engine::in_each(Engine::ALL, async |engine| try_in(engine, &rows).await);
    let mut faults = String::new();
    for (engine, tried) in Engine::ALL.iter().zip(&tried) {
        for (name, reason) in &tried.cannot {
            println!("{}: no {name}: {reason}", engine.name());
        }
        tried.faults.iter().for_each(|fault| {
            writeln!(faults, "{}: {fault}", engine.name()).expect("memory");
        });
    }
    assert!(faults.is_empty(), "\n{faults}");
    for row in &rows {
        let engines = Engine::ALL.iter().zip(&tried);
        let (cannot, can): (Vec<_>, Vec<_>) =
            engines.partition(|(_, tried)| tried.cannot.iter().any(|cannot| cannot.0 == row.name));
        assert!(!can.is_empty(), "{}: seen in no engine", row.name);
        // The document may name more engines than lack it, which newer versions may not.
        for (engine, _) in cannot {
            let name = engine.name();
            assert!(row.lacking.contains(name), "{}: not in {name}", row.name);
        }
    }
    let outcomes: usize = tried.iter().map(|tried| tried.outcomes).sum();
    let names = Engine::ALL.map(Engine::name).join(", ");
    println!(
        "uses: {} uses x {names}, allowed and refused: {outcomes} outcomes as documented",
        rows.len()
    );
}

/// What came of all in one engine.
#[derive(Default)]
struct Tried {
    outcomes: usize,
    /// Uses that it has no means for, and what it lacks.
    cannot: Vec<(String, String)>,
    faults: Vec<String>,
}

async fn try_in(engine: Engine, rows: &[Row]) -> Tried {
    let stage = Stage {
        browser: engine.start_with_webgl().await,
        pages: Site::start(page),
    };
    let mut all = Tried::default();
    for (row, tried) in rows.iter().zip(&USES) {
        stage.try_use(row, tried, &mut all).await;
    }
    all
}

struct Stage {
    browser: Browser,
    pages: Site,
}

/// No two addresses are the same: no cache of an engine's has one already.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Stage {
    async fn try_use(&self, row: &Row, tried: &Use, all: &mut Tried) {
        let page = self.pages.origin("app.localhost");
        let other = self.pages.origin("other.localhost");
        let api = Api::start(row.policy(&page, true));
        let refused = row.differs.get(self.browser.engine().name());
        let refused = refused.unwrap_or(&row.refused);
        let mut outcomes = vec![
            (
                "allowed",
                self.outcome(&page, &api, tried, false, true).await,
                tried.allowed,
            ),
            (
                "another origin",
                self.outcome(&other, &api, tried, false, false).await,
                tried.to_others.unwrap_or(refused),
            ),
        ];
        if !row.is_by_origin() {
            let api = Api::start(row.policy(&page, false));
            let got = self.outcome(&page, &api, tried, false, false).await;
            outcomes.push(("without the line", got, refused));
        }
        if let Some(expected) = &row.plain {
            let got = self.outcome(&page, &api, tried, true, false).await;
            outcomes.push(("without `crossorigin`", got, expected));
            // As for the page that is allowed, unless that page is allowed more than to use the content.
            let expected = if expected == tried.allowed {
                refused
            } else {
                expected
            };
            let got = self.outcome(&other, &api, tried, true, false).await;
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

    /// Returns the outcome in a page of this origin. `is_allowed` says that the server should get the request.
    async fn outcome(
        &self,
        page: &str,
        api: &Api,
        tried: &Use,
        plainly: bool,
        is_allowed: bool,
    ) -> String {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let api_origin = api.origin("api.localhost");
        let position = USES.iter().position(|other| other.name == tried.name);
        let position = position.expect("it is one of them");
        let plainly = if plainly { "&plain" } else { "" };
        let target = format!("/?use={position}&api={api_origin}&number={number}{plainly}");
        self.browser.open(page, &target).await;
        let outcome = self.browser.run_async("return await outcome", &[]).await;
        let outcome = outcome
            .as_str()
            .expect("a script tells one line")
            .to_owned();
        if outcome == BEACON {
            return arrival_of_beacon(api, &format!("number={number}"), is_allowed).await;
        }
        // What was never asked for was not refused by a policy.
        let arrived = api.arrived(&format!("number={number}"));
        assert!(
            !arrived.is_empty() || outcome.starts_with("cannot: "),
            "{}: `{outcome}`, and nothing has arrived",
            tried.name
        );
        outcome
    }
}

/// What a script returns if only the server can say more.
const BEACON: &str = "beacon";

/// How long a beacon may take on a busy machine, and how long one is waited for that should not come: a script cannot find out
/// that it was not sent.
const PATIENCE: [Duration; 2] = [Duration::from_mins(1), Duration::from_secs(2)];

/// Whether the server gets a beacon, and not only its preflight.
async fn arrival_of_beacon(api: &Api, query: &str, is_allowed: bool) -> String {
    let [allowed, refused] = PATIENCE;
    let patience = if is_allowed { allowed } else { refused };
    let started = Instant::now();
    while started.elapsed() < patience {
        let arrived = api.arrived(query);
        if arrived.iter().any(|request| request.method == "POST") {
            return "the server gets it".to_owned();
        }
        sleep(Duration::from_millis(10)).await;
    }
    assert!(!api.arrived(query).is_empty(), "not even a preflight");
    "the server does not get it".to_owned()
}

/// A page with the script of a use in it: what WebDriver runs in a page may do more than a page may.
fn page(asked: &Asked) -> Reply {
    let position: Option<usize> = asked.parameter("use").and_then(|text| text.parse().ok());
    let tried = &USES[position.expect("each page is for one")];
    let script = tried.script;
    let page = Reply::page(format!(
        "{EMPTY_PAGE}<body><script>globalThis.outcome = (async function () {{ {COMMON} {script} }})();</script>"
    ));
    if tried.name == "Images in a page that requires CORP" {
        return page.line("cross-origin-embedder-policy", "require-corp");
    }
    page
}
