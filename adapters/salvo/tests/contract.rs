//! The tests that every adapter passes, and a policy that needs a lookup with an adapter that has none.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/contract.rs"]
mod contract;

use std::sync::Arc;

use omnicors_salvo::{
    Cors, Guard, Policy, PolicyConfig, PolicyEntry, PolicyHandle, PolicySource, PreparedPolicy,
    per_host, per_path, per_request,
};
use salvo::http::ResBody;
use salvo::http::header::HeaderValue;
use salvo::hyper::body::Bytes;
use salvo::prelude::{Depot, FlowCtrl, Request, handler};

use contract::{Application, CACHE_CONTROL, EXPOSE_HEADERS, Response, TIMEOUT, VARY, look_up};

struct App(Cors);

#[handler]
async fn hello(response: &mut salvo::Response) {
    let value = HeaderValue::from_static(CACHE_CONTROL);
    response.headers_mut().insert("cache-control", value);
    let value = HeaderValue::from_static(VARY);
    response.headers_mut().insert("vary", value);
    let value = HeaderValue::from_static(EXPOSE_HEADERS);
    response
        .headers_mut()
        .insert("access-control-expose-headers", value);
    response.render("hello");
}

impl Application for App {
    async fn new(policy: PolicySource, with_lookup: bool) -> Self {
        let cors = Cors::new(policy);
        Self(if with_lookup {
            cors.lookup_origins(TIMEOUT, look_up)
        } else {
            cors
        })
    }

    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response {
        let mut request = Request::new();
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = path.parse().unwrap();
        for (name, value) in fields {
            let value = HeaderValue::from_str(value).unwrap();
            request.headers_mut().append(*name, value);
        }
        let mut response = salvo::Response::new();
        // The hoop of a service, and a route.
        let mut control = FlowCtrl::new(vec![Arc::new(self.0.clone()), Arc::new(hello)]);
        let mut depot = Depot::new();
        control
            .call_next(&mut request, &mut depot, &mut response)
            .await;
        let status = response.status_code.map_or(200, |status| status.as_u16());
        let body = match response.take_body() {
            ResBody::Once(bytes) => bytes,
            // The catcher of a service writes a page then.
            ResBody::None if status >= 400 => Bytes::from_static(b"a page of the catcher"),
            _ => Bytes::new(),
        };
        Response::new(status, response.headers()).with_body(body)
    }
}

contract::tests!(
    #[tokio::test]
    App
);

/// salvo does not call a hoop when it builds a service, so a missing lookup is not reported at start-up.
#[tokio::test]
async fn without_a_lookup_an_origin_of_a_fixed_policy_is_denied_and_not_stored() {
    contract::lookup::without_a_lookup_an_origin_is_denied_and_not_stored::<App>(
        contract::looking_up().into(),
    )
    .await;
}

#[test]
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
fn a_missing_lookup_panics_when_it_is_checked() {
    Cors::new(contract::looking_up()).assert_no_lookup_is_missing();
}

#[tokio::test]
async fn a_lookup_that_is_there_is_not_missing() {
    let cors = Cors::new(contract::looking_up()).lookup_origins(TIMEOUT, look_up);
    cors.assert_no_lookup_is_missing();
    Cors::new(contract::not_looking_up()).assert_no_lookup_is_missing();
}

#[tokio::test]
async fn only_the_body_of_a_rejected_request_is_replaced() {
    contract::rejection::only_the_body_of_a_rejected_request_is_replaced(async |policy| {
        App(Cors::new(policy).on_reject(|rejection, response| {
            for (name, value) in contract::rejection::MADE_FIELDS {
                let value = HeaderValue::from_static(value);
                response.headers_mut().insert(name, value);
            }
            if let Some(body) = contract::rejection::make_body(rejection) {
                response.body(body);
            }
        }))
    })
    .await;
}
