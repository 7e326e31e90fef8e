//! The tests that every adapter passes, and a policy that needs a lookup with an adapter that has none.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/contract.rs"]
mod contract;

use std::convert::Infallible;

use http::Request;
use http_body_util::BodyExt as _;
use omnicors_warp::{
    Cors, Guard, Policy, PolicyConfig, PolicyEntry, PolicyHandle, PolicySource, PreparedPolicy,
    per_host, per_path, per_request,
};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;
use warp::{Filter, Reply};

use contract::{Application, CACHE_CONTROL, EXPOSE_HEADERS, Response, TIMEOUT, VARY, look_up};

/// Routes with a policy, as a service.
struct App(BoxCloneSyncService<Request<String>, warp::reply::Response, Infallible>);

/// The same routes as a filter.
struct Wrapped(BoxCloneSyncService<Request<String>, warp::reply::Response, Infallible>);

fn cors(policy: PolicySource, with_lookup: bool) -> Cors {
    let cors = Cors::new(policy);
    if with_lookup {
        cors.lookup_origins(TIMEOUT, look_up)
    } else {
        cors
    }
}

fn routes()
-> impl Filter<Extract = (impl Reply + use<>,), Error = Infallible> + Clone + Send + Sync + 'static
{
    warp::any()
        .map(|| warp::reply::with_header(warp::reply(), "cache-control", CACHE_CONTROL))
        .map(|reply| warp::reply::with_header(reply, "vary", VARY))
        .map(|reply| {
            let name = "access-control-expose-headers";
            warp::reply::with_header(reply, name, EXPOSE_HEADERS)
        })
}

async fn send(
    service: BoxCloneSyncService<Request<String>, warp::reply::Response, Infallible>,
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
    let (head, body) = service.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Response::new(head.status.as_u16(), &head.headers).with_body(body)
}

impl Application for App {
    async fn new(policy: PolicySource, with_lookup: bool) -> Self {
        let service = cors(policy, with_lookup).service(routes());
        Self(BoxCloneSyncService::new(service))
    }

    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response {
        send(self.0.clone(), method, path, fields).await
    }
}

impl Application for Wrapped {
    async fn new(policy: PolicySource, with_lookup: bool) -> Self {
        let filter = cors(policy, with_lookup).wrap(routes());
        Self(BoxCloneSyncService::new(warp::service(filter)))
    }

    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response {
        send(self.0.clone(), method, path, fields).await
    }
}

contract::tests!(
    #[tokio::test]
    App
);

mod wrapped {
    use super::{Application as _, Wrapped, contract};

    contract::tests!(
        #[tokio::test]
        Wrapped
    );
}

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
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
async fn a_missing_lookup_panics_when_the_filter_is_wrapped() {
    Wrapped::new(contract::looking_up().into(), false).await;
}

#[tokio::test]
async fn only_the_body_of_a_rejected_request_is_replaced() {
    let cors = |policy: Policy| {
        Cors::new(policy).on_reject(|rejection| {
            let body = contract::rejection::make_body(rejection).unwrap_or_default();
            let mut response = body.into_response();
            for (name, value) in contract::rejection::MADE_FIELDS {
                let value = http::HeaderValue::from_static(value);
                response.headers_mut().insert(name, value);
            }
            response
        })
    };
    contract::rejection::only_the_body_of_a_rejected_request_is_replaced(async |policy| {
        App(BoxCloneSyncService::new(cors(policy).service(routes())))
    })
    .await;
    contract::rejection::only_the_body_of_a_rejected_request_is_replaced(async |policy| {
        let filter = warp::service(cors(policy).wrap(routes()));
        Wrapped(BoxCloneSyncService::new(filter))
    })
    .await;
}
