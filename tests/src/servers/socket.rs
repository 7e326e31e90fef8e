//! A server that listens on a port of its own, and runs on a thread of its own.

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

use super::{Running, Unanswered};
use crate::cases::written::has_space_around;
use crate::client::{self, Request, Response};

/// Such a server. It ends when this is dropped.
#[derive(Debug)]
pub struct OverSocket {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Completes when the server has to end.
pub type Stopped = oneshot::Receiver<()>;

impl OverSocket {
    /// Binds a port of the loopback address, and runs `serve` on it, on a thread of its own. That has to return when the
    /// receiver completes.
    ///
    /// # Panics
    ///
    /// If there is no port to be had.
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

    /// The same for a server that takes no listener: it binds a port itself, and sends where it listens.
    ///
    /// # Panics
    ///
    /// If it ends without.
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

    /// The same for a server that is a future of tokio's, which is dropped to end it.
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

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Running for OverSocket {
    fn ask(&self, request: &Request) -> Result<Response, Unanswered> {
        // These would arrive as another request. What else no parser lets through is sent: a server must bear it.
        for (name, value) in &request.lines {
            let would_change = if value.contains(&b'\n') {
                "a line break ends the line"
            } else if has_space_around(value) {
                "the space around a value is no part of it"
            } else {
                continue;
            };
            return Err(Unanswered::CannotCarry(format!("{name}: {would_change}")));
        }
        client::ask(self.address, request).map_err(|error| Unanswered::Failed(error.to_string()))
    }

    fn address(&self) -> Option<SocketAddr> {
        Some(self.address)
    }
}

/// Serves each connection by hyper, until the future is dropped.
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
            // What it makes of a request that is none is up to it; the client sees what it answers.
            let _ = connection.await;
        });
    }
}

impl Drop for OverSocket {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        // In a test that fails already, the first panic tells more.
        assert!(
            !matches!(ended, Some(Err(_))) || std::thread::panicking(),
            "the server has panicked"
        );
    }
}
