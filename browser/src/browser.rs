//! A browser with a preflight cache and an HTTP cache, which it keeps between fetches.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode, header};

use crate::checks;
use crate::engine::{Deviation, Engine};
use crate::exchange::{Exchange, ExchangeKind};
use crate::http_cache::{HttpCache, Lookup};
use crate::http_request::http_request;
use crate::mode::Mode;
use crate::network_error::{NetworkError, RedirectFailure};
use crate::page_origin::{bad_port, is_potentially_trustworthy};
use crate::preflight;
use crate::preflight_cache::PreflightCache;
use crate::readable::{PageResponse, ResponseType};
use crate::redirect::{is_redirect, location_url, redirect};
use crate::request::{Redirect, Request, Tainting};
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
            responses: HttpCache::new(engine),
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
        request.page_headers = request.headers.clone();
        if request.body.is_none() && self.engine.has(Deviation::UploadListenerNeedsBody) {
            request.use_cors_preflight = false;
        }
        let mut with_preflight = false;
        let result = self
            .main_fetch(request, server, exchanges, &mut with_preflight)
            .await;
        // "Main fetch", step 12: a network error of a request with a preflight clears its cache entries.
        if result.is_err()
            && with_preflight
            && !self.engine.has(Deviation::KeepsPreflightAfterError)
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
            if let Some(port) = bad_port(&request.current_url) {
                return Err(NetworkError::BadPort(port));
            }
            let is_navigation = request.mode == Mode::Navigate;
            let is_trustworthy = is_potentially_trustworthy(&request.current_url)
                && (request.current_url.scheme() == "https"
                    || !self.engine.has(Deviation::BlocksMixedContentOnLoopback));
            // Mixed Content, "Does settings prohibit mixed security contexts?": the page, or the one that embeds it.
            let prohibits_mixing = request.origin.is_https()
                || matches!(&request.embedder, Some(embedder) if embedder.scheme() == "https");
            if prohibits_mixing && !is_navigation && !is_trustworthy {
                return Err(NetworkError::MixedContent);
            }
            // Step 12.
            let make_preflight = set_tainting(request)?;
            *with_preflight |= make_preflight;
            let response = self
                .http_fetch(request, make_preflight, server, exchanges)
                .await?;
            // "HTTP fetch", step 6.
            if !is_redirect(response.status.as_u16()) {
                return filter(request, response);
            }
            let follows = request.mode == Mode::WebSocket
                && self.engine.has(Deviation::FollowsRedirectsOfWebSockets);
            match request.redirect {
                Redirect::Error if !follows => {
                    return Err(NetworkError::Redirect(RedirectFailure::NotAllowed));
                }
                Redirect::Manual if request.mode != Mode::Navigate => {
                    return Ok(PageResponse::empty(
                        ResponseType::OpaqueRedirect,
                        request.url_list.first(),
                        !request.timing_allow_failed,
                    ));
                }
                Redirect::Error | Redirect::Manual | Redirect::Follow => {}
            }
            let Some(location) = location_url(request, &response.headers)? else {
                return filter(request, response);
            };
            redirect(request, response.status, &response.headers, location)?;
            request.needs_preflight_again = (*with_preflight || request.page_headers_are_unsafe())
                && self.engine.has(Deviation::PreflightAfterRedirect);
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
        if let Some(failure) = request.rejected_after_preflight.take() {
            return Err(NetworkError::Redirect(failure));
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
        let partition = self.cache_partition(request);
        let mut revalidating = false;
        let lookup = if request.no_store {
            Lookup::Missing
        } else {
            self.responses.lookup(&partition, &sent, self.now)
        };
        match lookup {
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
        if request.is_stream_over_http1() {
            return Err(NetworkError::StreamOverHttp1);
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
        if !request.no_store {
            self.responses.store(&partition, &sent, &response, self.now);
            if request.tainting == Tainting::Cors
                && self.engine.has(Deviation::ForgetsBlockedResponses)
                && checks::cors(request, &checks::header_list(response.headers())).is_err()
            {
                self.responses.forget(&partition, &sent);
            }
        }
        Ok(internal(response))
    }

    /// [determine the HTTP cache partition](https://fetch.spec.whatwg.org/#determine-the-http-cache-partition).
    fn cache_partition(&self, request: &Request) -> String {
        let site = request.partition();
        let is_apart = !request.include_credentials()
            && self.engine.has(Deviation::SeparatesResponsesByCredentials);
        if is_apart {
            format!("{site} without credentials")
        } else {
            site
        }
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
                return Err(NetworkError::NoCorsRedirectMode);
            }
            request.tainting = Tainting::Opaque;
            return Ok(false);
        }
        Mode::Cors | Mode::Navigate | Mode::WebSocket => {}
    }
    request.tainting = Tainting::Cors;
    Ok(request.needs_preflight())
}

/// [Main fetch](https://fetch.spec.whatwg.org/#main-fetch), step 14: the response that the page gets.
fn filter(request: &Request, response: Internal) -> Result<PageResponse, NetworkError> {
    // "Establish a WebSocket connection": https://websockets.spec.whatwg.org/#concept-websocket-establish
    if request.mode == Mode::WebSocket && response.status != StatusCode::SWITCHING_PROTOCOLS {
        return Err(NetworkError::HandshakeStatus(response.status.as_u16()));
    }
    let kind = match request.tainting {
        _ if request.mode == Mode::Navigate => ResponseType::Document,
        Tainting::Basic => ResponseType::Basic,
        Tainting::Cors => ResponseType::Cors,
        Tainting::Opaque => {
            let timing_allowed = !request.timing_allow_failed;
            return Ok(PageResponse::empty(
                ResponseType::Opaque,
                None,
                timing_allowed,
            ));
        }
    };
    Ok(PageResponse::filtered(
        request,
        kind,
        response.status,
        &response.headers,
        response.body,
    ))
}
