//! The prediction of what a browser does, and what a browser did, in the same types.
//!
//! `omnicors-browser` predicts what an engine sends, and what the page can read of the recorded responses. The core predicts the verdict
//! on each request. Neither knows the other, and the engine must agree with both.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use omnicors_browser::{Browser, Bytes, Engine as Model, NetworkError, Outcome, ResponseType};
use omnicors_core::{Decision, Policy, RequestParts, evaluate};
use omnicors_tests::cases::lookup_result;
use omnicors_tests::cases::verdict_name;
use serde_json::Value;
use url::Url;

use crate::Engine;
use crate::cases::{BrowserCase, Credentials};
use crate::relay::{Exchange, Relay};

/// The outcome of a request of a page: the requests that were sent, and the result for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchOutcome {
    /// The requests, in order.
    pub sent: Vec<Sent>,
    /// The result for the page.
    pub result: FetchResult,
}

/// The parts of a request that the model predicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The fields of `PREDICTED` that it has, in that order.
    pub fields: Vec<(&'static str, String)>,
    /// Whether it has a cookie. `None` where engines have their own rules: for redirects, and for a host with a trailing dot.
    pub cookie: Option<bool>,
}

/// The request headers that the model predicts. The values of headers that the page sets are not among them, because an engine
/// may change them.
const PREDICTED: [&str; 8] = [
    "host",
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
    "authorization",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
];

/// The result of a request for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchResult {
    /// A response.
    Response {
        /// The type of the response; `None` for an `XMLHttpRequest`, which does not show it.
        kind: Option<String>,
        /// The status.
        status: u16,
        /// The names and values of the headers that the page can read, sorted, names in lower case.
        headers: BTreeMap<String, String>,
        /// The body.
        body: String,
    },
    /// An exception, or an error event.
    Blocked,
}

impl FetchResult {
    /// Returns the result that the model predicts.
    ///
    /// # Panics
    ///
    /// Panics if the response has a type that no page in these tests causes.
    #[must_use]
    pub fn predicted(outcome: &Outcome, is_upload: bool) -> Self {
        let Ok(response) = outcome.result() else {
            return Self::Blocked;
        };
        let kind = match response.response_type() {
            ResponseType::Basic => "basic",
            ResponseType::Cors => "cors",
            ResponseType::Opaque => "opaque",
            ResponseType::OpaqueRedirect => "opaqueredirect",
            other => panic!("{other:?} is a new type"),
        };
        let names = response.headers().keys();
        Self::Response {
            kind: (!is_upload).then(|| kind.to_owned()),
            status: response.status(),
            headers: names
                .map(|name| (name.to_string(), combined(response.headers(), name)))
                .collect(),
            body: String::from_utf8_lossy(response.body()).into_owned(),
        }
    }

    /// Returns the result in a page.
    ///
    /// # Panics
    ///
    /// Panics if the value is not one of [`fetch_all`](crate::page::fetch_all).
    #[must_use]
    pub fn observed(returned: &Value) -> Self {
        if returned.get("error").is_some() {
            return Self::Blocked;
        }
        let headers = returned["headers"].as_array().expect("a list of headers");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let status = returned["status"].as_u64();
        Self::Response {
            kind: returned["type"].as_str().map(str::to_owned),
            status: status
                .and_then(|status| status.try_into().ok())
                .expect("a status"),
            headers: headers
                .iter()
                .map(|header| (text(&header[0]), text(&header[1])))
                .collect(),
            body: text(&returned["body"]),
        }
    }
}

/// Prints a line for each request, and one for the result.
impl fmt::Display for FetchOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Sent {
            method,
            fields,
            cookie,
        } in &self.sent
        {
            writeln!(f, "    {method} {fields:?}, cookie: {cookie:?}")?;
        }
        write!(f, "    {:?}", self.result)
    }
}

/// The addresses of a case.
#[derive(Clone, Debug)]
pub struct Addresses<'a> {
    /// The origin of the page before it is sandboxed, in canonical form.
    pub page: &'a str,
    /// The port of the relay.
    pub api: u16,
    /// The canonical hosts of the pages that were open. Each has a cookie with `SameSite=Lax`.
    pub visited: &'a BTreeSet<String>,
}

