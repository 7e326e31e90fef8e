//! Servers at an address.

#![cfg(feature = "hyper")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::future::pending;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, Method, Uri};
use axum::routing::any;
use omnicors_browser::{HttpServer, NetworkError, Page};
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

fn page() -> Page {
    Page::new("https://app.example").unwrap()
}

async fn start(app: Router) -> HttpServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    HttpServer::new(&address).unwrap()
}

#[tokio::test]
async fn a_preflight_and_the_request_reach_the_address_with_the_host_of_the_url() {
    let handler = |method: Method, uri: Uri, headers: HeaderMap, body: String| async move {
        let host = headers["host"].to_str().unwrap().to_owned();
        format!("{method} {uri} {host} {body}")
    };
    let app = Router::new().fallback(any(handler));
    let mut server = start(app.layer(CorsLayer::very_permissive())).await;
    let fetch = page().fetch("https://api.example:8443/items?a=b#c");
    let fetch = fetch.method("PUT").header("x-custom", "1").body("pen");
    let outcome = fetch.send(&mut server).await;
    assert_eq!(
        outcome.assert_readable().body(),
        "PUT /items?a=b api.example:8443 pen"
    );
    assert_eq!(outcome.exchanges().len(), 2);
    let head = page().fetch("https://api.example/").method("HEAD");
    assert_eq!(head.send(&mut server).await.assert_readable().status(), 200);
}

#[tokio::test]
async fn a_closed_port_a_slow_response_and_a_long_body_are_unreachable() {
    let app = Router::new()
        .route("/slow", any(|| async { pending::<()>().await }))
        .route("/long", any(|| async { "12345" }))
        .layer(CorsLayer::permissive());
    let server = start(app).await;
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        HttpServer::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap()
    };
    for (mut server, path, text) in [
        (closed, "", "refused"),
        (
            server.clone().timeout(Duration::from_millis(20)),
            "slow",
            "within 20ms",
        ),
        (server.clone().body_limit(4), "long", "limit"),
    ] {
        let fetch = page().fetch(&format!("https://api.example/{path}"));
        let outcome = fetch.send(&mut server).await;
        let Err(NetworkError::Unreachable(reason)) = outcome.result() else {
            panic!("{outcome}")
        };
        assert!(reason.contains(text), "{reason}");
    }
    let fetch = page().fetch("https://api.example/long");
    let outcome = fetch.send(&mut server.clone().body_limit(5)).await;
    assert_eq!(outcome.assert_readable().body(), "12345");
}

#[test]
fn an_address_is_an_http_origin() {
    for address in [
        "127.0.0.1:3000",
        "https://127.0.0.1:3000",
        "http://127.0.0.1:3000/api",
        "http://127.0.0.1:3000?a",
        "/items",
        "",
    ] {
        let error = HttpServer::new(address).unwrap_err().to_string();
        assert!(error.contains("http://127.0.0.1:3000"), "{error}");
    }
}
