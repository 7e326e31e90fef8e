//! A browser with a preflight cache and an HTTP cache, which it keeps between fetches.

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderValue, Method, Response, StatusCode, Uri};
use url::Url;

use crate::checks;
use crate::engine::Engine;
use crate::header_list::isomorphic_decode;
use crate::http_cache::{HttpCache, Lookup};
use crate::network_error::{NetworkError, RedirectFailure};
use crate::outcome::{Exchange, ExchangeKind};
use crate::page_origin::{is_potentially_trustworthy, same_origin};
use crate::preflight;
use crate::preflight_cache::PreflightCache;
use crate::readable::{PageResponse, ResponseType};
use crate::request::{Mode, Redirect, Request, Tainting};
use crate::server::Server;

/// A browser with its caches, for sequences of fetches.
///
/// Its clock does not run; [`advance`](Self::advance) moves it forward.
///
/// # Examples
///
/// A preflight is stored for as long as `Access-Control-Max-Age` says:
///
/// ```
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use omnicors_browser::{Browser, Engine, Page};
///
/// let mut server = |_: Request<Bytes>| {
///     Response::builder()
///         .header("access-control-allow-origin", "*")
///         .header("access-control-allow-methods", "PUT")
///         .header("access-control-max-age", "60")
///         .body("")
///         .unwrap()
/// };
/// let mut browser = Browser::new(Engine::Standard);
/// let put = Page::new("https://app.example")?.fetch("https://api.example/").method("PUT");
/// assert_eq!(browser.send_now(&put, &mut server).exchanges().len(), 2);
/// assert_eq!(browser.send_now(&put, &mut server).exchanges().len(), 1);
/// browser.advance(Duration::from_secs(60));
/// assert_eq!(browser.send_now(&put, &mut server).exchanges().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Browser {
    engine: Engine,
    now: Duration,
    preflights: PreflightCache,
    responses: HttpCache,
}

/// A response inside the browser, before it is filtered for the page.
struct Internal {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Bytes,
}

