use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A connection to a node, which is kept for all requests.
#[derive(Debug)]
pub struct Client {
    sender: SendRequest<Empty<Bytes>>,
}

impl Client {
    /// Connects to a node.
    pub async fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).await.expect("the node listens");
        socket.set_nodelay(true).expect("a TCP socket");
        let (sender, connection) = handshake(TokioIo::new(socket))
            .await
            .expect("the node speaks HTTP");
        // It ends with the sender.
        tokio::spawn(connection);
        Self { sender }
    }

    /// Returns true if a page of this origin may read the response.
    pub async fn may_read(&mut self, origin: &str) -> bool {
        let request = Request::get("/")
            .header(header::HOST, "node")
            .header(header::ORIGIN, origin)
            .body(Empty::new())
            .expect("a valid request");
        self.sender.ready().await.expect("the connection is open");
        let response = self.sender.send_request(request).await;
        let response = response.expect("the node responds");
        assert_eq!(response.status(), 200);
        let allowed = response.headers().get("access-control-allow-origin");
        let may_read = allowed.is_some();
        assert!(
            allowed.is_none_or(|allowed| allowed == origin),
            "{allowed:?}"
        );
        response.into_body().collect().await.expect("a whole body");
        may_read
    }

    /// Returns the state of a replica.
    pub async fn status(&mut self) -> serde_json::Value {
        let request = Request::get("/status").header(header::HOST, "node");
        let request = request.body(Empty::new()).expect("a valid request");
        self.sender.ready().await.expect("the connection is open");
        let response = self.sender.send_request(request).await;
        let body = response.expect("the node responds").into_body().collect();
        let body = body.await.expect("a whole body").to_bytes();
        serde_json::from_slice(&body).expect("JSON")
    }
}
