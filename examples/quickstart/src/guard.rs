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
const BACKGROUND: [&str; 2] = ["/policy", "/told/"];

/// Says why a request is refused, if it is. `port` is the page's own.
pub(crate) fn refusal(head: &Parts, port: u16) -> Option<(StatusCode, &'static str)> {
    let path = head.uri.path();
    let Some(host) = once(head, HOST) else {
        return Some((StatusCode::BAD_REQUEST, "one Host line is needed\n"));
    };
    let Some(name) = host.strip_suffix(&format!(":{port}")) else {
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
