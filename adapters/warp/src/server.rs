use std::convert::Infallible;
use std::fmt;
use std::future::{Pending, pending, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::TcpListener;
use tokio::time::sleep;
use tower_service::Service;
use warp::reply::Response;

use crate::listener::Listener;
use crate::service::CorsService;

/// A server of routes with a policy applied: made by [`Cors::serve`](crate::Cors::serve). It works as the server of
/// [`warp::serve`](https://docs.rs/warp/0.4/warp/fn.serve.html) does.
///
/// ```no_run
/// use omnicors_warp::{Cors, PolicyConfig};
/// use warp::Filter;
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let cors = Cors::new(PolicyConfig::public_read_only().build()?);
///     let routes = warp::path::end().map(|| "hello");
///     cors.serve(routes).run(([127, 0, 0, 1], 3000)).await?;
///     Ok(())
/// }
/// ```
#[must_use = "a server does nothing until it runs"]
pub struct Server<S> {
    pub(crate) service: CorsService<S>,
}

/// A [`Server`] that has a listener: made by [`Server::bind`] and [`Server::incoming`].
///
/// ```
/// use omnicors_warp::{Cors, PolicyConfig};
/// use tokio::net::TcpListener;
/// use warp::Filter;
///
/// async fn serve(listener: TcpListener) -> Result<(), Box<dyn std::error::Error>> {
///     let cors = Cors::new(PolicyConfig::public_read_only().build()?);
///     let routes = warp::path::end().map(|| "hello");
///     cors.serve(routes).incoming(listener).run().await;
///     Ok(())
/// }
/// ```
#[must_use = "a server does nothing until it runs"]
pub struct BoundServer<S, L, G = Pending<()>> {
    service: CorsService<S>,
    listener: L,
    shutdown: G,
}

impl<S> Server<S>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send + 'static,
{
    /// Binds the address, and serves. Returns only if binding fails.
    ///
    /// [`Server`] has an example.
    ///
    /// # Errors
    ///
    /// Returns the error if the address cannot be bound.
    pub async fn run(self, address: impl Into<SocketAddr>) -> io::Result<()> {
        self.bind(address).await?.run().await;
        Ok(())
    }

    /// Binds the address.
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use warp::Filter;
    ///
    /// async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    ///     let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    ///     let server = cors.serve(warp::path::end().map(|| "hello")).bind(([127, 0, 0, 1], 3000)).await?;
    ///     println!("ready");
    ///     server.run().await;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error if the address cannot be bound.
    pub async fn bind(
        self,
        address: impl Into<SocketAddr>,
    ) -> io::Result<BoundServer<S, TcpListener>> {
        Ok(self.incoming(TcpListener::bind(address.into()).await?))
    }

    /// Accepts connections from a `TcpListener` or a `UnixListener` of tokio. [`BoundServer`] has an example.
    pub fn incoming<L: Listener>(self, listener: L) -> BoundServer<S, L> {
        BoundServer {
            service: self.service,
            listener,
            shutdown: pending(),
        }
    }
}

impl<S, L, G> BoundServer<S, L, G>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send + 'static,
    L: Listener,
    G: Future<Output = ()>,
{
    /// Shuts down when a future completes: accepts no more connections, completes the requests that have begun, and closes
    /// their connections.
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use tokio::net::TcpListener;
    /// use tokio::sync::oneshot;
    /// use warp::Filter;
    ///
    /// async fn serve(listener: TcpListener, stop: oneshot::Receiver<()>) -> Result<(), Box<dyn std::error::Error>> {
    ///     let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    ///     let routes = warp::path::end().map(|| "hello");
    ///     let server = cors.serve(routes).incoming(listener).graceful(async { stop.await.unwrap_or_default() });
    ///     server.run().await;
    ///     println!("all responses are sent");
    ///     Ok(())
    /// }
    /// ```
    pub fn graceful<T: Future<Output = ()>>(self, shutdown: T) -> BoundServer<S, L, T> {
        BoundServer {
            service: self.service,
            listener: self.listener,
            shutdown,
        }
    }

    /// Serves HTTP/1 and HTTP/2 without TLS. Returns after a [graceful](Self::graceful) shutdown. [`BoundServer`] has an example.
    pub async fn run(self) {
        let mut shutdown = pin!(self.shutdown);
        let connections = GracefulShutdown::new();
        while let Some(accepted) = poll_fn(|context| match shutdown.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => self.listener.poll_accept(context).map(Some),
        })
        .await
        {
            match accepted {
                Ok((stream, address)) => {
                    let service = self.service.clone();
                    tokio::spawn(connection(service, stream, address, connections.watcher()));
                }
                Err(error) => wait_after(error).await,
            }
        }
        // Close it, so that no client waits for a response.
        drop(self.listener);
        connections.shutdown().await;
    }
}

async fn connection<S, I>(
    service: CorsService<S>,
    stream: I,
    address: Option<SocketAddr>,
    watcher: Watcher,
) where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send + 'static,
    TokioIo<I>: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        if let Some(address) = address {
            request.extensions_mut().insert(address);
        }
        service.clone().call(request)
    });
    let server = auto::Builder::new(TokioExecutor::new());
    let connection = server.serve_connection_with_upgrades(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!("a connection has failed: {error}");
    }
}

/// Waits after an error of `accept`, unless it is one of the client. For example, too many files are open.
async fn wait_after(error: io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};

    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::error!("cannot accept a connection: {error}");
        sleep(Duration::from_secs(1)).await;
    }
}

impl<S> fmt::Debug for Server<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

impl<S, L, G> fmt::Debug for BoundServer<S, L, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundServer").finish_non_exhaustive()
    }
}