impl Browser {
    /// Creates a browser with empty caches.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::{Browser, Engine};
    ///
    /// let browser = Browser::new(Engine::Firefox);
    /// assert_eq!(browser.engine(), Engine::Firefox);
    /// ```
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            ..Self::default()
        }
    }

    /// Returns the engine whose behaviour the browser follows.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::{Browser, Engine};
    ///
    /// assert_eq!(Browser::default().engine(), Engine::Standard);
    /// ```
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Moves the clock of the browser forward, so that stored preflights and responses age.
    ///
    /// # Examples
    ///
    /// See the example of [`Browser`].
    pub fn advance(&mut self, time: Duration) {
        self.now = self.now.saturating_add(time);
    }

    /// Makes the HTTP cache ignore `Vary`, as defective caches between browsers and servers do.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::{Browser, Engine};
    ///
    /// let browser = Browser::new(Engine::Standard).ignoring_vary();
    /// ```
    #[must_use]
    pub fn ignoring_vary(mut self) -> Self {
        self.responses.ignores_vary = true;
        self
    }

    pub(crate) async fn run<M>(
        &mut self,
        request: &mut Request,
        server: &mut impl Server<M>,
        exchanges: &mut Vec<Exchange>,
    ) -> Result<PageResponse, NetworkError> {
        request.engine = self.engine;
        let mut with_preflight = false;
        let result = self
            .main_fetch(request, server, exchanges, &mut with_preflight)
            .await;
        // "Main fetch", step 12: a network error of a request with a preflight clears its cache entries.
        if result.is_err()
            && with_preflight
            && !self.engine.has(crate::Deviation::KeepsPreflightAfterError)
        {
            self.preflights.clear(request);
        }
        result
    }

    /// [Main fetch](https://fetch.spec.whatwg.org/#main-fetch), as a loop over redirects.
    async fn main_fetch<M>(
        &mut self,
        request: &mut Request,
        server: &mut impl Server<M>,
        exchanges: &mut Vec<Exchange>,
        with_preflight: &mut bool,
    ) -> Result<PageResponse, NetworkError> {
        loop {
            // Step 7.
            let upgradeable = matches!(request.mode, Mode::Navigate);
            if request.origin.is_https()
                && !upgradeable
                && !is_potentially_trustworthy(&request.current_url)
            {
                return Err(NetworkError::MixedContent);
            }
            // Step 12.
            let make_preflight = set_tainting(request)?;
            *with_preflight |= make_preflight;
            let response = self
                .http_fetch(request, make_preflight, server, exchanges)
                .await?;
            // "HTTP fetch", step 6.
            if !is_redirect(response.status) {
                return Ok(filter(request, response));
            }
            match request.redirect {
                Redirect::Error => return Err(NetworkError::Redirect(RedirectFailure::NotAllowed)),
                Redirect::Manual if request.mode != Mode::Navigate => {
                    return Ok(PageResponse::empty(
                        ResponseType::OpaqueRedirect,
                        request.url_list.first(),
                    ));
                }
                Redirect::Manual | Redirect::Follow => {}
            }
            let Some(location) = location_url(request, &response.headers)? else {
                return Ok(filter(request, response));
            };
            redirect(request, &response, location)?;
        }
    }

    /// [HTTP fetch](https://fetch.spec.whatwg.org/#http-fetch), steps 4 and 5.
    async fn http_fetch<M>(
        &mut self,
        request: &mut Request,
        make_preflight: bool,
        server: &mut impl Server<M>,
        exchanges: &mut Vec<Exchange>,
    ) -> Result<Internal, NetworkError> {
        // Step 4.1.
        if make_preflight && self.preflights.requires_preflight(request, self.now) {
            let preflight = preflight::request(request);
            let response = self
                .network(&preflight, ExchangeKind::Preflight, server, exchanges)
                .await?;
            let headers = checks::header_list(&response.headers);
            let allowance = preflight::check(request, response.status, &headers)?;
            self.preflights.store(request, allowance, self.now);
        }
        // Step 4.3.
        let kind = if request.url_list.len() > 1 {
            ExchangeKind::Redirected
        } else {
            ExchangeKind::Actual
        };
        let response = self.network(request, kind, server, exchanges).await?;
        let headers = checks::header_list(&response.headers);
        // Step 4.4.
        if request.tainting == Tainting::Cors {
            checks::cors(request, &headers).map_err(NetworkError::CorsCheck)?;
        }
        // Step 4.5.
        if !checks::timing_allowed(request, &headers) {
            request.timing_allow_failed = true;
        }
        // Step 5.
        if request.tainting == Tainting::Opaque {
            checks::resource_policy(request, &response.headers)
                .map_err(NetworkError::ResourcePolicy)?;
        }
        Ok(response)
    }

    /// [HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch).
    async fn network<M>(
        &mut self,
        request: &Request,
        kind: ExchangeKind,
        server: &mut impl Server<M>,
        exchanges: &mut Vec<Exchange>,
    ) -> Result<Internal, NetworkError> {
        let mut sent = http_request(request)?;
        let partition = request.origin.site();
        let mut revalidating = false;
        match self.responses.lookup(&partition, &sent, self.now) {
            Lookup::Fresh(response) => {
                exchanges.push(Exchange::new(kind, &sent, Ok(&response), true));
                return Ok(internal(response));
            }
            Lookup::Stale(conditions) => {
                revalidating = true;
                sent.headers_mut().extend(conditions);
            }
            Lookup::Missing => {}
        }
        let response = server.respond(sent.clone()).await;
        let response = match response {
            Ok(response) => response,
            Err(error) => {
                let error = error.to_string();
                exchanges.push(Exchange::new(kind, &sent, Err(&error), false));
                return Err(NetworkError::Unreachable(error));
            }
        };
        exchanges.push(Exchange::new(kind, &sent, Ok(&response), false));
        if revalidating {
            sent.headers_mut().remove(header::IF_NONE_MATCH);
            sent.headers_mut().remove(header::IF_MODIFIED_SINCE);
            if response.status() == StatusCode::NOT_MODIFIED
                && let Some(stored) = self
                    .responses
                    .freshen(&partition, &sent, &response, self.now)
            {
                return Ok(internal(stored));
            }
        }
        self.responses.store(&partition, &sent, &response, self.now);
        Ok(internal(response))
    }
}

