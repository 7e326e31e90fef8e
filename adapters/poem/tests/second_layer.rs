//! A layer inside another one is reported.
#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/second_layer.rs"]
mod second_layer;

use omnicors_poem::{Cors, Policy, PolicyConfig};
use poem::endpoint::{BoxEndpoint, make_sync};
use poem::{Endpoint as _, EndpointExt as _, Request, Response};

use second_layer::{INNER, Log, OUTER, policy};

/// Sends a request through layers, the outermost last. Returns the allowed origin.
async fn send(layers: &[&str], origin: &str) -> Option<String> {
    let own = make_sync(|_| {
        Response::builder()
            .header("access-control-allow-origin", "*")
            .header("vary", "Accept")
            .finish()
    });
    let mut app: BoxEndpoint<'static> = own.boxed();
    for layer in layers {
        app = app.with(Cors::new(policy(layer))).boxed();
    }
    let request = Request::builder().header("origin", origin).finish();
    let response = app.get_response(request).await;
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
