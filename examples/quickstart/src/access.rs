//! Decides which requests to the origin of the page are accepted.
//!
//! The page can replace the policy, and any site can send requests to loopback. So the server rejects unknown host names (a site may
//! have pointed its own name at this machine: DNS rebinding), and only the page itself may use `/policy` and `/explanation`.

use axum::http::header::{AsHeaderName, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode};

/// The files of a frame. The origins of frames serve no other files.
const FRAME: [&str; 2] = ["/frame", "/frame.js"];

/// The paths that the script of the page requests.
const SCRIPT_REQUESTS: [&str; 3] = ["/policy", "/explanation/", "/usage/"];

/// Returns the status and the reason if a request is rejected. `port` is the port of the page.
pub(crate) fn rejection(head: &Parts, port: u16) -> Option<(StatusCode, &'static str)> {
    let path = head.uri.path();
    let Some(host) = single_value(head, HOST) else {
        return Some((
            StatusCode::BAD_REQUEST,
            "the request must have exactly one Host header\n",
        ));
    };
    // An absolute target, `GET http://evil.test/ HTTP/1.1`.
    let is_other = |authority: &Authority| !authority.as_str().eq_ignore_ascii_case(host);
    if head.uri.authority().is_some_and(is_other) {
        return Some(MISDIRECTED);
    }
    // Browsers leave the default port out.
    let name = match port {
        80 => Some(host),
        _ => host.strip_suffix(&format!(":{port}")),
    };
    let Some(name) = name else {
        return Some(MISDIRECTED);
    };
    match name {
        "localhost" | "127.0.0.1" => {}
        name if name.ends_with(".localhost") => {
            return (!FRAME.contains(&path)).then_some((StatusCode::NOT_FOUND, "not found\n"));
        }
        _ => return Some(MISDIRECTED),
    }
    let is_script_request = SCRIPT_REQUESTS.iter().any(|start| path.starts_with(start));
    if (is_script_request || !head.method.is_safe()) && !is_from_page(head, host) {
        return Some((
            StatusCode::FORBIDDEN,
            "only the page of the quick start may send this request\n",
        ));
    }
    None
}

const MISDIRECTED: (StatusCode, &str) = (
    StatusCode::MISDIRECTED_REQUEST,
    "this server does not have this host name\n",
);

/// Returns true if the page itself sent the request. A page cannot forge these two headers. Browsers send `Origin` with each POST;
/// older browsers do not send `Sec-Fetch-Site`.
fn is_from_page(head: &Parts, host: &str) -> bool {
    let is_absent = |name| !head.headers.contains_key::<&str>(name);
    let origin_matches = match single_value(head, ORIGIN) {
        Some(origin) => origin.strip_prefix("http://") == Some(host),
        None => is_absent("origin") && head.method == Method::GET,
    };
    let site_matches = match single_value(head, "sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => is_absent("sec-fetch-site"),
    };
    origin_matches && site_matches
}

/// Returns the value of a header field that occurs exactly once.
fn single_value(head: &Parts, name: impl AsHeaderName) -> Option<&str> {
    let mut values = head.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn the_host_of_an_absolute_target_is_that_of_the_host_field() {
        for (target, status) in [
            ("/", None),
            ("http://localhost:4000/", None),
            ("http://LOCALHOST:4000/", None),
            ("http://localhost:4001/", Some(421)),
            ("http://evil.test/", Some(421)),
            ("http://localhost:4000@evil.test/", Some(421)),
        ] {
            let request = Request::get(target).header(HOST, "localhost:4000");
            let head = request.body(()).unwrap().into_parts().0;
            let rejected = rejection(&head, 4000).map(|(status, _)| status.as_u16());
            assert_eq!(rejected, status, "{target}");
        }
    }

    #[test]
    fn a_host_matches_with_its_port_and_without_the_default_port() {
        for (port, host, status) in [
            (4000, "localhost:4000", None),
            (4000, "localhost:4001", Some(421)),
            (4000, "localhost", Some(421)),
            (4000, "LOCALHOST:4000", Some(421)),
            (4000, "[::1]:4000", Some(421)),
            (80, "localhost", None),
            (80, "localhost:4000", Some(421)),
            (80, "evil.test", Some(421)),
        ] {
            let request = Request::get("/").header(HOST, host).body(()).unwrap();
            let rejection = rejection(&request.into_parts().0, port);
            let rejected = rejection.map(|(status, _)| status.as_u16());
            assert_eq!(rejected, status, "{host} at {port}");
        }
    }
}
