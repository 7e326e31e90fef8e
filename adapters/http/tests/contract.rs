//! The tests that every adapter passes, and a policy that needs a lookup with an adapter that has none.
#![cfg(feature = "tokio")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/contract.rs"]
mod contract;

use http::{HeaderMap, HeaderValue, Request};
use omnicors_http::{
    Decider, Guard, HttpDecision, Policy, PolicyConfig, PolicyEntry, PolicyHandle, PolicySource,
    PreparedPolicy, per_host, per_path, per_request,
};

use contract::{Application, CACHE_CONTROL, EXPOSE_HEADERS, Response, TIMEOUT, VARY, look_up};

/// A server without a framework.
struct App(Decider);

impl Application for App {
    async fn new(policy: PolicySource, with_lookup: bool) -> Self {
        let decider = Decider::new(policy);
        Self(if with_lookup {
            decider.lookup_origins(TIMEOUT, look_up)
        } else {
            decider
        })
    }

    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in fields {
            request = request.header(*name, value);
        }
        let request = request.body(()).unwrap();
        let (status, headers) = match self.0.decide(&request).await {
            HttpDecision::Respond(response) => {
                (response.status().as_u16(), response.into_parts().0.headers)
            }
            HttpDecision::Forward(mut fields) => {
                let mut headers = HeaderMap::new();
                headers.insert("cache-control", HeaderValue::from_static(CACHE_CONTROL));
                headers.insert("vary", HeaderValue::from_static(VARY));
                headers.insert(
                    "access-control-expose-headers",
                    HeaderValue::from_static(EXPOSE_HEADERS),
                );
                fields.apply(&mut headers);
                (200, headers)
            }
        };
        Response::new(status, &headers)
    }
}

contract::tests!(
    #[tokio::test]
    App
);

/// A `Decider` does not build a service, so it cannot check for a missing lookup at start-up.
#[tokio::test]
async fn without_a_lookup_an_origin_of_a_fixed_policy_is_denied_and_not_stored() {
    contract::lookup::without_a_lookup_an_origin_is_denied_and_not_stored::<App>(
        contract::looking_up().into(),
    )
    .await;
}

#[test]
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
fn a_missing_lookup_panics_when_an_adapter_checks_for_it() {
    Decider::new(contract::looking_up()).assert_no_lookup_is_missing();
}
