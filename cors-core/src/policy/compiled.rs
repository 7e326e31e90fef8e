use alloc::boxed::Box;

use super::dynamic_origins::DynamicSetCall;
use super::guard::GuardRules;
use super::names::NameList;
use super::origin_rules::{OriginRules, OriginStatus};
use super::predicate::PredicateCall;
use super::revision::Revision;
use crate::header::ResponseFieldSet;
use crate::origin::Origin;
use crate::request::RequestParts;

/// A validated, immutable, compiled CORS policy.
///
/// [`PolicyConfig::build`](crate::PolicyConfig::build) returns it, and [`evaluate`](crate::evaluate) applies it to a request.
/// `Display` and `Debug` write the settings that differ from the defaults, `Display` in the form of a TOML file.
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
    /// `None` if no request is ever rejected.
    pub(crate) guard: Option<Box<GuardRules>>,
    /// Decides nothing.
    pub(super) origins_revision: Option<Revision>,
    pub(super) dangerously_allow_any_origin_with_credentials: bool,
    pub(super) dangerously_allow_public_suffix_subdomains: bool,
    /// Derived from the origins.
    pub(super) is_static: bool,
    /// Derived from the settings above.
    pub(crate) response_fields: ResponseFields,
}

impl Policy {
    pub(crate) fn with_predicate_call(mut self, call: PredicateCall) -> Self {
        let listed = self.origins.listed.as_mut();
        if let Some(predicate) = listed.and_then(|listed| listed.predicate.as_mut()) {
            *predicate = predicate.called_by(call);
        }
        self
    }

    pub(crate) fn with_dynamic_set_call(mut self, call: DynamicSetCall) -> Self {
        if let Some(listed) = &mut self.origins.listed {
            listed.dynamic = listed.dynamic.take().map(|set| set.called_by(call));
        }
        self
    }

    /// Returns the origin that the server must look up before it calls [`evaluate`](crate::evaluate), or `None` if no lookup is
    /// needed.
    ///
    /// Returns an origin only if the policy enables [origin lookups](crate::PolicyConfig::lookup_origins), the origin is
    /// well-formed, nothing else in the policy allows it, and the request is for a host that is
    /// [served](crate::PolicyConfig::allow_hosts).
    ///
    /// ```
    /// use omnicors_core::{LookupResult, PolicyConfig, RequestParts, evaluate};
    ///
    /// // A real server asks a database.
    /// fn is_tenant(origin: &str) -> bool {
    ///     origin == "https://tenant.example"
    /// }
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let mut request = RequestParts::new("GET").origin("https://tenant.example");
    /// if let Some(origin) = policy.origin_to_look_up(&request) {
    ///     request = request.lookup_result(LookupResult::from(is_tenant(origin.as_str())));
    /// }
    /// assert!(evaluate(&policy, &request).verdict().is_allowed());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn origin_to_look_up<'a>(&self, request: &RequestParts<'a>) -> Option<Origin<'a>> {
        let rules = self.guard.as_deref().filter(|rules| !rules.report_only);
        if rules.is_some_and(|rules| !rules.serves_host_of(request)) {
            // The response is a 421, whatever the origin is.
            return None;
        }
        self.origins.origin_to_look_up(request.origin_field())
    }

    /// Returns true if no response depends on `Origin`. This is the case if the policy allows any origin without credentials, or
    /// has a [static origin](crate::PolicyConfig::static_origin).
    ///
    /// The responses of a static policy have no `Vary: Origin`, so that a cache can store one response for everyone: see Fetch,
    /// [CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// assert!(PolicyConfig::new().allow_origin("*").build()?.is_static());
    /// assert!(!PolicyConfig::new().allow_origin("https://example.com").build()?.is_static());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn is_static(&self) -> bool {
        self.is_static
    }

    /// Returns true if the policy [lists hosts](crate::PolicyConfig::allow_hosts).
    #[inline]
    pub(crate) fn checks_hosts(&self) -> bool {
        let guard = self.guard.as_ref();
        guard.is_some_and(|rules| !rules.hosts.is_empty())
    }

    /// Returns true if the response echoes the requested method. With credentials, browsers read `*` literally (Fetch,
    /// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), step 7.5).
    #[inline]
    pub(crate) fn echoes_method(&self) -> bool {
        self.methods.is_any() && self.credentials
    }

    /// Returns true if the response echoes the requested header names. With credentials, browsers read `*` literally (Fetch,
    /// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), step 7.7).
    #[inline]
    pub(crate) fn echoes_headers(&self) -> bool {
        self.request_headers.is_any() && self.credentials
    }

    /// Returns whether the policy allows the origin of a request. The responses of a static policy do not depend on it.
    #[inline]
    pub(crate) fn origin_status(&self, request: &RequestParts<'_>) -> OriginStatus {
        self.origins
            .status(request.origin_field(), request.known_lookup_result())
    }
}

/// The fields of each kind of response, derived from the settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseFields {
    pub(crate) non_cors: ResponseFieldSet,
    pub(crate) actual: ResponseFieldSet,
    pub(crate) denied: ResponseFieldSet,
    pub(crate) denied_preflight: ResponseFieldSet,
    /// Without the echo of the requested headers, which each request adds.
    pub(crate) preflight: ResponseFieldSet,
    /// The fields whose value is an echo of the request.
    pub(crate) echoed: ResponseFieldSet,
    /// The fields whose value is the same for all policies and requests.
    pub(crate) constant: ResponseFieldSet,
    /// Whether the response to a preflight depends on nothing but its origin, without a lookup.
    pub(crate) has_fixed_preflights: bool,
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
        has_fixed_preflights: false,
    };
}
