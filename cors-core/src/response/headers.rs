use core::fmt;
use core::ops::ControlFlow;

use super::field::{EchoedField, FieldValue, HeaderField};
use crate::header::{
    ExposeHeadersMerge, ResponseField, ResponseFieldSet, ResponseHeaderName, has_elements, is_token,
};
use crate::limits;
use crate::policy::{OriginStatus, Policy};
use crate::request::{RequestKind, RequestParts, SingleField};

/// The response headers of a decision: the fields to apply, and the names to remove from the application's response.
///
/// Iteration does not allocate.
///
/// ```
/// use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
///
/// let Decision::Forward { headers } = evaluate(&policy, &request) else { unreachable!() };
/// let fields: Vec<String> = headers.iter().map(|field| field.to_string()).collect();
/// assert_eq!(fields, ["access-control-allow-origin: https://example.com", "vary: Origin"]);
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy)]
pub struct ResponseHeaders<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) request: RequestParts<'a>,
    /// Never `AllowedWithoutCredentials`. The responses of a static policy do not depend on it.
    pub(crate) status: OriginStatus,
    pub(crate) fields: ResponseFieldSet,
    is_preflight: bool,
}

impl<'a> ResponseHeaders<'a> {
    /// Creates the headers for any request except a preflight.
    #[inline]
    pub(crate) fn new(
        policy: &'a Policy,
        request: &RequestParts<'a>,
        status: OriginStatus,
    ) -> Self {
        let fields = match status {
            OriginStatus::Allowed => policy.response_fields.actual,
            OriginStatus::Absent => policy.response_fields.non_cors,
            OriginStatus::Denied | OriginStatus::AllowedWithoutCredentials => {
                policy.response_fields.denied
            }
            OriginStatus::Undecided => not_stored(policy.response_fields.denied),
        };
        Self {
            policy,
            request: *request,
            status,
            fields,
            is_preflight: false,
        }
    }

    /// Creates the headers for a preflight.
    #[inline]
    pub(crate) fn of_preflight(
        policy: &'a Policy,
        request: &RequestParts<'a>,
        status: OriginStatus,
    ) -> Self {
        let fields = match status {
            OriginStatus::Allowed if policy.credentials => echoing(policy, request),
            OriginStatus::Allowed => policy.response_fields.preflight,
            OriginStatus::Absent
            | OriginStatus::Denied
            | OriginStatus::AllowedWithoutCredentials => policy.response_fields.denied_preflight,
            OriginStatus::Undecided => not_stored(policy.response_fields.denied_preflight),
        };
        Self {
            policy,
            request: *request,
            status,
            fields,
            is_preflight: true,
        }
    }

    /// Creates the headers of a response that replaces the application's.
    #[cold]
    pub(crate) fn of_rejection(
        policy: &'a Policy,
        request: &RequestParts<'a>,
        status: OriginStatus,
    ) -> Self {
        Self {
            policy,
            request: *request,
            status,
            // A cache that ignores `Vary` must not serve this response to the site's own pages.
            fields: not_stored(ResponseFieldSet::of(ResponseField::VaryOrigin)),
            is_preflight: request.is_preflight(),
        }
    }

    /// Creates the headers of a response to a request for a host that is not served. It does not depend on `Origin`.
    #[cold]
    pub(crate) fn of_misdirected(policy: &'a Policy, request: &RequestParts<'a>) -> Self {
        let mut headers = Self::of_rejection(policy, request, OriginStatus::Denied);
        headers.fields = not_stored(ResponseFieldSet::EMPTY);
        headers
    }

    /// Returns true if this is the response to a request for a host that is not served.
    pub(crate) fn is_misdirected(&self) -> bool {
        self.fields == not_stored(ResponseFieldSet::EMPTY)
    }

    /// Creates the headers of a response that replaces the application's because a lookup failed.
    #[cold]
    pub(crate) fn of_failure(policy: &'a Policy, request: &RequestParts<'a>) -> Self {
        let mut headers = Self::of_rejection(policy, request, OriginStatus::Undecided);
        headers.fields = headers.fields.with(ResponseField::RetryAfter, true);
        headers
    }

    /// Creates the headers that the responses to all allowed preflights share.
    pub(crate) fn of_any_preflight(policy: &'a Policy) -> Self {
        Self {
            policy,
            request: RequestParts::with_method(b"OPTIONS"),
            status: OriginStatus::Allowed,
            fields: policy.response_fields.preflight,
            is_preflight: true,
        }
    }

