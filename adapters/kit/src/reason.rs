//! The names of reasons in events and counters.

use omnicors_core::{Denial, Rejection};

/// Defines [`Reason`] with the name of each value.
macro_rules! reasons {
    ($($reason:ident = $name:literal,)*) => {
        /// The reason of a denial or a rejection, without its details.
        #[cfg_attr(not(any(test, feature = "metrics")), allow(dead_code, reason = "only counters need all reasons"))]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Reason {
            $($reason,)*
        }

        impl Reason {
            /// All reasons, in the order of their values.
            #[cfg(any(test, feature = "metrics"))]
            pub(crate) const ALL: &[Self] = &[$(Self::$reason,)*];

            /// Returns the name, which users see and filter by.
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$reason => $name,)*
                }
            }
        }
    };
}

reasons! {
    None = "none",
    OriginRepeated = "origin_repeated",
    OriginMalformed = "origin_malformed",
    OriginOpaque = "origin_opaque",
    OriginNotAllowed = "origin_not_allowed",
    OriginInsecure = "origin_insecure",
    LookupNotMade = "lookup_not_made",
    LookupNotAllowed = "lookup_not_allowed",
    LookupFailed = "lookup_failed",
    LookupTimedOut = "lookup_timed_out",
    LookupNotBegun = "lookup_not_begun",
    RequestMethodRepeated = "request_method_repeated",
    RequestMethodMalformed = "request_method_malformed",
    MethodNotAllowed = "method_not_allowed",
    RequestHeadersTooLong = "request_headers_too_long",
    RequestHeadersMalformed = "request_headers_malformed",
    HeaderNotAllowed = "header_not_allowed",
    CredentialsNotAllowed = "credentials_not_allowed",
    HostMissing = "host_missing",
    HostAmbiguous = "host_ambiguous",
    HostNotListed = "host_not_listed",
    OriginNotListed = "origin_not_listed",
    OriginNotHost = "origin_not_host",
    Other = "other",
}

impl Reason {
    /// Returns true for the reason of a rejection.
    #[cfg(any(test, feature = "metrics"))]
    pub(crate) const fn is_rejection(self) -> bool {
        matches!(
            self,
            Self::HostMissing
                | Self::HostAmbiguous
                | Self::HostNotListed
                | Self::OriginNotListed
                | Self::OriginNotHost
        )
    }
}

impl From<&Denial<'_>> for Reason {
    fn from(denial: &Denial<'_>) -> Self {
        match denial {
            Denial::OriginRepeated => Self::OriginRepeated,
            Denial::OriginMalformed(_) => Self::OriginMalformed,
            Denial::OriginOpaque => Self::OriginOpaque,
            Denial::OriginNotAllowed => Self::OriginNotAllowed,
            Denial::OriginInsecure => Self::OriginInsecure,
            Denial::OriginUndecided => Self::LookupNotMade,
            Denial::LookupNotAllowed => Self::LookupNotAllowed,
            Denial::LookupFailed => Self::LookupFailed,
            Denial::LookupTimedOut => Self::LookupTimedOut,
            Denial::LookupNotBegun => Self::LookupNotBegun,
            Denial::RequestMethodRepeated => Self::RequestMethodRepeated,
            Denial::RequestMethodMalformed => Self::RequestMethodMalformed,
            Denial::MethodNotAllowed(_) => Self::MethodNotAllowed,
            Denial::RequestHeadersTooLong => Self::RequestHeadersTooLong,
            Denial::RequestHeadersMalformed => Self::RequestHeadersMalformed,
            Denial::HeaderNotAllowed(_) => Self::HeaderNotAllowed,
            Denial::CredentialsNotAllowed => Self::CredentialsNotAllowed,
            // `Denial::Rejected` is counted by its rejection.
            _ => Self::Other,
        }
    }
}

impl From<Rejection> for Reason {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::HostMissing => Self::HostMissing,
            Rejection::HostAmbiguous => Self::HostAmbiguous,
            Rejection::HostNotListed => Self::HostNotListed,
            Rejection::OriginNotListed => Self::OriginNotListed,
            Rejection::OriginNotHost => Self::OriginNotHost,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_own_name_and_is_in_order() {
        for (index, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(*reason as usize, index);
            let same = Reason::ALL
                .iter()
                .filter(|other| other.as_str() == reason.as_str());
            assert_eq!(same.count(), 1, "{reason:?}");
        }
    }
}
