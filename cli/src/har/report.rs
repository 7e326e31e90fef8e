//! The findings in a recording, for both formats of the output.

use omnicors_browser::{Engine, Outcome};
use serde::Serialize;

use super::exchange::{Exchange, engine};
use super::fetches::{Recorded, fetches, requested_method};
use super::judge::{Judgement, KnownCredentials, judge};
use super::model::{Header, Log};
use crate::secrets;
use crate::terminal::Text;

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    version: u32,
    pub(super) file: Text,
    /// The program that made the recording.
    pub(super) browser: Text,
    /// The engine whose checks were made: `standard`, `chromium`, `firefox` or `webkit`.
    engine: &'static str,
    #[serde(skip)]
    pub(super) engine_shown: String,
    /// The number of entries.
    pub(super) entries: usize,
    /// The number of entries whose URL is not http(s), or whose page is not known.
    pub(super) skipped: usize,
    /// The number of cross-origin requests that the page could read.
    pub(super) readable_count: usize,
    /// The requests that CORS blocked.
    pub(super) blocked: Vec<Blocked>,
    /// The requests that failed, maybe for CORS.
    pub(super) unknown: Vec<Other>,
    /// The requests that failed for another reason.
    pub(super) failed: Vec<Other>,
    /// The requests that the page could read; only with `--all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) readable: Option<Vec<Other>>,
    pub(super) notes: Vec<String>,
}

/// A request that CORS blocked.
#[derive(Debug, Serialize)]
pub(super) struct Blocked {
    /// The numbers of the entries in the file, from 1.
    pub(super) entries: Vec<usize>,
    pub(super) method: Text,
    pub(super) url: Text,
    pub(super) origin: Text,
    pub(super) reason: Text,
    /// What to change, if the reason does not say it.
    pub(super) suggestion: Option<Text>,
    /// The line in the console of the browser, if it prints one.
    pub(super) console: Option<Text>,
    /// `sent`, `not-seen`, or `assumed`.
    pub(super) credentials: &'static str,
    pub(super) exchanges: Vec<Shown>,
    pub(super) notes: Vec<&'static str>,
}

/// A response.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    pub(super) kind: &'static str,
    pub(super) status: i64,
    /// The header fields that matter to CORS.
    pub(super) headers: Vec<Field>,
}

/// A header field.
#[derive(Debug, Serialize)]
pub(super) struct Field {
    pub(super) name: Text,
    pub(super) value: Text,
}

/// Another request.
#[derive(Debug, Serialize)]
pub(super) struct Other {
    pub(super) entries: Vec<usize>,
    pub(super) method: Text,
    pub(super) url: Text,
    pub(super) origin: Text,
    /// Why it failed; empty if it did not.
    #[serde(skip_serializing_if = "Text::is_empty")]
    pub(super) reason: Text,
}

impl Report {
    pub(super) fn new(file: String, log: &Log, all: bool) -> Self {
        let engine = engine(log);
        let numbered = log.entries.iter().enumerate();
        let exchanges: Vec<_> = numbered
            .filter_map(|(index, entry)| Exchange::new(index + 1, entry, log))
            .collect();
        let mut report = Self {
            version: 1,
            file: file.into(),
            browser: browser(log).into(),
            engine: match engine {
                Engine::Chromium => "chromium",
                Engine::Firefox => "firefox",
                Engine::WebKit => "webkit",
                _ => "standard",
            },
            engine_shown: engine.to_string(),
            entries: log.entries.len(),
            skipped: log.entries.len() - exchanges.len(),
            readable_count: 0,
            blocked: Vec::new(),
            unknown: Vec::new(),
            failed: Vec::new(),
            readable: all.then(Vec::new),
            notes: Vec::new(),
        };
        let mut without_credentials = 0;
        for recorded in fetches(&exchanges) {
            match judge(&recorded, engine) {
                Judgement::Skipped => {}
                Judgement::Readable {
                    only_without_credentials,
                } => {
                    report.readable_count += 1;
                    without_credentials += usize::from(only_without_credentials);
                    if let Some(readable) = &mut report.readable {
                        readable.extend(Other::new(&recorded, String::new()));
                    }
                }
                Judgement::Blocked {
                    outcome,
                    credentials,
                } => {
                    report
                        .blocked
                        .extend(Blocked::new(&recorded, &outcome, credentials, engine));
                }
                Judgement::Unknown(reason) => report.unknown.extend(Other::new(&recorded, reason)),
                Judgement::Failed(reason) => report.failed.extend(Other::new(&recorded, reason)),
            }
        }
        if log.entries.is_empty() {
            report.notes.push("the recording has no requests; open the network panel, load the page, and export again".to_owned());
        }
        // An export with sensitive data shows cookies with some requests, usually.
        let has_cookies = exchanges.iter().any(Exchange::has_credentials);
        if without_credentials > 0 && !has_cookies {
            let (number, verb) = match without_credentials {
                1 => ("1 readable response".to_owned(), "is"),
                number => (format!("{number} readable responses"), "are"),
            };
            report.notes.push(format!(
                "{number} {verb} blocked if the page fetches with `credentials: \"include\"`. The recording does not show whether it does, because \
                 it has no cookies at all: an export without sensitive data leaves them out"
            ));
        }
        report
    }

