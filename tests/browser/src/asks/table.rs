//! The table of `tests/cases`, as far as a page can provoke what is in it.
//!
//! A page of `https://example.com` is not to be had without certificates, and one of `http://example.com.localhost` is, in
//! every engine. So every origin in the table is renamed, in policies and requests alike: the host gets a suffix, the
//! scheme becomes `http`, and the port is that of the pages' server.

use omnicors_tests::cases::{self, Case, Table};
use omnicors_tests::oracle::PageRequest;

use super::{Ask, Asks, Credentials, Hop, Ports};

/// The policy that has a pattern for whatever is under `.localhost`, which is where all hosts are moved.
const ADMITS_ALL_OF_LOCALHOST: &str = "any-port";

/// Where the engines do not do as the standard says, and why.
const DEPARTURES: [(&str, &str); 1] = [(
    "a star for headers does not cover authorization",
    "`Access-Control-Allow-Headers: *` still covers Authorization (Fetch, \"CORS-preflight fetch\", step 7.7)",
)];

pub(super) fn load(ports: Ports) -> Asks {
    let Table { policies, cases } = cases::load_rewritten(|text| rename_origins(text, ports));
    let mut asks = Vec::new();
    for case in &cases {
        if case.policy == ADMITS_ALL_OF_LOCALHOST {
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
    for (name, _) in DEPARTURES {
        assert!(
            asks.iter().any(|ask| ask.name == name),
            "no case is named `{name}`"
        );
    }
    Asks { policies, asks }
}

/// `https://example.com` becomes `http://example.com.localhost:PAGE`, with `:8443` behind it `:OTHER`, and with `:*` that.
fn rename_origins(text: &str, ports: Ports) -> String {
    let mut renamed = String::new();
    let mut pieces = text.split("https://");
    renamed += pieces.next().unwrap_or_default();
    for piece in pieces {
        let is_of_host = |c: char| c.is_ascii_alphanumeric() || "-._*".contains(c);
        let end = piece.find(|c| !is_of_host(c)).unwrap_or(piece.len());
        let (host, rest) = piece.split_at(end);
        if host.ends_with(|c: char| c.is_ascii_alphabetic()) {
            renamed += &format!("http://{host}.localhost");
            if !rest.starts_with(':') {
                renamed += &format!(":{}", ports.page);
            }
        } else {
            renamed += &format!("https://{host}");
        }
        renamed += rest;
    }
    for port in ["8443", "3000", "5173"] {
        renamed = renamed.replace(&format!(":{port}\""), &format!(":{}\"", ports.other));
    }
    renamed
}

/// The request of a page that comes to this case; `None` if no page can make one.
fn provoke(case: &Case, ports: Ports) -> Option<Ask> {
    let mut origin = None;
    let mut request_method = None;
    let mut request_headers = None;
    let mut headers = Vec::new();
    for (name, value) in &case.request.lines {
        let value = str::from_utf8(value).ok()?;
        let unique = match name.to_ascii_lowercase().as_str() {
            "origin" => origin.replace(value).is_none(),
            "access-control-request-method" => request_method.replace(value).is_none(),
            "access-control-request-headers" => request_headers.replace(value).is_none(),
            "content-type" => {
                headers.push(("content-type".to_owned(), value.to_owned()));
                true
            }
            // Added by the table itself: where from, and what the application is to respond.
            "host" => value == "api.test",
            "x-respond" => {
                // An engine would go on, or ask a person for a password.
                let ends = |line: &str| !line.starts_with("Location") && !line.starts_with("WWW-");
                ends(value)
            }
            "x-respond-status" => true,
            _ => false,
        };
        if !unique {
            return None;
        }
    }
    let (page, other_port) = page(origin?, ports)?;
    let is_preflight = case.request.method == "OPTIONS" && request_method.is_some();
    if !is_preflight && (request_method.is_some() || request_headers.is_some()) {
        return None;
    }
    if is_preflight {
        headers.extend(
            request_headers
                .unwrap_or_default()
                .split(',')
                .filter_map(with_unsafe_value),
        );
    }
    let method = request_method.unwrap_or(&case.request.method);
    let asked = PageRequest {
        headers: headers.clone(),
        ..PageRequest::new(origin?, method)
    };
    // What the page provokes must be what the case has, to the letter.
    if !asked.is_valid() || asked.needs_preflight() != is_preflight {
        return None;
    }
    if is_preflight {
        let (_, lines) = asked.preflight();
        let sent = |name: &str| {
            let line = lines.iter().find(|line| line.0 == name);
            line.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        };
        let same = sent("access-control-request-method").as_deref() == request_method
            && sent("access-control-request-headers").as_deref() == request_headers;
        // A verdict on a preflight that is handed on supposes that the application answers with success.
        if !same || !(200..300).contains(&case.expected.status) && case.expected.ran {
            return None;
        }
    }
    let lines = case.application_lines.iter();
    let lines: Vec<_> = lines
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let (preflight_response, response, status) = if is_preflight {
        (lines, Vec::new(), 200)
    } else {
        // Where the application did not run, there is no status of its own.
        let status = if case.expected.ran {
            case.expected.status
        } else {
            200
        };
        (Vec::new(), lines, status)
    };
    let mut cannot_carry = case.carriers_that_cannot().clone();
    if case.verdict == "allowed" && !asked_of_rocket(&asked.normalized_method()) {
        let reason =
            "Rocket answers 400 to a method that it does not know, before any fairing runs";
        cannot_carry.insert("rocket".to_owned(), reason.to_owned());
    }
    let departure = DEPARTURES.iter().find(|departure| departure.0 == case.name);
    Some(Ask {
        name: case.name.clone(),
        policy: case.policy.clone(),
        decides: case.outside.is_some(),
        sandboxed: page == "null",
        page: if page == "null" {
            "localhost".to_owned()
        } else {
            page
        },
        other_port,
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
        status,
        verdict: case.verdict.clone(),
        readable: None,
        departs: departure.map(|(_, reason)| (*reason).to_owned()),
        everywhere: false,
        cannot_carry,
    })
}

/// The host of a page of this origin, and whether it is on the other port.
fn page(origin: &str, ports: Ports) -> Option<(String, bool)> {
    if origin == "null" {
        return Some((origin.to_owned(), false));
    }
    let (host, port) = origin.strip_prefix("http://")?.rsplit_once(':')?;
    let other_port = port == ports.other.to_string();
    let is_label = |label: &str| {
        let is_inner =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        !label.is_empty() && label.len() < 64 && label.chars().all(is_inner)
    };
    let is_served = host == "localhost"
        || host == "127.0.0.1"
        || host
            .strip_suffix(".localhost")
            .is_some_and(|rest| rest.split('.').all(is_label));
    (is_served && (other_port || port == ports.page.to_string()))
        .then(|| (host.to_owned(), other_port))
}

fn asked_of_rocket(method: &str) -> bool {
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
