//! The servers that a page fetches from: a closure, a `tower` service, or another implementation.

use std::error::Error;
use std::future::Future;

use bytes::Bytes;
use http::{Request, Response};

/// The error of a server that does not respond. See the example of [`Server::respond`].
pub type ServerError = Box<dyn Error + Send + Sync>;

/// A server that a page can fetch from.
///
/// It is implemented for closures over the types of the `http` crate, and with the feature `tower` for every
/// `tower_service::Service`, such as axum's `Router`. `Marker` keeps the implementations apart; the compiler infers it.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use omnicors_browser::Page;
///
/// let mut server = |request: Request<Bytes>| {
///     assert_eq!(request.headers()["origin"], "https://app.example");
///     Response::builder().header("access-control-allow-origin", "*").body(Bytes::from("hello")).unwrap()
/// };
/// let page = Page::new("https://app.example")?;
/// let outcome = page.fetch("https://api.example/").send_now(&mut server);
/// assert_eq!(outcome.assert_readable().body(), "hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Server<Marker> {
    /// Responds to one request. An error means that there is no response, as when a connection is refused.
    ///
    /// # Examples
    ///
    /// A server of your own type:
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use omnicors_browser::{NetworkError, Page, Server, ServerError};
    ///
    /// struct Offline;
    ///
    /// impl Server<()> for Offline {
    ///     async fn respond(&mut self, _: Request<Bytes>) -> Result<Response<Bytes>, ServerError> {
    ///         Err("connection refused".into())
    ///     }
    /// }
    ///
    /// let page = Page::new("https://app.example")?;
    /// let outcome = page.fetch("https://api.example/").send_now(&mut Offline);
    /// assert_eq!(outcome.result().unwrap_err(), NetworkError::Unreachable("connection refused".to_owned()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn respond(
        &mut self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, ServerError>>;
}

/// Marks [`Server`] for closures. See the example of [`Server`].
#[derive(Debug)]
pub enum ClosureMarker {}

impl<F, B> Server<(ClosureMarker, B)> for F
where
    F: FnMut(Request<Bytes>) -> Response<B>,
    B: Into<Bytes>,
{
    async fn respond(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, ServerError> {
        Ok(self(request).map(Into::into))
    }
}

#[cfg(feature = "tower")]
mod tower {
    use std::future::poll_fn;

    use bytes::Bytes;
    use http::{Request, Response};
    use http_body::Body;
    use http_body_util::Full;
    use tower_service::Service;

    use super::{Server, ServerError};
    use crate::body;

    /// Marks [`Server`] for `tower` services. See the example of the [crate](crate).
    ///
    /// The body of a response may have 16 MiB; a longer one counts as no response. Of a `text/event-stream` without a known length, only the
    /// events that are ready at once are read, because it may never end. Any other body that neither ends nor grows makes
    /// [`Fetch::send`](crate::Fetch::send) wait forever: serve it, and use `HttpServer` with its timeout.
    #[derive(Debug)]
    pub enum TowerMarker {}

    impl<S, B> Server<(TowerMarker, B)> for S
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>>,
        S::Error: Into<ServerError>,
        B: Body,
        B::Error: Into<ServerError>,
    {
        async fn respond(
            &mut self,
            request: Request<Bytes>,
        ) -> Result<Response<Bytes>, ServerError> {
            poll_fn(|context| self.poll_ready(context))
                .await
                .map_err(Into::into)?;
            let response = self
                .call(request.map(Full::new))
                .await
                .map_err(Into::into)?;
            let (parts, body) = response.into_parts();
            let body = body::read(&parts.headers, body, body::LIMIT).await?;
            Ok(Response::from_parts(parts, body))
        }
    }
}

#[cfg(feature = "tower")]
pub use tower::TowerMarker;
