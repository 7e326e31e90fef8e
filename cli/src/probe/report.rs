//! What was found out about one request of a page. Both output formats show this.

use std::time::Duration;

use http::{HeaderMap, HeaderName, Version};
use omnicors_browser::{Engine, Exchange, ExchangeKind, Outcome, PageResponse, Section};
use serde::Serialize;

use super::change::Change;
use super::field::Field;
use super::live_server::{Sent, Stop};
use super::replay::Replayed;
use super::text;
use super::transport::BodyRead;
use crate::terminal::Text;

/// Whether a page can read a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Conclusion {
    Readable,
    /// The page gets a response without status, header fields and body.
    Opaque,
    Blocked,
    /// The preflight has been accepted, and only the preflight was asked for.
    PreflightAccepted,
    /// Only the preflight was asked for, and there is none.
    NoPreflight,
    /// Another request would be needed.
    Unknown,
}

/// The report about one request of a page. Its JSON form is documented in cli/docs/probe.md.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) version: u8,
    pub(super) url: Text,
    pub(super) origin: String,
    pub(super) method: String,
    pub(super) credentials: bool,
    pub(super) mode: &'static str,
    pub(super) engine: &'static str,
    pub(super) conclusion: Conclusion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) readable: Option<Readable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) blocked: Option<Blocked>,
    /// Why the next request was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stopped: Option<String>,
    /// Why the server did not respond.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<Text>,
    /// The conclusion for the other credentials mode, if it follows from the same responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) other_credentials: Option<Judged>,
    /// The engines whose conclusion differs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) other_engines: Vec<Judged>,
    pub(super) exchanges: Vec<Shown>,
}

/// The parts of a response that the page can read.
#[derive(Debug, Serialize)]
pub(super) struct Readable {
    pub(super) status: u16,
    pub(super) url: String,
    pub(super) is_same_origin: bool,
    pub(super) headers: Vec<Field>,
    /// The headers of the response that the page cannot read.
    pub(super) hidden_headers: Vec<String>,
    pub(super) body: Body,
}

#[derive(Debug, Serialize)]
pub(super) struct Body {
    /// The number of bytes that were read.
    pub(super) bytes: usize,
    pub(super) read: BodyRead,
}

/// Why a page is blocked, what consoles say, and what to change.
#[derive(Debug, Serialize)]
pub(super) struct Blocked {
    pub(super) reason: String,
    pub(super) section: SectionLink,
    pub(super) console: Consoles,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<Change>,
}

#[derive(Debug, Serialize)]
pub(super) struct SectionLink {
    pub(super) title: String,
    pub(super) url: &'static str,
}

impl From<Section> for SectionLink {
    fn from(section: Section) -> Self {
        Self {
            title: format!("{}, \"{}\"", section.standard(), section.title()),
            url: section.url(),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Consoles {
    pub(super) chromium: Option<Text>,
    pub(super) firefox: Option<Text>,
}

/// The conclusion for another engine or credentials mode.
#[derive(Debug, Serialize)]
pub(super) struct Judged {
    pub(super) name: String,
    pub(super) conclusion: Conclusion,
    pub(super) detail: String,
}

/// An exchange, without secrets.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    pub(super) kind: &'static str,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) request_headers: Vec<Field>,
    pub(super) from_cache: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<ShownResponse>,
}

#[derive(Debug, Serialize)]
pub(super) struct ShownResponse {
    pub(super) status: u16,
    pub(super) headers: Vec<Field>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) protocol: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) milliseconds: Option<u64>,
}

pub(super) fn conclusion(outcome: &Outcome) -> Conclusion {
    match outcome.result() {
        Ok(response) if response.status() != 0 => Conclusion::Readable,
        Ok(_) => Conclusion::Opaque,
        Err(_) => Conclusion::Blocked,
    }
}

impl Readable {
    pub(super) fn new(outcome: &Outcome, response: &PageResponse, sent: Option<&Sent>) -> Self {
        let is_same_origin = response.response_type() == omnicors_browser::ResponseType::Basic;
        let last = outcome.exchanges().last().and_then(Exchange::response);
        let names = last.iter().flat_map(|response| response.headers().keys());
        let mut hidden: Vec<_> = names
            .filter(|name| !response.headers().contains_key(*name))
            .filter(|name| !is_for_the_browser(name))
            .map(|name| name.as_str().to_owned())
            .collect();
        hidden.sort_unstable();
        Self {
            status: response.status(),
            url: text::line(response.url()),
            is_same_origin,
            headers: fields(response.headers()),
            hidden_headers: hidden,
            body: Body {
                bytes: response.body().len(),
                read: sent.map_or(BodyRead::Whole, |sent| sent.body),
            },
        }
    }
}

