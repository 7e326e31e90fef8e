use crate::guard;
use crate::policy::OriginStatus;
use crate::rejection::Rejection;
use crate::request::RequestKind;
use crate::response::ResponseHeaders;
use crate::verdict::{Credentials, Verdict};

/// The decision about a request: whether the server runs the application, and the headers of the response. See
/// [`evaluate`](crate::evaluate).
///
/// This enum is exhaustive, so that every server handles both cases.
///
/// ```
/// use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
/// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("POST");
/// assert!(matches!(evaluate(&policy, &preflight), Decision::Respond { status: 204, .. }));
/// let request = RequestParts::new("POST").origin("https://example.com");
/// assert!(matches!(evaluate(&policy, &request), Decision::Forward { .. }));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decision<'a> {
    /// Run the application, then apply the headers to its response, including responses to errors.
    Forward {
        /// The fields to set on the response, and the names to remove from it.
        headers: ResponseHeaders<'a>,
    },
    /// Do not run the application. Respond with this status, these headers and an empty body.
    Respond {
        /// The [status of the policy](crate::PolicyConfig::preflight_status) for an allowed preflight, by default 204; 403 for a
        /// denied preflight and for a request that the guard rejects; 421 for a host that is not served; 503 after a failed lookup.
        status: u16,
        /// The headers of the response.
        headers: ResponseHeaders<'a>,
    },
}

impl<'a> Decision<'a> {
    /// Returns the headers in both cases.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET").origin("https://other.example"));
    /// let fields = decision.headers().iter().map(|field| field.to_string());
    /// assert!(fields.eq(["vary: Origin"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn headers(&self) -> &ResponseHeaders<'a> {
        match self {
            Self::Forward { headers } | Self::Respond { headers, .. } => headers,
        }
    }

    /// Returns the kind of the request.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestKind, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// assert_eq!(evaluate(&policy, &RequestParts::new("GET")).kind(), RequestKind::NonCors);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn kind(&self) -> RequestKind {
        self.headers().kind()
    }

    /// Returns whether the policy allows the origin of the request.
    ///
    /// To find out whether a browser will let the page read the response, call [`verdict`](Self::verdict).
    ///
    /// ```
    /// use omnicors_core::{OriginStatus, PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// assert_eq!(evaluate(&policy, &request).origin_status(), OriginStatus::Allowed);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn origin_status(&self) -> OriginStatus {
        self.headers().origin_status()
    }

    /// Returns why the [guard](crate::PolicyConfig::guard) rejects the request: the application does not run, unless the guard
    /// [only reports](crate::PolicyConfig::guard_report_only). Returns `None` if the request passes.
    ///
    /// The rejection is computed by this call, from the fields of the request and the [status](Self::origin_status) of its origin. No
    /// predicate or set is asked again.
    ///
    /// ```
    /// use omnicors_core::{Guard, PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://app.example").guard(Guard::UnsafeMethods).build()?;
    /// let post = |fields: &[(&str, &str)]| {
    ///     let fields = fields.to_vec();
    ///     let request = RequestParts::read(&policy, "POST", &fields);
    ///     evaluate(&policy, &request).rejection().is_some()
    /// };
    /// assert!(post(&[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]));
    /// assert!(!post(&[("origin", "https://api.example"), ("sec-fetch-site", "same-origin")]));
    /// assert!(!post(&[("origin", "https://app.example"), ("sec-fetch-site", "cross-site")]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn rejection(&self) -> Option<Rejection> {
        let headers = self.headers();
        guard::rejection(headers.policy, &headers.request, headers.status)
    }

    /// Returns what a browser will conclude from the response to a request without credentials.
    ///
    /// Browsers do not check the responses to non-CORS requests and to requests from the server's own origin, so these are allowed. For
    /// a forwarded preflight, the verdict assumes that the application responds with a status from 200 to 299.
    ///
    /// The verdict is computed by this call, from the fields of the request.
    ///
    /// Fetch: [CORS check](https://fetch.spec.whatwg.org/#cors-check),
    /// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch).
    ///
    /// ```
    /// use omnicors_core::{Denial, PolicyConfig, RequestParts, Verdict, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("PUT");
    /// let decision = evaluate(&policy, &preflight);
    /// // The response lists the allowed methods, and the browser finds that PUT is missing.
    /// assert_eq!(decision.verdict(), Verdict::Denied(Denial::MethodNotAllowed(b"PUT")));
    /// assert_eq!(decision.verdict().to_string(), "denied: the policy does not allow the method PUT");
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn verdict(&self) -> Verdict<'a> {
        self.headers().verdict(Credentials::Omitted)
    }

    /// Returns what a browser will conclude from the response to a request with credentials: a request whose
    /// [credentials mode](https://fetch.spec.whatwg.org/#concept-request-credentials-mode) is "include".
    ///
    /// ```
    /// use omnicors_core::{Denial, PolicyConfig, RequestParts, Verdict, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// let decision = evaluate(&policy, &request);
    /// assert_eq!(decision.verdict_with_credentials(), Verdict::Denied(Denial::CredentialsNotAllowed));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn verdict_with_credentials(&self) -> Verdict<'a> {
        self.headers().verdict(Credentials::Included)
    }
}
