//! The request that is described on the command line.

use omnicors_browser::{Credentials, Fetch, Page};
use omnicors_core::Policy;
use url::Url;

use super::arguments::{Arguments, RequestMode};
use crate::failure::Failure;
use crate::loopback::is_loopback;

/// The host of the server if none is given. No page can have its origin.
const HOST: &str = "server.invalid";

/// Returns the URL of the server: http on loopback, https elsewhere. Without a host, it is the first one that the policy serves.
pub(super) fn url(host: Option<&str>, policy: Option<&Policy>) -> Result<Url, Failure> {
    let served = policy.and_then(|policy| policy.allow_hosts().next());
    let host = host.or(served).unwrap_or(HOST);
    let failure = |write: &str| {
        Err(Failure::because(format_args!(
            "--host `{host}`: this is not a host; write {write}"
        )))
    };
    if let Some((_, rest)) = host.split_once("://") {
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return failure(&format!("`{rest}`, without the scheme"));
    }
    let example = "a name with or without a port, such as `api.example.com` or `localhost:8080`";
    if host.contains(['/', '?', '#', '@', '*']) {
        return failure(example);
    }
    let Ok(mut url) = Url::parse(&format!("https://{host}/")) else {
        return failure(example);
    };
    if is_loopback(&url)
        && let Ok(http) = Url::parse(&format!("http://{host}/"))
    {
        url = http;
    }
    Ok(url)
}

/// A header of the page.
pub(super) struct Header<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

/// Returns the headers of the page. The name `content-type` alone stands for JSON, which is why people ask.
pub(super) fn headers(arguments: &Arguments) -> impl Iterator<Item = Header<'_>> {
    arguments.headers.iter().map(|header| {
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        let (name, value) = (name.trim(), value.trim());
        let is_json = name.eq_ignore_ascii_case("content-type") && value.is_empty();
        let value = if is_json { "application/json" } else { value };
        Header { name, value }
    })
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
    fn the_host_is_a_name_with_an_optional_port() {
        assert_eq!(url(None, None).unwrap().as_str(), "https://server.invalid/");
        assert_eq!(
            url(Some("localhost:8080"), None).unwrap().as_str(),
            "http://localhost:8080/"
        );
        assert_eq!(
            url(Some("api.example.com"), None).unwrap().as_str(),
            "https://api.example.com/"
        );
        for (host, write) in [
            (
                "https://api.example.com/v1",
                "`api.example.com`, without the scheme",
            ),
            (
                "api.example.com/v1",
                "`api.example.com` or `localhost:8080`",
            ),
            ("", "`api.example.com` or `localhost:8080`"),
            ("a b", "`api.example.com` or `localhost:8080`"),
            ("*.example.com", "`api.example.com` or `localhost:8080`"),
        ] {
            let message = url(Some(host), None).unwrap_err().to_string();
            assert!(message.ends_with(write), "{host}: {message}");
        }
    }
}
