//! A layer inside another one is reported.
#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/second_layer.rs"]
mod second_layer;

use http::Request;
use omnicors_warp::{Cors, Policy, PolicyConfig};
use tower::ServiceExt as _;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use second_layer::{INNER, Log, OUTER, policy};

/// Sends a request through layers, the outermost last. The outermost is applied to the service, and the others to filters. Returns
/// the allowed origin.
async fn send(layers: &[&str], origin: &str) -> Option<String> {
    let own = warp::any().map(|| {
        let reply = warp::reply::with_header("", "access-control-allow-origin", "*");
        warp::Reply::into_response(warp::reply::with_header(reply, "vary", "Accept"))
    });
    let (outermost, inner) = layers.split_last().unwrap();
    let mut app: BoxedFilter<(Response,)> = own.boxed();
    for layer in inner {
        app = Cors::new(policy(layer)).wrap(app).boxed();
    }
    let app = Cors::new(policy(outermost)).service(app);
    let request = Request::get("/").header("origin", origin);
    let request = request.body(String::new()).unwrap();
    let response = app.oneshot(request).await.unwrap();
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
