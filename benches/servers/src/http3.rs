//! axum over HTTP/3: QUIC by quinn, and HTTP by h3.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ::axum::Router;
use ::axum::body::Body;
use bytes::Bytes;
use h3::client::SendRequest;
use h3::server::RequestResolver;
use h3_quinn::OpenStreams;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{Endpoint, Incoming, ServerConfig};
use tower::ServiceExt as _;

use crate::load::{MULTIPLEXED, Round, Server};
use crate::multiplexed::{self, Connection, runtime};
use crate::{Middleware, axum, load, tls};

const PROTOCOL: &[u8] = b"h3";

/// Any free port.
const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

pub(crate) fn serve(middleware: Middleware) {
    let app = axum::app(middleware);
    let (config, certificate) = tls::server(PROTOCOL);
    let config = QuicServerConfig::try_from(config).expect("a configuration for QUIC");
    let config = ServerConfig::with_crypto(Arc::new(config));
    runtime().block_on(async {
        let endpoint = Endpoint::server(config, ADDRESS).expect("a port");
        load::ready_with_tls(
            &certificate,
            endpoint.local_addr().expect("an address").port(),
        );
        while let Some(incoming) = endpoint.accept().await {
            tokio::spawn(serve_connection(incoming, app.clone()));
        }
    });
}

async fn serve_connection(incoming: Incoming, app: Router) {
    let connection = h3_quinn::Connection::new(incoming.await.expect("a connection"));
    let connection = h3::server::Connection::<_, Bytes>::new(connection).await;
    let mut connection = connection.expect("HTTP/3");
    // The client ends the connection after each round.
    while let Ok(Some(request)) = connection.accept().await {
        tokio::spawn(respond(request, app.clone()));
    }
}

/// Responds to a request without a body.
async fn respond(request: RequestResolver<h3_quinn::Connection, Bytes>, app: Router) {
    let (request, mut stream) = request.resolve_request().await.expect("a request");
    let response = app.oneshot(request.map(|()| Body::empty())).await;
    let (head, body) = response.expect("a response").into_parts();
    let head = Response::from_parts(head, ());
    stream.send_response(head).await.expect("an open stream");
    let body = body.collect().await.expect("a body");
    stream
        .send_data(body.to_bytes())
        .await
        .expect("an open stream");
    stream.finish().await.expect("an open stream");
}

pub(crate) fn round(server: &Server, time: Duration) -> Round {
    runtime().block_on(async {
        let mut endpoint = Endpoint::client(ADDRESS).expect("a port");
        let config = tls::client(server, PROTOCOL);
        let config = QuicClientConfig::try_from(config).expect("a configuration for QUIC");
        endpoint.set_default_client_config(quinn::ClientConfig::new(Arc::new(config)));
        let mut connections = Vec::new();
        for _ in 0..MULTIPLEXED {
            connections.push(connect(&endpoint, server).await);
        }
        let round = multiplexed::round(connections, time).await;
        endpoint.close(0_u8.into(), b"");
        endpoint.wait_idle().await;
        round
    })
}

async fn connect(endpoint: &Endpoint, server: &Server) -> SendRequest<OpenStreams, Bytes> {
    let connecting = endpoint.connect(server.address, "localhost");
    let connection = connecting.expect("an address").await.expect("a connection");
    let client = h3::client::new(h3_quinn::Connection::new(connection)).await;
    let (mut driver, sender) = client.expect("HTTP/3");
    tokio::spawn(async move { driver.wait_idle().await });
    sender
}

impl Connection for SendRequest<OpenStreams, Bytes> {
    async fn send(&mut self, request: Request<()>) -> StatusCode {
        let mut stream = self.send_request(request).await.expect("an open stream");
        stream.finish().await.expect("an open stream");
        let response = stream.recv_response().await.expect("a response");
        while stream.recv_data().await.expect("a body").is_some() {}
        response.status()
    }
}