/// Returns true for headers that are no use to a page, so that nobody misses them.
fn is_for_the_browser(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("access-control-")
        || matches!(
            name,
            "alt-svc"
                | "connection"
                | "keep-alive"
                | "set-cookie"
                | "strict-transport-security"
                | "transfer-encoding"
                | "vary"
        )
}

pub(super) fn fields(headers: &HeaderMap) -> Vec<Field> {
    let fields = headers.iter().map(|(name, value)| Field {
        name: name.as_str().to_owned(),
        value: text::value(name, value),
    });
    fields.collect()
}

impl Shown {
    /// Returns the exchanges that have been made: those that were stopped are left out.
    pub(super) fn all(exchanges: &[Exchange], sent: &[Sent]) -> Vec<Self> {
        let mut sent = sent.iter();
        let mut shown = Vec::new();
        for exchange in exchanges {
            let sent = if exchange.is_from_cache() {
                None
            } else {
                sent.next()
            };
            if sent.is_some() || exchange.is_from_cache() {
                shown.push(Self::new(exchange, sent));
            }
        }
        shown
    }

    fn new(exchange: &Exchange, sent: Option<&Sent>) -> Self {
        let request = exchange.request();
        let mut request_headers = fields(request.headers());
        if let Some(sent) = sent {
            // HTTP/2 has `:authority` in its place.
            request_headers
                .retain(|field| sent.version != Some(Version::HTTP_2) || field.name != "host");
            request_headers.extend(fields(&sent.added));
        }
        let milliseconds =
            |elapsed: Duration| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        Self {
            kind: match exchange.kind() {
                ExchangeKind::Preflight => "preflight",
                ExchangeKind::Redirected => "redirected",
                _ => "actual",
            },
            method: request.method().to_string(),
            url: text::line(&request.uri().to_string()),
            request_headers,
            from_cache: exchange.is_from_cache(),
            response: exchange.response().map(|response| ShownResponse {
                status: response.status().as_u16(),
                headers: fields(response.headers()),
                protocol: sent.and_then(|sent| sent.version).map(protocol),
                milliseconds: sent.map(|sent| milliseconds(sent.elapsed)),
            }),
        }
    }
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}

/// Returns the conclusion of a replay, and its reason.
pub(super) fn judged(name: String, replayed: &Replayed) -> Judged {
    let (conclusion, detail) = match replayed {
        Replayed::Asks(request) => (
            Conclusion::Unknown,
            format!(
                "would send {} {}",
                request.method(),
                text::line(&request.uri().to_string())
            ),
        ),
        Replayed::Concluded(outcome) => match outcome.result() {
            Ok(_) => (conclusion(outcome), String::new()),
            Err(error) => (Conclusion::Blocked, text::line(&error.to_string())),
        },
    };
    Judged {
        name,
        conclusion,
        detail,
    }
}

/// Returns the word for an engine on the command line.
pub(super) fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Chromium => "chromium",
        Engine::Firefox => "firefox",
        Engine::WebKit => "webkit",
        _ => "standard",
    }
}

/// Returns why a request was not sent, and how it can be.
pub(super) fn stopped(stop: &Stop) -> String {
    match stop {
        Stop::OtherHost(uri) => format!(
            "the redirect to another host is not followed: {}. Add `--follow-hosts` to follow it",
            text::line(&uri.to_string())
        ),
        Stop::PreflightOnly => "only the preflight was asked for (`--preflight-only`)".to_owned(),
        Stop::TimeIsUp(time) => format!("the time of the command, {time:?}, is up (`--max-time`)"),
        Stop::Change(method, uri) => format!(
            "a redirect leads to {method} {} on a server that is not on loopback, where it may change data. Add `--yes` to send it",
            text::line(&uri.to_string())
        ),
        Stop::Budget(requests) => {
            format!("{requests} requests have been sent, and no more are allowed")
        }
    }
}
