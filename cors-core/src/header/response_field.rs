//! The fields that a decision can add to a response, and sets of these fields.

use super::{Operation, ResponseHeaderName};

/// A field that a decision can add to a response. Fields of the same name with different sources of their value are different variants.
///
/// A decision returns its fields in the order of the variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ResponseField {
    AllowOrigin,
    AllowCredentials,
    AllowMethods,
    /// `Access-Control-Allow-Headers` with the list of the policy.
    AllowHeaders,
    /// `Access-Control-Allow-Headers` with the value of each `Access-Control-Request-Headers` field of the request.
    EchoedHeaders,
    MaxAge,
    AllowPrivateNetwork,
    ExposeHeaders,
    /// `Timing-Allow-Origin` with the origin of the request, the static origin, or `*`.
    TimingAllowOrigin,
    /// `Timing-Allow-Origin` with the exact origins of the policy, for non-CORS requests.
    TimingAllowOrigins,
    CacheControl,
    RetryAfter,
    // `Vary` has one variant for each value, so a set of fields determines the value.
    VaryOrigin,
    VaryOriginMethod,
    VaryOriginHeaders,
    VaryOriginMethodHeaders,
}

impl ResponseField {
    pub(crate) const ALL: [Self; 16] = [
        Self::AllowOrigin,
        Self::AllowCredentials,
        Self::AllowMethods,
        Self::AllowHeaders,
        Self::EchoedHeaders,
        Self::MaxAge,
        Self::AllowPrivateNetwork,
        Self::ExposeHeaders,
        Self::TimingAllowOrigin,
        Self::TimingAllowOrigins,
        Self::CacheControl,
        Self::RetryAfter,
        Self::VaryOrigin,
        Self::VaryOriginMethod,
        Self::VaryOriginHeaders,
        Self::VaryOriginMethodHeaders,
    ];

    /// Returns the `Vary` field of a preflight, given whether the method and the headers are echoed.
    pub(crate) fn vary(method: bool, headers: bool) -> Self {
        match (method, headers) {
            (false, false) => Self::VaryOrigin,
            (true, false) => Self::VaryOriginMethod,
            (false, true) => Self::VaryOriginHeaders,
            (true, true) => Self::VaryOriginMethodHeaders,
        }
    }

    #[inline]
    pub(crate) const fn name(self) -> ResponseHeaderName {
        use ResponseHeaderName as Name;
        match self {
            Self::AllowOrigin => Name::AccessControlAllowOrigin,
            Self::AllowCredentials => Name::AccessControlAllowCredentials,
            Self::AllowMethods => Name::AccessControlAllowMethods,
            Self::AllowHeaders | Self::EchoedHeaders => Name::AccessControlAllowHeaders,
            Self::MaxAge => Name::AccessControlMaxAge,
            Self::AllowPrivateNetwork => Name::AccessControlAllowPrivateNetwork,
            Self::ExposeHeaders => Name::AccessControlExposeHeaders,
            Self::TimingAllowOrigin | Self::TimingAllowOrigins => Name::TimingAllowOrigin,
            Self::CacheControl => Name::CacheControl,
            Self::RetryAfter => Name::RetryAfter,
            Self::VaryOrigin
            | Self::VaryOriginMethod
            | Self::VaryOriginHeaders
            | Self::VaryOriginMethodHeaders => Name::Vary,
        }
    }

    /// Returns the operation for the first field of this kind. Further echoed fields are appended.
    #[inline]
    pub(crate) const fn operation(self) -> Operation {
        match self {
            Self::VaryOrigin
            | Self::VaryOriginMethod
            | Self::VaryOriginHeaders
            | Self::VaryOriginMethodHeaders => Operation::Merge,
            _ => Operation::Set,
        }
    }

    /// Returns the value that does not depend on the policy or the request.
    #[inline]
    pub(crate) const fn constant(self) -> &'static str {
        match self {
            Self::AllowOrigin | Self::TimingAllowOrigin => "*",
            Self::AllowCredentials | Self::AllowPrivateNetwork => "true",
            Self::CacheControl => "no-store",
            Self::RetryAfter => "1",
            Self::VaryOrigin => "Origin",
            Self::VaryOriginMethod => "Origin, Access-Control-Request-Method",
            Self::VaryOriginHeaders => "Origin, Access-Control-Request-Headers",
            Self::VaryOriginMethodHeaders => {
                "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
            }
            // These values always depend on the policy or the request.
            Self::AllowMethods
            | Self::AllowHeaders
            | Self::EchoedHeaders
            | Self::MaxAge
            | Self::ExposeHeaders
            | Self::TimingAllowOrigins => "",
        }
    }
}

/// A set of response fields: bit `n` is set if `ResponseField::ALL[n]` is a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResponseFieldSet(u16);

impl ResponseFieldSet {
    pub(crate) const EMPTY: Self = Self(0);

    pub(crate) const fn of(field: ResponseField) -> Self {
        Self(1 << field as u8)
    }

    /// Returns the set with this field added if `condition` is true.
    #[must_use]
    pub(crate) const fn with(self, field: ResponseField, condition: bool) -> Self {
        if condition {
            Self(self.0 | Self::of(field).0)
        } else {
            self
        }
    }

    #[must_use]
    pub(crate) const fn without(self, field: ResponseField) -> Self {
        Self(self.0 & !Self::of(field).0)
    }

    #[inline]
    #[must_use]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[inline]
    #[must_use]
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    #[must_use]
    pub(crate) const fn and_not(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    #[inline]
    pub(crate) const fn contains(self, field: ResponseField) -> bool {
        self.0 & Self::of(field).0 != 0
    }

    #[inline]
    pub(crate) fn first(self) -> Option<ResponseField> {
        ResponseField::ALL
            .get(self.0.trailing_zeros() as usize)
            .copied()
    }

    /// Removes and returns the first field.
    #[inline]
    pub(crate) fn take_first(&mut self) -> Option<ResponseField> {
        let first = self.first()?;
        // Clears the lowest bit that is set.
        self.0 &= self.0.wrapping_sub(1);
        Some(first)
    }

    #[inline]
    pub(crate) fn len(self) -> usize {
        self.0.count_ones() as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_field_is_its_index_in_all() {
        for (index, field) in ResponseField::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, index);
        }
    }

    #[test]
    fn a_set_yields_its_fields_once_and_in_order() {
        let mut set = ResponseFieldSet::of(ResponseField::VaryOrigin)
            .with(ResponseField::MaxAge, true)
            .with(ResponseField::AllowOrigin, true)
            .with(ResponseField::ExposeHeaders, false)
            .with(ResponseField::AllowMethods, true)
            .without(ResponseField::AllowMethods);
        assert_eq!(set.len(), 3);
        let fields = core::iter::from_fn(|| set.take_first());
        assert!(fields.eq([
            ResponseField::AllowOrigin,
            ResponseField::MaxAge,
            ResponseField::VaryOrigin,
        ]));
        assert_eq!(set.take_first(), None);
    }
    #[test]
    fn a_field_that_is_added_again_is_kept() {
        let one = ResponseFieldSet::of(ResponseField::MaxAge);
        assert_eq!(one.with(ResponseField::MaxAge, true), one);
        let two = one.with(ResponseField::VaryOrigin, true);
        assert_eq!(one.or(two), two);
        assert_eq!(two.or(one), two);
        assert_eq!(two.and(one), one);
    }
}
