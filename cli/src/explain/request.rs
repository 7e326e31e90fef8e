//! The request that is described on the command line.

use omnicors_browser::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use omnicors_browser::{Credentials, Fetch, Page};
use omnicors_core::Policy;
use url::Url;

use super::arguments::{Arguments, RequestMode};
use crate::failure::Failure;
use crate::loopback::with_scheme;

/// The host of the server if none is given. No page can have its origin.
const HOST: &str = "server.invalid";

/// Returns the URL of the server. Without a host, it is the first one that the policy serves. Without a scheme, it is http on loopback
/// and if the page is an http page of the same host, and https elsewhere.
pub(super) fn url(
    host: Option<&str>,
    policy: Option<&Policy>,
    page: Option<&Page>,
) -> Result<Url, Failure> {
    let served = policy.and_then(|policy| policy.allow_hosts().next());
    let host = host.or(served).unwrap_or(HOST);
    let failure = |write: &str| {
        Failure::because(format_args!(
            "--host `{host}`: this is not a host; write {write}"
        ))
    };
    let example = "a name with or without a port, such as `api.example.com` or `localhost:8080`";
    let Some((scheme, rest)) = host.split_once("://") else {
        let url = parsed(&with_scheme(host)).ok_or_else(|| failure(example))?;
        return Ok(match parsed(&format!("http://{host}")) {
            Some(http) if is_http_page_of(page, &http) => http,
            _ => url,
        });
    };
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => "http",
        _ => "https",
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let written = format!("{scheme}://{authority}");
    match parsed(&written) {
        Some(url) if host.trim_end_matches('/').eq_ignore_ascii_case(&written) => Ok(url),
        Some(_) => Err(failure(&format!("`{written}`"))),
        None => Err(failure(example)),
    }
}

/// Returns the URL of a server without a path.
fn parsed(text: &str) -> Option<Url> {
    let (_, authority) = text.split_once("://")?;
    let is_authority = !authority.contains(['/', '\\', '?', '#', '@', '*']);
    Url::parse(text).ok().filter(|_| is_authority)
}

/// Returns true if the page is an http page of the host of the URL, on whatever port.
fn is_http_page_of(page: Option<&Page>, url: &Url) -> bool {
    let origin = page.map(|page| page.origin().to_string());
    let of_page = origin.and_then(|origin| Url::parse(&origin).ok());
    of_page.is_some_and(|page| page.scheme() == "http" && page.host() == url.host())
}

/// A header of the request.
pub(super) struct Header<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

/// Returns the headers of the command line. The name `content-type` alone stands for JSON, which is why people ask.
pub(super) fn headers(arguments: &Arguments) -> impl Iterator<Item = Header<'_>> {
    arguments.headers.iter().map(|header| {
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        let (name, value) = (name.trim(), value.trim());
        let is_json = name.eq_ignore_ascii_case("content-type") && value.is_empty();
        let value = if is_json { "application/json" } else { value };
        Header { name, value }
    })
}

/// Returns the headers of a request that no page makes. `Host` is that of the server, unless it is on the command line.
pub(super) fn headers_of_program(
    arguments: &Arguments,
    method: &str,
    url: &Url,
) -> Result<HeaderMap, Failure> {
    if Method::from_bytes(method.as_bytes()).is_err() {
        return Err(Failure::because(format_args!(
            "--method `{method}`: this is not a valid method; write it as in `PUT`"
        )));
    }
    let mut map = HeaderMap::new();
    for Header { name, value } in headers(arguments) {
        if name.eq_ignore_ascii_case("origin") {
            return Err(Failure::because(format_args!(
                "--header `{name}`: write the origin of the page with `--origin`"
            )));
        }
        let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) else {
            return Err(Failure::because(format_args!(
                "--header `{name}: {value}`: this is not a header; write it as in `--header 'sec-fetch-site: cross-site'`"
            )));
        };
        map.append(name, value);
    }
    if !map.contains_key(header::HOST)
        && let Ok(host) = HeaderValue::from_str(url.authority())
    {
        map.insert(header::HOST, host);
    }
    Ok(map)
}

