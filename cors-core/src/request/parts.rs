use core::fmt;
use core::ops::ControlFlow;

use super::fields::{EachValue, Occurrence, RequestField, RequestFields, SingleField};
use super::kind::RequestKind;
use super::lookup_result::LookupResult;

/// The method and the header fields that CORS reads, borrowed from a request.
///
/// Values are bytes in any encoding. A server [reads](Self::read) the parts from all header fields of a request; fields that CORS does
/// not need are ignored:
///
/// ```
/// use omnicors_core::{PolicyConfig, RequestKind, RequestParts};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let fields = [("Host", "api.example"), ("Origin", "https://example.com"), ("Accept", "*/*")];
/// let request = RequestParts::read(&policy, "GET", &fields);
/// assert_eq!(request.kind(), RequestKind::Actual);
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
///
/// A test can set one field after the other:
///
/// ```
/// use omnicors_core::{RequestKind, RequestParts};
///
/// let request = RequestParts::new("OPTIONS")
///     .origin("https://example.com")
///     .request_method("PUT")
///     .request_headers("content-type");
/// assert_eq!(request.kind(), RequestKind::Preflight);
/// ```
#[derive(Clone, Copy)]
pub struct RequestParts<'a> {
    // Decisions contain a copy of the parts. Values and occurrences are separate, because a `SingleField` is 50 % larger.
    method: &'a [u8],
    /// Empty unless the field occurs once.
    origin: &'a [u8],
    /// Empty unless the field occurs once.
    request_method: &'a [u8],
    other: OtherFields<'a>,
    origins: Occurrence,
    request_methods: Occurrence,
    lookup_result: Option<LookupResult>,
}

