//! A server on bare TCP that calls the core of Omnicors directly, without a framework and without the `http` crate.
//!
//! Use it as a model if you write your own server. The file `cors.rs` contains everything that Omnicors requires. The other files
//! implement a small part of HTTP/1.1, without chunked requests, streamed bodies, `Date` and TLS.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use custom_server::{Response, Server};
//! use omnicors_core::PolicyConfig;
//! use tokio::net::TcpListener;
//!
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
//! let server = Server::new(Arc::new(policy), |request| match request.path() {
//!     "/" => Response::text(200, "hello\n"),
//!     _ => Response::text(404, "not found\n"),
//! });
//! server.serve(TcpListener::bind("127.0.0.1:8080").await?).await;
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod connection;
mod cors;
mod exchange;
mod request;
mod response;
mod target;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use omnicors_core::{LookupResult, Origin, Policy};
use tokio::net::TcpListener;

pub use request::Request;
pub use response::Response;

/// A function that looks an origin up.
type LookupOrigin = dyn Fn(&Origin<'_>) -> LookupResult + Send + Sync;

/// A function that chooses the policy for a request.
type ChoosePolicy = dyn Fn(&Request<'_>) -> Arc<Policy> + Send + Sync;

/// A server: a policy, an application, and limits.
pub struct Server<A> {
    choose_policy: Box<ChoosePolicy>,
    application: A,
    lookup_origin: Option<Box<LookupOrigin>>,
    header_limit: usize,
}

impl<A> Server<A>
where
    A: Fn(&Request<'_>) -> Response + Send + Sync + 'static,
{
    /// Creates a server for an application with a policy.
    pub fn new(policy: Arc<Policy>, application: A) -> Self {
        Self::choosing(move |_| Arc::clone(&policy), application)
    }

    /// Creates a server for an application with a function that chooses the policy for each request, for example by its path. The
    /// function is called once per request, so you can also replace the policy while the server runs.
    pub fn choosing(
        choose_policy: impl Fn(&Request<'_>) -> Arc<Policy> + Send + Sync + 'static,
        application: A,
    ) -> Self {
        Self {
            choose_policy: Box::new(choose_policy),
            application,
            lookup_origin: None,
            // The limit of Node.js, and ten times what a browser sends. It limits the memory that a client can use.
            header_limit: 16 * 1024,
        }
    }

    /// Looks up the origins that nothing else in the policy allows
    /// ([`PolicyConfig::lookup_origins`](omnicors_core::PolicyConfig::lookup_origins)).
    #[must_use]
    pub fn lookup_origins(
        mut self,
        lookup: impl Fn(&Origin<'_>) -> LookupResult + Send + Sync + 'static,
    ) -> Self {
        self.lookup_origin = Some(Box::new(lookup));
        self
    }

    /// Sets the maximum length of a request without its body, in bytes. The default is 16 KiB. The server responds to longer
    /// requests with 431, and closes the connection.
    #[must_use]
    pub fn header_limit(mut self, bytes: usize) -> Self {
        self.header_limit = bytes;
        self
    }

    /// Serves connections until the future is dropped.
    pub async fn serve(self, listener: TcpListener) {
        let server = Arc::new(self);
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Probably there are too many connections. Wait, because an immediate retry would fail as well.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                // An error only affects this connection.
                let _error = connection::serve(&server, stream).await;
            });
        }
    }
}

impl<A> fmt::Debug for Server<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("header_limit", &self.header_limit)
            .finish_non_exhaustive()
    }
}
