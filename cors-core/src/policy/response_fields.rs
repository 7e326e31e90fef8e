use super::compiled::{Policy, ResponseFields};
use crate::header::{ResponseField, ResponseFieldSet};

impl ResponseFields {
    /// Derives the fields from the settings of a policy.
    pub(super) fn new(policy: &Policy) -> Self {
        use ResponseField as Field;
        let varies = !policy.is_static();
        let allowed = ResponseFieldSet::of(Field::AllowOrigin)
            .with(Field::AllowCredentials, policy.credentials);
        let actual = allowed
            .with(Field::VaryOrigin, varies)
            .with(
                Field::ExposeHeaders,
                policy.expose_headers.value().is_some(),
            )
            .with(Field::TimingAllowOrigin, policy.timing_allow_origin);
        // Always send the methods. Without the field, requests with an upload listener or a stream as their body may use any method:
        // https://fetch.spec.whatwg.org/#cors-preflight-fetch, step 7.4.
        let vary = Field::vary(policy.echoes_method(), policy.echoes_headers());
        let lists_headers = policy.request_headers.value().is_some();
        let preflight = allowed
            .with(Field::AllowMethods, true)
            .with(
                Field::AllowHeaders,
                lists_headers && !policy.echoes_headers(),
            )
            .with(Field::MaxAge, policy.max_age.is_some())
            .with(Field::AllowPrivateNetwork, policy.private_network)
            .with(vary, varies);
        let echoed = ResponseFieldSet::of(Field::EchoedHeaders)
            .with(Field::AllowOrigin, varies)
            .with(Field::TimingAllowOrigin, varies)
            .with(Field::AllowMethods, policy.echoes_method());
        let is_any = varies || !policy.static_origin();
        let constant = ResponseFieldSet::of(Field::VaryOrigin)
            .with(Field::VaryOriginMethod, true)
            .with(Field::VaryOriginHeaders, true)
            .with(Field::VaryOriginMethodHeaders, true)
            .with(Field::CacheControl, true)
            .with(Field::RetryAfter, true)
            .with(Field::AllowCredentials, true)
            .with(Field::AllowPrivateNetwork, true)
            .with(Field::AllowOrigin, is_any)
            .with(Field::TimingAllowOrigin, is_any)
            .and_not(echoed);
        let vary_origin = ResponseFieldSet::of(Field::VaryOrigin);
        let others = policy.allow_others_without_credentials();
        let non_cors = vary_origin.with(
            Field::TimingAllowOrigins,
            policy.origins.timing_list().is_some(),
        );
        Self {
            // The responses of a static policy are the same for all requests, so that a cache can store one for everyone.
            non_cors: if varies { non_cors } else { actual },
            actual,
            denied: if others {
                actual.without(Field::AllowCredentials)
            } else {
                vary_origin
            },
            denied_preflight: if others {
                // `*` instead of an echo.
                preflight
                    .without(Field::AllowCredentials)
                    .without(vary)
                    .with(Field::VaryOrigin, true)
                    .with(Field::AllowHeaders, lists_headers)
            } else {
                vary_origin
            },
            preflight,
            echoed,
            constant,
            has_fixed_preflights: !(policy.forward_preflights
                || policy.echoes_method()
                || policy.echoes_headers()
                || policy.lookup_origins()
                || policy.checks_hosts()
                || others),
        }
    }
}
