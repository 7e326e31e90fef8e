//! The page that makes a request, by its origin on the command line.

use std::net::Ipv6Addr;

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
    if written.eq_ignore_ascii_case("null") {
        return failure("browsers send it as `null`; write `null`");
    }
    if let Some(sent) = repaired(written).as_deref().and_then(sent) {
        return failure(&format!(
            "this is not an origin as browsers send it; write `{sent}`"
        ));
    }
    if let Some(of_page) = url_of_page(written) {
        return match sent(&of_page) {
            Some(sent) => failure(&format!(
                "this is the URL of a WebSocket; write the origin of the page that opens it, such as `{sent}`; `omnicors explain` has `--mode websocket` for the handshake"
            )),
            None => failure(&format!("this is not an origin; {EXAMPLE}")),
        };
    }
    let scheme = written.split_once("://").map(|(scheme, _)| scheme);
    let Some(scheme) = scheme.filter(|scheme| !scheme.is_empty()) else {
        return match scheme_of(written) {
            Some(scheme) if is_opaque(scheme) => failure(OPAQUE),
            _ => match guessed(written).as_deref().and_then(sent) {
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

/// Returns the http or https URL that a text with a mistake before the host was meant to be, such as `https//app.example`,
/// `http;//app.example` and `htps://app.example`.
pub(crate) fn repaired(text: &str) -> Option<String> {
    let end = text.find(|character: char| !character.is_ascii_alphanumeric())?;
    let (word, rest) = text.split_at(end);
    let host = rest.trim_start_matches([':', ';', ',', '.', '/', '\\']);
    let separator = rest.strip_suffix(host)?;
    let word = word.to_ascii_lowercase();
    let is_exact = matches!(word.as_str(), "http" | "https");
    let is_right = is_exact && separator == "://";
    if is_right || !(is_exact || is_like_http(&word)) {
        return None;
    }
    // `http.example` and `http-api.example` are names.
    let slashes = separator.matches(['/', '\\']).count();
    let is_short = slashes == 1 || separator.contains([':', ';']);
    let is_meant = slashes > 1 || (is_exact && is_short);
    let scheme = if word.contains('s') { "https" } else { "http" };
    let url = format!("{scheme}://{host}");
    (is_meant && is_usable(&url)).then_some(url)
}

/// Returns true for a word with the letters of `http` or `https` only, such as `htps`.
fn is_like_http(word: &str) -> bool {
    let is_of_scheme = |letter: char| "htps".contains(letter);
    word.contains('t') && word.contains('p') && word.chars().all(is_of_scheme)
}

/// Returns the URL that a text without a scheme was meant to be, such as `localhost:3000` and `//app.example`. Returns `None` for a path.
pub(crate) fn guessed(text: &str) -> Option<String> {
    let without_colon = text.strip_prefix(':').filter(|rest| rest.starts_with("//"));
    let text = without_colon.unwrap_or(text);
    let host = text.trim_start_matches('/');
    let is_path = is_path(text) || host.starts_with(['.', '?', '#', '\\']);
    let url = if host.parse::<Ipv6Addr>().is_ok() {
        with_scheme(&format!("[{host}]"))
    } else {
        with_scheme(host)
    };
    (!is_path && is_usable(&url)).then_some(url)
}

/// Returns true for a path such as `/items`. `//app.example` is a host.
pub(crate) fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//")
}

/// Returns the URL of the page that probably opens a WebSocket at this URL, which need not have its slashes.
pub(crate) fn url_of_page(socket: &str) -> Option<String> {
    let (scheme, rest) = socket.split_once(':')?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "ws" => "http",
        "wss" => "https",
        _ => return None,
    };
    // The text before a port is a name.
    let is_port = rest.starts_with(|first: char| first.is_ascii_digit());
    let rest = rest.trim_start_matches(['/', '\\']);
    (!is_port).then(|| format!("{scheme}://{rest}"))
}

/// Returns true if pages can fetch this URL.
pub(crate) fn is_usable(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.username().is_empty() && url.password().is_none())
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
            ("NULL", "`null`"),
            (" Null ", "`null`"),
            ("https:/app.example", "`https://app.example`"),
            ("https:app.example", "`https://app.example`"),
            ("https//app.example", "`https://app.example`"),
            ("https///app.example/a", "`https://app.example`"),
            ("http:localhost:3000", "`http://localhost:3000`"),
            ("http;//localhost:3000", "`http://localhost:3000`"),
            ("http:://localhost", "`http://localhost`"),
            ("http:\\\\localhost", "`http://localhost`"),
            ("htps://app.example", "`https://app.example`"),
            ("HTP://app.example", "`http://app.example`"),
            ("http.example", "`https://http.example`"),
            ("http-app.example", "`https://http-app.example`"),
            ("://app.example", "`https://app.example`"),
            ("::1", "`http://[::1]`"),
            ("/items", "`https://app.example.com`"),
            ("../items", "`https://app.example.com`"),
            ("?a", "`https://app.example.com`"),
            ("ws:app.example", "`http://app.example`"),
            ("wss:app.example/chat", "`https://app.example`"),
            ("ws:3000", "`https://ws:3000`"),
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
