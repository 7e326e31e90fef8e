//! A server with a policy, for a browser.

use omnicors_browser::http::{HeaderValue, Method, Request, Response, StatusCode};
use omnicors_browser::{Bytes, CorsFailure, Exchange, NetworkError, Outcome, Server, ServerError};
use omnicors_core::{Denial, LookupResult, Policy, RequestParts, Verdict};
use omnicors_http::{
    HttpDecision, PreparedPolicy, RequestHead, decide_with_result, suggestion_for_credentials,
};

/// A server with a policy, and an application that responds with 200 to each request, and with 101 to each handshake of a `WebSocket`.
///
/// [`PolicyFetch`](crate::browser::PolicyFetch) is shorter for a `fetch()` of one page. Use this for other requests, such as the handshake of a WebSocket, and for a
/// [`Browser`](crate::browser::Browser) with caches.
///
/// # Examples
///
/// ```
/// use omnicors::PolicyConfig;
/// use omnicors::browser::{Browser, Engine, Page, PolicyServer};
///
/// let policy = PolicyConfig::new().allow_origin("https://app.example").build()?;
/// let mut server = PolicyServer::new(&policy);
/// let put = Page::new("https://app.example")?.fetch("https://api.example/").method("PUT");
/// let outcome = Browser::new(Engine::Chromium).send_now(&put, &mut server);
/// outcome.assert_blocked();
/// assert_eq!(server.suggestion(&outcome).as_deref(), Some("add `PUT` to allow_methods"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The guard decides about the handshake of a WebSocket:
///
/// ```
/// use omnicors::browser::{NetworkError, Page, PolicyServer};
/// use omnicors::{Guard, PolicyConfig};
///
/// let policy = PolicyConfig::new().allow_origin("https://app.example").guard(Guard::UnsafeMethods).build()?;
/// let mut server = PolicyServer::new(&policy);
/// let url = "wss://api.example/socket";
/// let opened = Page::new("https://app.example")?.web_socket(url).send_now(&mut server);
/// assert_eq!(opened.result()?.status(), 101);
/// let rejected = Page::new("https://evil.example")?.web_socket(url).send_now(&mut server);
/// assert_eq!(rejected.assert_blocked(), &NetworkError::HandshakeStatus(403));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PolicyServer {
    policy: PreparedPolicy,
    lookup_result: Option<LookupResult>,
}

impl PolicyServer {
    /// Creates a server with this policy.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyServer`].
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self {
            policy: PreparedPolicy::from(policy.clone()),
            lookup_result: None,
        }
    }

    /// Sets the result of the [origin lookup](omnicors_core::PolicyConfig::lookup_origins).
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors::browser::{Page, PolicyServer};
    /// use omnicors::{LookupResult, PolicyConfig};
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let mut server = PolicyServer::new(&policy).lookup_result(LookupResult::Allowed);
    /// Page::new("https://tenant.example")?.fetch("https://api.example/").send_now(&mut server).assert_readable();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lookup_result(mut self, result: LookupResult) -> Self {
        self.lookup_result = Some(result);
        self
    }

    /// Returns what to change in the policy, or in the page, if a request to this server was blocked.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyServer`].
    #[must_use]
    pub fn suggestion(&self, outcome: &Outcome) -> Option<String> {
        suggestion(self.policy.policy(), self.lookup_result, outcome)
    }
}

impl Server<()> for PolicyServer {
    async fn respond(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, ServerError> {
        let (parts, _) = request.into_parts();
        let request = Request::from_parts(parts, ());
        match decide_with_result(&self.policy, &request, self.lookup_result) {
            HttpDecision::Respond(response) => Ok(response.map(|()| Bytes::new())),
            HttpDecision::Forward(mut headers) => {
                let mut response = Response::new(Bytes::new());
                if is_handshake(&request) {
                    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
                }
                headers.apply(response.headers_mut());
                Ok(response)
            }
        }
    }
}

/// RFC 6455, [client requirements](https://www.rfc-editor.org/rfc/rfc6455#section-4.1): a GET with `Upgrade: websocket`.
fn is_handshake(request: &Request<()>) -> bool {
    let upgrade = request.headers().get("upgrade");
    let is_websocket =
        upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    is_websocket && request.method() == Method::GET
}

/// Returns what to change in the policy, or in the page, if the request is blocked.
fn suggestion(
    policy: &Policy,
    lookup_result: Option<LookupResult>,
    outcome: &Outcome,
) -> Option<String> {
    let error = outcome.result().err()?;
    let last = outcome.exchanges().last().map(Exchange::request)?;
    if is_for_credentials(&error) {
        let origin = last.headers().get("origin").map(HeaderValue::as_bytes);
        return Some(suggestion_for_credentials(
            policy,
            origin.unwrap_or_default(),
        ));
    }
    let head = RequestHead::from(last);
    let parts =
        RequestParts::read(policy, head.method.as_str(), &head).lookup_result(lookup_result);
    let explanation = policy.explain(&parts);
    if explanation.verdict() == Verdict::Denied(Denial::OriginUndecided) {
        // The suggestion of the core is for servers.
        return Some("call `.lookup_result(LookupResult::Allowed)` before `outcome()`".to_owned());
    }
    explanation.suggestion().map(str::to_owned)
}

/// Returns true if the response would be allowed without credentials. [`Policy::explain`] does not know whether a request has them.
fn is_for_credentials(error: &NetworkError) -> bool {
    let (NetworkError::PreflightCheck(failure) | NetworkError::CorsCheck(failure)) = error else {
        return false;
    };
    matches!(
        failure,
        CorsFailure::AllowCredentialsMissing
            | CorsFailure::AllowOriginWildcardWithCredentials { .. }
    )
}
