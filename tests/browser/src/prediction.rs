//! What the core predicts a browser does, and what a browser did, in the same types.

use std::collections::BTreeMap;

use omnicors_core::adapter::merged_expose_headers;
use omnicors_core::{Decision, Policy, RequestParts, ResponseHeaderName, evaluate};
use omnicors_tests::cases::lookup_result;
use omnicors_tests::cases::verdict_name;
use serde_json::Value;

use crate::cases::{BrowserCase, Credentials, DeviationKind};
use crate::relay::Exchange;

/// The outcome of a `fetch()`: the requests that were sent, and the result for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchOutcome {
    /// The requests, in order.
    pub sent: Vec<Sent>,
    /// The result for the page.
    pub result: FetchResult,
}

/// The parts of a request that CORS affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The value of `Origin`.
    pub origin: Option<String>,
    /// The value of `Access-Control-Request-Method`.
    pub request_method: Option<String>,
    /// The value of `Access-Control-Request-Headers`.
    pub request_headers: Option<String>,
    /// Whether it has a cookie. `None` for redirects, for which engines have their own rules.
    pub cookie: Option<bool>,
    /// Whether the server ran its application.
    pub ran: bool,
    /// The core's verdict, in the notation of the table.
    pub verdict: String,
}

/// The result of a `fetch()` for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchResult {
    /// A response.
    Response {
        /// The status.
        status: u16,
        /// The names of the headers that the page can read, sorted, in lower case.
        headers: Vec<String>,
        /// The body.
        body: String,
    },
    /// A `TypeError`.
    Blocked,
}

/// The addresses of a case.
#[derive(Clone, Debug)]
pub struct Addresses<'a> {
    /// The origin of the page (not of a sandboxed frame).
    pub page: &'a str,
    /// The port of the relay.
    pub api: u16,
}

impl Addresses<'_> {
    /// Returns the origin of a hop of the case.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        if host == "page" {
            self.page.to_owned()
        } else {
            format!("http://{host}:{}", self.api)
        }
    }
}

/// Returns what the core predicts. The names of the response's headers come from the response that the server sent.
///
/// # Panics
///
/// Panics if the case names an unknown policy.
#[must_use]
pub fn predict(
    engine: &str,
    case: &BrowserCase,
    policies: &BTreeMap<String, Policy>,
    addresses: &Addresses<'_>,
    exchanges: &[Exchange],
) -> FetchOutcome {
    let own = if case.page.sandboxed {
        "null"
    } else {
        addresses.page
    };
    let deviates = case.deviation(engine);
    let mut origin = own.to_owned();
    let mut sent = Vec::new();
    let mut readable = Exposed::default();
    for (index, (hop, policy)) in case.hops.iter().zip(case.policies()).enumerate() {
        let url = addresses.origin(&hop.host);
        let policy = &policies[policy];
        let request = case.page_request(&origin);
        let is_same_origin = url == origin;
        let judge = |method: &str, mut fields: Vec<(String, Vec<u8>)>, is_preflight: bool| {
            let host = url.trim_start_matches("http://").as_bytes().to_vec();
            fields.push(("host".to_owned(), host));
            if is_same_origin && matches!(method, "GET" | "HEAD") {
                fields.retain(|field| field.0 != "origin");
            }
            let includes = match case.credentials {
                Credentials::Omit => false,
                Credentials::SameOrigin => is_same_origin,
                Credentials::Include => true,
            };
            let has_cookie = hop.host == "page" || hop.host == case.page.host;
            let cookie = !is_preflight && includes && !case.page.sandboxed && has_cookie;
            judge(case, policy, method, &fields, cookie)
        };
        if !is_same_origin && request.needs_preflight() {
            let (method, fields) = match deviates {
                Some(DeviationKind::PreflightFromPage) => case.page_request(own).preflight(),
                _ => request.preflight(),
            };
            let (preflight, _) = judge(&method, fields, true);
            let is_allowed = preflight.verdict == "allowed";
            sent.push(preflight);
            if !is_allowed && deviates != Some(DeviationKind::PassPreflight) {
                return FetchOutcome {
                    sent,
                    result: FetchResult::Blocked,
                };
            }
        }
        let (method, fields) = request.actual();
        let (actual, exposed) = judge(&method, fields, false);
        let is_allowed = actual.verdict == "allowed";
        sent.push(actual);
        readable = exposed;
        if !is_allowed {
            return FetchOutcome {
                sent,
                result: FetchResult::Blocked,
            };
        }
        // <https://fetch.spec.whatwg.org/#http-redirect-fetch>: the redirect-tainted origin.
        let next = case.hops.get(index + 1);
        if next.is_some_and(|next| addresses.origin(&next.host) != url) && !is_same_origin {
            "null".clone_into(&mut origin);
        }
    }
    let has_body = case.method != "HEAD" && !matches!(case.status, 204 | 304);
    let there = exchanges
        .last()
        .map_or(&[][..], |exchange| &exchange.fields);
    let is_cors = addresses.origin(&case.hops[case.hops.len() - 1].host) != origin;
    let mut headers: Vec<String> = there
        .iter()
        .map(|(name, _)| name.clone())
        .filter(|name| !matches!(name.as_str(), "set-cookie" | "set-cookie2"))
        .filter(|name| !is_cors || readable.covers(name))
        .collect();
    headers.sort();
    headers.dedup();
    FetchOutcome {
        sent,
        result: FetchResult::Response {
            status: case.status,
            headers,
            body: if has_body { "ran" } else { "" }.to_owned(),
        },
    }
}

