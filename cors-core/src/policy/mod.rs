//! The policy: raw settings in, immutable compiled rules out, and every fault in between.

mod advice;
mod build;
mod config;
mod fault;
mod list;
mod predicate;
#[cfg(feature = "serde")]
mod serde_max_age;

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

pub use advice::Advice;
pub use config::PolicyConfig;
pub use fault::{Fault, FaultCause, FaultKind, PolicyError};

use self::list::NameList;
use self::predicate::Predicate;
use crate::decision::Denial;
use crate::header::ResponseHeaderName;
use crate::origin::{Origin, OriginError, OriginSet};
use crate::request::{Line, RequestParts};
use crate::response::{Finding, PolicyLines, ResponseHeaders, ResponseHeadersIter};

/// The validated, immutable, compiled rules. The only way to get one is through [`PolicyConfig::build`].
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct Policy {
    origins: AllowedOrigins,
    pub(crate) credentials: bool,
    pub(crate) methods: NameList,
    pub(crate) request_headers: NameList,
    pub(crate) expose_headers: NameList,
    /// In seconds, as text.
    pub(crate) max_age: Option<Box<str>>,
    pub(crate) timing_allow_origin: bool,
    pub(crate) private_network: bool,
    /// 200 to 299.
    pub(crate) preflight_status: u16,
    pub(crate) forward_preflights: bool,
    pub(crate) refuse_disallowed_origins: bool,
    dangerously: OptOuts,
    /// Which lines those get who are allowed: made of the settings above.
    pub(crate) lines: PolicyLines,
}

#[derive(Clone, Debug)]
enum AllowedOrigins {
    Any,
    These(TheseOrigins),
}

/// Origins by pattern, and the means beyond: what no pattern admits is put to these, if there are any.
#[derive(Clone, Debug)]
struct TheseOrigins {
    set: OriginSet,
    #[cfg(feature = "regex")]
    regexes: Option<crate::origin::OriginRegexes>,
    predicate: Option<Predicate>,
    outside: bool,
}

/// The dangers that were opted in to.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
struct OptOuts {
    null_origin: bool,
    any_origin_with_credentials: bool,
    insecure_origins: bool,
    public_suffix_subdomains: bool,
}

impl Policy {
    /// The patterns of the origins that are allowed, compiled; `None` where any origin is.
    pub fn origins(&self) -> Option<&OriginSet> {
        match &self.origins {
            AllowedOrigins::Any => None,
            AllowedOrigins::These(these) => Some(&these.set),
        }
    }

    /// True if requests with credentials are allowed.
    pub fn allows_credentials(&self) -> bool {
        self.credentials
    }

    /// The methods that are listed, as they were; `*` for any. The safelisted ones are allowed beside these.
    pub fn allowed_methods(&self) -> impl Iterator<Item = &str> {
        self.methods.listed()
    }

    /// The names of the request headers that are listed, in lower case; `*` for any.
    pub fn allowed_headers(&self) -> impl Iterator<Item = &str> {
        self.request_headers.listed()
    }

    /// The names of the response headers that are exposed, in lower case; `*` for any.
    pub fn exposed_headers(&self) -> impl Iterator<Item = &str> {
        self.expose_headers.listed()
    }

