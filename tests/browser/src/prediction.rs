//! What the core says that a browser will do, and what one has done, in the same words.

use std::collections::BTreeMap;

use omnicors_core::adapter::merged_expose_headers;
use omnicors_core::{Decision, Policy, RequestParts, ResponseHeaderName, evaluate};
use omnicors_tests::cases::lookup_result;
use omnicors_tests::cases::verdict_name;
use serde_json::Value;

use crate::asks::{Ask, Credentials, How};
use crate::relay::Exchange;

/// The course of a request: what is sent, and what the page gets in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// The requests, in order.
    pub sent: Vec<Sent>,
    /// What the page gets.
    pub ending: Ending,
}

/// A request, as far as CORS has a say in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The `Origin` line.
    pub origin: Option<String>,
    /// The `Access-Control-Request-Method` line.
    pub request_method: Option<String>,
    /// The `Access-Control-Request-Headers` line.
    pub request_headers: Option<String>,
    /// It carries a cookie. Not told of redirects, along which engines have rules of their own.
    pub cookie: Option<bool>,
    /// The server runs its application.
    pub ran: bool,
    /// The core's verdict on it, in words of the table.
    pub verdict: String,
}

/// What the page gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A response.
    Response {
        /// Its status.
        status: u16,
        /// The names of the headers that the page can read, sorted, in lower case.
        headers: Vec<String>,
        /// Its body.
        body: String,
    },
    /// A `TypeError`.
    Blocked,
}

/// Where a case takes place.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The origin of the page, its frame apart.
    pub page: &'a str,
    /// The port of the servers' relay.
    pub api: u16,
}

impl Place<'_> {
    /// The origin that a hop of the case leads to.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        if host == "page" {
            self.page.to_owned()
        } else {
            format!("http://{host}:{}", self.api)
        }
    }
}

/// What the core predicts. The names of the headers that there are to read come from what the server has sent.
///
/// # Panics
///
/// If the case names a policy that is not there.
#[must_use]
pub fn predict(
    engine: &str,
    ask: &Ask,
    policies: &BTreeMap<String, Policy>,
    place: &Place<'_>,
    exchanges: &[Exchange],
) -> Course {
    let own = if ask.page.sandboxed {
        "null"
    } else {
        place.page
    };
    let departs = ask.departure(engine);
    let mut origin = own.to_owned();
    let mut sent = Vec::new();
    let mut readable = Exposed::default();
    for (index, (hop, policy)) in ask.hops.iter().zip(ask.policies()).enumerate() {
        let url = place.origin(&hop.host);
        let policy = &policies[policy];
        let request = ask.page_request(&origin);
        let is_same_origin = url == origin;
        let judge = |method: &str, mut lines: Vec<(String, Vec<u8>)>, is_preflight: bool| {
            let host = url.trim_start_matches("http://").as_bytes().to_vec();
            lines.push(("host".to_owned(), host));
            if is_same_origin && matches!(method, "GET" | "HEAD") {
                lines.retain(|line| line.0 != "origin");
            }
            let includes = match ask.credentials {
                Credentials::Omit => false,
                Credentials::SameOrigin => is_same_origin,
                Credentials::Include => true,
            };
            let has_cookie = hop.host == "page" || hop.host == ask.page.host;
            let cookie = !is_preflight && includes && !ask.page.sandboxed && has_cookie;
            judge(ask, policy, method, &lines, cookie)
        };
        if !is_same_origin && request.needs_preflight() {
            let (method, lines) = match departs {
                Some(How::PreflightFromPage) => ask.page_request(own).preflight(),
                _ => request.preflight(),
            };
            let (preflight, _) = judge(&method, lines, true);
            let is_allowed = preflight.verdict == "allowed";
            sent.push(preflight);
            if !is_allowed && departs != Some(How::PassPreflight) {
                return Course {
                    sent,
                    ending: Ending::Blocked,
                };
            }
        }
        let (method, lines) = request.actual();
        let (actual, exposed) = judge(&method, lines, false);
        let is_allowed = actual.verdict == "allowed";
        sent.push(actual);
        readable = exposed;
        if !is_allowed {
            return Course {
                sent,
                ending: Ending::Blocked,
            };
        }
        // Fetch, "HTTP-redirect fetch": the tainted origin flag.
        let next = ask.hops.get(index + 1);
        if next.is_some_and(|next| place.origin(&next.host) != url) && !is_same_origin {
            "null".clone_into(&mut origin);
        }
    }
    let has_body = ask.method != "HEAD" && !matches!(ask.status, 204 | 304);
    let there = exchanges.last().map_or(&[][..], |exchange| &exchange.lines);
    let is_cors = place.origin(&ask.hops[ask.hops.len() - 1].host) != origin;
    let mut headers: Vec<String> = there
        .iter()
        .map(|(name, _)| name.clone())
        .filter(|name| !matches!(name.as_str(), "set-cookie" | "set-cookie2"))
        .filter(|name| !is_cors || readable.covers(name))
        .collect();
    headers.sort();
    headers.dedup();
    Course {
        sent,
        ending: Ending::Response {
            status: ask.status,
            headers,
            body: if has_body { "ran" } else { "" }.to_owned(),
        },
    }
}

