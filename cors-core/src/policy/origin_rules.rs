//! Which origins a policy allows, and why it denies the others.

use alloc::boxed::Box;

use super::predicate::Predicate;
use crate::denial::Denial;
#[cfg(feature = "regex")]
use crate::origin::OriginRegexes;
use crate::origin::{Origin, OriginSet};
use crate::request::{LookupResult, SingleField};

/// Whether a policy allows the origin of a request.
///
/// Exhaustive: there is no sixth case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OriginStatus {
    /// The request has no `Origin` field.
    Absent,
    /// The policy allows the origin.
    Allowed,
    /// The policy allows the origin [without credentials](super::PolicyConfig::allow_others_without_credentials).
    AllowedWithoutCredentials,
    /// The policy does not allow the origin.
    Denied,
    /// The policy leaves the origin to a lookup, which failed, timed out, was not begun or was not made. The origin is denied.
    Undecided,
}

/// The origins that a policy allows.
#[derive(Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub(crate) struct OriginRules {
    /// `None` for any origin.
    pub(super) listed: Option<ListedOrigins>,
    /// The only one in `listed`, which every response states.
    pub(super) static_origin: Option<Box<str>>,
    /// The origins that may see the details of resource timing, joined: see [`timing_list`](super::timing_list).
    pub(super) timing_list: Option<Box<str>>,
    pub(super) credentials: bool,
    /// Without credentials, all origins are allowed.
    pub(crate) allow_others: bool,
    pub(super) allow_opaque: bool,
    pub(super) allow_insecure: bool,
}

/// Origins by pattern, and by what is asked about an origin that no pattern matches.
#[derive(Clone)]
pub(crate) struct ListedOrigins {
    pub(super) set: OriginSet,
    #[cfg(feature = "regex")]
    pub(super) regexes: Option<OriginRegexes>,
    pub(super) predicate: Option<Predicate>,
    pub(super) lookup: bool,
}

impl OriginRules {
    /// Returns true for any origin without credentials: the response says `*`, whatever `Origin` is.
    #[inline]
    fn is_any_without_credentials(&self) -> bool {
        self.listed.is_none() && !self.credentials
    }

    /// Returns true if no response depends on `Origin`.
    pub(super) fn is_static(&self) -> bool {
        self.is_any_without_credentials() || self.static_origin.is_some()
    }

    /// Returns the origin that every response states.
    #[inline]
    pub(crate) fn static_origin(&self) -> Option<&str> {
        self.static_origin.as_deref()
    }

    /// Returns the value of `Timing-Allow-Origin` for requests without `Origin`.
    #[inline]
    pub(crate) fn timing_list(&self) -> Option<&str> {
        self.timing_list.as_deref()
    }

    /// Returns whether the origin of a request is allowed, with credentials if the policy allows them, given what a lookup said
    /// about it.
    #[inline]
    pub(super) fn status(
        &self,
        origin: SingleField<'_>,
        result: Option<LookupResult>,
    ) -> OriginStatus {
        match origin {
            // Fetch, "CORS protocol and HTTP caches": the response must not depend on `Origin`, or one odd request
            // through a cache that ignores `Vary` would take the resource away from every page.
            _ if self.is_any_without_credentials() => OriginStatus::Allowed,
            SingleField::Absent => OriginStatus::Absent,
            SingleField::Once(origin) if self.matches_pattern(origin) => OriginStatus::Allowed,
            SingleField::Once(origin)
                if self
                    .listed
                    .as_ref()
                    .is_some_and(ListedOrigins::asks_further) =>
            {
                self.status_beyond_patterns(origin, result)
            }
            SingleField::Once(_) | SingleField::Repeated => OriginStatus::Denied,
        }
    }

    #[inline]
    fn matches_pattern(&self, origin: &[u8]) -> bool {
        match &self.listed {
            None => {
                Origin::parse(origin).is_ok_and(|origin| self.allow_opaque || !origin.is_opaque())
            }
            Some(listed) => listed.set.contains(origin),
        }
    }

