//! A layer inside another one is reported.
#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/second_layer.rs"]
mod second_layer;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use omnicors_tower::{CorsLayer, Policy, PolicyConfig, PreparedPolicy, per_request};
use tower::ServiceExt as _;

use second_layer::{INNER, Log, OUTER, policy};

/// Sends a request through layers, the outermost last. Returns the allowed origin.
async fn send(layers: &[&str], origin: &str) -> Option<String> {
    // A `Vary: Origin` of the application is not that of a layer. With it, two layers are not noticed.
    let vary = if layers.len() == 1 {
        "Origin"
    } else {
        "Accept"
    };
    let own = [("access-control-allow-origin", "*"), ("vary", vary)];
    let mut app = Router::new().route("/", get(async move || own));
    for layer in layers {
        app = app.layer(CorsLayer::new(policy(layer)));
    }
    send_to(app, origin).await
}

async fn send_to(app: Router, origin: &str) -> Option<String> {
    let request = Request::get("/").header("origin", origin);
    let response = app
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let value = response.headers().get("access-control-allow-origin")?;
    Some(value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_layer_inside_another_one_is_reported_once() {
    let log = Log::install();
    // One layer, around an application with CORS fields of its own.
    for origin in [INNER, OUTER] {
        let allowed = send(&[OUTER], origin).await;
        assert_eq!(allowed, (origin == OUTER).then(|| OUTER.to_owned()));
    }
    log.assert_reports(0);
    // One layer that has added `Origin` to `Vary` itself, before it merges its own `Vary`.
    for name in ["Origin", "origin"] {
        let outer = PreparedPolicy::shared(policy(OUTER));
        let source = per_request(move |_| Some(outer.clone())).vary_on([name]);
        let app = Router::new().route("/", get(async || "hello"));
        let allowed = send_to(app.layer(CorsLayer::new(source)), OUTER).await;
        assert_eq!(allowed.as_deref(), Some(OUTER));
    }
    log.assert_reports(0);
    // Two layers with equal decisions do no harm.
    for origin in [INNER, OUTER] {
        let allowed = send(&[OUTER, OUTER], origin).await;
        assert_eq!(allowed, (origin == OUTER).then(|| OUTER.to_owned()));
    }
    log.assert_reports(0);
    for origin in [INNER, OUTER, INNER] {
        let allowed = send(&[INNER, OUTER], origin).await;
        assert_eq!(allowed, (origin == OUTER).then(|| OUTER.to_owned()));
        log.assert_reports(1);
    }
}
