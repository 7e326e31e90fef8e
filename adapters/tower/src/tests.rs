use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
#[cfg(feature = "tokio")]
use std::time::Duration;

use axum::body::Body;
use axum::routing::{get, post};
use axum::{Router, response::IntoResponse};
use futures_util::stream;
use http::{HeaderMap, Request, Response, StatusCode};
use tower::{ServiceExt as _, service_fn};
use tower_layer::Layer as _;
use tower_service::Service;

use super::*;

const ALLOWED: &str = "https://allowed.example";

fn policy() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins([ALLOWED])
        .allow_methods(["PUT"])
}

fn request(method: &str, path: &str, origin: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("origin", origin)
        .body(Body::empty())
        .unwrap()
}

fn preflight(path: &str, origin: &str) -> Request<Body> {
    let mut request = request("OPTIONS", path, origin);
    request
        .headers_mut()
        .insert("access-control-request-method", "PUT".parse().unwrap());
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

async fn ask<S>(service: S, request: Request<Body>) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    service.oneshot(request).await.unwrap()
}

#[tokio::test]
async fn every_response_of_an_axum_router_carries_the_headers() {
    let app = Router::new()
        .route("/", get(|| async { "hello" }))
        .route(
            "/broken",
            get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
        )
        .route("/form", post(|| async { "posted" }))
        .route(
            "/stream",
            get(|| async {
                Body::from_stream(stream::iter(["a", "b"].map(Ok::<_, Infallible>))).into_response()
            }),
        )
        .layer(CorsLayer::new(policy().build().unwrap()));
    for (method, path, status) in [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/broken", 500),
        ("GET", "/missing", 404),
        ("GET", "/form", 405),
        ("GET", "/stream", 200),
        ("OPTIONS", "/", 405),
    ] {
        let response = ask(app.clone(), request(method, path, ALLOWED)).await;
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(
            allow_origin(response.headers()),
            Some(ALLOWED),
            "{method} {path}"
        );
        assert_eq!(response.headers()["vary"], "Origin", "{method} {path}");

        let response = ask(app.clone(), request(method, path, "https://denied.example")).await;
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(allow_origin(response.headers()), None, "{method} {path}");
        assert_eq!(response.headers()["vary"], "Origin", "{method} {path}");
    }
    let response = ask(app, preflight("/missing", ALLOWED)).await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()["access-control-allow-methods"], "PUT");
}

#[tokio::test]
async fn a_preflight_runs_no_application_and_an_options_request_does() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let app =
        CorsLayer::new(policy().build().unwrap()).layer(service_fn(move |_: Request<Body>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, Infallible>(Response::new(Body::empty())) }
        }));
    assert_eq!(
        ask(app.clone(), preflight("/", ALLOWED)).await.status(),
        204
    );
    assert_eq!(
        ask(app.clone(), preflight("/", "https://denied.example"))
            .await
            .status(),
        403
    );
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    assert_eq!(
        ask(app, request("OPTIONS", "/", ALLOWED)).await.status(),
        200
    );
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_error_of_the_inner_service_stays_one() {
    let app =
        CorsLayer::new(policy().build().unwrap()).layer(service_fn(|_: Request<Body>| async {
            Err::<Response<Body>, _>("broken")
        }));
    assert_eq!(
        app.oneshot(request("GET", "/", ALLOWED)).await.unwrap_err(),
        "broken"
    );
}

#[tokio::test]
async fn a_replaced_policy_counts_from_the_next_request_on() {
    let handle = PolicyHandle::new(policy().build().unwrap());
    let app = Router::new()
        .route("/", get(|| async { "hello" }))
        .layer(CorsLayer::new(handle.clone()));
    assert_eq!(
        allow_origin(
            ask(app.clone(), request("GET", "/", ALLOWED))
                .await
                .headers()
        ),
        Some(ALLOWED)
    );
    handle.replace(
        PolicyConfig::new()
            .allow_origins(["https://new.example"])
            .build()
            .unwrap(),
    );
    assert_eq!(
        allow_origin(
            ask(app.clone(), request("GET", "/", ALLOWED))
                .await
                .headers()
        ),
        None
    );
    let response = ask(app, request("GET", "/", "https://new.example")).await;
    assert_eq!(
        allow_origin(response.headers()),
        Some("https://new.example")
    );
}

