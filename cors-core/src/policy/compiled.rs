use alloc::boxed::Box;
use core::time::Duration;

use super::names::NameList;
use super::origin_rules::{OriginRules, OriginStatus};
use super::predicate::PredicateCall;
use crate::header::ResponseFieldSet;
use crate::origin::{Origin, OriginSet};
use crate::request::RequestParts;

/// Validated, immutable, compiled rules. Made by [`PolicyConfig::build`](super::PolicyConfig::build).
///
/// `Display` and `Debug` write the settings that differ from the defaults, `Display` as in a TOML file.
///
/// ```
/// use omnicors_core::{Policy, PolicyConfig};
///
/// let policy = Policy::try_from(PolicyConfig::new().allow_origin("https://example.com").allow_method("PUT"))?;
/// assert_eq!(policy.to_string(), r#"allow_origins = ["https://example.com"]
/// allow_methods = ["PUT"]"#);
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct Policy {
    pub(crate) origins: OriginRules,
    pub(crate) credentials: bool,
    pub(crate) methods: NameList,
    pub(crate) request_headers: NameList,
    pub(crate) expose_headers: NameList,
    pub(crate) merge_expose_headers: bool,
    /// In seconds, as text.
    pub(crate) max_age: Option<Box<str>>,
    pub(crate) timing_allow_origin: bool,
    pub(crate) private_network: bool,
    /// 200 to 299.
    pub(crate) preflight_status: u16,
    pub(crate) forward_preflights: bool,
    pub(crate) refuse_disallowed_origins: bool,
    pub(super) dangerously_allow_any_origin_with_credentials: bool,
    pub(super) dangerously_allow_public_suffix_subdomains: bool,
    /// Follows from the origins.
    pub(super) is_static: bool,
    /// The fields of responses: made from the settings above.
    pub(crate) response_fields: ResponseFields,
}

impl Policy {
    /// Returns the patterns of the origins that are allowed, compiled; `None` where any origin is.
    pub fn origins(&self) -> Option<&OriginSet> {
        self.origins.listed.as_ref().map(|listed| &listed.set)
    }

    /// Returns the regular expressions for origins, in the order in which they were listed.
    #[cfg(feature = "regex")]
    pub fn origin_regexes(&self) -> impl Iterator<Item = &str> {
        let listed = self.origins.listed.as_ref();
        let regexes = listed.and_then(|listed| listed.regexes.as_ref());
        regexes
            .into_iter()
            .flat_map(|regexes| regexes.texts().iter().map(|text| &**text))
    }

    /// Returns true if a [predicate](super::PolicyConfig::allow_origins_if) is asked about origins.
    pub fn has_origin_predicate(&self) -> bool {
        let listed = self.origins.listed.as_ref();
        listed.is_some_and(|listed| listed.predicate.is_some())
    }

    /// Returns true if origins that nothing else allows are [looked up](super::PolicyConfig::lookup_origins). Only then does
    /// [`origin_to_look_up`](Self::origin_to_look_up) return one.
    pub fn lookup_origins(&self) -> bool {
        self.origins
            .listed
            .as_ref()
            .is_some_and(|listed| listed.lookup)
    }

    /// Returns true if every response states the [only origin](super::PolicyConfig::static_origin) of the policy.
    pub fn static_origin(&self) -> bool {
        self.origins.static_origin.is_some()
    }

    /// Returns true if origins that are not allowed with credentials are
    /// [allowed without](super::PolicyConfig::allow_others_without_credentials).
    pub fn allow_others_without_credentials(&self) -> bool {
        self.origins.allow_others
    }

    /// Returns true if requests with credentials are allowed.
    pub fn allow_credentials(&self) -> bool {
        self.credentials
    }

    /// Returns the methods that are listed, as they were written; `*` for any. The safelisted ones are allowed as well.
    pub fn allow_methods(&self) -> impl Iterator<Item = &str> {
        self.methods.listed()
    }

    /// Returns the names of the request headers that are listed, in lower case; `*` for any.
    pub fn allow_headers(&self) -> impl Iterator<Item = &str> {
        self.request_headers.listed()
    }

    /// Returns the names of the response headers that are exposed, in lower case; `*` for any.
    pub fn expose_headers(&self) -> impl Iterator<Item = &str> {
        self.expose_headers.listed()
    }

    /// Returns true if the application's own `Access-Control-Expose-Headers` is
    /// [merged](super::PolicyConfig::merge_expose_headers).
    pub fn merge_expose_headers(&self) -> bool {
        self.merge_expose_headers
    }

    /// Returns how long a browser may keep the response to a preflight; `None` where the browser decides.
    pub fn max_age(&self) -> Option<Duration> {
        let seconds = self.max_age.as_deref()?;
        seconds.parse().ok().map(Duration::from_secs)
    }