/// What has happened: what the relay has kept, and what the page's script has returned.
///
/// # Panics
///
/// If the script has returned something else than what [`fetch_all`](crate::page::fetch_all) returns.
#[must_use]
pub fn observed(
    ask: &Ask,
    policies: &BTreeMap<String, Policy>,
    exchanges: &[Exchange],
    returned: &Value,
) -> Course {
    let hop = |exchange: &Exchange| {
        let hop = exchange.asked.parameter("hop");
        hop.and_then(|hop| hop.parse().ok()).unwrap_or(0)
    };
    let sent = exchanges.iter().map(|exchange| {
        let policy = ask
            .policies()
            .nth(hop(exchange))
            .expect("a case has as many hops");
        let asked = &exchange.asked;
        let cookie = asked.line("cookie").is_some();
        let (sent, _) = judge(ask, &policies[policy], &asked.method, &asked.lines, cookie);
        Sent {
            ran: exchange.ran(),
            ..sent
        }
    });
    Course {
        sent: sent.collect(),
        ending: ending(returned),
    }
}

fn ending(returned: &Value) -> Ending {
    if let Some(error) = returned.get("error") {
        assert_eq!(error, "TypeError", "{returned}");
        return Ending::Blocked;
    }
    let names = returned["headers"].as_array().expect("a list of names");
    let names = names
        .iter()
        .map(|name| name.as_str().expect("a name").to_owned());
    let mut headers: Vec<String> = names.collect();
    headers.sort();
    headers.dedup();
    let status = returned["status"].as_u64();
    Ending::Response {
        status: status
            .and_then(|status| status.try_into().ok())
            .expect("a status"),
        headers,
        body: returned["body"].as_str().expect("a body").to_owned(),
    }
}

/// What the core says of a request with these lines, names in lower case.
fn judge(
    ask: &Ask,
    policy: &Policy,
    method: &str,
    lines: &[(String, Vec<u8>)],
    cookie: bool,
) -> (Sent, Exposed) {
    let line = |name: &str| {
        let line = lines.iter().find(|line| line.0 == name);
        line.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    let fields = lines.to_vec();
    let mut parts = RequestParts::read(policy, method, &fields);
    if let Some(origin) = policy.origin_to_look_up(&parts) {
        parts = parts.lookup_result(lookup_result(origin.as_str()));
    }
    let decision = evaluate(policy, &parts);
    let includes = ask.credentials == Credentials::Include;
    let verdict = if includes {
        decision.verdict_with_credentials()
    } else {
        decision.verdict()
    };
    let lines = decision.headers().iter();
    let mut lines =
        lines.filter(|line| line.name == ResponseHeaderName::AccessControlExposeHeaders);
    // The names that the application sends, where the policy keeps them.
    let application = ask.response.iter().filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let is_it = name.eq_ignore_ascii_case("access-control-expose-headers");
        is_it.then_some(value.as_bytes())
    });
    let own = lines.next().map(|line| line.value.as_str().to_owned());
    let merged = merged_expose_headers(decision.headers(), application);
    let readable = Exposed {
        names: merged.or(own).unwrap_or_default(),
        includes,
    };
    let sent = Sent {
        method: method.to_owned(),
        origin: line("origin"),
        request_method: line("access-control-request-method"),
        request_headers: line("access-control-request-headers"),
        cookie: (ask.hops.len() == 1).then_some(cookie),
        ran: matches!(decision, Decision::Forward { .. }),
        verdict: verdict_name(verdict),
    };
    (sent, readable)
}

/// What the policy lets a page read of the headers.
#[derive(Debug, Default)]
struct Exposed {
    names: String,
    includes: bool,
}

impl Exposed {
    /// Fetch, "CORS-safelisted response-header name".
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
