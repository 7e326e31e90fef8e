use axum::http::{HeaderMap, StatusCode};
use h3::client::{self, SendRequest};
use h3_quinn::OpenStreams;
use quinn::ClientConfig;
use quinn::crypto::rustls::QuicClientConfig;
use rustls::RootCertStore;

use super::*;

/// Starts the server, and connects to it.
async fn connect() -> (Endpoint, SendRequest<OpenStreams, Bytes>) {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let server = endpoint(&certificate).unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(async move { serve(&server, &app().unwrap()).await });

    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).unwrap();
    let mut tls = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h3".to_vec()];
    let config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let mut endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    endpoint.set_default_client_config(config);
    let connection = endpoint
        .connect(address, "localhost")
        .unwrap()
        .await
        .unwrap();
    let (mut driver, sender) = client::new(h3_quinn::Connection::new(connection))
        .await
        .unwrap();
    tokio::spawn(async move { driver.wait_idle().await });
    (endpoint, sender)
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

async fn send(
    sender: &mut SendRequest<OpenStreams, Bytes>,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: &'static str,
) -> Answer {
    let mut request = Request::builder().method(method);
    request = request.uri(format!("https://localhost{path}"));
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let mut stream = sender
        .send_request(request.body(()).unwrap())
        .await
        .unwrap();
    if !body.is_empty() {
        stream
            .send_data(Bytes::from_static(body.as_bytes()))
            .await
            .unwrap();
    }
    stream.finish().await.unwrap();
    let (head, ()) = stream.recv_response().await.unwrap().into_parts();
    let mut body = Vec::new();
    while let Some(mut data) = stream.recv_data().await.unwrap() {
        body.extend_from_slice(&data.copy_to_bytes(data.remaining()));
    }
    Answer {
        status: head.status,
        headers: head.headers,
        body,
    }
}

#[tokio::test]
async fn requests_over_http_3_are_decided() {
    const LISTED: (&str, &str) = ("origin", "https://example.com");
    const PUT: (&str, &str) = ("access-control-request-method", "PUT");
    let (_endpoint, mut sender) = connect().await;

    let preflight = send(&mut sender, "OPTIONS", "/items/1", &[LISTED, PUT], "").await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert_eq!(preflight.headers["access-control-allow-origin"], LISTED.1);
    assert!(preflight.body.is_empty());

    let put = send(&mut sender, "PUT", "/items/1", &[LISTED], "a plum").await;
    assert_eq!(put.headers["access-control-allow-origin"], LISTED.1);
    assert_eq!(put.headers["vary"], "Origin");
    assert_eq!(put.body, b"replaced by a plum\n");

    let stranger = ("origin", "https://other.example");
    let denied = send(&mut sender, "OPTIONS", "/items/1", &[stranger, PUT], "").await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);

    // Not a route of the application.
    let missing = send(&mut sender, "GET", "/missing", &[LISTED], "").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(missing.headers["access-control-allow-origin"], LISTED.1);
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read() {
    static LONG: [u8; LONGEST_BODY + 1] = [b'a'; LONGEST_BODY + 1];
    let (_endpoint, mut sender) = connect().await;
    let body = std::str::from_utf8(&LONG).unwrap();
    let answer = send(&mut sender, "PUT", "/items/1", &[], body).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