    pub(super) fn is_blocked(&self) -> bool {
        !self.blocked.is_empty() || !self.unknown.is_empty()
    }
}

impl Blocked {
    fn new(
        recorded: &Recorded<'_>,
        outcome: &Outcome,
        credentials: KnownCredentials,
        engine: Engine,
    ) -> Option<Self> {
        let other = Other::new(recorded, String::new())?;
        let error = outcome.result().err()?;
        let mut notes = Vec::new();
        if credentials == KnownCredentials::Assumed {
            notes.push(
                "the recording shows no cookies with this request, but only a request with credentials fails like this; an export without sensitive \
                 data leaves cookies out",
            );
        }
        if recorded
            .hops
            .iter()
            .any(|hop| !hop.entry.from_cache.is_empty())
        {
            notes.push(
                "the response came from the browser's cache, maybe stored for another page or an element without `crossorigin`; send `Vary: Origin` \
                 with every response",
            );
        }
        Some(Self {
            entries: other.entries,
            method: other.method,
            url: other.url,
            origin: other.origin,
            reason: error.to_string().into(),
            suggestion: outcome.suggestion().map(Text::from),
            console: outcome.console(engine).map(Text::from),
            credentials: match credentials {
                KnownCredentials::Seen => "sent",
                KnownCredentials::NotSeen => "not-seen",
                KnownCredentials::Assumed => "assumed",
            },
            exchanges: shown(recorded),
            notes,
        })
    }
}

impl Other {
    fn new(recorded: &Recorded<'_>, reason: String) -> Option<Self> {
        let preflight = recorded.preflights.first();
        let (first, method) = match (recorded.hops.first(), preflight) {
            (Some(first), _) => (first, first.entry.request.method.as_str()),
            (None, Some(preflight)) => (preflight, requested_method(preflight)),
            (None, None) => return None,
        };
        let all = recorded.hops.iter().chain(&recorded.preflights);
        let mut entries: Vec<_> = all.map(|exchange| exchange.number).collect();
        entries.sort_unstable();
        Some(Self {
            entries,
            method: method.into(),
            url: first.url.as_str().into(),
            origin: first.origin().into(),
            reason: reason.into(),
        })
    }
}

/// Returns the responses of a request.
fn shown(recorded: &Recorded<'_>) -> Vec<Shown> {
    let preflights = recorded
        .preflights
        .iter()
        .map(|exchange| ("preflight", exchange));
    let hops = recorded.hops.iter().map(|exchange| ("response", exchange));
    preflights
        .chain(hops)
        .filter(|(_, exchange)| exchange.has_response())
        .map(|(kind, exchange)| Shown {
            kind,
            status: exchange.entry.response.status,
            headers: cors_headers(&exchange.entry.response.headers),
        })
        .collect()
}

fn cors_headers(headers: &[Header]) -> Vec<Field> {
    let named = headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), header));
    let matter = named.filter(|(name, _)| {
        name.starts_with("access-control-") || matches!(name.as_str(), "location" | "vary")
    });
    matter
        .map(|(name, header)| {
            let value = secrets::printable(&name, &header.value).replace('\n', ", ");
            Field {
                name: name.into(),
                value: value.into(),
            }
        })
        .collect()
}

/// Returns the browser's name and version.
fn browser(log: &Log) -> String {
    let tool = if log.browser.name.is_empty() {
        &log.creator
    } else {
        &log.browser
    };
    match (tool.name.as_str(), tool.version.as_str()) {
        ("", _) => "an unknown program".to_owned(),
        (name, "") => name.to_owned(),
        (name, version) => format!("{name} {version}"),
    }
}
