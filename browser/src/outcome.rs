//! The outcome of a fetch.

use std::fmt;

use crate::console;
use crate::correction::{self, Correction};
use crate::engine::Engine;
use crate::exchange::Exchange;
use crate::network_error::NetworkError;
use crate::readable::{PageResponse, ResponseType};
use crate::suggestion;

/// The outcome of a fetch: every exchange with the server, and what the page gets.
///
/// `Display` shows the exchanges, the response or the network error, and what to change.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use omnicors_browser::{CorsFailure, NetworkError, Page};
///
/// let mut server = |_: Request<Bytes>| Response::new("secret");
/// let page = Page::new("https://app.example")?;
/// let outcome = page.fetch("https://api.example/").send_now(&mut server);
/// assert_eq!(outcome.assert_blocked(), &NetworkError::CorsCheck(CorsFailure::AllowOriginMissing));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "call `assert_readable` or `assert_blocked`, or read `result` and `exchanges`"]
pub struct Outcome {
    exchanges: Vec<Exchange>,
    result: Result<PageResponse, NetworkError>,
    /// The request at the end; `None` if it could not be made.
    request: Option<Box<crate::request::Request>>,
    /// What to change, from a server that knows its settings.
    suggestion: Option<String>,
}

impl Outcome {
    pub(crate) fn new(
        exchanges: Vec<Exchange>,
        result: Result<PageResponse, NetworkError>,
        request: Option<Box<crate::request::Request>>,
    ) -> Self {
        Self {
            exchanges,
            result,
            request,
            suggestion: None,
        }
    }