    /// Returns true if allowed origins may see the details of resource timing.
    pub fn timing_allow_origin(&self) -> bool {
        self.timing_allow_origin
    }

    /// Returns true if allowed preflights get `Access-Control-Allow-Private-Network: true`.
    pub fn allow_private_network(&self) -> bool {
        self.private_network
    }

    /// Returns the status of the response to an allowed preflight: 200 to 299.
    pub fn preflight_status(&self) -> u16 {
        self.preflight_status
    }

    /// Returns true if preflights are forwarded to the application.
    pub fn forward_preflights(&self) -> bool {
        self.forward_preflights
    }

    /// Returns true if an actual request from an origin that is not allowed gets a 403.
    #[inline]
    pub fn refuse_disallowed_origins(&self) -> bool {
        self.refuse_disallowed_origins
    }

    /// Returns true if opaque origins (`null`) may be allowed.
    pub fn dangerously_allow_opaque_origins(&self) -> bool {
        self.origins.allow_opaque
    }

    /// Returns true if any origin may be allowed together with credentials.
    pub fn dangerously_allow_any_origin_with_credentials(&self) -> bool {
        self.dangerously_allow_any_origin_with_credentials
    }

    /// Returns true if, with credentials, origins may be allowed that are neither https nor loopback.
    pub fn dangerously_allow_insecure_origins(&self) -> bool {
        self.origins.allow_insecure
    }

    /// Returns true if, with credentials, a `*` may stand directly under a public suffix.
    pub fn dangerously_allow_public_suffix_subdomains(&self) -> bool {
        self.dangerously_allow_public_suffix_subdomains
    }

    pub(crate) fn with_predicate_call(mut self, call: PredicateCall) -> Self {
        let listed = self.origins.listed.as_mut();
        if let Some(predicate) = listed.and_then(|listed| listed.predicate.as_mut()) {
            *predicate = predicate.called_by(call);
        }
        self
    }

    /// Returns the origin to look up before [`evaluate`](crate::evaluate), if there is one: the policy
    /// [looks origins up](super::PolicyConfig::lookup_origins), and this request's is well-formed and allowed by nothing
    /// else.
    ///
    /// ```
    /// use omnicors_core::{LookupResult, PolicyConfig, RequestParts, evaluate};
    ///
    /// # fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let mut request = RequestParts::new("GET").origin("https://tenant.example");
    /// if let Some(origin) = policy.origin_to_look_up(&request) {
    ///     request = request.lookup_result(LookupResult::from(is_tenant(origin.as_str())));
    /// }
    /// assert!(evaluate(&policy, &request).verdict().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn origin_to_look_up<'a>(&self, request: &RequestParts<'a>) -> Option<Origin<'a>> {
        self.origins.origin_to_look_up(request.origin_field())
    }

    /// Returns true if no response depends on `Origin`: any origin, without credentials; or a
    /// [static origin](super::PolicyConfig::static_origin).
    ///
    /// Fetch, [CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches): such
    /// responses do not vary, so that a cache may store them for everyone.
    #[inline]
    pub fn is_static(&self) -> bool {
        self.is_static
    }

    /// With credentials, a browser takes `*` literally.
    #[inline]
    pub(crate) fn echoes_method(&self) -> bool {
        self.methods.is_any() && self.credentials
    }

    /// With credentials, a browser takes `*` literally.
    #[inline]
    pub(crate) fn echoes_headers(&self) -> bool {
        self.request_headers.is_any() && self.credentials
    }

    /// Returns whether the origin of a request is allowed. The response of a static policy does not depend on it.
    #[inline]
    pub(crate) fn origin_status(&self, request: &RequestParts<'_>) -> OriginStatus {
        self.origins
            .status(request.origin_field(), request.found_by_lookup())
    }
}

/// The response fields of requests whose origin is allowed, by the kind of request. They follow from the settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseFields {
    pub(crate) non_cors: ResponseFieldSet,
    pub(crate) actual: ResponseFieldSet,
    pub(crate) denied: ResponseFieldSet,
    pub(crate) denied_preflight: ResponseFieldSet,
    /// Without the headers that a request has echoed.
    pub(crate) preflight: ResponseFieldSet,
    /// Of all fields, those whose value is taken from the request.
    pub(crate) echoed: ResponseFieldSet,
    /// Of all fields, those whose value is the same for all policies and requests.
    pub(crate) constant: ResponseFieldSet,
}

impl ResponseFields {
    pub(super) const NONE: Self = Self {
        non_cors: ResponseFieldSet::EMPTY,
        actual: ResponseFieldSet::EMPTY,
        denied: ResponseFieldSet::EMPTY,
        denied_preflight: ResponseFieldSet::EMPTY,
        preflight: ResponseFieldSet::EMPTY,
        echoed: ResponseFieldSet::EMPTY,
        constant: ResponseFieldSet::EMPTY,
    };
}
