//! Who may ask the page's origin for what.
//!
//! The page can replace the policy, and any site may send requests to loopback. So the server answers only under the names
//! it has (another name means that a site has pointed its own at this machine: DNS rebinding), and what the page asks for
//! in the background is for the page itself.

use axum::http::header::{AsHeaderName, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};

/// What a frame is made of. Frames stand for pages of other origins, and get nothing else.
const FRAME: [&str; 2] = ["/frame", "/frame.js"];

/// What the page asks for in the background.
const BACKGROUND: [&str; 2] = ["/policy", "/explained/"];

/// Says why a request is refused, if it is. `port` is the page's own.
pub(crate) fn refusal(head: &Parts, port: u16) -> Option<(StatusCode, &'static str)> {
    let path = head.uri.path();
    let Some(host) = once(head, HOST) else {
        return Some((StatusCode::BAD_REQUEST, "one Host line is needed\n"));
    };
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
    let is_background = BACKGROUND.iter().any(|start| path.starts_with(start));
    if (is_background || !head.method.is_safe()) && !is_from_page(head, host) {
        return Some((StatusCode::FORBIDDEN, "only the page itself may ask this\n"));
    }
    None
}

const MISDIRECTED: (StatusCode, &str) = (
    StatusCode::MISDIRECTED_REQUEST,
    "this server has no such name\n",
);

/// Neither line can be forged by a page, and browsers send `Origin` with each POST; older ones no `Sec-Fetch-Site`.
fn is_from_page(head: &Parts, host: &str) -> bool {
    let is_absent = |name| !head.headers.contains_key::<&str>(name);
    let origin_fits = match once(head, ORIGIN) {
        Some(origin) => origin.strip_prefix("http://") == Some(host),
        None => is_absent("origin") && head.method == Method::GET,
    };
    let site_fits = match once(head, "sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => is_absent("sec-fetch-site"),
    };
    origin_fits && site_fits
}

/// The value of a line that occurs once.
fn once(head: &Parts, name: impl AsHeaderName) -> Option<&str> {
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
    fn a_name_counts_with_its_port_and_without_the_default_one() {
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
            let refusal = refusal(&request.into_parts().0, port);
            let refused = refusal.map(|(status, _)| status.as_u16());
            assert_eq!(refused, status, "{host} at {port}");
        }
    }
}
