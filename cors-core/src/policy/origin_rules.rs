//! Decides which origins a policy allows, and why it denies the others.

use alloc::boxed::Box;

use super::dynamic_origins::DynamicOrigins;
use super::predicate::Predicate;
use crate::denial::Denial;
#[cfg(feature = "regex")]
use crate::origin::OriginRegexes;
use crate::origin::{Origin, OriginSet};
use crate::request::{LookupResult, SingleField};

/// Whether a policy allows the origin of a request.
///
/// This enum is exhaustive.
///
/// ```
/// use omnicors_core::{OriginStatus, PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
/// let request = RequestParts::new("GET").origin("https://other.example");
/// assert_eq!(evaluate(&policy, &request).origin_status(), OriginStatus::Denied);
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
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
    /// The policy requires an origin lookup, which failed, timed out, was not begun or was not made. The origin is denied.
    Undecided,
}

impl OriginStatus {
    /// Returns true if it is the status of an origin that the policy lists, and the origin is that of one site.
    #[inline]
    pub(crate) fn is_of_listed(self, origin: SingleField<'_>) -> bool {
        self == Self::Allowed && !is_opaque(origin)
    }
}

/// Returns true if pages of different sites share the origin, so that it identifies none of them.
fn is_opaque(origin: SingleField<'_>) -> bool {
    origin
        .once()
        .is_some_and(|origin| origin == b"null" || origin.starts_with(b"file:"))
}

/// The origins that a policy allows.
#[derive(Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each bool is an independent setting"
)]
pub(crate) struct OriginRules {
    /// `None` for any origin.
    pub(super) listed: Option<ListedOrigins>,
    /// The only origin in `listed`, if every response names it.
    pub(super) static_origin: Option<Box<str>>,
    /// The value of `Timing-Allow-Origin` for requests without `Origin`: see [`timing_list`](super::timing_list).
    pub(super) timing_list: Option<Box<str>>,
    pub(super) credentials: bool,
    /// True if all origins are allowed without credentials.
    pub(crate) allow_others: bool,
    pub(super) allow_opaque: bool,
    pub(super) allow_insecure: bool,
}

/// The listed origins: by pattern, and by the other rules, for an origin that no pattern matches.
#[derive(Clone)]
pub(crate) struct ListedOrigins {
    pub(super) set: OriginSet,
    #[cfg(feature = "regex")]
    pub(super) regexes: Option<OriginRegexes>,
    pub(super) predicate: Option<Predicate>,
    pub(super) dynamic: Option<DynamicOrigins>,
    pub(super) lookup: bool,
}

impl OriginRules {
    /// Returns true if the policy allows any origin without credentials, so that every response has `*`.
    #[inline]
    fn is_any_without_credentials(&self) -> bool {
        self.listed.is_none() && !self.credentials
    }

    /// Returns true if no response depends on `Origin`.
    pub(super) fn is_static(&self) -> bool {
        self.is_any_without_credentials() || self.static_origin.is_some()
    }

    /// Returns the origin that every response names.
    #[inline]
    pub(crate) fn static_origin(&self) -> Option<&str> {
        self.static_origin.as_deref()
    }

    /// Returns the value of `Timing-Allow-Origin` for requests without `Origin`.
    #[inline]
    pub(crate) fn timing_list(&self) -> Option<&str> {
        self.timing_list.as_deref()
    }

    /// Returns whether the origin of a request is allowed, given the lookup result. With credentials, if the policy allows them.
    #[inline]
    pub(super) fn status(
        &self,
        origin: SingleField<'_>,
        result: Option<LookupResult>,
    ) -> OriginStatus {
        match origin {
            // https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches: the response must not depend on `Origin`. Otherwise,
            // one request with an unusual `Origin` could make a cache that ignores `Vary` block every page.
            _ if self.is_any_without_credentials() => OriginStatus::Allowed,
            SingleField::Absent => OriginStatus::Absent,
            SingleField::Once(origin) => self.status_of(origin, result),
            SingleField::Repeated => OriginStatus::Denied,
        }
    }

    /// Returns the status of the only `Origin` of a request, if the policy is not static.
    pub(crate) fn status_of(&self, origin: &[u8], result: Option<LookupResult>) -> OriginStatus {
        let Some(listed) = &self.listed else {
            return self.status_with_any(origin);
        };
        if listed.set.contains(origin) {
            OriginStatus::Allowed
        } else if listed.allows_beyond_patterns() {
            self.status_beyond_patterns(origin, result)
        } else {
            OriginStatus::Denied
        }
    }

    /// Returns the status of an origin if the policy allows any, with credentials.
    #[inline(never)]
    fn status_with_any(&self, origin: &[u8]) -> OriginStatus {
        let is_allowed = |origin: Origin<'_>| self.allow_opaque || !origin.is_opaque();
        if Origin::parse(origin).is_ok_and(is_allowed) {
            OriginStatus::Allowed
        } else {
            OriginStatus::Denied
        }
    }

    /// Returns the status of an origin that no pattern matches.
    #[inline(never)]
    fn status_beyond_patterns(&self, origin: &[u8], result: Option<LookupResult>) -> OriginStatus {
        let Some(listed) = &self.listed else {
            return OriginStatus::Denied;
        };
        // First, because it needs no parsed origin.
        if self.is_in_dynamic_set(origin) {
            return OriginStatus::Allowed;
        }
        if !listed.asks_about_parsed() {
            return OriginStatus::Denied;
        }
        let Some(origin) = self.origin_to_ask_about(origin) else {
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

    /// Returns true if the set that can change allows an origin.
    #[inline]
    pub(crate) fn is_in_dynamic_set(&self, origin: &[u8]) -> bool {
        let listed = self.listed.as_ref();
        let Some(set) = listed.and_then(|listed| listed.dynamic.as_ref()) else {
            return false;
        };
        // The set contains whole origins, so a text that is none is not in it. An https origin is neither opaque nor insecure. Most are,
        // so the others are parsed.
        set.contains(origin)
            && (origin.starts_with(b"https://") || self.origin_to_ask_about(origin).is_some())
    }

    /// Returns the origin to look up, if no pattern, set, expression or predicate allows it.
    pub(super) fn origin_to_look_up<'a>(&self, origin: SingleField<'a>) -> Option<Origin<'a>> {
        let listed = self.listed.as_ref().filter(|listed| listed.lookup)?;
        let bytes = origin.once()?;
        if listed.set.contains(bytes) || self.is_in_dynamic_set(bytes) {
            return None;
        }
        self.origin_to_ask_about(bytes)
            .filter(|origin| !listed.allows_without_lookup(origin))
    }

    /// Returns the origin if expressions, predicates, sets and lookups may be asked about it. Patterns are checked when the policy is
    /// built, but these can allow any origin, so the origin is checked here.
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

    /// Returns why the origin of a request is denied. Call this only if it is.
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
        let Some(listed) = self
            .listed
            .as_ref()
            .filter(|listed| listed.allows_beyond_patterns())
        else {
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
            // `Allowed` is impossible, because the origin is denied.
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
    /// Returns true if a set that can change, an expression, a predicate or a lookup can allow an origin.
    #[inline]
    pub(super) fn allows_beyond_patterns(&self) -> bool {
        self.dynamic.is_some() || self.asks_about_parsed()
    }

    /// Returns true if an expression, a predicate or a lookup can allow an origin. They are asked about parsed origins.
    #[inline]
    fn asks_about_parsed(&self) -> bool {
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
