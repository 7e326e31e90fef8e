//! The table of `tests/cases`, as far as a page can provoke what is in it.
//!
//! A page of `https://example.com` is not to be had without certificates, and one of `http://example.com.localhost` is, in
//! every engine. So every origin in the table is renamed, in policies and requests alike: the host gets a suffix, the
//! scheme becomes `http`, and the port is that of the pages' server.

use omnicors_tests::cases::{self, Case, Table};
use omnicors_tests::oracle::PageRequest;

use super::{Ask, Asks, Credentials, Departure, Hop, How, Page, Ports};
use crate::Engine;

/// The policy that has a pattern for whatever is under `.localhost`, which is where all hosts are moved.
const ADMITS_ALL_OF_LOCALHOST: &str = "any-port";

/// True for the cases of which no engine does as the standard says.
fn is_star_and_authorization(case: &Case) -> bool {
    case.verdict == "HeaderNotAllowed(authorization)"
        && case
            .expected
            .lines
            .iter()
            .any(|line| line == "access-control-allow-headers: *")
}

pub(super) fn load(ports: Ports) -> Asks {
    let Table { policies, cases } = cases::load_rewritten(|text| rename_origins(text, ports));
    let mut asks = Vec::new();
    for case in &cases {
        if case.policy == ADMITS_ALL_OF_LOCALHOST {
            continue;
        }
        if case.is_without_lookup(&policies[&case.policy]) {
            continue;
        }
        let Some(ask) = provoke(case, ports) else {
            continue;
        };
        if let Some(verdict) = &case.verdict_with_credentials {
            let mut with_credentials = ask.clone();
            with_credentials.credentials = Credentials::Include;
            with_credentials.verdict.clone_from(verdict);
            asks.push(with_credentials);
        }
        asks.push(ask);
    }
    assert!(
        asks.iter().any(|ask| ask.departs.is_some()),
        "no case has a star and Authorization"
    );
    Asks { policies, asks }
}

/// `https://example.com` becomes `http://example.com.localhost:PAGE`, with `:8443` behind it `:OTHER`, and with `:*` that.
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

/// Returns where the host ends that a text begins with.
fn end_of_host(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && !"-._*".contains(c))
        .unwrap_or(text.len())
}

/// Returns true for a host with marks such as `'`, which not every engine resolves. The mark may also be the quotation mark at the
/// end of a text.
fn has_marks(rest: &str) -> bool {
    let mut characters = rest.chars();
    let is_mark = characters.next().is_some_and(|c| "'!~`".contains(c));
    is_mark && characters.next().is_some_and(|c| c.is_ascii_alphanumeric())
}

/// The request of a page that comes to this case; `None` if no page can make one.
fn provoke(case: &Case, ports: Ports) -> Option<Ask> {
    let lines = Lines::of(case)?;
    let is_preflight = case.request.method == "OPTIONS" && lines.request_method.is_some();
    if !is_preflight && (lines.request_method.is_some() || lines.request_headers.is_some()) {
        return None;
    }
    let method = lines.request_method.unwrap_or(&case.request.method);
    let names = lines.request_headers.unwrap_or_default().split(',');
    let mut headers: Vec<_> = names.filter_map(with_unsafe_value).collect();
    headers.extend(
        lines
            .content_type
            .map(|value| ("content-type".to_owned(), value.to_owned())),
    );

    // What the page provokes must be what the case has, to the letter.
    let asked = PageRequest {
        headers: headers.clone(),
        ..PageRequest::new(lines.origin, method)
    };
    if !asked.is_valid() || asked.needs_preflight() != is_preflight {
        return None;
    }
    if is_preflight && !lines.are_sent_by(&asked) {
        return None;
    }
    // A verdict on a preflight that is handed on supposes that the application answers with success.
    if is_preflight && case.expected.ran && !(200..300).contains(&case.expected.status) {
        return None;
    }

    let page = page(lines.origin, ports)?;
    let own = case.application_lines.iter();
    let own: Vec<_> = own
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let (preflight_response, response) = if is_preflight {
        (own, Vec::new())
    } else {
        (Vec::new(), own)
    };
    let mut cannot_carry = case.carriers_that_cannot().clone();
    if case.verdict == "allowed" && !is_known_to_rocket(&asked.normalized_method()) {
        let reason =
            "Rocket answers 400 to a method that it does not know, before any fairing runs";
        cannot_carry.insert("rocket".to_owned(), reason.to_owned());
    }
    let departs = is_star_and_authorization(case).then(|| Departure {
        engines: Engine::ALL.map(|engine| engine.name().to_owned()).into(),
        how: How::PassPreflight,
        what: "`Access-Control-Allow-Headers: *` covers Authorization (Fetch, \"CORS-preflight fetch\", step 7.7)".to_owned(),
    });
    Some(Ask {
        name: case.name.clone(),
        policy: case.policy.clone(),
        page,
        method: method.to_owned(),
        headers,
        body: None,
        credentials: Credentials::SameOrigin,
        hops: vec![Hop {
            host: "127.0.0.1".to_owned(),
            policy: None,
            redirect: None,
        }],
        preflight_response,
        response,
        // Where the application did not run, there is no status of its own.
        status: if case.expected.ran && !is_preflight {
            case.expected.status
        } else {
            200
        },
        verdict: case.verdict.clone(),
        readable: None,
        departs,
        everywhere: false,
        cannot_carry,
    })
}

/// The lines of a case that a page has a say in.
#[derive(Clone, Copy)]
struct Lines<'a> {
    origin: &'a str,
    request_method: Option<&'a str>,
    request_headers: Option<&'a str>,
    content_type: Option<&'a str>,
}

impl<'a> Lines<'a> {
    /// `None` if there are lines that no page can have sent.
    fn of(case: &'a Case) -> Option<Self> {
        let mut origin = None;
        let mut request_method = None;
        let mut request_headers = None;
        let mut content_type = None;
        for (name, value) in &case.request.lines {
            let value = str::from_utf8(value).ok()?;
            // The last ones are of the table's own making: they go by another way.
            let earlier = match name.to_ascii_lowercase().as_str() {
                "origin" => origin.replace(value),
                "access-control-request-method" => request_method.replace(value),
                "access-control-request-headers" => request_headers.replace(value),
                "content-type" => content_type.replace(value),
                "host" if value == "api.test" => None,
                // An engine would go elsewhere, or ask a person for a password.
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

    /// True if the preflight of this request is what the case has.
    fn are_sent_by(&self, request: &PageRequest) -> bool {
        let (_, lines) = request.preflight();
        let sent = |name: &str| {
            let line = lines.iter().find(|line| line.0 == name);
            line.map(|(_, value)| value.as_slice())
        };
        sent("access-control-request-method") == self.request_method.map(str::as_bytes)
            && sent("access-control-request-headers") == self.request_headers.map(str::as_bytes)
    }
}

/// The page of this origin, if there can be one.
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

/// A header of this name that is not safelisted for its value.
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
    fn a_page_can_provoke_many_cases_of_the_table() {
        let asks = load(PORTS).asks;
        assert!(asks.len() >= 90, "{}", asks.len());
        assert!(
            asks.iter()
                .any(|ask| ask.verdict == "HeaderNotAllowed(x-secret)")
        );
    }
}