    /// Returns the kind of the request.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestKind, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("*").build()?;
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// assert_eq!(evaluate(&policy, &request).headers().kind(), RequestKind::Actual);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn kind(&self) -> RequestKind {
        if self.is_preflight {
            RequestKind::Preflight
        } else if self.request.origin_field() == SingleField::Absent {
            RequestKind::NonCors
        } else {
            RequestKind::Actual
        }
    }

    /// Returns whether the policy allows the origin of the request.
    ///
    /// ```
    /// use omnicors_core::{OriginStatus, PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let request = RequestParts::new("GET").origin("https://other.example");
    /// assert_eq!(evaluate(&policy, &request).headers().origin_status(), OriginStatus::Denied);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn origin_status(&self) -> OriginStatus {
        if self.kind() == RequestKind::NonCors {
            return OriginStatus::Absent;
        }
        let policy = self.policy;
        let status = if policy.is_static() {
            policy.origin_status(&self.request)
        } else {
            self.status
        };
        match status {
            OriginStatus::Denied | OriginStatus::Undecided if policy.origins.allow_others => {
                OriginStatus::AllowedWithoutCredentials
            }
            status => status,
        }
    }

    /// Returns the names of the fields to remove from the application's response before the fields of the decision are applied, so
    /// that only the policy sets CORS fields. The names of all fields of the decision except `Vary` are included.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// let decision = evaluate(&policy, &request);
    ///
    /// // The application's response sets a CORS field itself.
    /// let mut response = vec![
    ///     ("content-type".to_string(), "text/plain".to_string()),
    ///     ("access-control-allow-origin".to_string(), "*".to_string()),
    /// ];
    /// let removed = decision.headers().removed();
    /// response.retain(|(name, _)| !removed.iter().any(|removed| removed.matches(name)));
    /// for field in decision.headers() {
    ///     response.push((field.name.to_string(), field.value.as_str().to_string()));
    /// }
    /// assert_eq!(response.len(), 3);
    /// assert_eq!(response[1].1, "https://example.com");
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn removed(&self) -> &'static [ResponseHeaderName] {
        use ResponseHeaderName::{
            AccessControlAllowCredentials, AccessControlAllowHeaders, AccessControlAllowMethods,
            AccessControlAllowOrigin, AccessControlAllowPrivateNetwork, AccessControlExposeHeaders,
            AccessControlMaxAge, CacheControl, RetryAfter, TimingAllowOrigin,
        };
        const ALL: [ResponseHeaderName; 10] = [
            RetryAfter,
            CacheControl,
            AccessControlAllowOrigin,
            AccessControlAllowCredentials,
            AccessControlAllowMethods,
            AccessControlAllowHeaders,
            AccessControlMaxAge,
            AccessControlAllowPrivateNetwork,
            AccessControlExposeHeaders,
            TimingAllowOrigin,
        ];
        const WITHOUT_RETRY_AFTER: &[ResponseHeaderName] = ALL.split_at(1).1;
        const WITHOUT_EITHER: &[ResponseHeaderName] = ALL.split_at(2).1;
        let timing = self.policy.timing_allow_origin;
        // Resource Timing is not a part of CORS. Without that setting, the application's own field is kept.
        if !self.fields.contains(ResponseField::CacheControl) {
            return if timing {
                WITHOUT_EITHER
            } else {
                WITHOUT_EITHER.split_at(7).0
            };
        }
        let all = if self.fields.contains(ResponseField::RetryAfter) {
            &ALL
        } else {
            WITHOUT_RETRY_AFTER
        };
        all.split_at(all.len() - usize::from(!timing)).0
    }

    /// Returns the fields that echo another field of the request than `Origin`.
    #[inline]
    pub(crate) fn other_echoes(&self) -> ResponseFieldSet {
        if !self.is_of_allowed_preflight() {
            return ResponseFieldSet::EMPTY;
        }
        let echoed = self.policy.response_fields.echoed;
        let others = ResponseFieldSet::of(ResponseField::AllowMethods)
            .with(ResponseField::EchoedHeaders, true);
        self.fields.and(echoed).and(others)
    }

    /// Returns how to merge the application's `Access-Control-Expose-Headers`, if the policy merges it into this response.
    #[inline]
    pub(crate) fn expose_headers_merge(&self) -> Option<ExposeHeadersMerge> {
        let policy = self.policy;
        // Responses to denied origins do not expose headers.
        let exposes = !self.is_preflight && self.fields.contains(ResponseField::AllowOrigin);
        // With credentials, browsers read `*` literally.
        (policy.merge_expose_headers && exposes)
            .then(|| ExposeHeadersMerge::new(!policy.credentials))
    }

    /// Returns true if this is the response to a preflight from an allowed origin, with credentials if the policy allows them.
    #[inline]
    pub(crate) fn is_of_allowed_preflight(&self) -> bool {
        self.is_preflight && self.status == OriginStatus::Allowed
    }

    /// Returns true if the response echoes the requested method.
    pub(crate) fn echoes_method(&self) -> bool {
        self.policy.echoes_method() && self.status == OriginStatus::Allowed
    }

    /// Returns true if the response echoes the requested headers.
    pub(crate) fn echoes_headers(&self) -> bool {
        self.policy.echoes_headers() && self.status == OriginStatus::Allowed
    }

    /// Returns a field of this response.
    #[expect(clippy::inline_always, reason = "see `HeaderFields`")]
    #[inline(always)]
    pub(super) fn field(&self, field: ResponseField) -> HeaderField<'a> {
        let (policy, request) = (self.policy, &self.request);
        // The set contains only fields that have a value, so the defaults are never used.
        let joined = |text: Option<&'a str>| FieldValue::Policy(text.unwrap_or_default());
        let echo = |field, value: SingleField<'a>| {
            FieldValue::Echo(field, value.once().unwrap_or_default())
        };
        let value = match field {
            // https://fetch.spec.whatwg.org/#http-responses: the origin of the request, or `*`.
            ResponseField::AllowOrigin | ResponseField::TimingAllowOrigin if policy.is_static() => {
                match policy.origins.static_origin() {
                    Some(origin) => FieldValue::Policy(origin),
                    None => FieldValue::Constant(field.constant()),
                }
            }
            ResponseField::AllowOrigin | ResponseField::TimingAllowOrigin
                if self.status == OriginStatus::Allowed =>
            {
                echo(EchoedField::Origin, request.origin_field())
            }
            ResponseField::AllowMethods if self.echoes_method() => {
                echo(EchoedField::RequestMethod, request.request_method_field())
            }
            ResponseField::AllowMethods => joined(policy.methods.value()),
            ResponseField::AllowHeaders => joined(policy.request_headers.value()),
            ResponseField::MaxAge => joined(policy.max_age.as_deref()),
            ResponseField::ExposeHeaders => joined(policy.expose_headers.value()),
            ResponseField::TimingAllowOrigins => joined(policy.origins.timing_list()),
            _ => FieldValue::Constant(field.constant()),
        };
        HeaderField {
            name: field.name(),
            value,
            operation: field.operation(),
        }
    }
}

