//! The cases of `tests/cases` that a page can cause.
//!
//! A page of `https://example.com` needs certificates; a page of `http://example.com.localhost` does not, in any engine.
//! Therefore all origins of the table are renamed, in policies and requests: the host gets a suffix, the
//! scheme becomes `http`, and the port is that of the pages' server.

use http::{HeaderMap, HeaderValue, Request, Response};
use omnicors_browser::{Bytes, Exchange, ExchangeKind, Mode, Redirect};
use omnicors_tests::cases::{self, Case, Table};

use super::{BrowserCase, BrowserCases, Credentials, Hop, On, Page, Ports};

/// The policy with a pattern that allows everything under `.localhost`, where all hosts are moved.
const ADMITS_ALL_OF_LOCALHOST: &str = "any-port";

pub(super) fn load(ports: Ports) -> BrowserCases {
    let Table { policies, cases } = cases::load_rewritten(|text| rename_origins(text, ports));
    let mut browser_cases = Vec::new();
    for case in &cases {
        if case.policy == ADMITS_ALL_OF_LOCALHOST {
            continue;
        }
        if case.is_without_lookup(&policies[&case.policy]) {
            continue;
        }
        let Some(browser_case) = provoke(case, ports) else {
            continue;
        };
        if let Some(verdict) = &case.verdict_with_credentials {
            let mut with_credentials = browser_case.clone();
            with_credentials.credentials = Credentials::Include;
            with_credentials.verdict = Some(verdict.clone());
            browser_cases.push(with_credentials);
        }
        browser_cases.push(browser_case);
    }
    BrowserCases {
        policies,
        cases: browser_cases,
    }
}

/// `https://example.com` becomes `http://example.com.localhost:PAGE`; `:8443` becomes `:OTHER`, and `:*` stays.
fn rename_origins(text: &str, ports: Ports) -> String {
    let mut renamed = String::new();
    let mut pieces = text.split("https://");
    renamed += pieces.next().unwrap_or_default();
    for piece in pieces {
        let end = end_of_host(piece);
        let (host, rest) = piece.split_at(end);
        if host.ends_with(|c: char| c.is_ascii_alphabetic()) && !has_marks(rest) {
            renamed.extend(["http://", host, ".localhost"]);
            if !rest.starts_with(':') {
                renamed.extend([":", &ports.page.to_string()]);
            }
        } else {
            renamed.extend(["https://", host]);
        }
        renamed += rest;
    }
    for port in ["8443", "3000", "5173"] {
        renamed = renamed.replace(&format!(":{port}\""), &format!(":{}\"", ports.other));
    }
    renamed
}

/// Returns the end of the host with which a text begins.
fn end_of_host(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && !"-._*".contains(c))
        .unwrap_or(text.len())
}

/// Returns true for a host with characters such as `'`, which not every engine resolves. The character may also be the quotation
/// mark at the end of a text.
fn has_marks(rest: &str) -> bool {
    let mut characters = rest.chars();
    let is_mark = characters.next().is_some_and(|c| "'!~`".contains(c));
    is_mark && characters.next().is_some_and(|c| c.is_ascii_alphanumeric())
}

/// Returns the request of a page that causes this case; `None` if no page can make one.
fn provoke(case: &Case, ports: Ports) -> Option<BrowserCase> {
    let fields = Fields::of(case)?;
    let is_preflight = case.request.method == "OPTIONS" && fields.request_method.is_some();
    if !is_preflight && (fields.request_method.is_some() || fields.request_headers.is_some()) {
        return None;
    }
    let method = fields.request_method.unwrap_or(&case.request.method);
    let names = fields.request_headers.unwrap_or_default().split(',');
    let mut headers: Vec<_> = names.filter_map(with_unsafe_value).collect();
    headers.extend(
        fields
            .content_type
            .map(|value| ("content-type".to_owned(), value.to_owned())),
    );

    // The verdict on a forwarded preflight assumes that the application responds with success.
    if is_preflight && case.expected.ran && !(200..300).contains(&case.expected.status) {
        return None;
    }

    let own = case.application_fields.iter();
    let own: Vec<_> = own
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let (preflight_response, response) = if is_preflight {
        (own, Vec::new())
    } else {
        (Vec::new(), own)
    };
    let mut browser_case = BrowserCase {
        name: case.name.clone(),
        policy: case.policy.clone(),
        page: page(fields.origin, ports)?,
        method: method.to_owned(),
        headers,
        body: None,
        credentials: Credentials::SameOrigin,
        mode: Mode::Cors,
        redirect: Redirect::Follow,
        upload_listener: false,
        hops: vec![Hop {
            host: "127.0.0.1".to_owned(),
            user_info: false,
            policy: None,
            redirect: None,
        }],
        preflight_response,
        response,
        // If the application did not run, the status is not its own.
        status: if case.expected.ran && !is_preflight {
            case.expected.status
        } else {
            200
        },
        verdict: Some(case.verdict.clone()),
        readable: None,
        on: On::Three,
        cannot_carry: case.carriers_that_cannot().clone(),
    };
    // The browser must send exactly the request of the case.
    let exchanges = sent_to_a_server_that_allows_it(&browser_case, fields.origin);
    let first = exchanges.first()?;
    if (first.kind() == ExchangeKind::Preflight) != is_preflight
        || (is_preflight && !fields.match_preflight(first.request()))
    {
        return None;
    }
    let actual = exchanges.last()?.request().method().as_str();
    if case.verdict == "allowed" && !is_known_to_rocket(actual) {
        let reason = "Rocket responds 400 to an unknown method, before any fairing runs";
        let cannot_carry = &mut browser_case.cannot_carry;
        cannot_carry.insert("rocket".to_owned(), reason.to_owned());
    }
    Some(browser_case)
}

