//! The events that every adapter logs. One test in its own program: see `kit/tests/shared/events.rs`.
#![cfg(feature = "tracing")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../kit/tests/shared/events.rs"]
mod events;

use omnicors_poem::{
    Cors, Guard, Policy, PolicyConfig, PolicyHandle, PolicySource, PreparedPolicy,
};
use poem::endpoint::make_sync;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{EndpointExt as _, Route};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// Only a request from a socket has its original target.
struct Server {
    port: u16,
    /// On the thread of the test, as the subscriber is.
    runtime: Runtime,
}

impl events::Server for Server {
    /// The middleware is on a route that is nested into another one, which removes `/api` from the path.
    fn new(policy: PolicySource) -> Self {
        let items = Route::new().at("/items", make_sync(|_| ()));
        let app = Route::new().nest("/api", items.with(Cors::new(policy)));
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let port = runtime.block_on(async {
            let acceptor = TcpListener::bind("127.0.0.1:0")
                .into_acceptor()
                .await
                .unwrap();
            let address = acceptor.local_addr()[0].as_socket_addr().copied().unwrap();
            tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(app));
            address.port()
        });
        Self { port, runtime }
    }

    fn send(&self, request: &events::Request) -> u16 {
        let mut text = format!(
            "{} {} HTTP/1.1\r\nconnection: close\r\n",
            request.method, request.target
        );
        if request.fields.iter().all(|(name, _)| *name != "host") {
            text += "host: server.example\r\n";
        }
        for (name, value) in &request.fields {
            text += &[name, ": ", value, "\r\n"].concat();
        }
        text += "content-length: 0\r\n\r\n";
        let response = self.runtime.block_on(async {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            let mut response = String::new();
            stream.read_to_string(&mut response).await.unwrap();
            response
        });
        response.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

#[test]
fn events_are_logged() {
    events::check::<Server>();
}