/// The fields that are needed only for a few requests.
#[derive(Clone, Copy)]
enum OtherFields<'a> {
    /// `Access-Control-Request-Headers`, set with [`RequestParts::request_headers`].
    RequestHeaders(Option<&'a [u8]>),
    /// All fields of the request. A field is read when it is needed.
    Source(&'a dyn RequestFields),
}

impl<'a> RequestParts<'a> {
    /// Creates parts with a method and without header fields. Methods are case-sensitive
    /// ([RFC 9110, section 9.1](https://www.rfc-editor.org/rfc/rfc9110#section-9.1)).
    ///
    /// ```
    /// use omnicors_core::{RequestKind, RequestParts};
    ///
    /// assert_eq!(RequestParts::new("GET").kind(), RequestKind::NonCors);
    /// ```
    #[inline]
    pub fn new(method: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::with_method(method.as_ref())
    }

    #[inline]
    pub(crate) const fn with_method(method: &'a [u8]) -> Self {
        Self {
            method,
            origin: &[],
            request_method: &[],
            origins: Occurrence::Absent,
            request_methods: Occurrence::Absent,
            other: OtherFields::RequestHeaders(None),
            lookup_result: None,
        }
    }

    /// Creates parts from all header fields of a request.
    ///
    /// If `reads_origin` is false, no decision depends on the origin of an actual request, so it is read only when it is asked for.
    #[inline]
    pub(crate) fn with_fields(
        method: &'a [u8],
        fields: &'a impl RequestFields,
        reads_origin: bool,
    ) -> Self {
        let mut parts = Self::with_method(method);
        parts.other = OtherFields::Source(fields);
        let is_options = parts.method == b"OPTIONS";
        if !reads_origin && !is_options {
            parts.origins = Occurrence::Unread;
            return parts;
        }
        (parts.origins, parts.origin) = SingleField::read(fields, RequestField::Origin).split();
        // A request without `Origin` is not a CORS request, so the other field is not needed.
        if is_options && parts.origins != Occurrence::Absent {
            let request_method =
                SingleField::read(fields, RequestField::AccessControlRequestMethod);
            (parts.request_methods, parts.request_method) = request_method.split();
        }
        parts
    }

    /// Adds an `Origin` field. A second call adds a repeated field, which a policy denies.
    ///
    /// This does not change parts that were [read](Self::read), because they already contain all fields of the request.
    ///
    /// ```
    /// use omnicors_core::{RequestKind, RequestParts};
    ///
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// assert_eq!(request.kind(), RequestKind::Actual);
    /// ```
    #[inline]
    #[must_use]
    pub fn origin(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        if matches!(self.other, OtherFields::Source(_)) {
            return self;
        }
        self.origins = self.origins.and_one_more();
        self.origin = value.as_ref();
        self
    }

    /// Adds an `Access-Control-Request-Method` field. A second call adds a repeated field.
    ///
    /// This does not change parts that were [read](Self::read).
    ///
    /// ```
    /// use omnicors_core::{RequestKind, RequestParts};
    ///
    /// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("PUT");
    /// assert_eq!(preflight.kind(), RequestKind::Preflight);
    /// ```
    #[inline]
    #[must_use]
    pub fn request_method(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        if matches!(self.other, OtherFields::Source(_)) {
            return self;
        }
        self.request_methods = self.request_methods.and_one_more();
        self.request_method = value.as_ref();
        self
    }

    /// Sets the `Access-Control-Request-Headers` field. A second call replaces the value. To have several of these fields,
    /// [read](Self::read) the parts.
    ///
    /// This does not change parts that were read.
    ///
    /// ```
    /// use omnicors_core::{Denial, PolicyConfig, RequestParts, Verdict, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let preflight = RequestParts::new("OPTIONS")
    ///     .origin("https://example.com")
    ///     .request_method("GET")
    ///     .request_headers("x-tenant");
    /// let verdict = evaluate(&policy, &preflight).verdict();
    /// assert_eq!(verdict, Verdict::Denied(Denial::HeaderNotAllowed(b"x-tenant")));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn request_headers(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        if let OtherFields::RequestHeaders(headers) = &mut self.other {
            *headers = Some(value.as_ref());
        }
        self
    }

    /// Sets the result of an origin lookup. `None` means that there was no lookup.
    ///
    /// The result is used only for origins that [`Policy::origin_to_look_up`](crate::Policy::origin_to_look_up) returns.
    ///
    /// ```
    /// use omnicors_core::{LookupResult, PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let request = RequestParts::new("GET").origin("https://tenant.example");
    /// assert!(!evaluate(&policy, &request).verdict().is_allowed());
    ///
    /// let request = request.lookup_result(LookupResult::Allowed);
    /// assert!(evaluate(&policy, &request).verdict().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn lookup_result(mut self, result: impl Into<Option<LookupResult>>) -> Self {
        self.lookup_result = result.into();
        self
    }

    /// Returns the kind of the request in the CORS protocol.
    ///
    /// ```
    /// use omnicors_core::{RequestKind, RequestParts};
    ///
    /// // Without `Access-Control-Request-Method`, this `OPTIONS` request is not a preflight.
    /// let options = RequestParts::new("OPTIONS").origin("https://example.com");
    /// assert_eq!(options.kind(), RequestKind::Actual);
    /// ```
    #[inline]
    pub fn kind(&self) -> RequestKind {
        // https://fetch.spec.whatwg.org/#http-requests
        if self.origin_field() == SingleField::Absent {
            RequestKind::NonCors
        } else if self.is_preflight() {
            RequestKind::Preflight
        } else {
            RequestKind::Actual
        }
    }

    #[inline]
    pub(crate) fn is_preflight(&self) -> bool {
        self.request_methods != Occurrence::Absent
            && self.origins != Occurrence::Absent
            && self.method == b"OPTIONS"
    }

    /// Returns true if the request has no `Origin` field. Returns false if that field was not read yet.
    #[inline]
    pub(crate) fn is_without_origin(&self) -> bool {
        self.origins == Occurrence::Absent
    }

    /// Returns the method.
    ///
    /// ```
    /// use omnicors_core::RequestParts;
    ///
    /// assert_eq!(RequestParts::new("PATCH").method(), b"PATCH");
    /// ```
    #[inline]
    pub fn method(&self) -> &'a [u8] {
        self.method
    }

    #[inline]
    pub(crate) fn origin_field(&self) -> SingleField<'a> {
        if self.origins == Occurrence::Unread {
            return self.read_lazily(RequestField::Origin);
        }
        single(self.origins, self.origin)
    }

    #[inline]
    pub(crate) fn request_method_field(&self) -> SingleField<'a> {
        single(self.request_methods, self.request_method)
    }

    #[cold]
    fn read_lazily(&self, field: RequestField) -> SingleField<'a> {
        match self.other {
            OtherFields::Source(fields) => SingleField::read(fields, field),
            OtherFields::RequestHeaders(_) => SingleField::Absent,
        }
    }

    #[inline]
    pub(crate) fn known_lookup_result(&self) -> Option<LookupResult> {
        self.lookup_result
    }

    /// Returns the value of a field, like [`RequestFields::value`]. A log can use this, for example.
    ///
    /// ```
    /// use omnicors_core::RequestParts;
    /// use omnicors_core::adapter::RequestField;
    ///
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// assert_eq!(request.value(RequestField::Origin, 0), Some(b"https://example.com".as_slice()));
    /// ```
    pub fn value(&self, field: RequestField, index: usize) -> Option<&'a [u8]> {
        let set = match self.other {
            OtherFields::Source(fields) => return fields.value(field, index),
            OtherFields::RequestHeaders(request_headers) => match field {
                RequestField::Origin => self.origin_field().once(),
                RequestField::AccessControlRequestMethod => self.request_method_field().once(),
                RequestField::AccessControlRequestHeaders => request_headers,
                _ => None,
            },
        };
        set.filter(|_| index == 0)
    }

    /// Returns the fields that can only be [read](Self::read).
    pub(crate) fn fields_read(&self) -> &'a dyn RequestFields {
        static NONE: [(&str, &str); 0] = [];

        match self.other {
            OtherFields::Source(fields) => fields,
            OtherFields::RequestHeaders(_) => &NONE,
        }
    }

    /// Returns the value of the `Access-Control-Request-Headers` field with this index.
    pub(crate) fn request_headers_value(&self, index: usize) -> Option<&'a [u8]> {
        self.value(RequestField::AccessControlRequestHeaders, index)
    }

    /// Returns a field that should occur once.
    pub(crate) fn single(&self, field: RequestField) -> SingleField<'a> {
        let mut found = SingleField::Absent;
        let _ended = self.each_value(field, &mut |value| {
            if found == SingleField::Absent {
                found = SingleField::Once(value);
                return ControlFlow::Continue(());
            }
            found = SingleField::Repeated;
            ControlFlow::Break(())
        });
        found
    }

    /// Calls a function with each value of a field, until the function returns `Break`.
    pub(crate) fn each_value(
        &self,
        field: RequestField,
        each: EachValue<'_, 'a>,
    ) -> ControlFlow<()> {
        match self.other {
            OtherFields::Source(fields) => fields.each_value(field, each),
            OtherFields::RequestHeaders(_) => self.value(field, 0).into_iter().try_for_each(each),
        }
    }

    /// Calls a function with the value of each `Access-Control-Request-Headers` field, until the function returns `Break`.
    pub(crate) fn each_request_headers_value(&self, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        self.each_value(RequestField::AccessControlRequestHeaders, each)
    }

    /// Calls a function with each field that CORS reads. The value is `None` if it is not known or must not be printed.
    fn each_field(&self, mut see: impl FnMut(RequestField, Option<&'a [u8]>)) {
        match self.other {
            OtherFields::Source(fields) => {
                for field in RequestField::ALL {
                    // The value of a cookie can be a secret.
                    let shown = |value| Some(value).filter(|_| field != RequestField::Cookie);
                    let _ = fields.each_value(field, &mut |value| {
                        see(field, shown(value));
                        ControlFlow::Continue(())
                    });
                }
            }
            OtherFields::RequestHeaders(headers) => {
                for (field, value) in [
                    (RequestField::Origin, self.origin_field()),
                    (
                        RequestField::AccessControlRequestMethod,
                        self.request_method_field(),
                    ),
                ] {
                    match value {
                        SingleField::Absent => {}
                        SingleField::Once(value) => see(field, Some(value)),
                        SingleField::Repeated => see(field, None),
                    }
                }
                if let Some(value) = headers {
                    see(RequestField::AccessControlRequestHeaders, Some(value));
                }
            }
        }
    }
}