/// Returns what a browser sends to a server that allows everything; nothing if `fetch()` throws.
fn sent_to_a_server_that_allows_it(case: &BrowserCase, origin: &str) -> Vec<Exchange> {
    let mut server = |request: Request<Bytes>| {
        let mut response = Response::new("");
        let allowed: HeaderMap = [
            ("origin", http::header::ACCESS_CONTROL_ALLOW_ORIGIN),
            (
                "access-control-request-method",
                http::header::ACCESS_CONTROL_ALLOW_METHODS,
            ),
            (
                "access-control-request-headers",
                http::header::ACCESS_CONTROL_ALLOW_HEADERS,
            ),
        ]
        .into_iter()
        .filter_map(|(from, to)| Some((to, request.headers().get(from)?.clone())))
        .collect();
        *response.headers_mut() = allowed;
        response
    };
    let page = if case.page.sandboxed {
        "http://localhost"
    } else {
        origin
    };
    // The port 9 differs from that of every page.
    let outcome = case
        .fetch(page, "http://127.0.0.1:3000/", false)
        .send_now(&mut server);
    outcome.exchanges().to_vec()
}

/// The fields of a case that a page can influence.
#[derive(Clone, Copy)]
struct Fields<'a> {
    origin: &'a str,
    request_method: Option<&'a str>,
    request_headers: Option<&'a str>,
    content_type: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// Returns `None` if no page can send the fields.
    fn of(case: &'a Case) -> Option<Self> {
        let mut origin = None;
        let mut request_method = None;
        let mut request_headers = None;
        let mut content_type = None;
        for (name, value) in &case.request.fields {
            let value = str::from_utf8(value).ok()?;
            // The relay adds the `x-respond` fields.
            let earlier = match name.to_ascii_lowercase().as_str() {
                "origin" => origin.replace(value),
                "access-control-request-method" => request_method.replace(value),
                "access-control-request-headers" => request_headers.replace(value),
                "content-type" => content_type.replace(value),
                "host" if value == "api.test" => None,
                // An engine would navigate elsewhere, or ask the user for a password.
                "x-respond" if value.starts_with("Location") => return None,
                "x-respond" if value.starts_with("WWW-Authenticate") => return None,
                "x-respond" | "x-respond-status" => None,
                _ => return None,
            };
            if earlier.is_some() {
                return None;
            }
        }
        Some(Self {
            origin: origin?,
            request_method,
            request_headers,
            content_type,
        })
    }

    /// Returns true if this preflight is that of the case.
    fn match_preflight(&self, request: &Request<Bytes>) -> bool {
        let sent = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
        sent("access-control-request-method") == self.request_method.map(str::as_bytes)
            && sent("access-control-request-headers") == self.request_headers.map(str::as_bytes)
    }
}

/// Returns the page of this origin, if there can be one.
fn page(origin: &str, ports: Ports) -> Option<Page> {
    if origin == "null" {
        return Some(Page {
            host: "localhost".to_owned(),
            other_port: false,
            sandboxed: true,
        });
    }
    let (host, port) = origin.strip_prefix("http://")?.rsplit_once(':')?;
    let other_port = port == ports.other.to_string();
    let is_label = |label: &str| {
        let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        (1..64).contains(&label.len()) && label.chars().all(is_inner)
    };
    let is_served = ["localhost", "127.0.0.1"].contains(&host)
        || host
            .strip_suffix(".localhost")
            .is_some_and(|rest| rest.split('.').all(is_label));
    (is_served && (other_port || port == ports.page.to_string())).then(|| Page {
        host: host.to_owned(),
        other_port,
        sandboxed: false,
    })
}

fn is_known_to_rocket(method: &str) -> bool {
    matches!(
        method,
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS"
    )
}

/// Returns a header of this name whose value is not safelisted.
fn with_unsafe_value(name: &str) -> Option<(String, String)> {
    let value = match name {
        "" => return None,
        "content-type" => "application/json",
        "accept" | "accept-language" | "content-language" => "\"",
        _ => "1",
    };
    Some((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTS: Ports = Ports {
        page: 81,
        other: 82,
    };

    #[test]
    fn an_origin_is_renamed_to_one_that_is_served() {
        for (origin, renamed) in [
            ("https://example.com", "http://example.com.localhost:81"),
            ("https://*.example.com", "http://*.example.com.localhost:81"),
            (
                "https://example.org:8443",
                "http://example.org.localhost:82",
            ),
            ("https://example.com:*", "http://example.com.localhost:*"),
            ("http://localhost:3000", "http://localhost:82"),
            ("https://192.0.2.1", "https://192.0.2.1"),
            ("https://[::1]", "https://[::1]"),
            ("null", "null"),
        ] {
            assert_eq!(
                rename_origins(&format!("\"{origin}\""), PORTS),
                format!("\"{renamed}\"")
            );
        }
    }

    #[test]
    fn a_page_can_cause_many_cases_of_the_table() {
        let cases = load(PORTS).cases;
        assert!(cases.len() >= 90, "{}", cases.len());
        assert!(
            cases
                .iter()
                .any(|case| case.verdict.as_deref() == Some("HeaderNotAllowed(x-secret)"))
        );
    }
}
