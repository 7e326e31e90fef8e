use axum::body::Body;
use axum::http::{Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;

/// Starts the server, and connects to it with a protocol of ALPN.
async fn connect(protocol: &str) -> (String, TokioIo<TlsStream<TcpStream>>) {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = tls(&certificate).unwrap();
    tokio::spawn(async move { serve(listener, acceptor, app().unwrap()).await.unwrap() });

    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).unwrap();
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let stream = TcpStream::connect(address).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream);
    (
        format!("https://localhost:{}", address.port()),
        TokioIo::new(stream.await.unwrap()),
    )
}

fn preflight(address: &str, origin: &str) -> Request<Body> {
    Request::options(format!("{address}/items/1"))
        .header("origin", origin)
        .header("access-control-request-method", "PUT")
        .body(Body::empty())
        .unwrap()
}

#[track_caller]
fn assert_allows(response: &Response<Incoming>) {
    let headers = response.headers();
    assert_eq!(
        headers["access-control-allow-origin"],
        "https://example.com"
    );
    assert_eq!(headers["vary"], "Origin");
}

#[tokio::test]
async fn requests_over_http_2_are_decided() {
    let (address, stream) = connect("h2").await;
    let handshake = http2::handshake(TokioExecutor::new(), stream);
    let (mut client, connection) = handshake.await.unwrap();
    tokio::spawn(connection);

    let allowed = client.send_request(preflight(&address, "https://example.com"));
    let allowed = allowed.await.unwrap();
    assert_eq!(allowed.version(), Version::HTTP_2);
    assert_eq!(allowed.status(), StatusCode::NO_CONTENT);
    assert_allows(&allowed);

    let denied = client.send_request(preflight(&address, "https://other.example"));
    assert_eq!(denied.await.unwrap().status(), StatusCode::FORBIDDEN);

    // Not a route of the application.
    let missing =
        Request::get(format!("{address}/missing")).header("origin", "https://example.com");
    let missing = client.send_request(missing.body(Body::empty()).unwrap());
    let missing = missing.await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_allows(&missing);
}

#[tokio::test]
async fn the_same_server_decides_requests_over_http_1() {
    let (_, stream) = connect("http/1.1").await;
    let (mut client, connection) = http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut request = preflight("https://localhost", "https://example.com");
    *request.uri_mut() = "/items/1".parse().unwrap();
    request
        .headers_mut()
        .insert("host", "localhost".parse().unwrap());
    let allowed = client.send_request(request).await.unwrap();
    assert_eq!(allowed.version(), Version::HTTP_11);
    assert_allows(&allowed);
}