    /// Returns the status of an origin that no pattern matches.
    #[inline(never)]
    fn status_beyond_patterns(&self, origin: &[u8], result: Option<LookupResult>) -> OriginStatus {
        let (Some(listed), Some(origin)) = (&self.listed, self.origin_to_ask_about(origin)) else {
            return OriginStatus::Denied;
        };
        if listed.allows_without_lookup(&origin) {
            return OriginStatus::Allowed;
        }
        match result {
            _ if !listed.lookup => OriginStatus::Denied,
            Some(LookupResult::Allowed) => OriginStatus::Allowed,
            Some(LookupResult::NotAllowed) => OriginStatus::Denied,
            Some(LookupResult::Failed | LookupResult::TimedOut | LookupResult::NotBegun) | None => {
                OriginStatus::Undecided
            }
        }
    }

    /// Returns the origin that has to be looked up, if there is one: no pattern, expression or predicate matches it.
    pub(super) fn origin_to_look_up<'a>(&self, origin: SingleField<'a>) -> Option<Origin<'a>> {
        let listed = self.listed.as_ref().filter(|listed| listed.lookup)?;
        let bytes = origin.once()?;
        if listed.set.contains(bytes) {
            return None;
        }
        self.origin_to_ask_about(bytes)
            .filter(|origin| !listed.allows_without_lookup(origin))
    }

    /// Returns the origin if expressions, predicates and lookups may be asked about it. Patterns are checked for this when
    /// the policy is built; these can only be checked here.
    fn origin_to_ask_about<'a>(&self, bytes: &'a [u8]) -> Option<Origin<'a>> {
        let origin = Origin::parse(bytes).ok()?;
        let may_ask = self.is_secure_enough(&origin) && (self.allow_opaque || !origin.is_opaque());
        may_ask.then_some(origin)
    }

    fn is_secure_enough(&self, origin: &Origin<'_>) -> bool {
        !self.credentials
            || origin.is_opaque()
            || self.allow_insecure
            || origin.is_potentially_trustworthy()
    }

    /// Returns why the origin of a request is denied, given that it is.
    pub(crate) fn denial(
        &self,
        origin: SingleField<'_>,
        result: Option<LookupResult>,
    ) -> Denial<'static> {
        let Some(bytes) = origin.once() else {
            return Denial::OriginRepeated;
        };
        let origin = match Origin::parse(bytes) {
            Ok(origin) if origin.is_opaque() && !self.allow_opaque => return Denial::OriginOpaque,
            Ok(origin) => origin,
            Err(error) => return Denial::OriginMalformed(error),
        };
        let Some(listed) = self.listed.as_ref().filter(|listed| listed.asks_further()) else {
            return Denial::OriginNotAllowed;
        };
        if !self.is_secure_enough(&origin) {
            return Denial::OriginInsecure;
        }
        if !listed.lookup {
            return Denial::OriginNotAllowed;
        }
        match result {
            None => Denial::OriginUndecided,
            Some(LookupResult::Failed) => Denial::LookupFailed,
            Some(LookupResult::TimedOut) => Denial::LookupTimedOut,
            Some(LookupResult::NotBegun) => Denial::LookupNotBegun,
            // `Allowed` cannot be: the origin is denied.
            Some(LookupResult::NotAllowed | LookupResult::Allowed) => Denial::LookupNotAllowed,
        }
    }

    /// Returns true if a regular expression can match an origin of any site.
    #[cfg(feature = "regex")]
    pub(super) fn has_regex_for_any_site(&self) -> bool {
        self.listed
            .as_ref()
            .and_then(|listed| listed.regexes.as_ref())
            .is_some_and(OriginRegexes::can_match_any_site)
    }
}

impl ListedOrigins {
    /// Returns true if more than patterns can allow an origin.
    #[inline]
    pub(super) fn asks_further(&self) -> bool {
        #[cfg(feature = "regex")]
        if self.regexes.is_some() {
            return true;
        }
        self.predicate.is_some() || self.lookup
    }

    fn allows_without_lookup(&self, origin: &Origin<'_>) -> bool {
        #[cfg(feature = "regex")]
        if self
            .regexes
            .as_ref()
            .is_some_and(|regexes| regexes.match_origin(origin.as_str()))
        {
            return true;
        }
        self.predicate
            .as_ref()
            .is_some_and(|predicate| predicate.allows(origin))
    }
}
