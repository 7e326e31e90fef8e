//! CORS in hyper, without a framework: three lines around the application (see `respond`).
//!
//! ```sh
//! cargo run -p example-hyper
//! ```
//!
//! (The tower layer works as well, on any `tower::Service`; this is for those who have none.)

#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::error::Error;
use std::future::ready;

use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use omnicors_http::{HttpDecision, PolicyConfig, PreparedPolicy, decide};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = PolicyConfig::new()
        .allow_origins(["https://example.com", "https://*.example.com"])
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["x-request-id"])
        .allow_credentials(true)
        .build()?;
    let cors = PreparedPolicy::shared(policy);

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("{address}");
    println!("curl -i {address}/items -H 'Origin: https://example.com'");

    loop {
        let (stream, _) = listener.accept().await?;
        // This copies a pointer.
        let cors = cors.clone();
        tokio::spawn(async move {
            let service =
                service_fn(|request| ready(Ok::<_, Infallible>(respond(&cors, &request))));
            // A connection that breaks is its client's loss, and nobody else's concern.
            let _broken = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Responds to preflights without running the application, and applies the headers to every response of the application, 404
/// included. (An `async` application may take the request: the headers borrow nothing.)
fn respond(policy: &PreparedPolicy, request: &Request<Incoming>) -> Response<String> {
    match decide(policy, request) {
        HttpDecision::Respond(response) => response.map(|()| String::new()),
        HttpDecision::Forward(mut headers) => {
            let mut response = application(request);
            headers.apply(response.headers_mut());
            response
        }
    }
}

/// It knows nothing of CORS.
fn application(request: &Request<Incoming>) -> Response<String> {
    let path = request.uri().path();
    match (request.method(), path, path.strip_prefix("/items/")) {
        (&Method::GET | &Method::HEAD, "/health", _) => text(StatusCode::OK, "well\n"),
        (&Method::GET | &Method::HEAD, "/items", _) => text(StatusCode::OK, "apple\npear\n"),
        (&Method::POST, "/items", _) => text(StatusCode::CREATED, "added\n"),
        (&Method::PUT, _, Some(id)) => text(StatusCode::OK, format!("{id} is replaced\n")),
        (&Method::DELETE, _, Some(_)) => text(StatusCode::NO_CONTENT, ""),
        (_, "/health" | "/items", _) | (_, _, Some(_)) => {
            text(StatusCode::METHOD_NOT_ALLOWED, "not in this way\n")
        }
        _ => text(StatusCode::NOT_FOUND, "there is nothing here\n"),
    }
}

fn text(status: StatusCode, body: impl Into<String>) -> Response<String> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let id = HeaderValue::from_static("1");
    response.headers_mut().insert("x-request-id", id);
    response
}
