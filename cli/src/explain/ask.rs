//! Sends the request to the policy, as each engine does, and says what the page gets.

use omnicors::browser::PolicyServer;
use omnicors_browser::{
    Browser, Engine, Exchange, ExchangeKind, Fetch, NetworkError, Outcome, ResponseType,
};
use omnicors_core::adapter::SAFELISTED_RESPONSE_HEADERS;
use omnicors_core::{LookupResult, Policy};
use serde::Serialize;

use super::arguments::{Arguments, RequestMode};
use super::missing::Checks;
use super::{missing, request, steps};

/// What the page gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ResultKind {
    /// The page can read the response.
    Readable,
    /// The browser blocks the request or the response.
    Blocked,
    /// The server rejects the request.
    Rejected,
    /// The mode is `no-cors`: the request is sent, and the page can never read the response.
    Opaque,
    /// CORS does not apply to the request.
    NotChecked,
}

/// The response headers that a page can read.
#[derive(Debug, Serialize)]
pub(super) struct ReadableHeaders {
    /// True if the page can read every header except `Set-Cookie`.
    pub(super) any: bool,
    pub(super) names: Vec<String>,
}

pub(super) fn is_preflight(exchange: &Exchange) -> bool {
    exchange.kind() == ExchangeKind::Preflight
}

pub(super) fn ask(
    policy: &Policy,
    lookup: Option<LookupResult>,
    engine: Engine,
    fetch: &Fetch,
) -> Outcome {
    let mut server = server(policy, lookup);
    Browser::new(engine).send_now(fetch, &mut server)
}

fn server(policy: &Policy, lookup: Option<LookupResult>) -> PolicyServer {
    let server = PolicyServer::new(policy);
    match lookup {
        Some(result) => server.lookup_result(result),
        None => server,
    }
}

/// Returns true if a request that was sent needs a lookup to be decided.
pub(super) fn needs_lookup(policy: &Policy, outcome: &Outcome) -> bool {
    let mut exchanges = outcome.exchanges().iter();
    exchanges.any(|exchange| steps::needs_lookup(policy, exchange))
}

pub(super) fn result_kind(outcome: &Outcome) -> ResultKind {
    let response = match outcome.result() {
        Ok(response) => response,
        Err(NetworkError::HandshakeStatus(_)) => return ResultKind::Rejected,
        Err(_) => return ResultKind::Blocked,
    };
    let last = outcome.exchanges().last().and_then(Exchange::response);
    // The application responds with 200 or 101, so any other status is the policy's.
    let is_rejected = last.is_some_and(|last| !matches!(last.status().as_u16(), 200 | 101));
    match response.response_type() {
        _ if is_rejected => ResultKind::Rejected,
        ResponseType::Cors => ResultKind::Readable,
        ResponseType::Opaque => ResultKind::Opaque,
        _ => ResultKind::NotChecked,
    }
}

/// Returns everything to change: first what the browser checks first.
pub(super) fn suggestion(
    policy: &Policy,
    lookup: Option<LookupResult>,
    outcome: &Outcome,
    result: ResultKind,
    with_credentials: bool,
) -> Option<String> {
    let last = outcome.exchanges().last()?;
    let (first, checks) = if result == ResultKind::Rejected {
        (steps::suggestion(policy, lookup, last), Checks::Guard)
    } else {
        let suggestion = server(policy, lookup).suggestion(outcome);
        (suggestion, Checks::Cors { with_credentials })
    };
    let mut all = vec![first?];
    for other in missing::suggestions(policy, lookup, last, checks) {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    Some(joined(&all))
}

/// Joins changes with semicolons, because they contain commas.
fn joined(changes: &[String]) -> String {
    match changes {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{}; and {last}", others.join("; ")),
    }
}

/// Returns notes about headers that the browser does not send.
pub(super) fn dropped_headers(arguments: &Arguments, outcome: &Outcome) -> Vec<String> {
    let Some(request) = outcome
        .exchanges()
        .last()
        .filter(|last| !is_preflight(last))
    else {
        return Vec::new();
    };
    let sent = request.request().headers();
    request::headers(arguments)
        .filter(|header| {
            // The browser may have set the header itself, as `Host`.
            let mut values = sent.get_all(header.name).iter();
            !values.any(|value| value.as_bytes() == header.value.as_bytes())
        })
        .map(|header| {
            let name = header.name;
            if name.eq_ignore_ascii_case("cookie") {
                "a page cannot set `cookie`, so it is not sent; for a request with cookies, add `--credentials`".to_owned()
            } else if arguments.mode == RequestMode::NoCors {
                format!("with the mode `no-cors`, a page cannot set `{name}`, so it is not sent")
            } else {
                format!("a page cannot set `{name}`, so it is not sent")
            }
        })
        .collect()
}

/// Returns notes about engines in which the result is another one.
pub(super) fn deviations(
    policy: &Policy,
    lookup: Option<LookupResult>,
    fetch: &Fetch,
    engine: Engine,
    result: ResultKind,
) -> Vec<String> {
    let others = Engine::ALL.into_iter().filter(|other| *other != engine);
    others
        .filter_map(|other| {
            let outcome = ask(policy, lookup, other, fetch);
            let found = result_kind(&outcome);
            (found != result).then(|| match outcome.result() {
                Err(error) => format!("in {other}, the request is blocked: {error}"),
                Ok(_) => format!("in {other}, the request is not blocked"),
            })
        })
        .collect()
}

/// Returns the response headers that the page could read, whatever the application sends.
pub(super) fn readable(outcome: &Outcome, with_credentials: bool) -> Option<ReadableHeaders> {
    let exchange = outcome.exchanges().last()?;
    let response = exchange.response()?;
    let exposed = response
        .headers()
        .get_all("access-control-expose-headers")
        .iter();
    let exposed: Vec<_> = exposed
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    // With credentials, `*` is only a name (Fetch, "main fetch", step 14: https://fetch.spec.whatwg.org/#main-fetch).
    let is_any = exposed.iter().any(|name| name == "*") && !with_credentials;
    let mut names: Vec<_> = SAFELISTED_RESPONSE_HEADERS
        .iter()
        .map(ToString::to_string)
        .chain(exposed)
        .filter(|name| name != "*")
        .collect();
    names.sort_unstable();
    names.dedup();
    Some(ReadableHeaders { any: is_any, names })
}
