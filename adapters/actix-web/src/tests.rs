//! Tests of behaviour that is specific to this adapter. The tests of all frameworks together are in the package
//! `omnicors-tests`.

use std::rc::Rc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorUnauthorized, InternalError};
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Compat, Condition, Next, from_fn};
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, Error, HttpMessage as _, HttpResponse, guard, web};

use super::*;

mod migrating;
mod prepared;

const ALLOWED: &str = "https://allowed.example";
const DENIED: &str = "https://denied.example";

fn policy() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins([ALLOWED])
        .allow_methods(["PUT"])
}

fn cors(config: PolicyConfig) -> Cors {
    Cors::new(config.build().unwrap())
}

fn request(method: &str, path: &str, origin: &str) -> TestRequest {
    TestRequest::with_uri(path)
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .insert_header(("origin", origin))
}

fn preflight(path: &str, origin: &str) -> TestRequest {
    request("OPTIONS", path, origin).insert_header(("access-control-request-method", "PUT"))
}

fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(name);
    values
        .map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

fn allow_origin(response: &HttpResponse) -> Vec<String> {
    values(response.headers(), "access-control-allow-origin")
}

fn vary(response: &HttpResponse) -> Vec<String> {
    values(response.headers(), "vary")
}

/// Sends a request, and converts an error to its response.
async fn send<S, R, B>(app: &S, request: R) -> HttpResponse
where
    S: Service<R, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    match try_call_service(app, request).await {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    }
}

