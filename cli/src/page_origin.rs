//! The page that makes a request, by its origin on the command line.

use omnicors_browser::Page;
use url::Url;

use crate::failure::Failure;
use crate::loopback::with_scheme;

/// The advice for a text that has nothing of an origin.
const EXAMPLE: &str = "write a scheme and a host, such as `https://app.example.com`";

/// Returns a page of this origin. The text must be the origin as browsers send it; otherwise the message says what to write.
pub(crate) fn page(origin: &str) -> Result<Page, Failure> {
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
    let written = origin.trim();
    let Some((scheme, rest)) = written.split_once("://") else {
        return match scheme_of(written) {
            Some(scheme) if is_opaque(scheme) => failure(OPAQUE),
            _ => match sent(&with_scheme(written.trim_start_matches('/'))) {
                Some(sent) => failure(&format!(
                    "an origin begins with a scheme; write `{sent}`, or `null` for a page without an origin"
                )),
                None => failure(&format!("this is not an origin; {EXAMPLE}")),
            },
        };
    };
    if is_opaque(scheme) {
        return failure(OPAQUE);
    }
    let of_page = match scheme.to_ascii_lowercase().as_str() {
        "ws" => Some("http"),
        "wss" => Some("https"),
        _ => None,
    };
    if let Some(of_page) = of_page {
        return match sent(&format!("{of_page}://{rest}")) {
            Some(sent) => failure(&format!(
                "this is the URL of a WebSocket; write the origin of the page that opens it, such as `{sent}`; `omnicors explain` has `--mode websocket` for the handshake"
            )),
            None => failure(&format!("this is not an origin; {EXAMPLE}")),
        };
    }
    match (sent(written), Page::new(written)) {
        (Some(sent), Ok(page)) if sent == origin => Ok(page),
        (Some(sent), Ok(_)) if has_path(written) => failure(&format!(
            "an origin has no path, no query and no fragment; write `{sent}`"
        )),
        (Some(sent), Ok(_)) => failure(&format!(
            "this is not an origin as browsers send it; write `{sent}`"
        )),
        (_, Err(error)) => failure(&format!("this is not an origin: {error}; {EXAMPLE}")),
        (None, Ok(_)) => failure(&format!("this is not an origin; {EXAMPLE}")),
    }
}

const OPAQUE: &str = "browsers send `null` as the origin of such a page; write `null`";

/// Returns true if pages of this scheme have an opaque origin, which browsers send as `null`.
fn is_opaque(scheme: &str) -> bool {
    let scheme = scheme.to_ascii_lowercase();
    matches!(&*scheme, "file" | "data" | "blob" | "about" | "javascript")
}

/// Returns the text before a colon, which is the scheme of a URL such as `about:blank`. The text before a port is not a scheme.
fn scheme_of(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    (!rest.starts_with(|first: char| first.is_ascii_digit())).then_some(scheme)
}

fn has_path(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        url.path().len() > 1
            || url.query().is_some()
            || url.fragment().is_some()
            || text.ends_with('/')
    })
}

/// Returns the origin that a browser sends for a page at this URL.
fn sent(url: &str) -> Option<String> {
    let page = Page::new(url).ok()?;
    let has_host = Url::parse(url).is_ok_and(|url| url.has_host());
    (has_host && !page.origin().is_opaque()).then(|| page.origin().to_string())
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
            ("App.example.com", "`https://app.example.com`"),
            ("app.example.com/page", "`https://app.example.com`"),
            ("//app.example.com", "`https://app.example.com`"),
            (" https://app.example.com", "`https://app.example.com`"),
            (
                "https://app.example.com/page?a#b",
                "`https://app.example.com`",
            ),
            ("localhost:3000", "`http://localhost:3000`"),
            ("127.0.0.1:3000", "`http://127.0.0.1:3000`"),
            ("[::1]:3000", "`http://[::1]:3000`"),
            ("localhost.example", "`https://localhost.example`"),
            ("about:blank", "`null`"),
            ("data:3000", "`https://data:3000`"),
            ("data:text/html,a", "`null`"),
            ("https://bücher.example", "`https://xn--bcher-kva.example`"),
            ("file:///home/page.html", "`null`"),
            ("wss://example.com/chat", "`https://example.com`"),
            ("ws://localhost:3000", "`http://localhost:3000`"),
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
            let advised = write.trim_matches('`');
            assert!(page(advised).is_ok(), "{origin}: {write}");
        }
    }
}
