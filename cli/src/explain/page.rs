//! The page that makes the request, by its origin.

use omnicors_browser::Page;
use url::Url;

use crate::failure::Failure;

/// Returns a page of this origin. The text must be the origin as browsers send it; otherwise the message says what to write.
pub(super) fn page(origin: &str) -> Result<Page, Failure> {
    if origin == "null" {
        return Ok(Page::opaque());
    }
    let failure = |reason: &str| {
        Err(Failure::because(format_args!(
            "--origin `{origin}`: {reason}"
        )))
    };
    if origin == "*" {
        return failure(
            "`*` is every origin; write one of them, such as `https://app.example.com`",
        );
    }
    if origin.contains('*') {
        return failure(
            "this is a pattern; write one origin that you want to know about, such as `https://app.example.com`",
        );
    }
    let Some((scheme, rest)) = origin.split_once("://") else {
        let guess = with_scheme(origin);
        return match sent(&guess) {
            Some(sent) => failure(&format!(
                "an origin begins with a scheme; write `{sent}`, or `null` for a page without an origin"
            )),
            None => failure(
                "this is not an origin; write a scheme and a host, such as `https://app.example.com`",
            ),
        };
    };
    match scheme.to_ascii_lowercase().as_str() {
        "file" | "data" | "blob" | "about" | "javascript" => {
            return failure("browsers send `null` as the origin of such a page; write `null`");
        }
        "ws" | "wss" => {
            let page = if scheme.eq_ignore_ascii_case("ws") {
                "http"
            } else {
                "https"
            };
            return match sent(&format!("{page}://{rest}")) {
                Some(sent) => failure(&format!(
                    "this is the URL of a WebSocket; the page that opens it has an origin such as `{sent}`; add `--mode websocket`"
                )),
                None => failure(
                    "this is not an origin; write a scheme and a host, such as `https://app.example.com`",
                ),
            };
        }
        _ => {}
    }
    match (sent(origin), Page::new(origin)) {
        (Some(sent), Ok(page)) if sent == origin => Ok(page),
        (Some(sent), Ok(_)) => failure(&format!(
            "this is not an origin as browsers send it; write `{sent}`"
        )),
        (_, Err(error)) => failure(&format!(
            "this is not an origin: {error}; write a scheme and a host, such as `https://app.example.com`"
        )),
        (None, Ok(_)) => failure(
            "this is not an origin; write a scheme and a host, such as `https://app.example.com`",
        ),
    }
}

/// Returns the origin that a browser sends for a page at this URL.
fn sent(url: &str) -> Option<String> {
    let page = Page::new(url).ok()?;
    let has_host = Url::parse(url).is_ok_and(|url| url.has_host());
    (has_host && !page.origin().is_opaque()).then(|| page.origin().to_string())
}

/// Adds the scheme that was probably meant: http for a local server.
fn with_scheme(host: &str) -> String {
    let is_local =
        host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
    let scheme = if is_local { "http" } else { "https" };
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_must_be_written_as_browsers_send_it() {
        for origin in [
            "https://app.example.com",
            "http://localhost:3000",
            "null",
            "tauri://localhost",
            "app://.",
            "http://[::1]:8080",
        ] {
            page(origin).unwrap();
        }
        for (origin, write) in [
            ("https://app.example.com/path", "`https://app.example.com`"),
            ("https://app.example.com/", "`https://app.example.com`"),
            ("https://App.Example.com", "`https://app.example.com`"),
            ("https://app.example.com:443", "`https://app.example.com`"),
            ("example.com", "`https://example.com`"),
            ("localhost:3000", "`http://localhost:3000`"),
            ("https://bücher.example", "`https://xn--bcher-kva.example`"),
            ("file:///home/page.html", "`null`"),
            ("wss://example.com/chat", "`https://example.com`"),
            ("*", "`https://app.example.com`"),
            ("https://*.example.com", "`https://app.example.com`"),
            ("https://", "`https://app.example.com`"),
            ("", "`https://app.example.com`"),
            ("https://a b", "`https://app.example.com`"),
        ] {
            let message = page(origin).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("--origin `{origin}`: ")),
                "{message}"
            );
            assert!(message.contains(write), "{origin}: {message}");
        }
    }
}
