//! A layer inside another one is reported.
#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/second_layer.rs"]
mod second_layer;

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, web};
use omnicors_actix_web::{Cors, Policy, PolicyConfig};

use second_layer::{INNER, Log, OUTER, policy};

/// Sends a request through one or two layers, the outermost last. Returns the allowed origin.
async fn send(layers: &[&str], origin: &str) -> Option<String> {
    let own = async || {
        let mut response = HttpResponse::Ok();
        response.insert_header(("access-control-allow-origin", "*"));
        response.insert_header(("vary", "Accept")).finish()
    };
    let request = TestRequest::default()
        .insert_header(("origin", origin))
        .to_request();
    let app = App::new().default_service(web::to(own));
    let response = match layers {
        [outer] => {
            let app = init_service(app.wrap(Cors::new(policy(outer)))).await;
            call_service(&app, request).await.map_into_boxed_body()
        }
        [inner, outer] => {
            let app = app
                .wrap(Cors::new(policy(inner)))
                .wrap(Cors::new(policy(outer)));
            call_service(&init_service(app).await, request)
                .await
                .map_into_boxed_body()
        }
        _ => unreachable!("one or two layers"),
    };
    let value = response.headers().get("access-control-allow-origin")?;
    Some(value.to_str().unwrap().to_owned())
}

#[actix_web::test]
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
