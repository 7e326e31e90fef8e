//! The tests that every adapter passes, and a policy that needs a lookup with an adapter that has none.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/contract.rs"]
mod contract;
#[path = "../../kit/tests/shared/start_up.rs"]
mod start_up;

use std::time::Duration;

use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App as Actix, HttpResponse, HttpServer, rt, web};
use omnicors_actix_web::{
    Cors, Guard, Policy, PolicyConfig, PolicyEntry, PolicyHandle, PolicySource, PreparedPolicy,
    per_host, per_path, per_request,
};

use contract::{Application, CACHE_CONTROL, EXPOSE_HEADERS, Response, TIMEOUT, VARY, look_up};

struct App(Cors);

/// Builds the service, as each worker does, and calls it.
async fn call(cors: &Cors, request: TestRequest) -> ServiceResponse {
    let hello = async || {
        let mut response = HttpResponse::Ok();
        response.insert_header(("cache-control", CACHE_CONTROL));
        response.insert_header(("vary", VARY));
        response.insert_header(("access-control-expose-headers", EXPOSE_HEADERS));
        response.finish()
    };
    let app = Actix::new().default_service(web::to(hello));
    let service = init_service(app.wrap(cors.clone())).await;
    let response = call_service(&service, request.to_request()).await;
    response.map_into_boxed_body()
}

impl Application for App {
    async fn new(policy: PolicySource, with_lookup: bool) -> Self {
        let cors = Cors::new(policy);
        let cors = if with_lookup {
            cors.lookup_origins(TIMEOUT, look_up)
        } else {
            cors
        };
        call(&cors, TestRequest::default()).await;
        Self(cors)
    }

    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = TestRequest::with_uri(path).method(method);
        for (name, value) in fields {
            request = request.append_header((*name, value.as_str()));
        }
        let response = call(&self.0, request).await;
        let (status, fields) = (response.status().as_u16(), response.headers().clone());
        let body = read_body(response).await;
        Response::new(status, &fields).with_body(body)
    }
}

contract::tests!(
    #[actix_web::test]
    App
);

#[actix_web::test]
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
async fn a_missing_lookup_panics_when_the_service_is_built() {
    App::new(contract::looking_up().into(), false).await;
}

/// The service is built on the thread of a worker, where a panic could get lost.
#[test]
fn a_server_with_a_missing_lookup_does_not_start_and_says_why() {
    let test = "a_server_with_a_missing_lookup_does_not_start_and_says_why";
    start_up::assert_missing_lookup_stops_the_server(test, || {
        let cors = Cors::new(contract::looking_up());
        let server = HttpServer::new(move || Actix::new().wrap(cors.clone())).workers(2);
        rt::System::new().block_on(async {
            let server = server.bind(("127.0.0.1", 0)).unwrap().run();
            let ended = rt::time::timeout(Duration::from_secs(30), server).await;
            ended.expect("the server should not run").unwrap();
        });
    });
}

#[actix_web::test]
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
async fn a_missing_lookup_of_an_entry_panics_when_the_service_is_built() {
    App::new(contract::choice::looking_up_for_a_path(), false).await;
}

#[actix_web::test]
async fn only_the_body_of_a_rejected_request_is_replaced() {
    contract::rejection::only_the_body_of_a_rejected_request_is_replaced(async |policy| {
        App(Cors::new(policy).on_reject(|rejection| {
            let mut response = HttpResponse::Ok();
            for field in contract::rejection::MADE_FIELDS {
                response.insert_header(field);
            }
            response.body(contract::rejection::make_body(rejection).unwrap_or_default())
        }))
    })
    .await;
}
