//! Tests of behaviour that is specific to this adapter. The tests of all frameworks together are in the package
//! `omnicors-tests`.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use poem::endpoint::make_sync;
use poem::error::NotFoundError;
use poem::{Endpoint, EndpointExt as _, Error, IntoResponse as _, Request, Response, Route, get};

use super::*;

mod migrating;

const ALLOWED: &str = "https://allowed.example";
const DENIED: &str = "https://denied.example";

fn policy() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins([ALLOWED])
        .allow_methods(["PUT"])
}

fn cors() -> Cors {
    Cors::new(policy().build().unwrap())
}

fn request(method: &str, path: &str, origin: &str) -> Request {
    Request::builder()
        .method(method.parse().unwrap())
        .uri(path.parse().unwrap())
        .header("origin", origin)
        .finish()
}

fn preflight(path: &str, origin: &str) -> Request {
    let mut request = request("OPTIONS", path, origin);
    request.headers_mut().insert(
        "access-control-request-method",
        HeaderValue::from_static("PUT"),
    );
    request
}

fn allow_origin(headers: &HeaderMap) -> Option<&str> {
    Some(
        headers
            .get("access-control-allow-origin")?
            .to_str()
            .unwrap(),
    )
}

fn text(text: &'static str) -> impl Endpoint<Output = &'static str> + 'static {
    make_sync(move |_| text)
}

#[tokio::test]
async fn an_error_becomes_its_response_and_keeps_its_data() {
    let fails = || {
        make_sync(|_| {
            let mut error = Error::from(NotFoundError);
            error.set_data(7_u8);
            Err::<(), _>(error)
        })
    };
    let response = fails()
        .with(cors())
        .call(request("GET", "/", ALLOWED))
        .await
        .unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(response.data::<u8>(), Some(&7));
    assert_eq!(allow_origin(response.headers()), Some(ALLOWED));
    let body = response.into_body().into_string().await.unwrap();
    assert_eq!(body, NotFoundError.to_string());

    let response = fails()
        .catch_error(|_: NotFoundError| async { "caught" })
        .with(cors())
        .get_response(request("GET", "/", ALLOWED))
        .await;
    assert_eq!(
        response.status(),
        200,
        "middleware that catches errors is inside"
    );
    assert_eq!(allow_origin(response.headers()), Some(ALLOWED));
}

#[tokio::test]
async fn without_a_policy_errors_and_responses_are_not_changed() {
    let cors = Cors::new(per_request(|_| None));
    let app = make_sync(|_| Err::<(), _>(Error::from(NotFoundError))).with(cors.clone());
    let error = app.call(request("GET", "/", ALLOWED)).await.unwrap_err();
    assert!(error.is::<NotFoundError>());

    let own_field = ("access-control-allow-origin", "https://own.example");
    let app = make_sync(move |_| "hello".with_header(own_field.0, own_field.1)).with(cors);
    let response = app.get_response(request("GET", "/", ALLOWED)).await;
    assert_eq!(allow_origin(response.headers()), Some(own_field.1));
    assert!(!response.headers().contains_key("vary"));
}

/// A cache can store a 404, and an error cannot have `Vary`.
#[tokio::test]
async fn without_a_policy_an_error_becomes_a_response_if_the_choice_varies_on_a_field() {
    let cors = Cors::new(per_request(|_| None).vary_on(["x-tenant"]));
    let app = make_sync(|_| Err::<(), _>(Error::from(NotFoundError))).with(cors);
    let response = app.call(request("GET", "/", ALLOWED)).await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["vary"], "x-tenant");
    assert_eq!(allow_origin(response.headers()), None);
}

#[tokio::test]
async fn a_choice_sees_the_path() {
    let seen = Arc::new(std::sync::Mutex::new(String::new()));
    let seeing = Arc::clone(&seen);
    let nothing = per_request(move |request| {
        *seeing.lock().unwrap() = request.path().to_owned();
        None
    });
    let app = Route::new().nest(
        "/api",
        Route::new()
            .at("/items", text("hello"))
            .with(Cors::new(nothing)),
    );
    app.get_response(request("GET", "/api/items", ALLOWED))
        .await;
    assert_eq!(*seen.lock().unwrap(), "/items");
}
