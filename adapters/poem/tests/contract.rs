//! The tests that every adapter passes, and a policy that needs a lookup with an adapter that has none.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/contract.rs"]
mod contract;

use omnicors_poem::{
    Cors, CorsEndpoint, Guard, Policy, PolicyConfig, PolicyEntry, PolicyHandle, PolicySource,
    PreparedPolicy, per_host, per_path, per_request,
};
use poem::endpoint::BoxEndpoint;
use poem::{Endpoint as _, EndpointExt as _, Request, endpoint};

use contract::{Application, CACHE_CONTROL, EXPOSE_HEADERS, Response, TIMEOUT, VARY, look_up};

struct App(CorsEndpoint<BoxEndpoint<'static>>);

impl Application for App {
    async fn new(policy: PolicySource, with_lookup: bool) -> Self {
        let cors = Cors::new(policy);
        let cors = if with_lookup {
            cors.lookup_origins(TIMEOUT, look_up)
        } else {
            cors
        };
        let hello = endpoint::make_sync(|_| {
            poem::Response::builder()
                .header("cache-control", CACHE_CONTROL)
                .header("vary", VARY)
                .header("access-control-expose-headers", EXPOSE_HEADERS)
                .finish()
        });
        Self(hello.boxed().with(cors))
    }

    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response {
        let mut request = Request::builder()
            .method(method.parse().unwrap())
            .uri(path.parse().unwrap());
        for (name, value) in fields {
            request = request.header(*name, value);
        }
        let response = self.0.get_response(request.finish()).await;
        let (head, body) = response.into_parts();
        let body = body.into_bytes().await.unwrap();
        Response::new(head.status.as_u16(), &head.headers).with_body(body)
    }
}

contract::tests!(
    #[tokio::test]
    App
);

#[tokio::test]
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
async fn a_missing_lookup_panics_when_the_service_is_built() {
    App::new(contract::looking_up().into(), false).await;
}

#[tokio::test]
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
async fn a_missing_lookup_of_an_entry_panics_when_the_service_is_built() {
    App::new(contract::choice::looking_up_for_a_path(), false).await;
}

#[tokio::test]
async fn only_the_body_of_a_rejected_request_is_replaced() {
    contract::rejection::only_the_body_of_a_rejected_request_is_replaced(async |policy| {
        let cors = Cors::new(policy).on_reject(|rejection| {
            let mut response = poem::Response::builder();
            for (name, value) in contract::rejection::MADE_FIELDS {
                response = response.header(name, value);
            }
            response.body(contract::rejection::make_body(rejection).unwrap_or_default())
        });
        let hello = endpoint::make_sync(|_| poem::Response::from("hello"));
        App(hello.boxed().with(cors))
    })
    .await;
}