impl Addresses<'_> {
    /// Returns the URL of a hop of this case, as the page or a `Location` has it.
    #[must_use]
    pub fn url(&self, case: &BrowserCase, number: usize, index: usize) -> String {
        let hop = &case.hops[index];
        let target = Relay::target(number, index);
        let user_info = if hop.user_info { "user:pass@" } else { "" };
        let authority = match hop.host.as_str() {
            "page" => self.page.trim_start_matches("http://").to_owned(),
            host => format!("{host}:{}", self.api),
        };
        format!("http://{user_info}{authority}{target}")
    }

    /// Returns true if the browser has a cookie for the URL that it may send in a request of the page. Cookies ignore the port.
    fn has_cookie(&self, engine: Model, case: &BrowserCase, url: &str) -> bool {
        let (page, host) = (host(self.page), host(url));
        let is_same_site = if engine == Model::WebKit {
            // libsoup, which WebKitGTK uses, compares the URL with the top-level page, and takes a subdomain for the same site.
            host == page || host.ends_with(&format!(".{page}"))
        } else {
            // A sandboxed frame is cross-site. Each host below `localhost` is a site of its own.
            host == page && !case.page.sandboxed
        };
        is_same_site && self.visited.contains(&host)
    }
}

/// Returns what the model of an engine does if the server sends these responses.
pub fn predict(
    engine: Model,
    case: &BrowserCase,
    number: usize,
    addresses: &Addresses<'_>,
    exchanges: &[Exchange],
) -> Outcome {
    let mut recorded = exchanges.iter();
    // A request that the engine did not send makes the outcomes differ, whatever the response to it is.
    let mut replay = |_: Request<Bytes>| {
        recorded
            .next()
            .map_or_else(|| Response::new(Bytes::new()), response)
    };
    let url = addresses.url(case, number, 0);
    let has_cookie = addresses.has_cookie(engine, case, &url);
    let fetch = case.fetch(addresses.page, &url, has_cookie);
    Browser::new(engine).send_now(&fetch, &mut replay)
}

/// Returns the outcome that the model predicts.
#[must_use]
pub fn predicted(case: &BrowserCase, outcome: &Outcome) -> FetchOutcome {
    let sent = outcome.exchanges().iter().map(|exchange| {
        let request = exchange.request();
        let field = |name: &str| {
            let value = request.headers().get(name)?.to_str();
            Some(value.expect("the model sends text").to_owned())
        };
        Sent::new(case, request.method().as_str(), field)
    });
    FetchOutcome {
        sent: sent.collect(),
        result: FetchResult::predicted(outcome, case.upload_listener),
    }
}

/// Returns what happened, from the exchanges of the relay and the result of the page's script.
///
/// # Panics
///
/// Panics if the result is not one of [`fetch_all`](crate::page::fetch_all).
#[must_use]
pub fn observed(case: &BrowserCase, exchanges: &[Exchange], returned: &Value) -> FetchOutcome {
    let sent = exchanges.iter().map(|exchange| {
        let request = &exchange.request;
        let field = |name: &str| request.field(name).map(str::to_owned);
        Sent::new(case, &request.method, field)
    });
    FetchOutcome {
        sent: sent.collect(),
        result: FetchResult::observed(returned),
    }
}