fn internal(response: Response<Bytes>) -> Internal {
    let (parts, body) = response.into_parts();
    Internal {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// [Main fetch](https://fetch.spec.whatwg.org/#main-fetch), step 12: sets the response tainting. Returns true if a preflight is
/// needed.
fn set_tainting(request: &mut Request) -> Result<bool, NetworkError> {
    let same_origin = request.origin.is_same_origin(&request.current_url);
    if (same_origin && request.tainting == Tainting::Basic)
        || matches!(request.mode, Mode::Navigate | Mode::WebSocket)
    {
        request.tainting = Tainting::Basic;
        return Ok(false);
    }
    match request.mode {
        Mode::SameOrigin => return Err(NetworkError::NotSameOrigin),
        Mode::NoCors => {
            if request.redirect != Redirect::Follow {
                return Err(NetworkError::InvalidRequest(
                    "with the mode `no-cors` the redirect mode must be `follow`".to_owned(),
                ));
            }
            request.tainting = Tainting::Opaque;
            return Ok(false);
        }
        Mode::Cors | Mode::Navigate | Mode::WebSocket => {}
    }
    request.tainting = Tainting::Cors;
    Ok(request.needs_preflight())
}

/// Returns the request as it is sent, with the page's headers and those that the browser adds.
fn http_request(request: &Request) -> Result<http::Request<Bytes>, NetworkError> {
    let invalid = |what: &str| NetworkError::InvalidRequest(what.to_owned());
    let mut url = request.current_url.clone();
    url.set_fragment(None);
    let host = url.host_str().unwrap_or_default().to_owned();
    let host = url
        .port()
        .map_or(host.clone(), |port| format!("{host}:{port}"));
    let target = match url.scheme() {
        "ws" => url.as_str().replacen("ws", "http", 1),
        "wss" => url.as_str().replacen("wss", "https", 1),
        _ => url.as_str().to_owned(),
    };
    let uri: Uri = without_user_info(&target)
        .parse()
        .map_err(|_| invalid("the URL cannot be sent"))?;
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| invalid("the method cannot be sent"))?;

    let mut sent = http::Request::builder()
        .method(method)
        .uri(uri)
        .body(request.body.clone().unwrap_or_default());
    let Ok(sent) = &mut sent else {
        return Err(invalid("the request cannot be sent"));
    };
    let mut sent = std::mem::take(sent);
    let headers = sent.headers_mut();
    let mut append = |name: &[u8], value: &[u8]| {
        let name =
            HeaderName::from_bytes(name).map_err(|_| invalid("a header name cannot be sent"))?;
        let value =
            HeaderValue::from_bytes(value).map_err(|_| invalid("a header value cannot be sent"))?;
        headers.append(name, value);
        Ok(())
    };
    append(b"host", host.as_bytes())?;
    for (name, value) in &request.headers.0 {
        append(name, value)?;
    }
    if request.body.is_some() || matches!(request.method.as_str(), "POST" | "PUT") {
        let length = request.body.as_ref().map_or(0, Bytes::len);
        append(b"content-length", length.to_string().as_bytes())?;
    }
    if let Some(origin) = request.origin_header() {
        append(b"origin", origin.as_bytes())?;
    }
    if is_potentially_trustworthy(&request.current_url) {
        append(b"sec-fetch-dest", request.destination.as_bytes())?;
        append(b"sec-fetch-mode", request.mode.as_str().as_bytes())?;
        append(b"sec-fetch-site", request.fetch_site().as_bytes())?;
    }
    if request.include_credentials()
        && let Some(cookie) = &request.cookie
    {
        append(b"cookie", cookie.as_bytes())?;
    }
    if request.mode == Mode::WebSocket {
        for (name, value) in [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            append(name.as_bytes(), value.as_bytes())?;
        }
    }
    Ok(sent)
}

/// Returns a URL without its user info: `http://user:password@host/` is requested as `http://host/`.
fn without_user_info(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let authority = authority.rsplit('@').next().unwrap_or(authority);
            format!("{scheme}://{authority}{path}")
        }
        None => url.to_owned(),
    }
}

/// Returns true for a [redirect status](https://fetch.spec.whatwg.org/#redirect-status).
fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Returns the [location URL](https://fetch.spec.whatwg.org/#concept-response-location-url) of a response.
fn location_url(request: &Request, headers: &http::HeaderMap) -> Result<Option<Url>, NetworkError> {
    let mut values = headers.get_all(header::LOCATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = isomorphic_decode(value.as_bytes());
    let invalid = || NetworkError::Redirect(RedirectFailure::InvalidLocation(text.clone()));
    if values.next().is_some() {
        return Err(invalid());
    }
    let mut url = request.current_url.join(&text).map_err(|_| invalid())?;
    if url.fragment().is_none() {
        url.set_fragment(request.current_url.fragment());
    }
    Ok(Some(url))
}

/// [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch), from step 5.
fn redirect(request: &mut Request, response: &Internal, location: Url) -> Result<(), NetworkError> {
    let error = |failure| Err(NetworkError::Redirect(failure));
    // Step 5.
    if !matches!(location.scheme(), "http" | "https") {
        return error(RedirectFailure::NotHttp(location.scheme().to_owned()));
    }
    // Steps 6 and 7.
    if request.url_list.len() > 20 {
        return error(RedirectFailure::TooMany);
    }
    // Steps 8 and 9.
    let user_info = !location.username().is_empty() || location.password().is_some();
    if user_info
        && (request.tainting == Tainting::Cors
            || (request.mode == Mode::Cors && !request.origin.is_same_origin(&location)))
    {
        return error(RedirectFailure::UserInfo);
    }
    let status = response.status.as_u16();
    // Step 10.
    if status != 303 && request.body.is_some() && request.body_is_stream {
        return error(RedirectFailure::StreamBody);
    }
    // Step 11.
    let becomes_get = match status {
        301 | 302 => request.method == "POST",
        303 => !matches!(request.method.as_str(), "GET" | "HEAD"),
        _ => false,
    };
    if becomes_get {
        "GET".clone_into(&mut request.method);
        request.body = None;
        for name in [
            "content-encoding",
            "content-language",
            "content-location",
            "content-type",
        ] {
            request.headers.delete(name.as_bytes());
        }
    }
    // Step 12.
    if !same_origin(&request.current_url, &location) {
        request.headers.delete(b"authorization");
    }
    // Step 18.
    request.redirect_to(location);
    Ok(())
}

/// [Main fetch](https://fetch.spec.whatwg.org/#main-fetch), step 14: the response that the page gets.
fn filter(request: &Request, response: Internal) -> PageResponse {
    let kind = match request.tainting {
        Tainting::Basic => ResponseType::Basic,
        Tainting::Cors => ResponseType::Cors,
        Tainting::Opaque => return PageResponse::empty(ResponseType::Opaque, None),
    };
    PageResponse::filtered(
        request,
        kind,
        response.status,
        &response.headers,
        response.body,
    )
}