#[tokio::test]
async fn a_policy_is_chosen_per_request_or_none_at_all() {
    let public = SharedPolicy::new(PolicyConfig::public_read_only().build().unwrap());
    let private = SharedPolicy::new(policy().build().unwrap());
    let source = per_request(move |request| match request.uri.path() {
        "/public" => Some(public.clone()),
        "/none" => None,
        _ => Some(private.clone()),
    });
    let own_line = || async {
        (
            [("access-control-allow-origin", "https://own.example")],
            "hello",
        )
    };
    let app = Router::new()
        .route("/public", get(own_line))
        .route("/none", get(own_line))
        .layer(CorsLayer::new(source));
    let answer = async |path, origin| {
        let response = ask(app.clone(), request("GET", path, origin)).await;
        allow_origin(response.headers()).map(str::to_owned)
    };
    assert_eq!(
        answer("/public", "https://any.example").await.as_deref(),
        Some("*")
    );
    assert_eq!(answer("/private", ALLOWED).await.as_deref(), Some(ALLOWED));
    assert_eq!(answer("/private", "https://any.example").await, None);
    assert_eq!(
        answer("/none", ALLOWED).await.as_deref(),
        Some("https://own.example")
    );
}

#[cfg(feature = "tokio")]
#[tokio::test(start_paused = true)]
async fn what_is_not_decided_in_time_is_denied() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let decide = move |origin: String| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            match &*origin {
                "https://quick.example" => true,
                "https://slow.example" => {
                    tokio::time::sleep(Duration::from_millis(400)).await;
                    true
                }
                "https://hanging.example" => std::future::pending().await,
                _ => false,
            }
        }
    };
    let layer = CorsLayer::new(policy().decide_origins_outside(true).build().unwrap())
        .decide_origins(Duration::from_millis(500), decide);
    let app = Router::new()
        .route("/", get(|| async { "hello" }))
        .layer(layer);
    for (origin, allowed, times) in [
        ("https://quick.example", true, 1),
        ("https://slow.example", true, 1),
        ("https://hanging.example", false, 1),
        ("https://other.example", false, 1),
        (ALLOWED, true, 0),
        ("null", false, 0),
        ("https://malformed.example/", false, 0),
    ] {
        for make in [preflight as fn(&str, &str) -> _, |path, origin| {
            request("GET", path, origin)
        }] {
            asked.store(0, Ordering::Relaxed);
            let response = ask(app.clone(), make("/", origin)).await;
            assert_eq!(
                allow_origin(response.headers()),
                allowed.then_some(origin),
                "{origin}"
            );
            assert_eq!(asked.load(Ordering::Relaxed), times, "{origin}");
        }
    }
}

#[tokio::test]
async fn without_a_decider_an_undecided_origin_is_denied() {
    let policy = policy().decide_origins_outside(true).build().unwrap();
    let app = Router::new()
        .route("/", get(|| async { "hello" }))
        .layer(CorsLayer::new(policy));
    let response = ask(app, request("GET", "/", "https://tenant.example")).await;
    assert_eq!(allow_origin(response.headers()), None);
}

#[test]
fn cloning_a_service_copies_no_policy() {
    let service = CorsLayer::new(policy().build().unwrap()).layer(());
    let clone = service.clone();
    let head = Request::new(());
    let [one, other] =
        [service, clone].map(|service| service.source.choose(&RequestHead::from(&head)).unwrap());
    assert!(std::ptr::eq(one.policy(), other.policy()));
}
