//! axum: errors are the `Err` of a handler, tower-http catches panics.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{any, get, post};
use http::StatusCode;
use omnicors_tower::CorsLayer;
use tower_http::catch_panic::CatchPanicLayer;

use super::{Framework, OWN_HEADERS, Policies, Runs, Started, endless, http_source, panicking};
use crate::servers::OverSocket;

/// A [`Router`] with a [`CorsLayer`].
#[derive(Clone, Copy, Debug)]
pub struct Axum;

impl Framework for Axum {
    fn name(&self) -> &'static str {
        "axum"
    }

    fn start(&self, policies: Policies) -> Started {
        let (source, replace) = http_source(policies);
        let runs = Runs::default();
        let router = application(runs.clone()).layer(CorsLayer::new(source));
        let server = OverSocket::on_tokio(|listener| async {
            axum::serve(listener, router)
                .await
                .expect("the server runs until it is dropped");
        });
        Started {
            server,
            runs,
            replace,
        }
    }
}

fn application(runs: Runs) -> Router {
    let hello = || async { "hello" };
    let private = Router::new()
        .route("/private", any(|| async { "private" }))
        .route_layer(from_fn(log_in));
    Router::new()
        .route("/", get(hello))
        .route("/other", get(hello))
        .route("/conflict", get(conflict))
        .route("/failure", get(failure))
        .route("/panic", get(|| async { panicking() }))
        .route("/form", post(|| async { "posted" }))
        .route("/stream", get(stream))
        .route("/vary", get(vary))
        .route(
            "/own-headers",
            get(|| async { (AppendHeaders(OWN_HEADERS), "hello") }),
        )
        .route("/options", get(hello).options(|| async { "options" }))
        .merge(private)
        .layer(CatchPanicLayer::new())
        .layer(from_fn(move |request: Request, next: Next| {
            runs.count();
            next.run(request)
        }))
}

async fn conflict() -> Result<&'static str, (StatusCode, &'static str)> {
    Err((StatusCode::CONFLICT, "taken"))
}

async fn failure() -> Result<&'static str, StatusCode> {
    Err(StatusCode::INTERNAL_SERVER_ERROR)
}

async fn stream() -> Body {
    Body::from_stream(endless::<Infallible>())
}

async fn vary() -> impl IntoResponse {
    ([("vary", "Accept-Encoding")], "hello")
}

async fn log_in(request: Request, next: Next) -> Result<Response, StatusCode> {
    if request.headers().contains_key("authorization") {
        Ok(next.run(request).await)
    } else {
        Err(StatusCode::UNAUTHORIZED)
    }
}
