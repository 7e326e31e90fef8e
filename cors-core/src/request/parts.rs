use core::fmt;
use core::ops::ControlFlow;

use super::fields::{EachValue, Occurrence, RequestField, RequestFields, SingleField};
use super::lookup_result::LookupResult;

/// The method and the header fields that CORS reads, borrowed from a request.
///
/// Values are bytes as they were received: nothing is assumed about their encoding. Made from all header fields of a
/// request, of which those that CORS does not read are ignored:
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
/// or one field at a time, in a test for example:
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
    // A decision has a copy of the parts. Values and occurrences stand apart, since a `SingleField` takes half as much again.
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

/// What a request is to CORS.
///
/// Exhaustive: Fetch has no fourth kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// No `Origin` field.
    NonCors,
    /// Method exactly `OPTIONS`, with `Origin` and `Access-Control-Request-Method` (Fetch, "CORS-preflight request").
    Preflight,
    /// Any other request with `Origin`. An `OPTIONS` without `Access-Control-Request-Method` is one: the application
    /// responds to it.
    Actual,
}

/// The fields that hardly any request needs.
#[derive(Clone, Copy)]
enum OtherFields<'a> {
    /// `Access-Control-Request-Headers`, set by itself; and no others.
    RequestHeaders(Option<&'a [u8]>),
    /// All of the request's. They are read when they are needed.
    Source(&'a dyn RequestFields),
}

impl<'a> RequestParts<'a> {
    /// Makes parts with this method, case-sensitive (RFC 9110, section 9.1), and no header fields yet.
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

    /// Makes parts of all header fields of a request. What no decision needs is read when it is asked for: without
    /// `reads_origin`, the origin of an actual request is.
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
        // Without `Origin` it is not a CORS request, whatever else it has.
        if is_options && parts.origins != Occurrence::Absent {
            let request_method =
                SingleField::read(fields, RequestField::AccessControlRequestMethod);
            (parts.request_methods, parts.request_method) = request_method.split();
        }
        parts
    }

    /// Adds an `Origin` field. A second call makes it a repeated field, which is denied. Parts that were
    /// [read](Self::read) have all fields of the request already: this does not change them.
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

    /// Adds an `Access-Control-Request-Method` field. A second call makes it a repeated field. Does not change parts that were
    /// [read](Self::read).
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

    /// Sets the `Access-Control-Request-Headers` field. A second call replaces the value: several fields are
    /// [read](Self::read). Does not change parts that were read.
    #[inline]
    #[must_use]
    pub fn request_headers(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        if let OtherFields::RequestHeaders(headers) = &mut self.other {
            *headers = Some(value.as_ref());
        }
        self
    }

    /// Sets what a lookup said about the origin; `None` if there was no lookup.
    ///
    /// Has an effect only for the origins that
    /// [`Policy::origin_to_look_up`](crate::Policy::origin_to_look_up) returns.
    #[inline]
    #[must_use]
    pub fn lookup_result(mut self, result: impl Into<Option<LookupResult>>) -> Self {
        self.lookup_result = result.into();
        self
    }

    /// Returns what this request is to CORS.
    #[inline]
    pub fn kind(&self) -> RequestKind {
        // Fetch, "HTTP requests" of the CORS protocol: a preflight has the method `OPTIONS`, and both fields.
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

    /// Returns true if it is known that the request has no `Origin` field.
    #[inline]
    pub(crate) fn is_without_origin(&self) -> bool {
        self.origins == Occurrence::Absent
    }

    /// Returns the method.
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

    /// Returns all fields of the request, if these parts were read from them.
    pub(super) fn source(&self) -> Option<&'a dyn RequestFields> {
        match self.other {
            OtherFields::Source(fields) => Some(fields),
            OtherFields::RequestHeaders(_) => None,
        }
    }

    #[cold]
    fn read_lazily(&self, field: RequestField) -> SingleField<'a> {
        match self.other {
            OtherFields::Source(fields) => SingleField::read(fields, field),
            OtherFields::RequestHeaders(_) => SingleField::Absent,
        }
    }

    #[inline]
    pub(crate) fn found_by_lookup(&self) -> Option<LookupResult> {
        self.lookup_result
    }

    /// Returns the value of a field, as [`RequestFields::value`] does: for a log, for example.
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

    /// Returns the value of the `Access-Control-Request-Headers` field with this index.
    pub(crate) fn request_headers_value(&self, index: usize) -> Option<&'a [u8]> {
        self.value(RequestField::AccessControlRequestHeaders, index)
    }

    /// Calls a function with the value of each `Access-Control-Request-Headers` field, until it breaks.
    pub(crate) fn each_request_headers_value(&self, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        match self.other {
            OtherFields::Source(fields) => {
                fields.each_value(RequestField::AccessControlRequestHeaders, each)
            }
            OtherFields::RequestHeaders(value) => value.into_iter().try_for_each(each),
        }
    }

    /// Calls a function with each field of the request that CORS reads; without a value where that is not known or must not
    /// be shown.
    fn each_field(&self, mut see: impl FnMut(RequestField, Option<&'a [u8]>)) {
        match self.other {
            OtherFields::Source(fields) => {
                for field in RequestField::ALL {
                    // Only whether there is a cookie matters, and its value may be a secret.
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

/// Two are equal if they have the same method, the same fields that CORS reads, and the same lookup result. Of a field that
/// was [set](RequestParts::origin) twice, the values are not compared.
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
mod tests {
    use alloc::string::ToString as _;
    use alloc::vec;

    use super::*;
    use crate::PolicyConfig;

    #[test]
    fn an_options_without_request_method_is_an_actual_request() {
        let options = RequestParts::new("OPTIONS");
        let origin = options.origin("https://a.test");
        assert_eq!(origin.kind(), RequestKind::Actual);
        let lower_case = RequestParts::new("options").origin("https://a.test");
        assert_eq!(lower_case.request_method("PUT").kind(), RequestKind::Actual);
        assert_eq!(options.request_method("PUT").kind(), RequestKind::NonCors);
        let empty = options.origin("").request_method("");
        assert_eq!(empty.kind(), RequestKind::Preflight);
    }

    fn read<'a, F: RequestFields>(method: &'a str, fields: &'a F) -> RequestParts<'a> {
        let policy = PolicyConfig::new().allow_origins(["*"]).build().unwrap();
        RequestParts::read(&policy, method, fields)
    }

    #[test]
    fn parts_that_are_read_equal_those_that_are_set() {
        let fields = [
            ("ORIGIN", "https://a.test"),
            ("accept", "text/html"),
            ("Access-Control-Request-Method", "PUT"),
            ("access-control-request-headers", "a"),
        ];
        let parts = read("OPTIONS", &fields);
        assert_eq!(parts.kind(), RequestKind::Preflight);
        let set = RequestParts::new("OPTIONS")
            .origin("https://a.test")
            .request_method("PUT")
            .request_headers("a");
        assert_eq!(parts, set);
        assert_ne!(parts, set.request_headers("b"));
        assert_ne!(parts, set.lookup_result(LookupResult::Failed));
    }

    #[test]
    fn parts_are_shown_as_text() {
        let parts = RequestParts::new("GET").origin(b"https://\xFF");
        let shown = alloc::format!("{parts:?}");
        assert_eq!(shown, "RequestParts { method: GET, origin: https://\\xff }");
    }

    #[test]
    fn every_field_has_the_name_that_it_is_found_by() {
        for field in RequestField::ALL {
            let fields = vec![("x", "0"), (field.as_str(), "1"), ("y", "2")];
            assert_eq!(fields.value(field, 0), Some(b"1".as_slice()), "{field}");
            assert_eq!(fields.value(field, 1), None);
            assert_eq!(field.to_string(), field.as_str().to_ascii_lowercase());
        }
    }
}
