//! The URL, the origin and the headers of the command line.

use bytes::Bytes;
use http::{Method, Request, Response};
use omnicors_browser::{Browser, Mode, Page};
use url::Url;

use crate::failure::Failure;
use crate::page_origin::{guessed, is_path, is_usable, repaired, url_of_page};

pub(super) use crate::page_origin::page;

/// The URL in the advice for a text without a host.
const EXAMPLE: &str = "https://api.example/items";

/// Returns the URL to ask. As in browsers, slashes may be missing after the scheme: `http:localhost:3000`
/// ([URL standard](https://url.spec.whatwg.org/#special-authority-slashes-state)).
pub(super) fn url(text: &str) -> Result<Url, Failure> {
    let written = text.trim();
    if !has_scheme(written) {
        return Err(Failure::because(format_args!(
            "`{text}` is not a URL: {}",
            advice(written)
        )));
    }
    let url = Url::parse(written).map_err(|error| {
        let example = repaired(written).unwrap_or_else(|| EXAMPLE.to_owned());
        Failure::because(format_args!(
            "`{text}` is not a valid URL: {error}; write it as in `{example}`"
        ))
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        let example = url_of_page(written).filter(|url| is_usable(url));
        let example = example.or_else(|| repaired(written));
        let example = example.unwrap_or_else(|| EXAMPLE.to_owned());
        return Err(Failure::because(format_args!(
            "the scheme of `{text}` is not http or https; write the URL that the page fetches, as in `{example}`"
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::because(
            "browsers do not fetch a URL with a user name or a password: write it without, and add `--header 'authorization: Basic …'`",
        ));
    }
    Ok(url)
}

/// Returns true if the text begins with a scheme. A name before a port is not a scheme: `localhost:3000`.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    // https://url.spec.whatwg.org/#scheme-start-state
    let begins = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    let continues =
        |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
    if !begins || !scheme.chars().all(continues) {
        return false;
    }
    let is_host = scheme.contains('.') || scheme.eq_ignore_ascii_case("localhost");
    let is_name = rest.starts_with(|first: char| first.is_ascii_digit())
        || (is_host && !rest.starts_with("//"));
    matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") || !is_name
}

/// Returns what to write instead of a text that does not begin with a scheme.
fn advice(written: &str) -> String {
    if let Some(url) = repaired(written) {
        return format!("write it as in `{url}`");
    }
    if let Some(url) = guessed(written) {
        return format!("write the scheme as well, as in `{url}`");
    }
    let example = if is_path(written) {
        format!("https://api.example{written}")
    } else {
        EXAMPLE.to_owned()
    };
    format!("write the scheme and the host as well, as in `{example}`")
}

/// Returns a method as `fetch()` sends it.
pub(super) fn method(text: &str) -> Result<Method, Failure> {
    // "normalize": https://fetch.spec.whatwg.org/#concept-method-normalize
    let upper = text.to_ascii_uppercase();
    let is_normalized = matches!(
        upper.as_str(),
        "DELETE" | "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT"
    );
    if matches!(upper.as_str(), "CONNECT" | "TRACE" | "TRACK") {
        return Err(Failure::because(format_args!(
            "pages cannot send the method `{text}`"
        )));
    }
    let sent = if is_normalized {
        upper
    } else {
        text.to_owned()
    };
    Method::from_bytes(sent.as_bytes()).map_err(|_| {
        Failure::because(format_args!(
            "`{text}` is not a valid method: write it as in `PUT`"
        ))
    })
}

/// Returns the name and the value of a header in the mode `cors`. See [`header_in`].
pub(super) fn header(text: &str) -> Result<(String, String), Failure> {
    header_in(text, Mode::Cors)
}

/// Returns the name and the value of a header: `name: value`, or a name, which gets a usual value. A header that browsers would not send
/// is an error, because the server would seem to be asked with it.
pub(super) fn header_in(text: &str, mode: Mode) -> Result<(String, String), Failure> {
    let (name, value) = match text.split_once(':') {
        Some((name, value)) => (name.trim(), value.trim().to_owned()),
        None => (text.trim(), usual_value(text.trim()).to_owned()),
    };
    if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(Failure::because(format_args!(
            "`{text}` is not a header: write `--header 'name: value'` or `--header name`"
        )));
    }
    if http::HeaderValue::from_str(&value).is_err() {
        return Err(Failure::because(format_args!(
            "the value of the header `{name}` has a control character, which cannot be sent"
        )));
    }
    let lower = name.to_ascii_lowercase();
    let is_set_by_browsers = lower.starts_with("sec-")
        || lower.starts_with("access-control-request-")
        || matches!(
            lower.as_str(),
            "host" | "origin" | "cookie" | "referer" | "content-length"
        );
    if is_set_by_browsers {
        let instead = match lower.as_str() {
            "origin" => "; use `--origin`",
            "cookie" => "; use `--cookies`",
            "access-control-request-method" => "; use `--method`",
            "access-control-request-headers" => {
                "; write the names of the headers that the page sends"
            }
            _ => "",
        };
        return Err(Failure::because(format_args!(
            "pages cannot set the header `{name}`, because the browser sets it{instead}"
        )));
    }
    // A value can make a header forbidden: `X-HTTP-Method: TRACE`. The browser itself can set a header to the same value.
    let is_allowed_name = is_sent(name, "1", Mode::Cors);
    if !is_allowed_name || !is_sent(name, &value, Mode::Cors) {
        let to_value = if is_allowed_name {
            " to this value"
        } else {
            ""
        };
        return Err(Failure::because(format_args!(
            "pages cannot set the header `{name}`{to_value}, so browsers do not send it: leave it out (https://fetch.spec.whatwg.org/#forbidden-request-header)"
        )));
    }
    if !is_sent(name, &value, mode) {
        return Err(Failure::because(format_args!(
            "with the mode `no-cors`, pages can set only `Accept`, `Accept-Language`, `Content-Language` and `Content-Type`, to values that need no preflight, so browsers do not send this `{name}`: leave it out, or leave out `--mode`"
        )));
    }
    Ok((name.to_owned(), value))
}

/// Returns true if browsers send this header of a page. The rules are those of `omnicors_browser`.
fn is_sent(name: &str, value: &str, mode: Mode) -> bool {
    // On its own origin, a page needs no preflight.
    let url = "https://app.example/";
    let Ok(page) = Page::new(url) else {
        return false;
    };
    let fetch = page.fetch(url).mode(mode).header(name, value);
    let mut server = |_: Request<Bytes>| Response::new(Bytes::new());
    let outcome = Browser::default().send_now(&fetch, &mut server);
    let is_in = |request: &Request<Bytes>| {
        let mut values = request.headers().get_all(name).iter();
        values.any(|sent| sent.as_bytes() == value.as_bytes())
    };
    let mut exchanges = outcome.exchanges().iter();
    exchanges.any(|exchange| is_in(exchange.request()))
}

/// Returns a value that makes the request look as pages usually send it.
fn usual_value(name: &str) -> &'static str {
    match name.to_ascii_lowercase().as_str() {
        "accept" | "content-type" => "application/json",
        "accept-language" | "content-language" => "en",
        "authorization" => "Bearer omnicors",
        "range" => "bytes=0-0",
        "x-requested-with" => "XMLHttpRequest",
        _ => "1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_url_gets_a_message_with_the_right_one() {
        for (text, part) in [
            ("api.example/items", "`https://api.example/items`"),
            ("localhost:3000", "`http://localhost:3000`"),
            ("127.0.0.1:3000/a", "`http://127.0.0.1:3000/a`"),
            ("[::1]:3000", "`http://[::1]:3000`"),
            ("localhost.example", "`https://localhost.example`"),
            ("//api.example/", "`https://api.example/`"),
            ("://api.example", "`https://api.example`"),
            ("::1", "`http://[::1]`"),
            ("api.example:8080/x", "`https://api.example:8080/x`"),
            ("api.example:", "`https://api.example:`"),
            ("localhost:/x", "`http://localhost:/x`"),
            ("https//api.example", "`https://api.example`"),
            ("http;//localhost:3000/x", "`http://localhost:3000/x`"),
            ("https;api.example", "`https://api.example`"),
            ("http:://api.example", "`http://api.example`"),
            ("htps://api.example/x", "`https://api.example/x`"),
            ("htp://localhost:3000", "`http://localhost:3000`"),
            ("http.example/x", "`https://http.example/x`"),
            ("ws:api.example", "`http://api.example`"),
            ("wss://api.example/chat", "`https://api.example/chat`"),
            ("/items", "`https://api.example/items`"),
            (
                "/v1/a?b",
                "the scheme and the host as well, as in `https://api.example/v1/a?b`",
            ),
            ("./items", "the scheme and the host as well"),
            ("", "`https://api.example/items`"),
            ("me@api.example", "`https://api.example/items`"),
            ("mailto:me@api.example", "not http or https"),
            ("file:///items", "not http or https"),
            ("ftp://api.example/", "not http or https"),
            ("https://", "not a valid URL"),
            ("http:", "not a valid URL"),
            ("http: //api.example", "`https://api.example/items`"),
            ("https://me:secret@api.example/", "--header 'authorization"),
        ] {
            let message = url(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn a_url_is_read_as_browsers_read_it() {
        for (text, expected) in [
            ("https://api.example", "https://api.example/"),
            (" HTTP://API.example/a ", "http://api.example/a"),
            ("http:localhost:3000/x", "http://localhost:3000/x"),
            ("https:/api.example", "https://api.example/"),
            ("https:///api.example", "https://api.example/"),
            ("https:\\\\api.example\\a", "https://api.example/a"),
        ] {
            assert_eq!(url(text).unwrap().as_str(), expected, "{text}");
        }
    }

    #[test]
    fn a_method_is_sent_as_fetch_sends_it() {
        for (text, sent) in [
            ("put", "PUT"),
            ("patch", "patch"),
            ("PATCH", "PATCH"),
            ("query", "query"),
        ] {
            assert_eq!(method(text).unwrap().as_str(), sent);
        }
        for text in ["", "A B", "trace", "CONNECT"] {
            method(text).unwrap_err();
        }
    }

    #[test]
    fn a_header_without_a_value_gets_a_usual_one() {
        for (text, name, value) in [
            ("content-type", "content-type", "application/json"),
            ("X-Request-Id", "X-Request-Id", "1"),
            ("x-a:  b c ", "x-a", "b c"),
            ("x-a:", "x-a", ""),
            ("x-time: 10:30", "x-time", "10:30"),
        ] {
            assert_eq!(header(text).unwrap(), (name.to_owned(), value.to_owned()));
        }
        for text in [
            "",
            ": a",
            "a b",
            "Origin: null",
            "cookie",
            "Sec-Fetch-Site",
            "x: \u{7}",
        ] {
            header(text).unwrap_err();
        }
    }

    #[test]
    fn a_header_that_browsers_do_not_send_gets_a_message() {
        for text in [
            "date: x",
            "Accept-Encoding",
            "accept-charset: utf-8",
            "connection: close",
            "Proxy-Authorization: Basic x",
            "proxy-",
            "te: trailers",
            "via",
            "dnt: 1",
            "keep-alive: 1",
            "set-cookie: a=1",
            "cookie2: a",
            "expect: 100-continue",
            "trailer: a",
            "transfer-encoding: chunked",
            "upgrade: h2c",
        ] {
            let message = header(text).unwrap_err().to_string();
            assert!(message.contains("so browsers do not send it"), "{message}");
            assert!(!message.contains("to this value"), "{message}");
        }
        for text in ["x-http-method: TRACE", "X-HTTP-Method-Override: a, track"] {
            let message = header(text).unwrap_err().to_string();
            assert!(message.contains("to this value, so browsers"), "{message}");
        }
        // Browsers send the first one themselves.
        for text in [
            "accept: */*",
            "accept:",
            "x-http-method: PUT",
            "user-agent: a",
            "range",
            "if-none-match",
            "cache-control: no-cache",
            "authorization",
            "x-secret",
        ] {
            header(text).unwrap();
        }
    }

    #[test]
    fn the_mode_no_cors_has_few_headers() {
        for text in [
            "authorization",
            "content-type: application/json",
            "range",
            "x-a",
        ] {
            let message = header_in(text, Mode::NoCors).unwrap_err().to_string();
            assert!(message.contains("with the mode `no-cors`"), "{message}");
            header_in(text, Mode::SameOrigin).unwrap();
        }
        for text in ["accept", "accept-language", "content-type: text/plain"] {
            header_in(text, Mode::NoCors).unwrap();
        }
        let message = header_in("date", Mode::NoCors).unwrap_err().to_string();
        assert!(message.contains("forbidden-request-header"), "{message}");
    }
}