/// Adds `Cache-Control: no-store` to the fields.
fn not_stored(fields: ResponseFieldSet) -> ResponseFieldSet {
    fields.with(ResponseField::CacheControl, true)
}

/// Returns the fields for an allowed preflight with credentials, for which browsers read `*` literally. The response echoes the
/// requested method and headers instead. If they are malformed or exceed a limit, they are not echoed, and the browser blocks the
/// request.
#[cold]
fn echoing(policy: &Policy, request: &RequestParts<'_>) -> ResponseFieldSet {
    let mut fields = policy.response_fields.preflight;
    let is_method = |method: &[u8]| method.len() <= limits::REQUEST_METHOD && is_token(method);
    if policy.echoes_method() && !request.request_method_field().once().is_some_and(is_method) {
        fields = fields.without(ResponseField::AllowMethods);
    }
    if policy.echoes_headers() && has_list_to_echo(request) {
        fields = fields.with(ResponseField::EchoedHeaders, true);
    }
    fields
}

/// Returns true if the requested headers are a list that is valid, not empty and within the limits. Either all fields are echoed, or
/// none.
fn has_list_to_echo(request: &RequestParts<'_>) -> bool {
    let (mut fields, mut bytes) = (0, 0);
    let mut has_element = false;
    let read = request.each_request_headers_value(&mut |value| {
        fields += 1;
        bytes += value.len();
        // Stop reading at the limit.
        if limits::exceeds_request_headers(fields, bytes) {
            return ControlFlow::Break(());
        }
        match has_elements(value) {
            Ok(has_elements) => {
                has_element |= has_elements;
                ControlFlow::Continue(())
            }
            Err(_) => ControlFlow::Break(()),
        }
    });
    read.is_continue() && has_element
}

/// Two values are equal if they have the same fields and remove the same names. The requests and the reasons are not compared.
impl PartialEq for ResponseHeaders<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter()) && self.removed() == other.removed()
    }
}

impl fmt::Debug for ResponseHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().fmt(f)
    }
}
