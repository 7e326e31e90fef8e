//! Fetches a recorded request again, from the recorded responses.

use omnicors_browser::http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use omnicors_browser::{
    Browser, Bytes, Credentials, Engine, Fetch, Outcome, Page, Server, ServerError,
};

use super::exchange::Exchange;
use super::fetches::{Recorded, requested_headers, requested_method};

/// Returns what a page gets if its server sends the recorded responses.
pub(super) fn replay(
    recorded: &Recorded<'_>,
    engine: Engine,
    credentials: Credentials,
) -> Option<Outcome> {
    let fetch = fetch(recorded, credentials)?;
    let mut server = Recording { recorded, hop: 0 };
    Some(Browser::new(engine).send_now(&fetch, &mut server))
}

/// Returns the request as the page made it.
fn fetch(recorded: &Recorded<'_>, credentials: Credentials) -> Option<Fetch> {
    let first_preflight = recorded.preflights.first();
    let first = recorded.hops.first().or(first_preflight)?;
    let page = match &first.page {
        Some(url) => Page::new(url.as_str()).ok()?,
        None => Page::opaque(),
    };
    let url = first.url.as_str();
    let request = &first.entry.request;
    let destination = request.header("sec-fetch-dest").unwrap_or_default();
    let method = if recorded.hops.is_empty() {
        first_preflight.map_or("GET", |preflight| requested_method(preflight))
    } else {
        &request.method
    };
    // Only these APIs choose the method and headers that need a preflight. Libraries that read event streams use `fetch()`.
    let is_fetch = method != "GET" || !recorded.preflights.is_empty();
    let fetch = match (first.entry.resource_type.as_str(), destination) {
        ("xhr", _) => page.fetch(url).xml_http_request(),
        _ if is_fetch => page.fetch(url),
        ("font", _) | (_, "font") => page.font(url),
        ("eventsource", _) => page.event_source(url),
        (_, "script") => page.script(url).crossorigin(),
        (_, "image") => page.image(url).crossorigin(),
        _ if request.header("accept") == Some("text/event-stream") => page.event_source(url),
        _ => page.fetch(url),
    };
    let mut fetch = fetch.mode(first.mode).credentials(credentials);
    if is_fetch {
        fetch = fetch.method(method);
    }
    if let Some(preflight) = first_preflight.filter(|preflight| preflight.url == first.url) {
        // The recording does not show which headers are those of the page, but the preflight names those that matter.
        let mut names = requested_headers(preflight).peekable();
        if names.peek().is_none() && matches!(method, "GET" | "HEAD" | "POST") {
            fetch = fetch.upload_listener();
        }
        for name in names {
            fetch = fetch.header(name, value(first, name));
        }
    }
    Some(fetch)
}

/// Returns the value of a header that needed a preflight, or one that needs one if it was not recorded.
fn value<'a>(exchange: &'a Exchange<'_>, name: &str) -> &'a str {
    let recorded = exchange.entry.request.header(name);
    let other = match name {
        "content-type" => "application/json",
        "accept" | "accept-language" | "content-language" | "range" => "(",
        _ => "1",
    };
    recorded.unwrap_or(other)
}

/// The server, as far as it was recorded.
struct Recording<'r, 'a> {
    recorded: &'r Recorded<'a>,
    hop: usize,
}

impl Server<()> for Recording<'_, '_> {
    async fn respond(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, ServerError> {
        let method = request.headers().get("access-control-request-method");
        if let Some(method) = method.filter(|_| request.method() == "OPTIONS") {
            let url = request.uri().to_string();
            let mut preflights = self.recorded.preflights.iter();
            let found = preflights.find(|preflight| {
                preflight.url.as_str() == url
                    && requested_method(preflight).as_bytes() == method.as_bytes()
            });
            return found.map_or_else(|| Ok(allowing(&request)), |preflight| response(preflight));
        }
        let exchange = self
            .recorded
            .hops
            .get(self.hop)
            .ok_or("it is not in the recording")?;
        self.hop += 1;
        response(exchange)
    }
}

/// Returns a response that allows everything a preflight asks for: browsers keep the result of a preflight, so not every request has one.
fn allowing(preflight: &Request<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    let value = |name: &str| preflight.headers().get(name).cloned();
    let headers = response.headers_mut();
    headers.insert(
        "access-control-allow-credentials",
        HeaderValue::from_static("true"),
    );
    for (name, value) in [
        ("access-control-allow-origin", value("origin")),
        (
            "access-control-allow-methods",
            value("access-control-request-method"),
        ),
        (
            "access-control-allow-headers",
            value("access-control-request-headers"),
        ),
    ] {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    response
}

/// Returns the recorded response.
fn response(exchange: &Exchange<'_>) -> Result<Response<Bytes>, ServerError> {
    let recorded = &exchange.entry.response;
    let status = u16::try_from(recorded.status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status.ok_or("there was no response")?;
    for header in &recorded.headers {
        // Pseudo-header fields of HTTP/2, such as `:status`, are not header fields.
        let Ok(name) = HeaderName::from_bytes(header.name.as_bytes()) else {
            continue;
        };
        // Chromium joins repeated fields by line ends.
        for value in header.value.split('\n') {
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                response.headers_mut().append(&name, value);
            }
        }
    }
    Ok(response)
}