#[inline]
fn single(occurrence: Occurrence, value: &[u8]) -> SingleField<'_> {
    match occurrence {
        Occurrence::Unread | Occurrence::Absent => SingleField::Absent,
        Occurrence::Once => SingleField::Once(value),
        Occurrence::Repeated => SingleField::Repeated,
    }
}

/// Two parts are equal if they have the same method, the same fields that CORS reads, and the same lookup result. The values of a
/// field that was [set](RequestParts::origin) twice are not compared.
impl PartialEq for RequestParts<'_> {
    fn eq(&self, other: &Self) -> bool {
        let fields = |parts: &Self| {
            let mut fields = alloc::vec::Vec::new();
            parts.each_field(|field, value| fields.push((field, value.map(<[u8]>::to_vec))));
            fields
        };
        self.method == other.method
            && self.lookup_result == other.lookup_result
            && fields(self) == fields(other)
    }
}

impl fmt::Debug for RequestParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = f.debug_struct("RequestParts");
        parts.field("method", &format_args!("{}", self.method.escape_ascii()));
        self.each_field(|field, value| match value {
            Some(value) => {
                parts.field(field.as_str(), &format_args!("{}", value.escape_ascii()));
            }
            None => {
                parts.field(field.as_str(), &format_args!("(not shown)"));
            }
        });
        if let Some(result) = self.lookup_result {
            parts.field("lookup_result", &result);
        }
        parts.finish()
    }
}

#[cfg(test)]
mod tests;
