//! Compares the console of an engine with the lines that `omnicors-browser` predicts.

use std::time::{Duration, Instant};

use http::HeaderMap;
use omnicors_browser::{NetworkError, Outcome};
use omnicors_browser_tests::browser::ConsoleLine;
use omnicors_browser_tests::{Browser, Engine};

/// The time limit for a line on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request, and the line that the crate predicts for it, if any.
pub(crate) struct Predicted {
    /// The name of the case, and its server.
    pub(crate) name: String,
    /// The part of the URL that only this request has.
    pub(crate) query: String,
    pub(crate) line: Option<String>,
    /// Lines that an engine may print instead: see [`with_other_headers`].
    pub(crate) alternatives: Vec<String>,
}

/// Consoles that cannot be read: of which engine, whether only of sandboxed frames, and why.
const UNREADABLE: [(Engine, bool, &str); 2] = [
    (
        Engine::WebKit,
        false,
        "the driver has no command to read it",
    ),
    (
        Engine::Chromium,
        true,
        "a sandboxed frame has a process of its own, whose console the driver does not read",
    ),
];

/// Returns the reason why the console of a page cannot be read, if there is one.
pub(crate) fn unreadable(engine: Engine, sandboxed: bool) -> Option<&'static str> {
    let mut rows = UNREADABLE.iter();
    let row = rows.find(|row| row.0 == engine && (sandboxed || !row.1))?;
    Some(row.2)
}

/// Returns the line with each other header that the preflight's response does not allow. If several are missing, an engine may name
/// any of them: Chromium iterates over a hash table, and Firefox looks at `Authorization` in the order of the names.
pub(crate) fn with_other_headers(line: &str, outcome: &Outcome) -> Vec<String> {
    let Err(NetworkError::HeaderNotAllowed(named)) = outcome.result() else {
        return Vec::new();
    };
    let preflight = outcome.exchanges().last().expect("the preflight was sent");
    let response = preflight.response().expect("the server has responded");
    let requested = list(
        preflight.request().headers(),
        "access-control-request-headers",
    );
    let allowed = list(response.headers(), "access-control-allow-headers");
    requested
        .iter()
        .filter(|name| !allowed.contains(name))
        .map(|name| {
            let line = line.replace(&format!("field {named} is"), &format!("field {name} is"));
            line.replace(&format!("‘{named}’ is"), &format!("‘{name}’ is"))
        })
        .collect()
}

fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(name).iter();
    let values = values.map(|value| value.to_str().expect("text").to_ascii_lowercase());
    let elements = values.flat_map(|value| {
        let elements = value.split(',').map(|element| element.trim().to_owned());
        elements.collect::<Vec<_>>()
    });
    elements.collect()
}

/// Reads the console until it has all predicted lines, and returns a description of each difference.
pub(crate) async fn compare(browser: &Browser, all: &[Predicted]) -> Vec<String> {
    let started = Instant::now();
    let mut lines = Vec::new();
    loop {
        // In Firefox, a script may notice a block before the console does.
        lines.extend(browser.console().await);
        if all.iter().all(|predicted| predicted.is_in(&lines)) || started.elapsed() > PATIENCE {
            break;
        }
    }
    let differences = all.iter().filter_map(|predicted| {
        let is_other = |text: &&str| is_about_cors(text) && !predicted.explains(text);
        let about: Vec<&str> = predicted.about(&lines).collect();
        let differs = !predicted.is_in(&lines) || about.iter().any(is_other);
        differs.then(|| {
            let Predicted { name, line, .. } = predicted;
            format!("{name}: the predicted line is\n  {line:?}\n  but the console has {about:#?}")
        })
    });
    differences.collect()
}

impl Predicted {
    fn is_in(&self, lines: &[ConsoleLine]) -> bool {
        self.line.is_none() || self.about(lines).any(|text| self.is_line(text))
    }

    fn is_line(&self, text: &str) -> bool {
        self.line
            .iter()
            .chain(&self.alternatives)
            .any(|line| line == text)
    }

    /// Returns true for the line, and for what Firefox adds to every line about CORS.
    fn explains(&self, text: &str) -> bool {
        let is_added =
            text.ends_with("(Reason: CORS request did not succeed). Status code: (null).");
        self.is_line(text) || (self.line.is_some() && is_added)
    }

    fn about<'a>(&self, lines: &'a [ConsoleLine]) -> impl Iterator<Item = &'a str> {
        let about = lines
            .iter()
            .filter(|line| line.message.contains(&self.query));
        about.map(ConsoleLine::text)
    }
}

/// Returns true if the engine says that it has blocked a request because of CORS.
fn is_about_cors(text: &str) -> bool {
    [
        "has been blocked by CORS policy",
        "Cross-Origin Request Blocked",
    ]
    .iter()
    .any(|part| text.contains(part))
}