/// A middleware that rejects requests without `Authorization` with an error.
async fn login(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.headers().contains_key("authorization") {
        return Err(ErrorUnauthorized("log in first"));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

#[actix_web::test]
async fn the_error_of_an_extractor_gets_the_headers() {
    let number = async |number: web::Path<u8>| number.to_string();
    let app = init_service(
        App::new()
            .route("/number/{number}", web::get().to(number))
            .wrap(cors(policy())),
    )
    .await;
    for (origin, expected) in [(ALLOWED, vec![ALLOWED]), (DENIED, vec![])] {
        let response = send(&app, request("GET", "/number/x", origin).to_request()).await;
        assert_eq!(response.status(), 404);
        assert_eq!(allow_origin(&response), expected);
        assert_eq!(vary(&response), ["Origin"]);
    }
}

#[actix_web::test]
async fn an_error_of_a_middleware_keeps_its_type_and_its_cors_fields_are_replaced() {
    let app = init_service(
        App::new()
            .wrap(from_fn(async |_, _: Next<BoxBody>| {
                let response = HttpResponse::Forbidden()
                    .insert_header(("access-control-allow-origin", "*"))
                    .insert_header(("vary", "accept"))
                    .finish();
                Err::<ServiceResponse, Error>(
                    InternalError::from_response("broken", response).into(),
                )
            }))
            .wrap(cors(policy())),
    )
    .await;
    let error = try_call_service(&app, request("GET", "/", ALLOWED).to_request())
        .await
        .unwrap_err();
    assert!(error.as_error::<InternalError<&str>>().is_some());
    let response = error.error_response();
    assert_eq!(response.status(), 403);
    assert_eq!(allow_origin(&response), [ALLOWED]);
    assert_eq!(vary(&response), ["accept", "Origin"]);
}

#[actix_web::test]
async fn a_scope_and_a_resource_can_have_their_own_policies() {
    async fn show(path: web::Path<(String, u8)>) -> String {
        format!("{path:?}")
    }
    let public = cors(PolicyConfig::public_read_only());
    let private = Condition::new(true, Compat::new(cors(policy())));
    let guarded = web::resource("/guarded").guard(guard::Get());
    let app = init_service(
        App::new()
            .service(
                web::scope("/public/{name}")
                    .service(web::resource("/{number}").route(web::get().to(show)))
                    .wrap(public),
            )
            .service(
                web::resource("/private")
                    .route(web::put().to(async || "replaced"))
                    .wrap(private),
            )
            .service(guarded.to(HttpResponse::Ok).wrap(cors(policy()))),
    )
    .await;
    for (method, path, status, expected) in [
        ("GET", "/public/a/1", 200, vec!["*"]),
        ("GET", "/public/a/x", 404, vec!["*"]),
        ("PUT", "/public/a/1", 405, vec!["*"]),
        ("GET", "/public/a", 404, vec!["*"]),
        ("PUT", "/private", 200, vec![ALLOWED]),
        ("GET", "/private", 405, vec![ALLOWED]),
        ("GET", "/missing", 404, vec![]),
    ] {
        let response = send(&app, request(method, path, ALLOWED).to_request()).await;
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(allow_origin(&response), expected, "{method} {path}");
    }
    let response = send(&app, preflight("/private", ALLOWED).to_request()).await;
    assert_eq!(response.status(), 204);
    let response = send(&app, preflight("/guarded", ALLOWED).to_request()).await;
    assert_eq!(response.status(), 404, "the guard rejects OPTIONS");
}

#[actix_web::test]
async fn the_outer_of_two_nested_policies_decides() {
    let inner = cors(PolicyConfig::public_read_only());
    let app = init_service(
        App::new()
            .service(
                web::resource("/")
                    .route(web::get().to(HttpResponse::Ok))
                    .wrap(inner),
            )
            .wrap(cors(policy())),
    )
    .await;
    for (origin, status, expected) in [(ALLOWED, 204, vec![ALLOWED]), (DENIED, 403, vec![])] {
        let response = send(&app, preflight("/", origin).to_request()).await;
        assert_eq!(response.status(), status);
        assert_eq!(allow_origin(&response), expected);
        let response = send(&app, request("GET", "/", origin).to_request()).await;
        assert_eq!(allow_origin(&response), expected);
        assert_eq!(vary(&response), ["Origin"]);
    }
}

#[actix_web::test]
async fn a_policy_can_be_chosen_by_the_extensions_of_a_request() {
    let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build().unwrap());
    let chosen = per_request(move |request| {
        let is_marked = request.extensions().contains::<()>();
        is_marked.then(|| public.clone())
    });
    let own_field = async || {
        HttpResponse::Ok()
            .insert_header(("access-control-allow-origin", "https://own.example"))
            .finish()
    };
    let app = init_service(
        App::new()
            .default_service(web::to(own_field))
            .wrap(Cors::new(chosen)),
    )
    .await;
    let get = || request("GET", "/", DENIED).to_request();
    let untouched = send(&app, get()).await;
    assert_eq!(allow_origin(&untouched), ["https://own.example"]);
    assert_eq!(vary(&untouched), [""; 0]);
    let marked = get();
    marked.extensions_mut().insert(());
    assert_eq!(allow_origin(&send(&app, marked).await), ["*"]);
}

#[actix_web::test]
async fn a_request_is_routed_after_its_lookup() {
    let decide = async |_: String| {
        tokio::task::yield_now().await;
        true
    };
    let cors = cors(policy().lookup_origins(true)).lookup_origins(Duration::MAX, decide);
    let app = init_service(
        App::new()
            // Routing changes the request in place, and panics if a clone of it exists.
            .service(web::scope("/{name}").route("/", web::get().to(HttpResponse::Ok)))
            .wrap(cors),
    )
    .await;
    let response = send(&app, request("GET", "/a/", DENIED).to_request()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(allow_origin(&response), [DENIED]);
}

/// As the request of the client `awc`, for example.
#[actix_web::test]
async fn the_future_of_a_lookup_stays_on_its_thread() {
    let decide = async |origin: String| {
        let origin = Rc::new(origin);
        tokio::task::yield_now().await;
        *origin == DENIED
    };
    let cors = cors(policy().lookup_origins(true)).lookup_origins(Duration::MAX, decide);
    let app = App::new().default_service(web::to(HttpResponse::Ok));
    let app = init_service(app.wrap(cors)).await;
    for (origin, allowed) in [(DENIED, true), ("https://other.example", false)] {
        let response = send(&app, request("GET", "/", origin).to_request()).await;
        let expected = Vec::from_iter(allowed.then_some(origin));
        assert_eq!(allow_origin(&response), expected);
    }
}

#[actix_web::test]
async fn the_origin_of_a_request_without_a_policy_is_not_looked_up() {
    let cors = Cors::new(per_request(|_| None))
        .lookup_origins(Duration::MAX, async |_: String| -> bool { unreachable!() });
    let app = init_service(
        App::new()
            .default_service(web::to(HttpResponse::Ok))
            .wrap(cors),
    )
    .await;
    let response = send(&app, preflight("/", ALLOWED).to_request()).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().is_empty());
}

#[actix_web::test]
async fn same_origin_requests_are_not_rejected() {
    let app = init_service(
        App::new()
            .default_service(web::to(HttpResponse::Ok))
            .wrap(cors(policy().guard(Guard::All))),
    )
    .await;
    let post = |uri: &str, fields: &[(&'static str, &'static str)]| {
        let mut post = request("POST", uri, "https://own.example");
        for field in fields {
            post = post.append_header(*field);
        }
        post.to_request()
    };
    for own in [
        post("/", &[("host", "own.example")]),
        post("https://own.example/", &[]),
        post("https://own.example/", &[("host", "own.example")]),
        post("/", &[("sec-fetch-site", "same-origin")]),
    ] {
        assert_eq!(send(&app, own).await.status(), 200);
    }
    for other in [
        post("/", &[("host", "api.example")]),
        post("/", &[]),
        post(
            "/",
            &[
                ("host", "api.example"),
                ("x-forwarded-host", "own.example"),
                ("forwarded", "host=own.example"),
            ],
        ),
        post(
            "/",
            &[("host", "own.example"), ("sec-fetch-site", "cross-site")],
        ),
    ] {
        assert_eq!(send(&app, other).await.status(), StatusCode::FORBIDDEN);
    }
}

#[actix_web::test]
async fn values_are_cloned_and_not_copied() {
    let config = policy().allow_credentials(true).expose_headers(["x-a"]);
    let app = init_service(
        App::new()
            .default_service(web::to(HttpResponse::Ok))
            .wrap(cors(config)),
    )
    .await;
    let origin = HeaderValue::from_str(ALLOWED).unwrap();
    let get = || TestRequest::get().insert_header(("origin", origin.clone()));
    let [one, other] = [
        send(&app, get().to_request()).await,
        send(&app, get().to_request()).await,
    ];
    let bytes = |response: &HttpResponse, name| {
        let value = response.headers().get(name).unwrap();
        std::ptr::from_ref(value.as_bytes())
    };
    let echo = bytes(&one, "access-control-allow-origin");
    assert!(std::ptr::eq(echo, origin.as_bytes()));
    let name = "access-control-expose-headers";
    assert!(std::ptr::eq(bytes(&one, name), bytes(&other, name)));
}

#[test]
fn workers_share_one_policy() {
    fn can_be_shared_by_workers(_: &(impl Clone + Send + Sync + 'static)) {}
    let cors = cors(policy());
    can_be_shared_by_workers(&cors);
    let request = TestRequest::get().to_srv_request();
    let [one, other] =
        [cors.clone(), cors].map(|cors| cors.source.choose(&RequestView(&request)).policy.unwrap());
    assert!(std::ptr::eq(one.policy(), other.policy()));
}
