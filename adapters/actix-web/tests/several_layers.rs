//! What goes wrong with a middleware on each scope, and what `per_path` does instead: the table in `docs/several-policies.md`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, Error, HttpResponse, guard, web};
use omnicors_actix_web::{Cors, Policy, PolicyConfig, per_path};

const APP: &str = "https://app.example";

fn policy() -> Policy {
    let config = PolicyConfig::new().allow_origins([APP]);
    config.allow_methods(["PUT"]).build().unwrap()
}

fn scope() -> actix_web::Scope {
    web::scope("/api").route("/items", web::get().to(HttpResponse::Ok))
}

fn preflight() -> TestRequest {
    let request = TestRequest::with_uri("/api/items").method(Method::OPTIONS);
    let request = request.insert_header(("origin", APP));
    request.insert_header(("access-control-request-method", "PUT"))
}

/// Returns the status, and whether the origin is allowed.
async fn send<S, R, B>(app: &S, request: R) -> (u16, bool)
where
    S: Service<R, Response = ServiceResponse<B>, Error = Error>,
{
    let response = call_service(app, request).await;
    let allowed = response.headers().get("access-control-allow-origin");
    let status = response.status().as_u16();
    (status, allowed.is_some_and(|allowed| allowed == APP))
}

#[actix_web::test]
async fn a_guard_of_a_scope_keeps_preflights_from_its_middleware() {
    let guarded = || scope().guard(guard::Header("x-version", "2"));
    let app = init_service(App::new().service(guarded().wrap(Cors::new(policy())))).await;
    // A preflight does not have the fields of the page.
    let response = send(&app, preflight().to_request()).await;
    assert_eq!(response, (404, false));

    let cors = Cors::new(per_path([("/api", policy())]));
    let app = init_service(App::new().service(guarded()).wrap(cors)).await;
    let response = send(&app, preflight().to_request()).await;
    assert_eq!(response, (204, true));
}
