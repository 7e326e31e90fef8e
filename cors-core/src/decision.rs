use core::fmt;

use crate::header::{elements, is_token};
use crate::limits;
use crate::method;
use crate::origin::OriginError;
use crate::request::{Line, RequestKind, RequestParts};
use crate::response::{Finding, ResponseHeaders};

/// Everything that a server must do.
///
/// Exhaustive, with two cases, so that no adapter can forget one.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// Run the application, then apply the headers to its response, whatever the response is.
    Forward {
        /// What to set on the response, and what to remove from it.
        headers: ResponseHeaders<'a>,
    },
    /// Do not run the application: respond with this status and these headers, and an empty body.
    Answer {
        /// 403, or the policy's status for preflights: 200 to 299, and 204 unless it says otherwise.
        status: u16,
        /// The headers of the response.
        headers: ResponseHeaders<'a>,
    },
}

impl<'a> Decision<'a> {
    /// The headers, in either case.
    #[inline]
    pub fn headers(&self) -> &ResponseHeaders<'a> {
        match self {
            Self::Forward { headers } | Self::Answer { headers, .. } => headers,
        }
    }

    /// What a browser will conclude from the response, of a request without credentials.
    ///
    /// Of a non-CORS request, and of one from the server's own origin, it concludes nothing: allowed. Of a preflight that
    /// is handed on to the application, this is what it will conclude if that answers with a status of success.
    ///
    /// Computed here, and only here: a server that does not ask does not pay.
    ///
    /// ```
    /// use omnicors_core::{Denial, PolicyConfig, RequestParts, Verdict, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("PUT");
    /// let decision = evaluate(&policy, &preflight);
    /// // The answer states what is allowed; the browser finds that PUT is not among it.
    /// assert_eq!(decision.verdict(), Verdict::Denied(Denial::MethodNotAllowed(b"PUT")));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn verdict(&self) -> Verdict<'a> {
        self.headers().verdict(false)
    }

    /// What a browser will conclude of a request with credentials (Fetch, credentials mode "include").
    pub fn verdict_with_credentials(&self) -> Verdict<'a> {
        self.headers().verdict(true)
    }
}

/// What a browser will conclude.
///
/// Exhaustive: a browser either lets a page read a response or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// The page may read the response, or, after a preflight, send its request.
    Allowed,
    /// It may not.
    Denied(Denial<'a>),
}

impl Verdict<'_> {
    /// True unless it is a denial.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }
}

/// Why a request is denied.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial<'a> {
    /// More than one `Origin` line.
    OriginRepeated,
    /// The `Origin` line is no origin in the form in which a browser sends one.
    OriginMalformed(OriginError),
    /// The origin is `null`, and the policy does not allow it.
    OriginNull,
    /// No pattern of the policy admits the origin.
    OriginNotAllowed,
    /// The policy allows credentials, and what lies beyond its patterns is not asked about an origin that is neither
    /// https nor loopback.
    OriginInsecure,
    /// The policy leaves the origin to its caller, who has said nothing.
    OriginUndecided,
    /// More than one `Access-Control-Request-Method` line.
    RequestMethodRepeated,
    /// The `Access-Control-Request-Method` line is no method, or longer than [`limits::REQUEST_METHOD`].
    RequestMethodMalformed,
    /// The policy does not list the method.
    MethodNotAllowed(&'a [u8]),
    /// The `Access-Control-Request-Headers` lines are more, or longer, than [`limits`] allow.
    RequestHeadersTooLong,
    /// The `Access-Control-Request-Headers` lines are no list of header names.
    RequestHeadersMalformed,
    /// The policy does not list this header, the first such one of the request.
    HeaderNotAllowed(&'a [u8]),
    /// The request is made with credentials, and the policy does not allow them.
    CredentialsNotAllowed,
}

impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::OriginRepeated => "there is more than one Origin line",
            Self::OriginMalformed(error) => {
                return write!(f, "the Origin line is malformed: {error}");
            }
            Self::OriginNull => "the origin is `null`, which the policy does not allow",
            Self::OriginNotAllowed => "the policy does not allow the origin",
            Self::OriginInsecure => {
                "the origin is neither https nor loopback, and the policy allows credentials"
            }
            Self::OriginUndecided => {
                "the policy leaves the origin to its caller, who has not decided"
            }
            Self::RequestMethodRepeated => {
                "there is more than one Access-Control-Request-Method line"
            }
            Self::RequestMethodMalformed => "the Access-Control-Request-Method line is no method",
            Self::MethodNotAllowed(method) => {
                return write!(
                    f,
                    "the policy does not allow the method {}",
                    method.escape_ascii()
                );
            }
            Self::RequestHeadersTooLong => {
                "the Access-Control-Request-Headers lines are too many or too long"
            }
            Self::RequestHeadersMalformed => {
                "the Access-Control-Request-Headers lines are no list of header names"
            }
            Self::HeaderNotAllowed(name) => {
                return write!(
                    f,
                    "the policy does not allow the header {}",
                    name.escape_ascii()
                );
            }
            Self::CredentialsNotAllowed => "the policy does not allow credentials",
        };
        f.write_str(text)
    }
}