    /// Sets what to change, in the message of a blocked request: a sentence without the full stop.
    ///
    /// Use it for a server that knows its own settings. Otherwise the message says what probably has to change.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::Page;
    ///
    /// let mut server = |_: Request<Bytes>| Response::new("");
    /// let outcome = Page::new("https://app.example")?.fetch("https://api.example/").send_now(&mut server);
    /// let outcome = outcome.with_suggestion("add the origin to `origins` in server.toml");
    /// assert!(outcome.to_string().ends_with("\nTo allow it: add the origin to `origins` in server.toml."));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_suggestion(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// Returns what to change, if the request is blocked and the response shows it: the text of
    /// [`with_suggestion`](Self::with_suggestion), or sentences about the server. Other reasons say it themselves. See
    /// [`correction`](Self::correction) for the exact headers.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::{Credentials, Page};
    ///
    /// let mut server =
    ///     |_: Request<Bytes>| Response::builder().header("access-control-allow-origin", "*").body("").unwrap();
    /// let fetch = Page::new("https://app.example")?.fetch("https://api.example/").credentials(Credentials::Include);
    /// let suggestion = fetch.send_now(&mut server).suggestion().unwrap_or_default();
    /// assert!(suggestion.starts_with("The server must list the origin `https://app.example` instead of allowing any origin"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn suggestion(&self) -> Option<String> {
        let error = self.result.as_ref().err()?;
        self.suggestion.clone().or_else(|| {
            let request = self.request.as_ref()?;
            suggestion::suggestion(error, request, &self.exchanges)
        })
    }

    /// Returns the response that the page gets.
    ///
    /// # Errors
    ///
    /// Returns the reason if the page gets a network error.
    ///
    /// # Examples
    ///
    /// See the example of [`PageResponse::response_type`].
    pub fn result(&self) -> Result<&PageResponse, NetworkError> {
        self.result.as_ref().map_err(Clone::clone)
    }

    /// Returns every exchange with the server, in order.
    ///
    /// # Examples
    ///
    /// See the example of [`Exchange`].
    #[must_use]
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// Returns the line that an engine's console prints about the block.
    ///
    /// Returns `None` if the request is not blocked, if the console does not print the reason, for [`Engine::Standard`], and for
    /// [`Engine::WebKit`], whose console cannot be read. After the line, Chromium prints `Failed to load resource:
    /// net::ERR_FAILED`, and Firefox repeats a failed preflight as `CORS request did not succeed`. If several headers are not
    /// allowed, an engine may name another one of them. The line about mixed content is not included.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::{Engine, Page};
    ///
    /// let mut server = |_: Request<Bytes>| Response::new("");
    /// let outcome = Page::new("https://app.example")?.fetch("https://api.example/").send_now(&mut server);
    /// assert_eq!(
    ///     outcome.console(Engine::Chromium).unwrap(),
    ///     "Access to fetch at 'https://api.example/' from origin 'https://app.example' has been blocked by CORS policy: \
    ///      No 'Access-Control-Allow-Origin' header is present on the requested resource."
    /// );
    /// assert_eq!(outcome.console(Engine::WebKit), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn console(&self, engine: Engine) -> Option<String> {
        let error = self.result.as_ref().err()?;
        console::line(engine, error, self.request.as_ref()?, &self.exchanges)
    }

    /// Returns the status and the headers that the last response must have so that the page is not blocked by it. Returns `None` if the
    /// page is not blocked, or if headers cannot change that.
    ///
    /// # Examples
    ///
    /// See the example of [`Correction`].
    #[must_use]
    pub fn correction(&self) -> Option<Correction> {
        let error = self.result.as_ref().err()?;
        correction::correction(error, self.request.as_ref()?, &self.exchanges)
    }

    /// Returns the response, which the page can read.
    ///
    /// # Panics
    ///
    /// Panics with every exchange, the reason and what to change if the page cannot read the response: after a network error, and
    /// if the response is opaque or that of a navigation, which the new document gets.
    ///
    /// # Examples
    ///
    /// See the example of [`PageResponse`].
    #[track_caller]
    #[allow(clippy::panic, reason = "documented, for use in tests")]
    pub fn assert_readable(&self) -> &PageResponse {
        match &self.result {
            Ok(response) if response.is_readable() => response,
            _ => panic!("the page cannot read the response\n{self}"),
        }
    }

    /// Returns the reason why the browser blocked the request or its response.
    ///
    /// # Panics
    ///
    /// Panics with every exchange if the page gets a response, and if the browser blocked nothing: the page cannot make such a request
    /// ([`InvalidRequest`](NetworkError::InvalidRequest)), the URL is not one of a server ([`NotHttp`](NetworkError::NotHttp)), or
    /// the server did not respond ([`Unreachable`](NetworkError::Unreachable)). A test for one of these reads
    /// [`result`](Self::result).
    ///
    /// # Examples
    ///
    /// See the example of [`Outcome`].
    #[track_caller]
    #[allow(clippy::panic, reason = "documented, for use in tests")]
    pub fn assert_blocked(&self) -> &NetworkError {
        match &self.result {
            Err(
                error @ (NetworkError::InvalidRequest(_)
                | NetworkError::NotHttp(_)
                | NetworkError::Unreachable(_)),
            ) => panic!("the request was not blocked by the browser: {error}\n{self}"),
            Err(error) => error,
            Ok(_) => panic!("the page gets a response\n{self}"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for exchange in &self.exchanges {
            write!(f, "\n{exchange}")?;
        }
        match &self.result {
            Ok(response) if response.response_type() == ResponseType::Document => {
                write!(
                    f,
                    "\nThe new document gets status {}. The page that navigates cannot read the response.",
                    response.status()
                )
            }
            Ok(response) if !response.is_readable() => {
                write!(
                    f,
                    "\nThe page gets an opaque response ({:?}).",
                    response.response_type()
                )
            }
            Ok(response) => {
                let names: Vec<_> = response
                    .headers()
                    .keys()
                    .map(http::HeaderName::as_str)
                    .collect();
                write!(
                    f,
                    "\nThe page reads status {} and the headers [{}].",
                    response.status(),
                    names.join(", ")
                )
            }
            Err(error) => {
                write!(f, "\nBlocked: {error}.")?;
                if let Some(suggestion) = &self.suggestion {
                    return write!(f, "\nTo allow it: {suggestion}.");
                }
                match self.suggestion() {
                    Some(suggestion) => write!(f, "\n{suggestion}"),
                    None => Ok(()),
                }
            }
        }
    }
}
