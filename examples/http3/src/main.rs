//! CORS over HTTP/3: an axum router, or any other tower service, behind QUIC.
//!
//! ```sh
//! cargo run -p example-http3
//! ```
//!
//! Browsers ask for HTTP/3 only after a response over HTTP/1.1 or HTTP/2 with
//! [`Alt-Svc`](https://www.rfc-editor.org/rfc/rfc7838), so a real server listens on both TCP and UDP.

#![forbid(unsafe_code)]

use std::error::Error;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use axum::routing::{get, put};
use bytes::{Buf as _, Bytes};
use h3::server::{Connection, RequestResolver};
use http_body_util::BodyExt as _;
use omnicors::adapters::tower::{CorsLayer, PolicyConfig, PolicyError};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Endpoint, EndpointConfig, Incoming, ServerConfig, TokioRuntime};
use rcgen::{CertifiedKey, KeyPair};
use tower::ServiceExt as _;

/// The longest body of a request, in bytes. It is read before the application runs.
const LONGEST_BODY: usize = 64 * 1024;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // For `localhost`, and signed by itself, so clients must be configured to accept it.
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let endpoint = endpoint(&certificate)?;
    let address = format!("https://localhost:{}", endpoint.local_addr()?.port());
    println!("{address}");
    println!("curl -i --insecure --http3-only {address}/items -H 'Origin: https://example.com'");
    serve(&endpoint, &app()?).await;
    Ok(())
}

fn app() -> Result<Router, PolicyError> {
    let policy = PolicyConfig::new()
        .allow_origins(["https://example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type"])
        .build()?;
    Ok(Router::new()
        .route("/items", get(async || "apple\npear\n"))
        .route(
            "/items/{id}",
            put(async |body: String| format!("replaced by {body}\n")),
        )
        .layer(CorsLayer::new(policy)))
}

fn endpoint(certificate: &CertifiedKey<KeyPair>) -> Result<Endpoint, Box<dyn Error>> {
    let key = certificate.signing_key.serialize_der().try_into()?;
    let chain = vec![certificate.cert.der().clone()];
    let mut tls = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![b"h3".to_vec()];
    let config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let runtime = Arc::new(TokioRuntime);
    Ok(Endpoint::new(
        EndpointConfig::default(),
        Some(config),
        socket,
        runtime,
    )?)
}

async fn serve(endpoint: &Endpoint, app: &Router) {
    while let Some(incoming) = endpoint.accept().await {
        let app = app.clone();
        tokio::spawn(async move {
            // An error only affects this connection.
            let _error = serve_connection(incoming, &app).await;
        });
    }
}

async fn serve_connection(incoming: Incoming, app: &Router) -> Result<(), Box<dyn Error>> {
    let quic = h3_quinn::Connection::new(incoming.await?);
    let mut connection = Connection::<_, Bytes>::new(quic).await?;
    while let Some(resolver) = connection.accept().await? {
        let app = app.clone();
        tokio::spawn(async move {
            let _error = respond(resolver, app).await;
        });
    }
    Ok(())
}

/// Reads a request, calls the service, and sends its response.
async fn respond(
    resolver: RequestResolver<h3_quinn::Connection, Bytes>,
    app: Router,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (request, mut stream) = resolver.resolve_request().await?;
    let mut body = Vec::new();
    while let Some(mut data) = stream.recv_data().await? {
        if body.len() + data.remaining() > LONGEST_BODY {
            let too_large = Response::builder().status(413).body(())?;
            stream.send_response(too_large).await?;
            return Ok(stream.finish().await?);
        }
        body.extend_from_slice(&data.copy_to_bytes(data.remaining()));
    }
    let request: Request<Body> = request.map(|()| Body::from(body));
    let response = app.oneshot(request).await?;
    let (head, mut body) = response.into_parts();
    stream.send_response(Response::from_parts(head, ())).await?;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            stream.send_data(data).await?;
        }
    }
    Ok(stream.finish().await?)
}

#[cfg(test)]
mod tests;