/// What is wrong with the lines of a preflight at first sight: the checks that cost no scan.
#[inline]
pub(crate) fn preflight_beyond_limits(request: &RequestParts<'_>) -> Option<Denial<'static>> {
    match request.request_method {
        Line::Repeated => return Some(Denial::RequestMethodRepeated),
        Line::Once(method) if method.len() > limits::REQUEST_METHOD => {
            return Some(Denial::RequestMethodMalformed);
        }
        _ => {}
    }
    let headers = &request.request_headers;
    let too_long =
        headers.len() > limits::REQUEST_HEADERS_LINES || headers.bytes() > limits::REQUEST_HEADERS;
    too_long.then_some(Denial::RequestHeadersTooLong)
}

impl<'a> ResponseHeaders<'a> {
    /// True if a browser makes the CORS check on the response at all.
    fn is_judged(&self) -> bool {
        match self.kind {
            RequestKind::NonCors => false,
            RequestKind::Preflight => true,
            RequestKind::Actual => !self.request.is_same_origin(),
        }
    }

    fn verdict(&self, includes_credentials: bool) -> Verdict<'a> {
        match self.denial(includes_credentials) {
            Some(denial) => Verdict::Denied(denial),
            None => Verdict::Allowed,
        }
    }

    fn denial(&self, includes_credentials: bool) -> Option<Denial<'a>> {
        if !self.is_judged() {
            return None;
        }
        if self.is_preflight()
            && let Some(denial) = preflight_beyond_limits(self.request)
        {
            return Some(denial);
        }
        // Fetch, "CORS-preflight fetch", step 7: the CORS check and an ok status, which go together here.
        if self.finding == Finding::Denied {
            return Some(self.policy.origin_denial(self.request));
        }
        // Fetch, "CORS check", step 4 and following: `*` is no wild card then, and `true` is needed.
        if includes_credentials && !self.policy.credentials {
            return Some(Denial::CredentialsNotAllowed);
        }
        if self.is_preflight() {
            self.method_denial().or_else(|| self.header_denial())
        } else {
            None
        }
    }

    /// Fetch, "CORS-preflight fetch", steps 7.5 and 7.6.
    fn method_denial(&self) -> Option<Denial<'a>> {
        let method = self.request.request_method.once()?;
        if !is_token(method) {
            return Some(Denial::RequestMethodMalformed);
        }
        let allowed = method::is_safelisted(method)
            || self.policy.methods.is_any()
            || self.policy.methods.contains(method);
        (!allowed).then_some(Denial::MethodNotAllowed(method))
    }

    /// Fetch, "CORS-preflight fetch", steps 7.7 and 7.8: one scan, which stops at the first name that is not allowed.
    fn header_denial(&self) -> Option<Denial<'a>> {
        let allowed = &self.policy.request_headers;
        let echoes = self.policy.echoes_headers();
        for element in elements(self.request.request_headers.iter()) {
            let Ok(name) = element else {
                return Some(Denial::RequestHeadersMalformed);
            };
            // Fetch, "CORS non-wildcard request-header name": `*` does not cover Authorization. An echo names it.
            let is_covered =
                allowed.is_any() && (echoes || !name.eq_ignore_ascii_case(b"authorization"));
            if !is_covered && !allowed.contains_ignoring_case(name) {
                return Some(Denial::HeaderNotAllowed(name));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
