//! What a browser concludes from a policy alone, without a server.

use omnicors_browser::http::{Request, Response};
use omnicors_browser::{Bytes, Credentials, Fetch, Outcome, Page, Server, ServerError};
use omnicors_core::{LookupResult, Policy};
use omnicors_http::{HttpDecision, PreparedPolicy, decide_with_result};

/// The URL that is fetched. No page can have its origin.
const URL: &str = "https://server.invalid/";

/// Asks a browser what a page may do with a server that has a policy.
///
/// A [`Verdict`](omnicors_core::Verdict) judges one request. This runs the whole exchange, the preflight included, so it is what a test
/// of a policy should ask.
///
/// # Examples
///
/// ```
/// use omnicors::PolicyConfig;
/// use omnicors::browser::PolicyFetch;
///
/// let policy = PolicyConfig::new()
///     .allow_origin("https://app.example")
///     .allow_methods(["GET", "DELETE"])
///     .allow_credentials(true)
///     .build()?;
///
/// policy.fetch("https://app.example").method("DELETE").credentials().outcome().assert_readable();
/// policy.fetch("https://app.example").method("PUT").outcome().assert_blocked();
/// policy.fetch("https://evil.example").outcome().assert_blocked();
/// # Ok::<(), omnicors::PolicyError>(())
/// ```
pub trait PolicyFetch {
    /// Prepares a GET of a page to a server with this policy.
    ///
    /// The page is given as a URL, or as `null` for a page with an opaque origin.
    ///
    /// # Panics
    ///
    /// Panics if the page is not a valid URL.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyFetch`].
    #[track_caller]
    fn fetch(&self, page: &str) -> PolicyRequest<'_>;
}

/// A request of a page to a server with a policy. Created by [`PolicyFetch::fetch`].
///
/// # Examples
///
/// See the example of [`PolicyFetch`].
#[derive(Debug)]
#[must_use = "a request is sent by `outcome`"]
pub struct PolicyRequest<'a> {
    policy: &'a Policy,
    lookup_result: Option<LookupResult>,
    fetch: Fetch,
}

impl PolicyFetch for Policy {
    fn fetch(&self, page: &str) -> PolicyRequest<'_> {
        let page = if page == "null" {
            Page::opaque()
        } else {
            match Page::new(page) {
                Ok(page) => page,
                #[expect(clippy::panic, reason = "documented, for use in tests")]
                Err(error) => panic!("`{page}` is not a valid URL of a page: {error}"),
            }
        };
        PolicyRequest {
            policy: self,
            lookup_result: None,
            fetch: page.fetch(URL),
        }
    }
}

impl PolicyRequest<'_> {
    /// Sets the method.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyFetch`].
    pub fn method(mut self, name: &str) -> Self {
        self.fetch = self.fetch.method(name);
        self
    }

    /// Appends a header.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors::PolicyConfig;
    /// use omnicors::browser::PolicyFetch;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://app.example").build()?;
    /// let post = policy.fetch("https://app.example").method("POST").header("content-type", "application/json");
    /// post.outcome().assert_blocked();
    /// # Ok::<(), omnicors::PolicyError>(())
    /// ```
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.fetch = self.fetch.header(name, value);
        self
    }

    /// Sends credentials, as `fetch(url, { credentials: "include" })` does.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyFetch`].
    pub fn credentials(mut self) -> Self {
        self.fetch = self.fetch.credentials(Credentials::Include);
        self
    }

    /// Sets the result of the [origin lookup](omnicors_core::PolicyConfig::lookup_origins).
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors::{LookupResult, PolicyConfig};
    /// use omnicors::browser::PolicyFetch;
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// policy.fetch("https://tenant.example").lookup_result(LookupResult::Allowed).outcome().assert_readable();
    /// policy.fetch("https://tenant.example").lookup_result(LookupResult::NotAllowed).outcome().assert_blocked();
    /// # Ok::<(), omnicors::PolicyError>(())
    /// ```
    pub fn lookup_result(mut self, result: LookupResult) -> Self {
        self.lookup_result = Some(result);
        self
    }

    /// Returns what the page gets.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyFetch`].
    pub fn outcome(self) -> Outcome {
        let mut server = PolicyServer {
            policy: PreparedPolicy::from(self.policy.clone()),
            lookup_result: self.lookup_result,
        };
        self.fetch.send_now(&mut server)
    }
}

/// A server with a policy, and an application that responds with 200.
struct PolicyServer {
    policy: PreparedPolicy,
    lookup_result: Option<LookupResult>,
}

impl Server<()> for PolicyServer {
    async fn respond(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, ServerError> {
        let (parts, _) = request.into_parts();
        let request = Request::from_parts(parts, ());
        match decide_with_result(&self.policy, &request, self.lookup_result) {
            HttpDecision::Respond(response) => Ok(response.map(|()| Bytes::new())),
            HttpDecision::Forward(mut headers) => {
                let mut response = Response::new(Bytes::new());
                headers.apply(response.headers_mut());
                Ok(response)
            }
        }
    }
}
