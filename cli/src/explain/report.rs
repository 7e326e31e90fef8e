//! What happens to a request, for both formats of the output.

use omnicors_browser::http::HeaderMap;
use omnicors_browser::{Engine, Exchange, NetworkError, Page};
use omnicors_core::{Decision, Guard, LookupResult, Policy, RequestParts};
use serde::Serialize;
use url::Url;

use super::arguments::{Arguments, RequestMode};
use super::ask::{
    ReadableHeaders, ResultKind, ask, deviations, dropped_headers, is_preflight, needs_lookup,
    readable, result_kind, suggestion,
};
use super::request;
use super::steps::{self, StepReport};
use crate::engine_name::EngineName;
use crate::failure::Failure;
use crate::policy_source::shown;
use crate::secrets;

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    version: u32,
    /// The policy file.
    pub(super) file: String,
    /// The origin of the page, if a page makes the request.
    pub(super) origin: Option<String>,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) mode: RequestMode,
    pub(super) credentials: bool,
    /// The engine, by its name on the command line.
    pub(super) engine: EngineName,
    /// Why a preflight is needed.
    pub(super) preflight_reasons: Vec<String>,
    pub(super) exchanges: Vec<ExchangeReport>,
    pub(super) result: ResultKind,
    /// Why the page cannot read the response.
    pub(super) reason: Option<String>,
    /// The response headers that the page can read.
    pub(super) readable_headers: Option<ReadableHeaders>,
    /// What to change.
    pub(super) suggestion: Option<String>,
    /// The lines in the consoles of Chromium and Firefox.
    pub(super) console: Console,
    pub(super) notes: Vec<String>,
    /// True if the guard of the policy rejects handshakes of `WebSocket` from other origins.
    #[serde(skip)]
    pub(super) has_guard: bool,
}

/// One request that is sent.
#[derive(Debug, Serialize)]
pub(super) struct ExchangeReport {
    pub(super) kind: &'static str,
    pub(super) method: String,
    /// The request headers that a policy reads.
    pub(super) request_headers: Vec<Field>,
    /// The steps of the policy.
    pub(super) steps: Vec<StepReport>,
    pub(super) status: Option<u16>,
    pub(super) response_headers: Vec<Field>,
}

/// A header field.
#[derive(Debug, Serialize)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
}

/// The lines in the consoles.
#[derive(Debug, Default, Serialize)]
pub(super) struct Console {
    pub(super) chromium: Option<String>,
    pub(super) firefox: Option<String>,
}

impl Report {
    /// Explains a request that a page makes.
    pub(super) fn of_page(
        arguments: &Arguments,
        policy: &Policy,
        page: &Page,
        url: &Url,
    ) -> Result<Self, Failure> {
        let fetch = request::fetch(arguments, page, url)?;
        let lookup = arguments.lookup.map(LookupResult::from);
        let engine = Engine::from(arguments.engine);
        let outcome = ask(policy, lookup, engine, &fetch);
        if let Err(NetworkError::InvalidRequest(reason)) = outcome.result() {
            return Err(Failure::because(format_args!(
                "no page can make this request: {reason}"
            )));
        }
        if lookup.is_none() && needs_lookup(policy, &outcome) {
            return Err(Failure::because(format_args!(
                "the policy looks up the origin `{}`: add `--lookup allowed`, `--lookup not-allowed` or `--lookup failed` for the result that you \
                 want to know about",
                page.origin()
            )));
        }
        let has_preflight = outcome.exchanges().iter().any(is_preflight);
        let result = result_kind(&outcome);
        let mut report = Self {
            origin: Some(page.origin().to_string()),
            preflight_reasons: if has_preflight {
                fetch
                    .preflight_reasons()
                    .iter()
                    .map(ToString::to_string)
                    .collect()
            } else {
                Vec::new()
            },
            exchanges: outcome
                .exchanges()
                .iter()
                .map(|exchange| ExchangeReport::new(policy, lookup, exchange))
                .collect(),
            result,
            has_guard: policy.guard() != Guard::Off,
            reason: outcome.result().err().map(|error| error.to_string()),
            readable_headers: (result == ResultKind::Readable)
                .then(|| readable(&outcome, arguments.credentials))
                .flatten(),
            suggestion: suggestion(policy, lookup, &outcome, result, arguments.credentials),
            console: Console {
                chromium: ask(policy, lookup, Engine::Chromium, &fetch).console(Engine::Chromium),
                firefox: ask(policy, lookup, Engine::Firefox, &fetch).console(Engine::Firefox),
            },
            ..Self::new(arguments, url)
        };
        report.notes.extend(dropped_headers(arguments, &outcome));
        report
            .notes
            .extend(deviations(policy, lookup, &fetch, engine, result));
        if lookup.is_some() && !policy.lookup_origins() {
            report.notes.push(
                "the policy does not look up origins, so `--lookup` changes nothing".to_owned(),
            );
        }
        Ok(report)
    }

