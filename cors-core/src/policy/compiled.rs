use alloc::boxed::Box;

use super::names::NameList;
use super::origin_rules::{OriginRules, OriginStatus};
use super::predicate::PredicateCall;
use crate::header::ResponseFieldSet;
use crate::origin::Origin;
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
    pub(crate) fn with_predicate_call(mut self, call: PredicateCall) -> Self {
        if let Some(listed) = &mut self.origins.listed
            && let Some(predicate) = &mut listed.predicate
        {
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
