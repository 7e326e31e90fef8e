//! A server at an address, over HTTP/1.1.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::body;
use crate::server::{Server, ServerError};

/// A running server, to which requests are sent over TCP with HTTP/1.1.
///
/// Every request goes to the address, whatever the host of its URL is: the page can fetch `https://api.example/` from a server on
/// loopback. `Host` is the host of the URL. TLS is not supported.
///
/// # Examples
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use omnicors_browser::{HttpServer, Page};
/// use tokio::net::TcpListener;
/// use tower_http::cors::CorsLayer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let address = format!("http://{}", listener.local_addr()?);
/// let app = Router::new().route("/items", get(|| async { "[]" })).layer(CorsLayer::permissive());
/// tokio::spawn(async { axum::serve(listener, app).await });
///
/// let mut server = HttpServer::new(&address)?;
/// let page = Page::new("https://app.example")?;
/// let outcome = page.fetch("https://api.example/items").send(&mut server).await;
/// assert_eq!(outcome.assert_readable().body(), "[]");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(docsrs, doc(cfg(feature = "hyper")))]
pub struct HttpServer {
    authority: Authority,
    client: Client<HttpConnector, Full<Bytes>>,
    timeout: Duration,
    body_limit: usize,
}

/// The error of [`HttpServer::new`].
///
/// # Examples
///
/// ```
/// use omnicors_browser::HttpServer;
///
/// let error = HttpServer::new("localhost:3000").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`localhost:3000` is not the address of a server; write it as in `http://127.0.0.1:3000`"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(docsrs, doc(cfg(feature = "hyper")))]
pub struct InvalidAddress(String);

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = &self.0;
        write!(
            f,
            "`{address}` is not the address of a server; write it as in `http://127.0.0.1:3000`"
        )
    }
}

impl Error for InvalidAddress {}

impl HttpServer {
    /// Creates a client for the server at an address, such as `http://127.0.0.1:3000`. A response must be complete after 30 seconds
    /// and may have 16 MiB. Of a `text/event-stream` without `Content-Length`, only the events that arrive with the head are read, because it
    /// may never end.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidAddress`] if the address is not an `http` URL, or has a path.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::HttpServer;
    ///
    /// assert!(HttpServer::new("http://127.0.0.1:3000").is_ok());
    /// assert!(HttpServer::new("127.0.0.1:3000").is_err());
    /// ```
    pub fn new(address: &str) -> Result<Self, InvalidAddress> {
        let invalid = || InvalidAddress(address.to_owned());
        let uri: Uri = address.parse().map_err(|_| invalid())?;
        let is_http = uri.scheme() == Some(&Scheme::HTTP);
        let has_path = uri.path() != "/" || uri.query().is_some();
        match uri.into_parts().authority {
            Some(authority) if is_http && !has_path => Ok(Self {
                authority,
                client: Client::builder(TokioExecutor::new()).build_http(),
                timeout: Duration::from_secs(30),
                body_limit: body::LIMIT,
            }),
            _ => Err(invalid()),
        }
    }

    /// Sets the time after which a response must be complete.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use omnicors_browser::HttpServer;
    ///
    /// let server = HttpServer::new("http://127.0.0.1:3000")?.timeout(Duration::from_secs(5));
    /// # Ok::<(), omnicors_browser::ServerError>(())
    /// ```
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the largest number of bytes in the body of a response.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::HttpServer;
    ///
    /// let server = HttpServer::new("http://127.0.0.1:3000")?.body_limit(1024);
    /// # Ok::<(), omnicors_browser::ServerError>(())
    /// ```
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ServerError> {
        let (mut parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().cloned();
        parts.uri = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.authority.clone())
            .path_and_query(target.unwrap_or_else(|| PathAndQuery::from_static("/")))
            .build()?;
        let request = Request::from_parts(parts, Full::new(body));
        let response = self.client.request(request).await?;
        let (parts, body) = response.into_parts();
        let body = body::read(&parts.headers, body, self.body_limit).await?;
        Ok(Response::from_parts(parts, body))
    }
}

impl Server<()> for HttpServer {
    async fn respond(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, ServerError> {
        match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(result) => result.map_err(|error| describe(error.as_ref()).into()),
            Err(_) => Err(format!(
                "{} did not send a complete response within {:?}",
                self.authority, self.timeout
            )
            .into()),
        }
    }
}

/// Returns the messages of an error and its sources: the message of the client alone does not say what failed.
fn describe(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