    /// How long a browser may keep the answer to a preflight; `None` where that is left to the browser.
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age_seconds().map(Duration::from_secs)
    }

    /// True if an actual request from an origin that is not allowed is answered with 403. Only then does the decision
    /// (if not the verdict) depend on `Host` and `Sec-Fetch-Site`, and only then need an adapter read them.
    #[inline]
    pub fn refuses_disallowed_origins(&self) -> bool {
        self.refuse_disallowed_origins
    }

    /// True if the policy [leaves origins to its caller](PolicyConfig::decide_origins_outside): only then is there ever an
    /// [`origin_to_decide`](Self::origin_to_decide).
    pub fn decides_origins_outside(&self) -> bool {
        matches!(&self.origins, AllowedOrigins::These(these) if these.outside)
    }

    /// The origin that the caller has to decide about before [`evaluate`](crate::evaluate), if there is one: the policy
    /// [leaves origins to its caller](PolicyConfig::decide_origins_outside), and this request's is well-formed and
    /// admitted by nothing else.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// # fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().decide_origins_outside(true).build()?;
    /// let mut request = RequestParts::new("GET").origin("https://tenant.example");
    /// if let Some(origin) = policy.origin_to_decide(&request) {
    ///     request = request.origin_verdict(is_tenant(origin.as_str()));
    /// }
    /// assert!(evaluate(&policy, &request).verdict().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn origin_to_decide<'a>(&self, request: &RequestParts<'a>) -> Option<Origin<'a>> {
        let AllowedOrigins::These(these) = &self.origins else {
            return None;
        };
        let bytes = request.origin.once().filter(|_| these.outside)?;
        if self.lists(bytes) || self.admits_beyond(bytes, None) {
            return None;
        }
        let origin = Origin::parse(bytes).ok()?;
        self.may_ask_beyond(&origin).then_some(origin)
    }

    /// The values that were joined when the policy was built, of which an adapter may make its own kind of value once.
    /// These are all that [`LineValue::Policy`](crate::LineValue::Policy) can hold.
    pub fn header_texts(&self) -> impl Iterator<Item = (ResponseHeaderName, &str)> {
        let texts = [
            (
                ResponseHeaderName::AccessControlAllowMethods,
                self.methods.line(),
            ),
            (
                ResponseHeaderName::AccessControlAllowHeaders,
                self.request_headers.line(),
            ),
            (
                ResponseHeaderName::AccessControlMaxAge,
                self.max_age.as_deref(),
            ),
            (
                ResponseHeaderName::AccessControlExposeHeaders,
                self.expose_headers.line(),
            ),
        ];
        texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, text?)))
    }

    /// The lines that the answer to each allowed preflight has, whatever it asks for: of its headers, all but
    /// [`ResponseHeaders::echoed`]. An adapter may put them together once.
    ///
    /// ```
    /// use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};
    ///
    /// let config = PolicyConfig::new().allow_origins(["https://example.com"]).allow_methods(["PUT"]);
    /// let policy = config.max_age(None).build()?;
    /// let fixed = policy.answer_lines().map(|line| line.to_string());
    /// assert!(fixed.eq(["access-control-allow-methods: PUT", "vary: Origin"]));
    ///
    /// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("PUT");
    /// let decision = evaluate(&policy, &preflight);
    /// let echoed = decision.headers().echoed().map(|line| line.to_string());
    /// assert!(echoed.eq(["access-control-allow-origin: https://example.com"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn answer_lines(&self) -> ResponseHeadersIter<'_> {
        ResponseHeaders::of_answers(self).iter()
    }

    /// The settings that make this policy: building them makes it again. Patterns with a wild card stand behind the
    /// others, names are in the form in which they are sent, and what occurred twice occurs once.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origins(["https://example.com"]).allow_methods(["PUT"]);
    /// assert_eq!(config.clone().build()?.config(), config);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn config(&self) -> PolicyConfig {
        let mut config = PolicyConfig::new();
        match &self.origins {
            AllowedOrigins::Any => config.allow_origins.push("*".to_string()),
            AllowedOrigins::These(these) => {
                config
                    .allow_origins
                    .extend(these.set.patterns().map(ToString::to_string));
                #[cfg(feature = "regex")]
                config.allow_origin_regexes.extend(
                    these
                        .regexes
                        .iter()
                        .flat_map(|regexes| regexes.texts().iter().cloned()),
                );
                config.allow_origins_if.clone_from(&these.predicate);
                config.decide_origins_outside = these.outside;
            }
        }
        let listed =
            |list: &NameList| -> Vec<_> { list.listed().map(ToString::to_string).collect() };
        config.allow_credentials = self.credentials;
        config.allow_methods = listed(&self.methods);
        config.allow_headers = listed(&self.request_headers);
        config.expose_headers = listed(&self.expose_headers);
        config.max_age = self.max_age();
        config.timing_allow_origin = self.timing_allow_origin;
        config.allow_private_network = self.private_network;
        config.preflight_status = self.preflight_status;
        config.forward_preflights = self.forward_preflights;
        config.refuse_disallowed_origins = self.refuse_disallowed_origins;
        config.dangerously_allow_null_origin = self.dangerously.null_origin;
        config.dangerously_allow_any_origin_with_credentials =
            self.dangerously.any_origin_with_credentials;
        config.dangerously_allow_insecure_origins = self.dangerously.insecure_origins;
        config.dangerously_allow_public_suffix_subdomains =
            self.dangerously.public_suffix_subdomains;
        config
    }

    /// What works, but is hardly meant: for a log at start-up, or a linter of policy files. Empty for most policies.
    pub fn advice(&self) -> Vec<Advice> {
        advice::advice(self)
    }

    /// True for any origin without credentials: the response says `*`, whatever `Origin` is, malformed or repeated included.
    #[inline]
    pub(crate) fn allows_anyone(&self) -> bool {
        matches!(self.origins, AllowedOrigins::Any) && !self.credentials
    }

    /// With credentials, `*` is no wild card to a browser.
    #[inline]
    pub(crate) fn echoes_method(&self) -> bool {
        self.methods.is_any() && self.credentials
    }

    /// With credentials, `*` is no wild card to a browser.
    #[inline]
    pub(crate) fn echoes_headers(&self) -> bool {
        self.request_headers.is_any() && self.credentials
    }

    #[inline]
    pub(crate) fn find(&self, request: &RequestParts<'_>) -> Finding {
        match request.origin {
            Line::Absent => Finding::NoOrigin,
            // Fetch, "CORS protocol and HTTP caches": the response must not depend on `Origin`, or one odd request
            // through a cache that ignores `Vary` would take the resource away from every page.
            _ if self.allows_anyone() => Finding::Allowed,
            Line::Once(origin)
                if self.lists(origin) || self.admits_beyond(origin, request.origin_verdict) =>
            {
                Finding::Allowed
            }
            Line::Once(_) | Line::Repeated => Finding::Denied,
        }
    }

    /// True if a pattern admits the origin.
    fn lists(&self, bytes: &[u8]) -> bool {
        match &self.origins {
            AllowedOrigins::Any if bytes == b"null" => self.any_includes_null(),
            AllowedOrigins::Any => Origin::parse(bytes).is_ok(),
            AllowedOrigins::These(these) => these.set.contains(bytes),
        }
    }

    /// True if what lies beyond the patterns admits the origin.
    fn admits_beyond(&self, bytes: &[u8], verdict: Option<bool>) -> bool {
        let AllowedOrigins::These(these) = &self.origins else {
            return false;
        };
        these.has_more()
            && Origin::parse(bytes).is_ok_and(|origin| {
                self.may_ask_beyond(&origin) && these.more_admits(&origin, verdict)
            })
    }

    /// `*` without credentials is sent to everyone, and a browser takes it for `null` as well.
    fn any_includes_null(&self) -> bool {
        !self.credentials || self.dangerously.null_origin
    }

    /// Patterns are checked for this when the policy is built; what lies beyond them can be checked here only.
    fn may_ask_beyond(&self, origin: &Origin<'_>) -> bool {
        !self.credentials
            || self.dangerously.insecure_origins
            || origin.is_potentially_trustworthy()
    }

    /// Why the origin of a request is denied, given that it is.
    pub(crate) fn origin_denial(&self, request: &RequestParts<'_>) -> Denial<'static> {
        let Some(bytes) = request.origin.once() else {
            return Denial::OriginRepeated;
        };
        let origin = match Origin::parse(bytes) {
            Ok(origin) => origin,
            Err(OriginError::Opaque) => return Denial::OriginNull,
            Err(error) => return Denial::OriginMalformed(error),
        };
        match &self.origins {
            AllowedOrigins::These(these) if these.has_more() && !self.may_ask_beyond(&origin) => {
                Denial::OriginInsecure
            }
            AllowedOrigins::These(these) if these.outside && request.origin_verdict.is_none() => {
                Denial::OriginUndecided
            }
            _ => Denial::OriginNotAllowed,
        }
    }

    /// True if a regular expression may match an origin of any site.
    fn has_regex_for_any_site(&self) -> bool {
        #[cfg(feature = "regex")]
        use crate::origin::OriginRegexes;

        #[cfg(feature = "regex")]
        if let AllowedOrigins::These(these) = &self.origins {
            return these
                .regexes
                .as_ref()
                .is_some_and(OriginRegexes::can_match_any_site);
        }
        false
    }

    fn max_age_seconds(&self) -> Option<u64> {
        self.max_age
            .as_deref()
            .and_then(|seconds| seconds.parse().ok())
    }
}

impl TheseOrigins {
    fn has_more(&self) -> bool {
        #[cfg(feature = "regex")]
        if self.regexes.is_some() {
            return true;
        }
        self.predicate.is_some() || self.outside
    }

    fn more_admits(&self, origin: &Origin<'_>, verdict: Option<bool>) -> bool {
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
            .is_some_and(|predicate| predicate.admits(origin))
            || (self.outside && verdict == Some(true))
    }
}

#[cfg(test)]
mod tests;
