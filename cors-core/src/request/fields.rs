use alloc::vec::Vec;
use core::fmt;
use core::ops::ControlFlow;

/// A request field that CORS reads.
///
/// This enum is non-exhaustive: a minor version may read further fields.
///
/// ```
/// use omnicors_core::adapter::{RequestField, RequestFields};
///
/// let fields = [("Origin", "https://example.com"), ("Accept", "*/*")];
/// assert_eq!(fields.value(RequestField::Origin, 0), Some(b"https://example.com".as_slice()));
/// assert_eq!(fields.value(RequestField::Host, 0), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestField {
    /// `Origin` (Fetch, [`Origin` header](https://fetch.spec.whatwg.org/#origin-header)).
    Origin,
    /// `Access-Control-Request-Method`.
    AccessControlRequestMethod,
    /// `Access-Control-Request-Headers`.
    AccessControlRequestHeaders,
    /// `Host`.
    Host,
    /// `:authority` of HTTP/2 and HTTP/3, or the authority of an absolute request target.
    Authority,
    /// `Sec-Fetch-Site` ([Fetch Metadata](https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header)).
    SecFetchSite,
    /// `Sec-Fetch-Mode` ([Fetch Metadata](https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-mode-header)).
    SecFetchMode,
    /// `Upgrade`.
    Upgrade,
    /// `Connection`.
    Connection,
    /// `Cookie`. Only its presence is read, never its value.
    Cookie,
}

impl RequestField {
    /// All fields.
    ///
    /// ```
    /// use omnicors_core::adapter::RequestField;
    ///
    /// // A log can leave out the other header fields of a request.
    /// let is_read = |name: &str| RequestField::ALL.iter().any(|field| field.as_str() == name);
    /// assert!(is_read("origin") && !is_read("accept"));
    /// ```
    pub const ALL: [Self; 10] = [
        Self::Origin,
        Self::AccessControlRequestMethod,
        Self::AccessControlRequestHeaders,
        Self::Host,
        Self::Authority,
        Self::SecFetchSite,
        Self::SecFetchMode,
        Self::Upgrade,
        Self::Connection,
        Self::Cookie,
    ];

    /// Returns the name in lower case. The name of a pseudo-header field begins with a colon.
    ///
    /// ```
    /// use omnicors_core::adapter::RequestField;
    ///
    /// assert_eq!(RequestField::SecFetchSite.as_str(), "sec-fetch-site");
    /// assert_eq!(RequestField::Authority.as_str(), ":authority");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::AccessControlRequestMethod => "access-control-request-method",
            Self::AccessControlRequestHeaders => "access-control-request-headers",
            Self::Host => "host",
            Self::Authority => ":authority",
            Self::SecFetchSite => "sec-fetch-site",
            Self::SecFetchMode => "sec-fetch-mode",
            Self::Upgrade => "upgrade",
            Self::Connection => "connection",
            Self::Cookie => "cookie",
        }
    }
}

impl fmt::Display for RequestField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The header fields of a request, in the type that a server uses for them.
///
/// It is implemented for slices, arrays and vectors of name and value. An adapter implements it for the header map of its framework:
///
/// ```
/// use omnicors_core::adapter::{RequestField, RequestFields};
/// use std::collections::BTreeMap;
///
/// /// Names in lower case, each with all of its values.
/// struct Fields(BTreeMap<String, Vec<String>>);
///
/// impl RequestFields for Fields {
///     fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
///         Some(self.0.get(field.as_str())?.get(index)?.as_bytes())
///     }
/// }
///
/// let fields = Fields(BTreeMap::from([("origin".to_string(), vec!["https://example.com".to_string()])]));
/// assert_eq!(fields.value(RequestField::Origin, 0), Some(b"https://example.com".as_slice()));
/// ```
pub trait RequestFields {
    /// Returns the value of a field, or `None` if the request has no such field.
    ///
    /// If the request has several fields with this name, `index` selects one of them, in the order in which they were received.
    /// An implementation must return a value for every index below the number of these fields.
    ///
    /// ```
    /// use omnicors_core::adapter::{RequestField, RequestFields};
    ///
    /// let fields = [("origin", "https://a.example"), ("Origin", "https://b.example")];
    /// assert_eq!(fields.value(RequestField::Origin, 1), Some(b"https://b.example".as_slice()));
    /// assert_eq!(fields.value(RequestField::Origin, 2), None);
    /// ```
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]>;

    /// Returns the first two values of a field. With two values of `Origin`, for example, a request is not from one origin.
    ///
    /// The default implementation calls [`value`](Self::value) twice. An implementation is faster if it searches once.
    ///
    /// ```
    /// use omnicors_core::adapter::{RequestField, RequestFields};
    ///
    /// let fields = [("origin", "https://example.com")];
    /// assert_eq!(fields.first_two(RequestField::Origin), [Some(b"https://example.com".as_slice()), None]);
    /// ```
    #[inline]
    fn first_two(&self, field: RequestField) -> [Option<&[u8]>; 2] {
        let first = self.value(field, 0);
        let second = first.and_then(|_| self.value(field, 1));
        [first, second]
    }

    /// Calls a function with each value of a field, until the function returns [`ControlFlow::Break`].
    ///
    /// The default implementation searches for each [`value`](Self::value) separately. An implementation can be faster if a request has
    /// many fields with this name.
    ///
    /// ```
    /// use omnicors_core::adapter::{RequestField, RequestFields};
    /// use std::ops::ControlFlow;
    ///
    /// let fields = [("access-control-request-headers", "x-a"), ("access-control-request-headers", "x-b")];
    /// let mut length = 0;
    /// let _ = fields.each_value(RequestField::AccessControlRequestHeaders, &mut |value| {
    ///     length += value.len();
    ///     ControlFlow::Continue(())
    /// });
    /// assert_eq!(length, 6);
    /// ```
    fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        (0..)
            .map_while(|index| self.value(field, index))
            .try_for_each(each)
    }
}

