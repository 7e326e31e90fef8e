//! The tests that every adapter passes, and a policy that needs a lookup with an adapter that has none.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/contract.rs"]
mod contract;

use http::Request;
use http_body_util::BodyExt as _;
use omnicors_warp::{
    Cors, Guard, Policy, PolicyConfig, PolicyEntry, PolicyHandle, PolicySource, PreparedPolicy,
    per_host, per_path, per_request,
};
use tower::ServiceExt as _;
use warp::filters::BoxedFilter;
use warp::{Filter as _, Reply as _};

use contract::{Application, CACHE_CONTROL, EXPOSE_HEADERS, Response, TIMEOUT, VARY, look_up};

struct App(BoxedFilter<(warp::reply::Response,)>);

impl Application for App {
    async fn new(policy: PolicySource, with_lookup: bool) -> Self {
        let cors = Cors::new(policy);
        let cors = if with_lookup {
            cors.lookup_origins(TIMEOUT, look_up)
        } else {
            cors
        };
        let hello = warp::any()
            .map(|| warp::reply::with_header(warp::reply(), "cache-control", CACHE_CONTROL))
            .map(|reply| warp::reply::with_header(reply, "vary", VARY))
            .map(|reply| {
                let name = "access-control-expose-headers";
                warp::reply::with_header(reply, name, EXPOSE_HEADERS)
            });
        Self(cors.wrap(hello).boxed())
    }

    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response {
        // `warp::test` keeps only the last of several fields with the same name.
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in fields {
            request = request.header(*name, value);
        }
        let request = request.body(String::new()).unwrap();
        let service = warp::service(self.0.clone());
        let (head, body) = service.oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
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
    App::new(contract::looking_up_for_a_path(), false).await;
}

#[tokio::test]
async fn only_the_body_of_a_rejected_request_is_replaced() {
    let cors = Cors::new(contract::rejecting()).on_reject(|rejection| {
        let mut response = contract::make_body(rejection).into_response();
        for (name, value) in contract::MADE_FIELDS {
            let value = http::HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
        response
    });
    contract::only_the_body_of_a_rejected_request_is_replaced(&App(cors
        .wrap(warp::any().map(|| "hello"))
        .boxed()))
    .await;
}