/// Returns what happened, from the exchanges of the relay and the result of the page's script.
///
/// # Panics
///
/// Panics if the result is not one of [`fetch_all`](crate::page::fetch_all).
#[must_use]
pub fn observed(
    case: &BrowserCase,
    policies: &BTreeMap<String, Policy>,
    exchanges: &[Exchange],
    returned: &Value,
) -> FetchOutcome {
    let hop = |exchange: &Exchange| {
        let hop = exchange.request.parameter("hop");
        hop.and_then(|hop| hop.parse().ok()).unwrap_or(0)
    };
    let sent = exchanges.iter().map(|exchange| {
        let policy = case
            .policies()
            .nth(hop(exchange))
            .expect("the case has this hop");
        let request = &exchange.request;
        let cookie = request.field("cookie").is_some();
        let (sent, _) = judge(
            case,
            &policies[policy],
            &request.method,
            &request.fields,
            cookie,
        );
        Sent {
            ran: exchange.ran(),
            ..sent
        }
    });
    FetchOutcome {
        sent: sent.collect(),
        result: fetch_result(returned),
    }
}

fn fetch_result(returned: &Value) -> FetchResult {
    if let Some(error) = returned.get("error") {
        assert_eq!(error, "TypeError", "{returned}");
        return FetchResult::Blocked;
    }
    let names = returned["headers"].as_array().expect("a list of names");
    let names = names
        .iter()
        .map(|name| name.as_str().expect("a name").to_owned());
    let mut headers: Vec<String> = names.collect();
    headers.sort();
    headers.dedup();
    let status = returned["status"].as_u64();
    FetchResult::Response {
        status: status
            .and_then(|status| status.try_into().ok())
            .expect("a status"),
        headers,
        body: returned["body"].as_str().expect("a body").to_owned(),
    }
}

/// Returns what the core predicts for a request with these fields, names in lower case.
fn judge(
    case: &BrowserCase,
    policy: &Policy,
    method: &str,
    fields: &[(String, Vec<u8>)],
    cookie: bool,
) -> (Sent, Exposed) {
    let field = |name: &str| {
        let field = fields.iter().find(|field| field.0 == name);
        field.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    let fields = fields.to_vec();
    let mut parts = RequestParts::read(policy, method, &fields);
    if let Some(origin) = policy.origin_to_look_up(&parts) {
        parts = parts.lookup_result(lookup_result(origin.as_str()));
    }
    let decision = evaluate(policy, &parts);
    let includes = case.credentials == Credentials::Include;
    let verdict = if includes {
        decision.verdict_with_credentials()
    } else {
        decision.verdict()
    };
    let fields = decision.headers().iter();
    let mut fields =
        fields.filter(|field| field.name == ResponseHeaderName::AccessControlExposeHeaders);
    // The names that the application exposes, if the policy merges them.
    let application = case.response.iter().filter_map(|field| {
        let (name, value) = field.split_once(": ")?;
        let is_it = name.eq_ignore_ascii_case("access-control-expose-headers");
        is_it.then_some(value.as_bytes())
    });
    let own = fields.next().map(|field| field.value.as_str().to_owned());
    let merged = merged_expose_headers(decision.headers(), application);
    let readable = Exposed {
        names: merged.or(own).unwrap_or_default(),
        includes,
    };
    let sent = Sent {
        method: method.to_owned(),
        origin: field("origin"),
        request_method: field("access-control-request-method"),
        request_headers: field("access-control-request-headers"),
        cookie: (case.hops.len() == 1).then_some(cookie),
        ran: matches!(decision, Decision::Forward { .. }),
        verdict: verdict_name(verdict),
    };
    (sent, readable)
}

/// The headers that the policy exposes.
#[derive(Debug, Default)]
struct Exposed {
    names: String,
    includes: bool,
}

impl Exposed {
    /// Returns true for a <https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>.
    fn covers(&self, name: &str) -> bool {
        let is_safelisted = matches!(
            name,
            "cache-control"
                | "content-language"
                | "content-length"
                | "content-type"
                | "expires"
                | "last-modified"
                | "pragma"
        );
        let mut names = self.names.split(',').map(str::trim);
        is_safelisted
            || names.any(|listed| {
                listed.eq_ignore_ascii_case(name) || (listed == "*" && !self.includes)
            })
    }
}