/// The function that [`RequestFields::each_value`] calls with each value of a field.
///
/// ```
/// use omnicors_core::adapter::{EachValue, RequestField, RequestFields};
/// use std::ops::ControlFlow;
///
/// struct OnlyOrigin(String);
///
/// impl RequestFields for OnlyOrigin {
///     fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
///         (field == RequestField::Origin && index == 0).then_some(self.0.as_bytes())
///     }
///
///     fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
///         self.value(field, 0).into_iter().try_for_each(each)
///     }
/// }
/// ```
pub type EachValue<'f, 'a> = &'f mut dyn FnMut(&'a [u8]) -> ControlFlow<()>;

/// Names can be in any case. Each access searches the slice.
impl<N: AsRef<[u8]>, V: AsRef<[u8]>> RequestFields for [(N, V)] {
    #[inline]
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        values(self, field).nth(index)
    }

    fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        values(self, field).try_for_each(each)
    }
}

#[inline]
fn values<N: AsRef<[u8]>, V: AsRef<[u8]>>(
    fields: &[(N, V)],
    field: RequestField,
) -> impl Iterator<Item = &[u8]> {
    let name = field.as_str().as_bytes();
    let has_name = move |its: &[u8]| {
        // The length rules out almost all names, and most of the others are in lower case.
        its.len() == name.len() && (its == name || its.eq_ignore_ascii_case(name))
    };
    fields
        .iter()
        .filter(move |(its, _)| has_name(its.as_ref()))
        .map(|(_, value)| value.as_ref())
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>, const LENGTH: usize> RequestFields for [(N, V); LENGTH] {
    #[inline]
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        self.as_slice().value(field, index)
    }

    fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        self.as_slice().each_value(field, each)
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> RequestFields for Vec<(N, V)> {
    #[inline]
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        self.as_slice().value(field, index)
    }

    fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        self.as_slice().each_value(field, each)
    }
}

impl<T: RequestFields + ?Sized> RequestFields for &T {
    #[inline]
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        (**self).value(field, index)
    }

    #[inline]
    fn first_two(&self, field: RequestField) -> [Option<&[u8]>; 2] {
        (**self).first_two(field)
    }

    fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        (**self).each_value(field, each)
    }
}

/// A field that should occur once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SingleField<'a> {
    Absent,
    Once(&'a [u8]),
    Repeated,
}

/// The number of times that a field occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occurrence {
    /// Not read yet, because the decision does not depend on it.
    Unread,
    Absent,
    Once,
    Repeated,
}

impl Occurrence {
    #[inline]
    pub(super) fn and_one_more(self) -> Self {
        match self {
            Self::Unread | Self::Absent => Self::Once,
            Self::Once | Self::Repeated => Self::Repeated,
        }
    }
}

impl<'a> SingleField<'a> {
    #[inline]
    pub(crate) fn read<F: RequestFields + ?Sized>(fields: &'a F, field: RequestField) -> Self {
        match fields.first_two(field) {
            [None, _] => Self::Absent,
            [Some(value), None] => Self::Once(value),
            [Some(_), Some(_)] => Self::Repeated,
        }
    }

    /// Returns the number of times that the field occurs. The value is empty unless that is once.
    #[inline]
    pub(super) fn split(self) -> (Occurrence, &'a [u8]) {
        match self {
            Self::Absent => (Occurrence::Absent, &[]),
            Self::Once(value) => (Occurrence::Once, value),
            Self::Repeated => (Occurrence::Repeated, &[]),
        }
    }

    #[inline]
    pub(crate) fn once(self) -> Option<&'a [u8]> {
        match self {
            Self::Once(value) => Some(value),
            Self::Absent | Self::Repeated => None,
        }
    }
}
