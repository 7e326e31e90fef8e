//! A server written by hand, on bare TCP, that calls the core of Omnicors directly: no framework, no `http` crate.
//!
//! It is the model for authors of servers of their own. What Omnicors asks of one stands in `cors.rs`, all of it; the rest
//! is as much of HTTP/1.1 as it takes to be a good citizen, and leaves out what would only distract: chunked requests,
//! streamed bodies, `Date`, TLS.
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
//!     _ => Response::text(404, "there is nothing here\n"),
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

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use omnicors_core::{LookupResult, Origin, Policy};
use tokio::net::TcpListener;

pub use request::Request;
pub use response::Response;

/// A function that looks an origin up.
type LookupOrigin = dyn Fn(&Origin<'_>) -> LookupResult + Send + Sync;

/// What chooses the policy for a request.
type ChoosePolicy = dyn Fn(&Request<'_>) -> Arc<Policy> + Send + Sync;

/// A policy, an application, and the limits that they are served within.
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
    /// A server of this application, under this policy.
    pub fn new(policy: Arc<Policy>, application: A) -> Self {
        Self::choosing(move |_| Arc::clone(&policy), application)
    }

    /// A server of this application, with a policy for each request: chosen by its path, say, or the one in force, where it
    /// is replaced while serving. One request is decided by one policy, wholly.
    pub fn choosing(
        choose_policy: impl Fn(&Request<'_>) -> Arc<Policy> + Send + Sync + 'static,
        application: A,
    ) -> Self {
        Self {
            choose_policy: Box::new(choose_policy),
            application,
            lookup_origin: None,
            // What Node allows, and ten times what a browser sends; it bounds the memory that a stranger can take.
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

    /// The longest that a request may be without its body, in bytes: 16 KiB unless this says otherwise. What is longer
    /// is answered with 431, and the connection is closed.
    #[must_use]
    pub fn header_limit(mut self, bytes: usize) -> Self {
        self.header_limit = bytes;
        self
    }

    /// Serves all connections, until the future is dropped.
    pub async fn serve(self, listener: TcpListener) {
        let server = Arc::new(self);
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Most likely there are too many connections: asking again at once would only heat the room.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                // A connection that breaks is its client's loss, and nobody else's concern.
                let _broken = connection::serve(&server, stream).await;
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
