//! CORS over HTTP/2: an axum router behind TLS. Clients choose HTTP/2 or HTTP/1.1 with ALPN, as browsers do.
//!
//! ```sh
//! cargo run -p example-http2
//! ```
//!
//! The layer is the same for each version of HTTP. Over HTTP/2, the host of a request is in `:authority`, which
//! `per_host` and `allow_hosts` read as well.

#![forbid(unsafe_code)]

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, put};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use omnicors::adapters::tower::{CorsLayer, PolicyConfig, PolicyError};
use rcgen::CertifiedKey;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // For `localhost`, and signed by itself, so clients must be configured to accept it.
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("https://localhost:{}", listener.local_addr()?.port());
    println!("{address}");
    println!("curl -i --insecure --http2 {address}/items -H 'Origin: https://example.com'");
    serve(listener, tls(&certificate)?, app()?).await
}

fn app() -> Result<Router, PolicyError> {
    let policy = PolicyConfig::new()
        .allow_origins(["https://example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type"])
        .build()?;
    Ok(Router::new()
        .route("/items", get(async || "apple\npear\n"))
        .route("/items/{id}", put(async || "replaced\n"))
        .layer(CorsLayer::new(policy)))
}

fn tls(certificate: &CertifiedKey<rcgen::KeyPair>) -> Result<TlsAcceptor, Box<dyn Error>> {
    let key = certificate.signing_key.serialize_der().try_into()?;
    let chain = vec![certificate.cert.der().clone()];
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, app: Router) -> Result<(), Box<dyn Error>> {
    loop {
        let (stream, _) = listener.accept().await?;
        let (tls, app) = (tls.clone(), app.clone());
        tokio::spawn(async move {
            // An error only affects this connection.
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let builder = auto::Builder::new(TokioExecutor::new());
            let service = TowerToHyperService::new(app);
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
            let _error = connection.await;
        });
    }
}

#[cfg(test)]
mod tests;
