use crate::policy::OriginStatus;
use crate::request::RequestKind;
use crate::response::ResponseHeaders;
use crate::verdict::{Credentials, Verdict};

/// What a server must do with a request.
///
/// Exhaustive, with two cases, so that no adapter can forget one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decision<'a> {
    /// Run the application, then apply the headers to its response, whatever the response is.
    Forward {
        /// What to set on the response, and what to remove from it.
        headers: ResponseHeaders<'a>,
    },
    /// Do not run the application: respond with this status and these headers, and an empty body.
    Respond {
        /// 403; 503 if a lookup failed; or the policy's status for preflights, 200 to 299, by default 204.
        status: u16,
        /// The headers of the response.
        headers: ResponseHeaders<'a>,
    },
}

impl<'a> Decision<'a> {
    /// Returns the headers, in either case.
    #[inline]
    pub fn headers(&self) -> &ResponseHeaders<'a> {
        match self {
            Self::Forward { headers } | Self::Respond { headers, .. } => headers,
        }
    }

    /// Returns what the request is to CORS.
    #[inline]
    pub fn kind(&self) -> RequestKind {
        self.headers().kind()
    }

    /// Returns whether the policy allows the origin of the request. Whether a browser will let a page read the response
    /// depends on more: see [`verdict`](Self::verdict).
    #[inline]
    pub fn origin_status(&self) -> OriginStatus {
        self.headers().origin_status()
    }

    /// Returns what a browser will conclude from the response to a request without credentials.
    ///
    /// A browser does not check the response to a non-CORS request or to one from the server's own origin: allowed. For a
    /// preflight that is forwarded, this is what it will conclude if the application responds with a status of success.
    ///
    /// This is computed when it is called, and reads the fields of the request that it needs.
    ///
    /// ```
    /// use omnicors_core::{Denial, PolicyConfig, RequestParts, Verdict, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("PUT");
    /// let decision = evaluate(&policy, &preflight);
    /// // The response states which methods are allowed; the browser finds that PUT is missing.
    /// assert_eq!(decision.verdict(), Verdict::Denied(Denial::MethodNotAllowed(b"PUT")));
    /// assert_eq!(decision.verdict().to_string(), "denied: the policy does not allow the method PUT");
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn verdict(&self) -> Verdict<'a> {
        self.headers().verdict(Credentials::Omitted)
    }

    /// Returns what a browser will conclude from the response to a request with credentials (Fetch, credentials mode
    /// "include").
    pub fn verdict_with_credentials(&self) -> Verdict<'a> {
        self.headers().verdict(Credentials::Included)
    }
}
