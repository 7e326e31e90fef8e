use alloc::vec::Vec;
use core::fmt;
use core::ops::ControlFlow;

/// A request field that CORS reads.
///
/// Non-exhaustive: further fields may be read without a new major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestField {
    /// `Origin`.
    Origin,
    /// `Access-Control-Request-Method`.
    AccessControlRequestMethod,
    /// `Access-Control-Request-Headers`.
    AccessControlRequestHeaders,
    /// `Host`.
    Host,
    /// `:authority` of HTTP/2 and HTTP/3, or the authority of an absolute request target.
    Authority,
    /// `Sec-Fetch-Site` (Fetch Metadata, section 2.3).
    SecFetchSite,
    /// `Sec-Fetch-Mode` (Fetch Metadata, section 2.2).
    SecFetchMode,
    /// `Upgrade`.
    Upgrade,
    /// `Connection`.
    Connection,
    /// `:protocol` of an extended CONNECT (RFC 8441).
    Protocol,
    /// `Cookie`: only whether there is one.
    Cookie,
}

impl RequestField {
    /// All fields.
    pub const ALL: [Self; 11] = [
        Self::Origin,
        Self::AccessControlRequestMethod,
        Self::AccessControlRequestHeaders,
        Self::Host,
        Self::Authority,
        Self::SecFetchSite,
        Self::SecFetchMode,
        Self::Upgrade,
        Self::Connection,
        Self::Protocol,
        Self::Cookie,
    ];

    /// Returns the name in lower case. Those of pseudo-header fields begin with a colon.
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
            Self::Protocol => ":protocol",
            Self::Cookie => "cookie",
        }
    }
}

impl fmt::Display for RequestField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The header fields of a request, in whatever type a server keeps them.
///
/// Implemented for slices of names and values, such as those of the `httparse` crate after a `map`. An adapter implements
/// it for the map of its framework:
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
/// ```
pub trait RequestFields {
    /// Returns the value of a field, or `None` if the request has no such field. Of several fields with one name, `index`
    /// counts from 0 in the order in which they were received. Every index below the number of these fields has a value.
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]>;

    /// Calls a function with each value of a field, until it breaks. For many fields of one name; an implementation can do
    /// better than to search for each [`value`](Self::value).
    fn each_value<'a>(&'a self, field: RequestField, each: EachValue<'_, 'a>) -> ControlFlow<()> {
        (0..)
            .map_while(|index| self.value(field, index))
            .try_for_each(each)
    }
}

/// A function that is called with the values of a field.
pub type EachValue<'f, 'a> = &'f mut dyn FnMut(&'a [u8]) -> ControlFlow<()>;

/// Names in any case. The fields that CORS reads are searched for.
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
        // Nearly all names are ruled out by their length, and most others are in lower case.
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

/// How often a field occurs.
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
    pub(super) fn read<F: RequestFields + ?Sized>(fields: &'a F, field: RequestField) -> Self {
        match fields.value(field, 0) {
            None => Self::Absent,
            Some(value) if fields.value(field, 1).is_none() => Self::Once(value),
            Some(_) => Self::Repeated,
        }
    }

    /// Returns how often the field occurs, and its value if that is once.
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
