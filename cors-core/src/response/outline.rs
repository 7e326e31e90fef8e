use core::{fmt, iter};

use super::field::{FieldValue, HeaderField};
use super::headers::ResponseHeaders;
use crate::header::{ExposeHeadersMerge, ResponseField, ResponseFieldSet, ResponseHeaderName};
use crate::policy::{OriginStatus, ResponseFields};

/// The fields that a response to a forwarded request gets, without the values that depend on the policy or on the request.
///
/// It borrows nothing and has a size of eight bytes, so that an adapter can keep it while the application runs. The adapter also keeps
/// the values: those of the policy, the `Origin` of the request if one of the [`origin_fields`](Self::origin_fields) needs it, and, for a
/// preflight, the [`other_echoed_fields`](crate::adapter::other_echoed_fields).
///
/// The default value changes nothing in a response.
///
/// ```
/// use omnicors_core::adapter::ResponseOutline;
/// use omnicors_core::{PolicyConfig, RequestParts, ResponseHeaderName, evaluate};
///
/// let config = PolicyConfig::new().allow_origins(["https://example.com"]).expose_headers(["etag"]);
/// let policy = config.allow_credentials(true).build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// let outline = ResponseOutline::of(evaluate(&policy, &request).headers());
///
/// let constant = outline.constant_fields().map(|field| field.to_string());
/// assert!(constant.eq(["access-control-allow-credentials: true", "vary: Origin"]));
/// assert!(outline.origin_fields().eq([ResponseHeaderName::AccessControlAllowOrigin]));
/// assert!(outline.policy_fields().eq([ResponseHeaderName::AccessControlExposeHeaders]));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ResponseOutline {
    /// The value is the same for all policies and requests.
    constant: ResponseFieldSet,
    /// The value depends on the policy only.
    of_policy: ResponseFieldSet,
    /// The value is the `Origin` of the request.
    of_origin: ResponseFieldSet,
    removes: Removes,
    expose_headers_merge: Option<ExposeHeadersMerge>,
}

/// The names that are removed from the application's response, apart from those of constant fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Removes {
    #[default]
    Nothing,
    CorsFields,
    CorsAndTimingFields,
}

