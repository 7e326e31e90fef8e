//! The page, and what it shows.

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use omnicors_browser_tests::Browser;
use serde::Deserialize;
use serde_json::{Value, json};

/// The content of the page.
#[derive(Debug, Deserialize)]
pub(crate) struct Shown {
    /// The revision of the policy in force; it increases with each policy.
    pub(crate) revision: i32,
    pub(crate) status: String,
    pub(crate) text: String,
    pub(crate) summary: String,
    pub(crate) changes: String,
    agreeing: Option<String>,
    checked: Option<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) mistakes: Vec<Mistake>,
    /// The numbers of the marked lines.
    pub(crate) marked: Vec<String>,
    /// The marked texts.
    pub(crate) marks: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) outcome: String,
    pub(crate) access: String,
    agrees: String,
    pub(crate) library: String,
    /// What the row says if the last change has flipped it.
    pub(crate) flip: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Mistake {
    pub(crate) place: String,
    pub(crate) kind: String,
    pub(crate) text: String,
}

const SHOWN: &str = r##"
function shown() {
    const summary = document.querySelector("#summary");
    // The first policy has number 0.
    const number = text => text === undefined ? -1 : Number(text);
    const rows = [...document.querySelectorAll(".request")];
    const editor = document.querySelector("#policy .cm-editor");
    const view = editor && CodeMirror.EditorView.findFromDOM(editor);
    const text = element => element.textContent;
    return {
        revision: number(document.body.dataset.revision),
        status: document.querySelector("#policy-status").dataset.state,
        text: view ? view.state.doc.toString() : "",
        summary: summary.textContent,
        summarized: number(summary.dataset.revision),
        changes: document.querySelector("#changes").textContent,
        agreeing: summary.dataset.agreeing,
        checked: summary.dataset.checked,
        rows: rows.map((row, index) => ({
            outcome: row.dataset.request === String(index + 1) ? row.dataset.outcome : "in another place",
            access: String(row.dataset.access),
            agrees: String(row.dataset.agrees),
            revision: number(row.dataset.revision),
            sent: number(row.dataset.sent),
            library: row.querySelector(".library").textContent,
            flip: row.matches(".flipped") ? row.querySelector(".flip").textContent : null,
        })),
        mistakes: [...document.querySelectorAll("#mistakes li")].map(mistake => ({
            place: mistake.dataset.place,
            kind: mistake.dataset.kind,
            text: mistake.textContent,
        })),
        marked: [...document.querySelectorAll("#policy .mistaken-line")].map(text),
        marks: [...document.querySelectorAll("#policy .mistake-mark")].map(text),
    };
}
"##;

/// Every request was sent under the policy in force, and the summary agrees.
const SETTLED: &str = r#"
const of = outcome => now.rows.filter(row => row.outcome === outcome).length;
if (now.revision < 0 || now.rows.length === 0 || now.summarized !== now.revision) return false;
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
    const limit = setTimeout(() => reject(new Error(`still ${JSON.stringify(shown(), null, 1)}`)), 50000);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
});
return shown();
";

pub(crate) struct Page {
    pub(crate) browser: Browser,
    checks: usize,
}

impl Page {
    /// Opens the page of this origin.
    pub(crate) async fn open(browser: Browser, origin: &str) -> Self {
        browser.open(origin, "/").await;
        Self { browser, checks: 0 }
    }

    /// Returns the number of checks so far.
    pub(crate) fn checks(&self) -> usize {
        self.checks
    }

    pub(crate) fn expect_equal<T: PartialEq + Debug>(&mut self, what: &str, got: &T, expected: &T) {
        let engine = self.browser.engine().name();
        assert_eq!(got, expected, "{engine}: {what}");
        self.checks += 1;
    }

    pub(crate) fn expect(&mut self, what: &str, holds: bool) {
        assert!(holds, "{}: {what}", self.browser.engine().name());
        self.checks += 1;
    }

    /// The library agrees with each request, as far as the page can check.
    pub(crate) fn agrees(&mut self, when: &str, shown: &Shown) {
        for (index, row) in shown.rows.iter().enumerate() {
            let what = format!("{when}, request {}: {}", index + 1, row.library);
            self.expect_equal(&what, &row.agrees.as_str(), &"true");
        }
        self.expect_equal(when, &shown.checked.as_deref(), &Some("8"));
        self.expect_equal(when, &shown.agreeing, &shown.checked);
        let agree = shown
            .summary
            .ends_with(". Browser and Omnicors agree on all 8.");
        self.expect(&shown.summary, agree);
    }

    /// Replaces the policy, as an input method or a paste does.
    pub(crate) async fn edit(&self, text: &str) {
        let script = "const editor = document.querySelector('#policy .cm-editor');
            const view = CodeMirror.EditorView.findFromDOM(editor);
            view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: arguments[0] } });";
        self.browser.run(script, &[json!(text)]).await;
    }

    pub(crate) async fn press(&self, selector: &str) {
        let script = "document.querySelector(arguments[0]).click()";
        self.browser.run(script, &[json!(selector)]).await;
    }

    /// Presses and releases a key, while other keys are held.
    pub(crate) async fn key(&self, held: &[char], value: char) {
        let mut keys = KeyActions::new("keyboard".to_owned());
        for &value in held {
            keys = keys.then(KeyAction::Down { value });
        }
        keys = keys.then(KeyAction::Down { value });
        keys = keys.then(KeyAction::Up { value });
        for &value in held {
            keys = keys.then(KeyAction::Up { value });
        }
        let pressed = self.browser.client().perform_actions(keys).await;
        pressed.expect("a key press works");
    }

    /// Waits until every request was sent under the policy in force and a condition holds.
    pub(crate) async fn settled(&self, and: &str) -> Shown {
        self.until(&format!("{SETTLED} return {and};")).await
    }

    /// Waits until a condition on `now`, the content of the page, holds.
    pub(crate) async fn until(&self, holds: &str) -> Shown {
        let script = format!("{SHOWN} function holds(now) {{ {holds} }} {UNTIL}");
        let shown: Value = self.browser.run_async(&script, &[]).await;
        serde_json::from_value(shown).expect("the content of a page")
    }

    /// Gives the content of the window a size. The window is higher than its content, even without a visible frame.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let frame = self
            .browser
            .run("return outerHeight - innerHeight", &[])
            .await;
        let frame: u32 = serde_json::from_value(frame).expect("a number");
        let client = self.browser.client();
        let resized = client.set_window_size(width, height + frame).await;
        resized.expect("resizing works");
        let size = "return [innerWidth, innerHeight]";
        let size = self.browser.run(size, &[]).await;
        assert_eq!(size, json!([width, height]), "the size of the content");
    }

    /// Takes a picture of the window.
    pub(crate) async fn picture(&self, name: &str) {
        let picture = self.browser.client().screenshot().await;
        let folder = pictures();
        fs::create_dir_all(&folder).expect("the target folder is writable");
        let file = folder.join(format!("{name}.png"));
        fs::write(file, picture.expect("a picture")).expect("the target folder is writable");
    }
}

/// Returns the folder of the pictures.
pub(crate) fn pictures() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("quickstart")
}

pub(crate) fn newer(revision: i32) -> String {
    format!("now.revision > {revision}")
}

pub(crate) fn outcomes(shown: &Shown) -> [&str; 8] {
    let outcomes: Vec<&str> = shown.rows.iter().map(|row| row.outcome.as_str()).collect();
    outcomes.try_into().expect("eight requests")
}
