//! CORS in hyper, without a framework and without tower. The function `respond` contains all of the CORS code.
//!
//! ```sh
//! cargo run -p example-hyper
//! ```
//!
//! If your application is a `tower::Service`, use the tower layer instead.

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
use omnicors::adapters::http::{HttpDecision, PolicyConfig, PreparedPolicy, decide};
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
        // Cheap: clones an `Arc`.
        let cors = cors.clone();
        tokio::spawn(async move {
            let service =
                service_fn(|request| ready(Ok::<_, Infallible>(respond(&cors, &request))));
            // An error only affects this connection.
            let _error = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Responds to preflights without running the application, and applies the headers to every response of the application, also to
/// a 404. An `async` application can take the request by value, because the headers do not borrow it.
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

/// The application. It does not contain any CORS code.
fn application(request: &Request<Incoming>) -> Response<String> {
    let path = request.uri().path();
    match (request.method(), path, path.strip_prefix("/items/")) {
        (&Method::GET | &Method::HEAD, "/health", _) => text(StatusCode::OK, "well\n"),
        (&Method::GET | &Method::HEAD, "/items", _) => text(StatusCode::OK, "apple\npear\n"),
        (&Method::POST, "/items", _) => text(StatusCode::CREATED, "added\n"),
        (&Method::PUT, _, Some(id)) => text(StatusCode::OK, format!("{id} is replaced\n")),
        (&Method::DELETE, _, Some(_)) => text(StatusCode::NO_CONTENT, ""),
        (_, "/health" | "/items", _) | (_, _, Some(_)) => {
            text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n")
        }
        _ => text(StatusCode::NOT_FOUND, "not found\n"),
    }
}

fn text(status: StatusCode, body: impl Into<String>) -> Response<String> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let id = HeaderValue::from_static("1");
    response.headers_mut().insert("x-request-id", id);
    response
}