    /// Explains a request without `Origin`, which no page sends across origins.
    pub(super) fn without_origin(
        arguments: &Arguments,
        policy: &Policy,
        url: &Url,
    ) -> Result<Self, Failure> {
        for (is_given, option, what) in [
            (
                arguments.mode != RequestMode::Cors,
                "--mode",
                "the mode of a page's request",
            ),
            (
                arguments.credentials,
                "--credentials",
                "a setting of a page's request",
            ),
            (
                arguments.lookup.is_some(),
                "--lookup",
                "the result of a lookup of a page's origin",
            ),
            (
                arguments.engine != EngineName::Standard,
                "--engine",
                "the engine of a page's browser",
            ),
        ] {
            if is_given {
                return Err(Failure::because(format_args!(
                    "{option} is {what}: add the origin of the page, such as `--origin https://app.example.com`"
                )));
            }
        }
        let sent = request::headers_of_program(arguments, &arguments.method, url)?;
        let fields: Vec<(&str, &[u8])> = sent
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let parts = RequestParts::read(policy, &arguments.method, &fields);
        let explanation = policy.explain(&parts);
        let (status, headers) = match explanation.decision() {
            Decision::Forward { headers } => (None, headers),
            Decision::Respond { status, headers } => (Some(*status), headers),
        };
        let exchange = ExchangeReport {
            kind: "non-cors",
            method: arguments.method.clone(),
            request_headers: pairs(&sent, policy),
            steps: steps::of_parts(policy, &parts),
            status,
            response_headers: headers
                .iter()
                .map(|field| Field {
                    name: field.name.to_string(),
                    value: field.value.as_str().to_owned(),
                })
                .collect(),
        };
        Ok(Self {
            exchanges: vec![exchange],
            result: if status.is_some() {
                ResultKind::Rejected
            } else {
                ResultKind::NotChecked
            },
            suggestion: explanation.suggestion().map(str::to_owned),
            ..Self::new(arguments, url)
        })
    }

    fn new(arguments: &Arguments, url: &Url) -> Self {
        Self {
            version: 1,
            file: shown(&arguments.file),
            origin: None,
            method: arguments.method.clone(),
            url: url.to_string(),
            mode: arguments.mode,
            credentials: arguments.credentials,
            engine: arguments.engine,
            preflight_reasons: Vec::new(),
            exchanges: Vec::new(),
            result: ResultKind::NotChecked,
            reason: None,
            readable_headers: None,
            suggestion: None,
            console: Console::default(),
            notes: Vec::new(),
            has_guard: false,
        }
    }

    pub(super) fn is_blocked(&self) -> bool {
        matches!(self.result, ResultKind::Blocked | ResultKind::Rejected)
    }
}

impl ExchangeReport {
    fn new(policy: &Policy, lookup: Option<LookupResult>, exchange: &Exchange) -> Self {
        let response = exchange.response();
        Self {
            kind: if is_preflight(exchange) {
                "preflight"
            } else {
                "request"
            },
            method: exchange.request().method().to_string(),
            request_headers: pairs(exchange.request().headers(), policy),
            steps: steps::of_exchange(policy, lookup, exchange),
            status: response.map(|response| response.status().as_u16()),
            response_headers: response
                .map(|response| pairs(response.headers(), policy))
                .unwrap_or_default(),
        }
    }
}

/// Returns the header fields that matter to CORS, and to the guard if the policy has one.
fn pairs(headers: &HeaderMap, policy: &Policy) -> Vec<Field> {
    let matters = |name: &str| {
        name.starts_with("access-control-")
            || policy.may_reject()
                && matches!(name, "sec-fetch-site" | "sec-fetch-mode" | "upgrade")
            || matches!(
                name,
                "origin" | "vary" | "cache-control" | "timing-allow-origin" | "retry-after"
            )
    };
    headers
        .iter()
        .filter(|(name, _)| matters(name.as_str()))
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = secrets::printable(name.as_str(), &value).into_owned();
            Field {
                name: name.to_string(),
                value,
            }
        })
        .collect()
}
