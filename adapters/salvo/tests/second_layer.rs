//! A layer inside another one is reported.
#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/second_layer.rs"]
mod second_layer;

use std::sync::Arc;

use omnicors_salvo::{Cors, Policy, PolicyConfig};
use salvo::http::header::HeaderValue;
use salvo::prelude::{Depot, FlowCtrl, Handler, Request, Response, handler};

use second_layer::{INNER, Log, OUTER, policy};

#[handler]
async fn own(response: &mut Response) {
    let fields = response.headers_mut();
    fields.insert("access-control-allow-origin", HeaderValue::from_static("*"));
    fields.insert("vary", HeaderValue::from_static("Accept"));
    response.render("hello");
}

/// Sends a request through hoops, the outermost last. Returns the allowed origin.
async fn send(layers: &[&str], origin: &str) -> Option<String> {
    let hoops = layers
        .iter()
        .rev()
        .map(|layer| Arc::new(Cors::new(policy(layer))) as Arc<dyn Handler>);
    let mut control = FlowCtrl::new(hoops.chain([Arc::new(own) as Arc<dyn Handler>]).collect());
    let mut request = Request::new();
    request
        .headers_mut()
        .insert("origin", HeaderValue::from_str(origin).unwrap());
    let mut response = Response::new();
    control
        .call_next(&mut request, &mut Depot::new(), &mut response)
        .await;
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