/// Returns the request, as the page makes it.
pub(super) fn fetch(arguments: &Arguments, page: &Page, url: &Url) -> Result<Fetch, Failure> {
    let method = &arguments.method;
    let has_headers = !arguments.headers.is_empty();
    if let RequestMode::Navigate | RequestMode::Websocket = arguments.mode
        && has_headers
    {
        return Err(Failure::because(
            "--header: a page cannot set headers of a link, a form or a WebSocket; leave out --header, or --mode",
        ));
    }
    let fetch = match arguments.mode {
        RequestMode::Websocket if method != "GET" => {
            return Err(Failure::because(format_args!(
                "--method {method}: the handshake of a WebSocket is a GET; leave out --method"
            )));
        }
        RequestMode::Websocket => return Ok(page.web_socket(url.as_str())),
        RequestMode::Navigate if method.eq_ignore_ascii_case("POST") => {
            return Ok(page.post_form(url.as_str()));
        }
        RequestMode::Navigate if method != "GET" => {
            return Err(Failure::because(format_args!(
                "--method {method}: a link is a GET and a form a GET or a POST; write `--method POST`, or leave out --mode"
            )));
        }
        RequestMode::Navigate => {
            return Ok(page.navigate(url.as_str()));
        }
        RequestMode::Cors | RequestMode::NoCors => page.fetch(url.as_str()),
    };
    let fetch = headers(arguments).fold(fetch.method(method), |fetch, header| {
        fetch.header(header.name, header.value)
    });
    let credentials = if arguments.credentials {
        Credentials::Include
    } else {
        Credentials::SameOrigin
    };
    Ok(fetch.mode(arguments.mode.into()).credentials(credentials))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_a_name_with_an_optional_scheme_and_port() {
        for (host, expected) in [
            (None, "https://server.invalid/"),
            (Some("localhost:8080"), "http://localhost:8080/"),
            (Some("[::1]:8080"), "http://[::1]:8080/"),
            (Some("api.example.com"), "https://api.example.com/"),
            (Some("http://192.168.1.5:8080"), "http://192.168.1.5:8080/"),
            (Some("HTTP://api.example.com/"), "http://api.example.com/"),
            (Some("https://localhost"), "https://localhost/"),
        ] {
            assert_eq!(url(host, None, None).unwrap().as_str(), expected);
        }
        for (host, write) in [
            (
                "https://api.example.com/v1",
                "this is not a host; write `https://api.example.com`",
            ),
            (
                "ws://api.example.com",
                "this is not a host; write `http://api.example.com`",
            ),
            (
                "wss://api.example.com/chat",
                "this is not a host; write `https://api.example.com`",
            ),
            (
                "api.example.com/v1",
                "`api.example.com` or `localhost:8080`",
            ),
            ("", "`api.example.com` or `localhost:8080`"),
            ("http://", "`api.example.com` or `localhost:8080`"),
            (
                "http://me@api.example.com",
                "`api.example.com` or `localhost:8080`",
            ),
            ("a b", "`api.example.com` or `localhost:8080`"),
            ("*.example.com", "`api.example.com` or `localhost:8080`"),
        ] {
            let message = url(Some(host), None, None).unwrap_err().to_string();
            assert!(message.ends_with(write), "{host}: {message}");
        }
    }

    #[test]
    fn the_server_of_an_http_page_has_http() {
        for (origin, host, expected) in [
            (
                "http://192.168.1.5:8080",
                "192.168.1.5:8080",
                "http://192.168.1.5:8080/",
            ),
            (
                "http://192.168.1.5:3000",
                "192.168.1.5:8080",
                "http://192.168.1.5:8080/",
            ),
            ("http://nas.example", "NAS.example", "http://nas.example/"),
            ("https://nas.example", "nas.example", "https://nas.example/"),
            ("http://nas.example", "api.example", "https://api.example/"),
            (
                "http://nas.example",
                "https://nas.example",
                "https://nas.example/",
            ),
            ("null", "nas.example", "https://nas.example/"),
        ] {
            let page = crate::page_origin::page(origin).unwrap();
            let url = url(Some(host), None, Some(&page)).unwrap();
            assert_eq!(url.as_str(), expected, "{origin} {host}");
        }
    }
}