/// Returns the core's verdict on each request, in the notation of the table.
///
/// # Errors
///
/// Returns the difference if the core and the model conclude differently, or the server did not do what the core decides.
///
/// # Panics
///
/// Panics if the case names an unknown policy.
pub fn verdicts(
    engine: Engine,
    case: &BrowserCase,
    policies: &BTreeMap<String, Policy>,
    addresses: &Addresses<'_>,
    outcome: &Outcome,
    exchanges: &[Exchange],
) -> Result<Vec<String>, String> {
    let mut verdicts = Vec::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        let policy = case.policies().nth(exchange.hop());
        let policy = policy.expect("the case has this hop");
        let (runs, verdict) = judge(case, &policies[policy], exchange);
        if runs != exchange.ran() {
            return Err(format!(
                "the core runs the application: {runs}, but {exchange:?}"
            ));
        }
        if !is_cors(case, addresses, exchange.hop()) {
            verdicts.push("allowed".to_owned());
            continue;
        }
        let error = outcome
            .result()
            .err()
            .filter(|_| index + 1 == exchanges.len());
        let agree = match error.as_ref().and_then(denial) {
            Some(starts) => starts.iter().any(|start| verdict.starts_with(start)),
            None => verdict == "allowed" || is_covered_by_a_wildcard_in(engine, &verdict, exchange),
        };
        if !agree {
            return Err(format!(
                "the core's verdict is {verdict}, but the model's result is {error:?}, for {exchange:?}"
            ));
        }
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

/// Returns the beginnings of the core's verdicts that an error of the model belongs to; `None` if it is not an error of CORS.
fn denial(error: &NetworkError) -> Option<&'static [&'static str]> {
    match error {
        NetworkError::PreflightCheck(_) | NetworkError::CorsCheck(_) => {
            // The response of a guard has no `Access-Control-Allow-Origin` for an origin that the policy does not allow.
            Some(&["Origin", "Lookup", "CredentialsNotAllowed", "Rejected"])
        }
        NetworkError::MethodNotAllowed(_) => Some(&["MethodNotAllowed", "RequestMethodMalformed"]),
        NetworkError::HeaderNotAllowed(_) => Some(&["HeaderNotAllowed", "RequestHeaders"]),
        // Our servers never send such a response.
        NetworkError::PreflightStatus(_)
        | NetworkError::InvalidAllowMethods(_)
        | NetworkError::InvalidAllowHeaders(_) => Some(&[]),
        _ => None,
    }
}

/// Returns true if the engine deviates from the standard, which the core follows: `*` covers `Authorization`.
fn is_covered_by_a_wildcard_in(engine: Engine, verdict: &str, exchange: &Exchange) -> bool {
    let allows_any = exchange
        .fields
        .iter()
        .any(|(name, value)| name == "access-control-allow-headers" && value == b"*");
    allows_any
        && verdict == "HeaderNotAllowed(authorization)"
        && engine
            .model()
            .has(omnicors_browser::Deviation::WildcardCoversAuthorization)
}

/// Returns true if a browser checks the response of this hop: the request or an earlier one was for another origin.
fn is_cors(case: &BrowserCase, addresses: &Addresses<'_>, hop: usize) -> bool {
    let is_other = |index: usize| {
        let url = addresses.url(case, 0, index);
        let page = omnicors_browser::Page::new(&url).expect("the URL of a hop is valid");
        case.page.sandboxed || page.origin().to_string() != addresses.page
    };
    case.mode == omnicors_browser::Mode::Cors && (0..=hop).any(is_other)
}

impl Sent {
    fn new(case: &BrowserCase, method: &str, field: impl Fn(&str) -> Option<String>) -> Self {
        let fields = PREDICTED.iter();
        Self {
            method: method.to_owned(),
            fields: fields
                .filter_map(|name| Some((*name, field(name)?)))
                .collect(),
            cookie: case.predicts_cookie().then(|| field("cookie").is_some()),
        }
    }
}

/// Returns the canonical host of a URL.
#[must_use]
pub fn host(url: &str) -> String {
    let url = Url::parse(url).expect("the URL is valid");
    url.host_str().expect("the URL has a host").to_owned()
}

fn response(exchange: &Exchange) -> Response<Bytes> {
    let body: &[u8] = if exchange.ran() { b"ran" } else { b"" };
    let mut response = Response::new(Bytes::from_static(body));
    *response.status_mut() = StatusCode::from_u16(exchange.status).expect("a status");
    let fields = exchange.fields.iter().map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        (name, HeaderValue::from_bytes(value).expect("a value"))
    });
    response.headers_mut().extend(fields);
    response
}

/// Returns the values of a header as a page reads them: <https://fetch.spec.whatwg.org/#concept-header-list-get>.
fn combined(headers: &HeaderMap, name: &HeaderName) -> String {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    values.join(", ")
}

/// Returns whether the core runs the application for a request, and its verdict in the notation of the table.
fn judge(case: &BrowserCase, policy: &Policy, exchange: &Exchange) -> (bool, String) {
    let request = &exchange.request;
    let mut parts = RequestParts::read(policy, &request.method, &request.fields);
    if let Some(origin) = policy.origin_to_look_up(&parts) {
        parts = parts.lookup_result(lookup_result(origin.as_str()));
    }
    let decision = evaluate(policy, &parts);
    let verdict = if case.credentials == Credentials::Include {
        decision.verdict_with_credentials()
    } else {
        decision.verdict()
    };
    let runs = matches!(decision, Decision::Forward { .. });
    (runs, verdict_name(verdict))
}
