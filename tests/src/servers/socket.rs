//! Servers that listen on their own port and run on their own thread.

use std::convert::Infallible;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::JoinHandle;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

use super::{NoResponse, Running};
use crate::cases::raw::has_space_around;
use crate::client::{self, Request, Response};

/// A server on its own port and thread. It stops when this is dropped.
#[derive(Debug)]
pub struct OverSocket {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Completes when the server must stop.
pub type Stopped = oneshot::Receiver<()>;

impl OverSocket {
    /// Binds a port of the loopback address, and runs `serve` on a new thread. `serve` must return when the receiver
    /// completes.
    ///
    /// # Panics
    ///
    /// Panics if no port is free.
    pub fn on_thread(serve: impl FnOnce(TcpListener, Stopped) + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("a bound socket has one");
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || serve(listener, stopped));
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Runs a server that binds a port itself, and sends its address.
    ///
    /// # Panics
    ///
    /// Panics if the server stops before it has sent the address.
    pub fn on_own_port(
        serve: impl FnOnce(mpsc::Sender<SocketAddr>, Stopped) + Send + 'static,
    ) -> Self {
        let (bound, address) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || serve(bound, stopped));
        Self {
            address: address.recv().expect("the server has failed to start"),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Runs a server that is a tokio future. Dropping the future stops it.
    pub fn on_tokio<F>(serve: impl FnOnce(tokio::net::TcpListener) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()>,
    {
        Self::on_thread(move |listener, stopped| {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().expect("a runtime");
            runtime.block_on(async {
                listener.set_nonblocking(true).expect("an option");
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                tokio::select! {
                    () = serve(listener) => {}
                    _ = stopped => {}
                }
            });
        })
    }

    /// Returns the address of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Running for OverSocket {
    fn ask(&self, request: &Request) -> Result<Response, NoResponse> {
        // These would arrive as another request. Other malformed requests are sent: a server must handle them.
        for (name, value) in &request.fields {
            let would_change = if value.contains(&b'\n') {
                "a line break ends the field"
            } else if has_space_around(value) {
                "parsers remove the space around a value"
            } else {
                continue;
            };
            return Err(NoResponse::CannotCarry(format!("{name}: {would_change}")));
        }
        client::ask(self.address, request).map_err(|error| NoResponse::Failed(error.to_string()))
    }

    fn address(&self) -> Option<SocketAddr> {
        Some(self.address)
    }
}

/// Serves each connection with hyper, until the future is dropped.
pub(crate) async fn serve_hyper<S, B>(listener: tokio::net::TcpListener, service: S)
where
    S: Service<http::Request<Incoming>, Response = http::Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    B::Data: Send,
{
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(async {
            // Ignore errors for malformed requests: the client sees the response.
            let _ = connection.await;
        });
    }
}

impl Drop for OverSocket {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        // If the test panics already, that panic is more useful.
        assert!(
            !matches!(ended, Some(Err(_))) || std::thread::panicking(),
            "the server has panicked"
        );
    }
}
