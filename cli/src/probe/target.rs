//! The URL, the origin and the headers of the command line.

use http::Method;
use url::Url;

use crate::failure::Failure;
use crate::loopback::with_scheme;

pub(super) use crate::page_origin::page;

/// Returns the URL to ask.
pub(super) fn url(text: &str) -> Result<Url, Failure> {
    let written = text.trim();
    let guess = || {
        let rest = written.trim_start_matches('/');
        let rest = if rest.is_empty() { "api.example" } else { rest };
        with_scheme(rest)
    };
    if !written.contains("://") {
        return Err(Failure::because(format_args!(
            "`{text}` is not a URL: write the scheme as well, as in `{}`",
            guess()
        )));
    }
    let url = Url::parse(written).map_err(|error| {
        Failure::because(format_args!(
            "`{text}` is not a valid URL: {error}; write it as in `https://api.example/items`"
        ))
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failure::because(format_args!(
            "the scheme of `{text}` is not http or https; write the URL that the page fetches, as in `https://api.example/items`"
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::because(
            "browsers do not fetch a URL with a user name or a password: write it without, and add `--header 'authorization: Basic …'`",
        ));
    }
    Ok(url)
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

/// Returns the name and the value of a header: `name: value`, or a name, which gets a usual value.
pub(super) fn header(text: &str) -> Result<(String, String), Failure> {
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
    Ok((name.to_owned(), value))
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
            ("", "`https://api.example`"),
            ("ftp://api.example/", "not http or https"),
            ("https://", "not a valid URL"),
            ("https://me:secret@api.example/", "--header 'authorization"),
        ] {
            let message = url(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
        assert_eq!(
            url("https://api.example").unwrap().as_str(),
            "https://api.example/"
        );
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
}
