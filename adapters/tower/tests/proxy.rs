//! Tests of a reverse proxy over sockets. Its response body is hyper's `Incoming`, which does not implement `Default`.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[cfg(feature = "tokio")]
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use omnicors_tower::{CorsLayer, OptionalBody, PolicyConfig};
use tokio::net::TcpListener;
use tower::{Layer, Service, ServiceBuilder};

const LISTED: &str = "https://listed.example";
#[cfg(feature = "tokio")]
const TENANT: &str = "https://tenant.example";
const UNLISTED: &str = "https://unlisted.example";

fn policy() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins([LISTED])
        .allow_methods(["PUT"])
}

fn client<B>() -> Client<HttpConnector, B>
where
    B: http_body::Body + Send + 'static + Unpin,
    B::Data: Send,
{
    Client::builder(TokioExecutor::new()).build_http()
}

/// Serves an application that sends `Access-Control-Allow-Origin: *`, and returns its address.
async fn serve_application() -> String {
    let echo = async |request: Request<Body>| {
        let body = request.into_body().collect().await.unwrap().to_bytes();
        (
            [("access-control-allow-origin", "*"), ("vary", "accept")],
            body,
        )
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router: Router = Router::new().route("/echo", any(echo));
    tokio::spawn(async { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// Serves a proxy to an application, with a layer around it, and returns its address.
async fn serve_proxy<L, S>(layer: L) -> String
where
    L: Layer<Forward, Service = S>,
    S: Service<Request<Incoming>, Response = Response<OptionalBody<Incoming>>>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
{
    let application = serve_application().await;
    let service = ServiceBuilder::new().layer(layer).service(Forward {
        application,
        client: client(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(service.clone());
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
    format!("http://{address}")
}

/// Forwards requests to the application.
#[derive(Clone)]
struct Forward {
    application: String,
    client: Client<HttpConnector, Incoming>,
}

impl Service<Request<Incoming>> for Forward {
    type Response = Response<Incoming>;
    type Error = hyper_util::client::legacy::Error;
    type Future = hyper_util::client::legacy::ResponseFuture;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        let target = format!("{}{}", self.application, request.uri().path());
        *request.uri_mut() = target.parse().unwrap();
        self.client.request(request)
    }
}

async fn send(proxy: &str, method: &str, path: &str, origin: &str) -> (Response<()>, String) {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{proxy}{path}"))
        .header("origin", origin);
    if method == "OPTIONS" {
        request = request.header("access-control-request-method", "PUT");
    }
    let body = if method == "OPTIONS" { "" } else { "hello" };
    let request = request.body(body.to_owned()).unwrap();
    let response = client().request(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    (Response::from_parts(head, ()), body)
}

fn values<'a>(response: &'a Response<()>, name: &str) -> Vec<&'a str> {
    let values = response.headers().get_all(name).into_iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn a_proxy_forwards_the_body_of_the_application() {
    let policy = policy().build().unwrap();
    let proxy = serve_proxy(CorsLayer::new(policy).for_any_body()).await;

    let (response, body) = send(&proxy, "POST", "/echo", LISTED).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(body, "hello");
    assert_eq!(values(&response, "access-control-allow-origin"), [LISTED]);
    assert_eq!(values(&response, "vary"), ["accept", "Origin"]);

    let (response, body) = send(&proxy, "POST", "/echo", UNLISTED).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(body, "hello");
    assert_eq!(values(&response, "access-control-allow-origin"), [""; 0]);

    let (response, body) = send(&proxy, "OPTIONS", "/echo", LISTED).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(body, "");
    assert_eq!(values(&response, "access-control-allow-origin"), [LISTED]);

    let (response, body) = send(&proxy, "OPTIONS", "/echo", UNLISTED).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(body, "");
    assert_eq!(values(&response, "content-length"), ["0"]);

    let (response, _) = send(&proxy, "GET", "/missing", LISTED).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(values(&response, "access-control-allow-origin"), [LISTED]);
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn a_proxy_can_look_origins_up() {
    let policy = policy().lookup_origins(true).build().unwrap();
    let layer = CorsLayer::new(policy)
        .lookup_origins(Duration::from_secs(60), async |origin: String| {
            origin == TENANT
        })
        .for_any_body();
    let proxy = serve_proxy(layer).await;
    for (origin, expected) in [
        (LISTED, &[LISTED][..]),
        (TENANT, &[TENANT]),
        (UNLISTED, &[]),
    ] {
        let (response, body) = send(&proxy, "POST", "/echo", origin).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(body, "hello");
        assert_eq!(values(&response, "access-control-allow-origin"), expected);
    }
}