impl ResponseOutline {
    /// Returns the outline of the fields of a decision.
    ///
    /// ```
    /// use omnicors_core::adapter::ResponseOutline;
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let outline = |request: RequestParts<'_>| ResponseOutline::of(evaluate(&policy, &request).headers());
    /// let request = RequestParts::new("GET");
    /// // A denied origin gets the same fields as a non-CORS request.
    /// assert_eq!(outline(request.origin("https://other.example")), outline(request));
    /// assert_ne!(outline(request.origin("https://example.com")), outline(request));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn of(headers: &ResponseHeaders<'_>) -> Self {
        let (policy, fields) = (headers.policy, headers.fields);
        let ResponseFields {
            mut constant,
            mut echoed,
            ..
        } = policy.response_fields;
        if headers.status != OriginStatus::Allowed && !policy.is_static() {
            // Others without credentials get `*`.
            constant = constant.or(ORIGIN_FIELDS);
            echoed = ResponseFieldSet::EMPTY;
        }
        Self {
            constant: fields.and(constant),
            of_policy: fields.and_not(constant).and_not(echoed),
            of_origin: fields.and(echoed).and(ORIGIN_FIELDS),
            removes: if policy.timing_allow_origin {
                Removes::CorsAndTimingFields
            } else {
                Removes::CorsFields
            },
            expose_headers_merge: headers.expose_headers_merge(),
        }
    }

    /// Returns true if this is the default value, which changes nothing.
    ///
    /// ```
    /// use omnicors_core::adapter::ResponseOutline;
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// assert!(ResponseOutline::default().is_empty());
    /// let policy = PolicyConfig::new().allow_origin("*").build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET"));
    /// // Every decision removes the application's own CORS fields.
    /// assert!(!ResponseOutline::of(decision.headers()).is_empty());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.removes == Removes::Nothing
    }

    /// Returns true if fields with this name are removed from the application's response, like [`ResponseHeaders::removed`].
    ///
    /// ```
    /// use omnicors_core::adapter::ResponseOutline;
    /// use omnicors_core::{PolicyConfig, RequestParts, ResponseHeaderName, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("*").build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET"));
    /// let outline = ResponseOutline::of(decision.headers());
    /// assert!(outline.removes(ResponseHeaderName::AccessControlMaxAge));
    /// assert!(!outline.removes(ResponseHeaderName::Vary));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn removes(&self, name: ResponseHeaderName) -> bool {
        use ResponseHeaderName as Name;
        match name {
            Name::Vary => false,
            Name::CacheControl => self.constant.contains(ResponseField::CacheControl),
            Name::RetryAfter => self.constant.contains(ResponseField::RetryAfter),
            Name::TimingAllowOrigin => self.removes == Removes::CorsAndTimingFields,
            _ => self.removes != Removes::Nothing,
        }
    }

    /// Returns the fields whose value is the same for all policies and requests.
    ///
    /// ```
    /// use omnicors_core::adapter::ResponseOutline;
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("*").build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET"));
    /// let constant = ResponseOutline::of(decision.headers()).constant_fields().map(|field| field.to_string());
    /// assert!(constant.eq(["access-control-allow-origin: *"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn constant_fields(&self) -> impl Iterator<Item = HeaderField<'static>> + use<> {
        fields(self.constant).filter_map(|field| CONSTANT_FIELDS.get(field as usize).copied())
    }

    /// Returns the names of the fields whose value depends on the policy only. It is one of the
    /// [`prepared_values`](crate::adapter::prepared_values).
    ///
    /// ```
    /// use omnicors_core::adapter::ResponseOutline;
    /// use omnicors_core::{PolicyConfig, RequestParts, ResponseHeaderName, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("*").expose_header("etag").build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET"));
    /// let outline = ResponseOutline::of(decision.headers());
    /// assert!(outline.policy_fields().eq([ResponseHeaderName::AccessControlExposeHeaders]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn policy_fields(&self) -> impl Iterator<Item = ResponseHeaderName> + use<> {
        fields(self.of_policy).map(ResponseField::name)
    }

    /// Returns the names of the fields whose value is the `Origin` of the request.
    ///
    /// ```
    /// use omnicors_core::adapter::ResponseOutline;
    /// use omnicors_core::{PolicyConfig, RequestParts, ResponseHeaderName, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let request = RequestParts::new("GET");
    /// let outline = ResponseOutline::of(evaluate(&policy, &request).headers());
    /// assert_eq!(outline.origin_fields().count(), 0);
    ///
    /// let request = request.origin("https://example.com");
    /// let outline = ResponseOutline::of(evaluate(&policy, &request).headers());
    /// assert!(outline.origin_fields().eq([ResponseHeaderName::AccessControlAllowOrigin]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn origin_fields(&self) -> impl Iterator<Item = ResponseHeaderName> + use<> {
        fields(self.of_origin).map(ResponseField::name)
    }

    /// Returns true if one of the fields has the `Origin` of the request as its value.
    ///
    /// ```
    /// use omnicors_core::adapter::ResponseOutline;
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// assert!(ResponseOutline::of(evaluate(&policy, &request).headers()).echoes_origin());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn echoes_origin(&self) -> bool {
        self.of_origin != ResponseFieldSet::EMPTY
    }

    /// Returns true if the value of one of the fields depends on the policy.
    ///
    /// ```
    /// use omnicors_core::adapter::ResponseOutline;
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("*").build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET"));
    /// assert!(!ResponseOutline::of(decision.headers()).needs_policy());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn needs_policy(&self) -> bool {
        self.of_policy != ResponseFieldSet::EMPTY
    }

    /// Returns how to merge the application's `Access-Control-Expose-Headers`, like
    /// [`expose_headers_merge`](crate::adapter::expose_headers_merge).
    ///
    /// ```
    /// use omnicors_core::adapter::ResponseOutline;
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("*").merge_expose_headers(true).build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET"));
    /// let merge = ResponseOutline::of(decision.headers()).expose_headers_merge().ok_or("not merged")?;
    /// assert_eq!(merge.merge(None, [b"X-Total".as_slice()]).as_deref(), Some("X-Total"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn expose_headers_merge(&self) -> Option<ExposeHeadersMerge> {
        self.expose_headers_merge
    }
}

/// The constant value of each [`ResponseField`], in the order of their numbers. A table is read faster than three `match` expressions.
#[expect(
    clippy::indexing_slicing,
    reason = "the indexes are checked when this is compiled"
)]
static CONSTANT_FIELDS: [HeaderField<'static>; ResponseField::ALL.len()] = {
    let mut all = [constant_field(ResponseField::AllowOrigin); ResponseField::ALL.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = constant_field(ResponseField::ALL[index]);
        index += 1;
    }
    all
};

const fn constant_field(field: ResponseField) -> HeaderField<'static> {
    HeaderField {
        name: field.name(),
        value: FieldValue::Constant(field.constant()),
        operation: field.operation(),
    }
}

/// The fields that can echo `Origin`.
const ORIGIN_FIELDS: ResponseFieldSet =
    ResponseFieldSet::of(ResponseField::AllowOrigin).with(ResponseField::TimingAllowOrigin, true);

#[inline]
fn fields(mut set: ResponseFieldSet) -> impl Iterator<Item = ResponseField> {
    iter::from_fn(move || set.take_first())
}

/// Writes the names of the fields.
impl fmt::Debug for ResponseOutline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.constant.or(self.of_policy).or(self.of_origin);
        let names = fields(all).map(|field| field.name().as_str());
        f.debug_set().entries(names).finish()
    }
}
