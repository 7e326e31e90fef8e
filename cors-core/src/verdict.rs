//! Predicts what a browser will conclude from a response: the
//! [CORS check](https://fetch.spec.whatwg.org/#cors-check) and the checks of a
//! [preflight](https://fetch.spec.whatwg.org/#cors-preflight-fetch).

use core::fmt;
use core::ops::ControlFlow;

use crate::denial::Denial;
use crate::header::{ResponseField, elements, is_token};
use crate::limits;
use crate::method;
use crate::policy::OriginStatus;
use crate::request::{RequestKind, SingleField};
use crate::response::ResponseHeaders;

/// The conclusion of a browser from a response: see [`Decision::verdict`](crate::Decision::verdict).
///
/// This enum is exhaustive.
///
/// ```
/// use omnicors_core::{Denial, PolicyConfig, RequestParts, Verdict, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
/// let request = RequestParts::new("GET").origin("https://other.example");
/// match evaluate(&policy, &request).verdict() {
///     Verdict::Allowed => println!("the page may read the response"),
///     Verdict::Denied(denial) => println!("the browser blocks the response: {denial}"),
/// }
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// The page may read the response. After a preflight, it may send the request.
    Allowed,
    /// The browser blocks the response or, after a preflight, the request.
    Denied(Denial<'a>),
}

impl Verdict<'_> {
    /// Returns true if the verdict is [`Allowed`](Self::Allowed).
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// assert!(evaluate(&policy, &request).verdict().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }
}

impl fmt::Display for Verdict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed => f.write_str("allowed"),
            Self::Denied(denial) => write!(f, "denied: {denial}"),
        }
    }
}

/// Whether a request has credentials: whether its
/// [credentials mode](https://fetch.spec.whatwg.org/#concept-request-credentials-mode) is "include".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    Included,
    Omitted,
}

impl<'a> ResponseHeaders<'a> {
    pub(crate) fn verdict(&self, credentials: Credentials) -> Verdict<'a> {
        match self.denial(credentials) {
            Some(denial) => Verdict::Denied(denial),
            None => Verdict::Allowed,
        }
    }

    fn denial(&self, credentials: Credentials) -> Option<Denial<'a>> {
        // The check of the request is last, because it reads further fields.
        self.denial_if_checked(credentials)
            .filter(|_| self.request.is_checked_by_browsers())
    }

    /// Returns why a browser that performs a CORS check will block the response.
    fn denial_if_checked(&self, credentials: Credentials) -> Option<Denial<'a>> {
        if self.is_misdirected() {
            return Some(Denial::Rejected);
        }
        // https://fetch.spec.whatwg.org/#cors-check, steps 2 and 4.
        // https://fetch.spec.whatwg.org/#cors-preflight-fetch, step 7: the status is ok if the origin is allowed.
        let is_allowed = match self.origin_status() {
            OriginStatus::Allowed => true,
            // After a failed lookup, the response is a 503 without the field.
            OriginStatus::AllowedWithoutCredentials => {
                let is_failure = self.fields.contains(ResponseField::RetryAfter);
                credentials == Credentials::Omitted && !is_failure
            }
            OriginStatus::Absent | OriginStatus::Denied | OriginStatus::Undecided => false,
        };
        if is_allowed && !self.fields.contains(ResponseField::AllowOrigin) {
            return Some(Denial::Rejected);
        }
        if !is_allowed {
            let (origin, result) = (
                self.request.origin_field(),
                self.request.known_lookup_result(),
            );
            return Some(self.policy.origins.denial(origin, result));
        }
        // https://fetch.spec.whatwg.org/#cors-check, steps 3 and 7: `*` is valid only without credentials. With them,
        // `Access-Control-Allow-Credentials: true` is required.
        if credentials == Credentials::Included && !self.policy.credentials {
            return Some(Denial::CredentialsNotAllowed);
        }
        if self.kind() == RequestKind::Preflight {
            self.method_denial().or_else(|| self.header_denial())
        } else {
            None
        }
    }

    /// Fetch, [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), step 7.5.
    fn method_denial(&self) -> Option<Denial<'a>> {
        let SingleField::Once(method) = self.request.request_method_field() else {
            return Some(Denial::RequestMethodRepeated);
        };
        let is_too_long = self.echoes_method() && method.len() > limits::REQUEST_METHOD;
        if is_too_long || !is_token(method) {
            return Some(Denial::RequestMethodMalformed);
        }
        let is_allowed = method::is_safelisted(method)
            || self.policy.methods.is_any()
            || self.policy.methods.contains(method);
        (!is_allowed).then_some(Denial::MethodNotAllowed(method))
    }

    /// Fetch, [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), steps 7.6 and 7.7. Stops at the first name
    /// that is not allowed.
    fn header_denial(&self) -> Option<Denial<'a>> {
        let echoes = self.echoes_headers();
        let (mut fields, mut bytes) = (0, 0);
        let mut denial = None;
        let _ = self.request.each_request_headers_value(&mut |value| {
            fields += 1;
            bytes += value.len();
            // The limits apply only to an echo. A list of the policy does not depend on the request.
            denial = if echoes && limits::exceeds_request_headers(fields, bytes) {
                Some(Denial::RequestHeadersTooLong)
            } else {
                self.denial_of_names(value)
            };
            match denial {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        });
        denial
    }

    fn denial_of_names(&self, value: &'a [u8]) -> Option<Denial<'a>> {
        let allowed = &self.policy.request_headers;
        elements(value).find_map(|element| {
            let Ok(name) = element else {
                return Some(Denial::RequestHeadersMalformed);
            };
            // https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name: `*` does not cover Authorization. An echo does.
            let is_covered = allowed.is_any()
                && (self.echoes_headers() || !name.eq_ignore_ascii_case(b"authorization"));
            let is_allowed = is_covered || allowed.contains_ignoring_case(name);
            (!is_allowed).then_some(Denial::HeaderNotAllowed(name))
        })
    }
}
