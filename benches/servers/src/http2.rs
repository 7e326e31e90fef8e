//! axum over HTTP/2 with TLS.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2::SendRequest;
use hyper::{client, server};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::load::{MULTIPLEXED, Round, Server};
use crate::multiplexed::{self, Connection, runtime};
use crate::{Middleware, axum, load, tls};

const PROTOCOL: &[u8] = b"h2";

pub(crate) fn serve(middleware: Middleware) {
    let app = axum::app(middleware);
    let (config, certificate) = tls::server(PROTOCOL);
    let acceptor = TlsAcceptor::from(Arc::new(config));
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        load::ready_with_tls(
            &certificate,
            listener.local_addr().expect("an address").port(),
        );
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let (acceptor, app) = (acceptor.clone(), app.clone());
            tokio::spawn(async move {
                let stream = TokioIo::new(acceptor.accept(stream).await.expect("a handshake"));
                let connection = server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(stream, TowerToHyperService::new(app));
                // The client ends it after each round.
                let _ = connection.await;
            });
        }
    });
}

pub(crate) fn round(server: &Server, time: Duration) -> Round {
    runtime().block_on(async {
        let mut connections = Vec::new();
        for _ in 0..MULTIPLEXED {
            connections.push(connect(server).await);
        }
        multiplexed::round(connections, time).await
    })
}

async fn connect(server: &Server) -> SendRequest<Empty<Bytes>> {
    let stream = TcpStream::connect(server.address).await;
    let name = "localhost".try_into().expect("a name");
    let stream = TlsConnector::from(tls::client(server, PROTOCOL))
        .connect(name, stream.expect("a connection"))
        .await;
    let stream = TokioIo::new(stream.expect("a handshake"));
    let handshake = client::conn::http2::handshake(TokioExecutor::new(), stream).await;
    let (sender, connection) = handshake.expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

impl Connection for SendRequest<Empty<Bytes>> {
    async fn send(&mut self, request: Request<()>) -> StatusCode {
        let response = self.send_request(request.map(|()| Empty::new())).await;
        let response = response.expect("a response");
        let status = response.status();
        response.into_body().collect().await.expect("a body");
        status
    }
}
