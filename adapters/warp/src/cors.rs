use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http_body::Body;
use omnicors_http::{Choose, Decider, IntoPolicySource, LookupResult, PreparedHeaders, Rejection};
use tower_service::Service;
use warp::reply::Response;
use warp::{Filter, Reply};

use crate::rejection::FilterError;
use crate::response::OnReject;
#[cfg(feature = "server")]
use crate::server::Server;
use crate::service::CorsService;
use crate::wrap;

/// Applies a policy to every request and response of a [server](Self::serve), a [service](Self::service) or a
/// [filter](Self::wrap). Cloning is cheap, and clones share the policy.
///
/// ```
/// use omnicors_warp::{Cors, PolicyConfig};
/// use warp::Filter;
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let server = Cors::new(policy).serve(warp::path::end().map(|| "hello"));
/// # Ok::<(), omnicors_warp::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    decider: Decider,
    on_reject: Option<OnReject>,
}

impl Cors {
    /// Creates a value from a [`Policy`](crate::Policy), a [`PolicyHandle`](crate::PolicyHandle) to replace the policy while
    /// serving, or a choice [per path](crate::per_path), [host](crate::per_host) or [request](crate::per_request).
    ///
    /// With [`wrap`](Self::wrap), a `per_request` function does not see the extensions of a request, because warp does not show
    /// them to filters.
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let cors = Cors::new(handle.clone());
    /// // Later, in another task:
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// A [`PolicyConfig`](crate::PolicyConfig) is not a policy. Call `.build()?` first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_warp::{Cors, PolicyConfig};
    ///
    /// let cors = Cors::new(PolicyConfig::new());
    /// ```
    pub fn new(policy: impl IntoPolicySource<Choose, PreparedHeaders>) -> Self {
        Self {
            decider: Decider::new(policy),
            on_reject: None,
        }
    }

    /// Looks up origins with an async function. The policy must set
    /// [`lookup_origins`](crate::PolicyConfig::lookup_origins).
    ///
    /// The function is called for each request whose origin is well-formed and not allowed by the rest of the policy, so it
    /// should cache its results. It returns a [`LookupResult`](crate::LookupResult), a `bool`, or a `Result<bool, E>`. If it has
    /// no result after `timeout`, its future is dropped, the origin is denied, and the response has `Cache-Control: no-store`.
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// /// Asks the database whether a tenant has this origin.
    /// async fn is_tenant(origin: String) -> bool {
    ///     origin == "https://tenant.example"
    /// }
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy).lookup_origins(Duration::from_millis(500), is_tenant);
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if this has a fixed policy that does not set `lookup_origins`: the function would never be called.
    #[must_use]
    #[track_caller]
    pub fn lookup_origins<F, L>(mut self, timeout: Duration, function: F) -> Self
    where
        F: Fn(String) -> L + Send + Sync + 'static,
        L: Future<Output: Into<LookupResult>> + Send + 'static,
    {
        self.decider = self.decider.lookup_origins(timeout, function);
        self
    }

    /// Makes the body of the response to a request that the [guard](crate::PolicyConfig::guard) or
    /// [`allow_hosts`](crate::PolicyConfig::allow_hosts) rejects. Without this call, the body is empty.
    ///
    /// The body and the fields `Content-Type`, `Content-Language` and `Content-Encoding` of the function's response are sent. The
    /// status (403 or 421), `Cache-Control: no-store` and the CORS fields stay. If the function panics, the body is empty.
    ///
    /// ```
    /// use omnicors_warp::{Cors, Guard, PolicyConfig};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).guard(Guard::UnsafeMethods).build()?;
    /// let cors = Cors::new(policy).on_reject(|rejection| rejection.to_string());
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    #[must_use]
    pub fn on_reject<F, R>(mut self, function: F) -> Self
    where
        F: Fn(Rejection) -> R + Send + Sync + 'static,
        R: Reply,
    {
        let function = move |rejection| function(rejection).into_response();
        self.on_reject = Some(omnicors_http::OnReject(Arc::new(function)));
        self
    }

    /// Returns a server of routes with the policy applied: call this in place of [`warp::serve`], and `run` or `bind` on it.
    ///
    /// [`warp::serve`]: https://docs.rs/warp/0.4/warp/fn.serve.html
    ///
    /// ```no_run
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use warp::Filter;
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    ///     let items = warp::path!("items").map(|| "apple, pear");
    ///     let health = warp::path!("health").map(|| "ok");
    ///     Cors::new(policy).serve(items.or(health)).run(([127, 0, 0, 1], 3000)).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// The address of the client is in the extensions of each request, as a `SocketAddr`, and
    /// [`remote_addr`](crate::remote_addr) extracts it. [`warp::addr::remote`](warp::filters::addr::remote) and
    /// [`warp::log`](warp::filters::log) do not see it, because only `warp::serve` can set the address that they read. If you
    /// need them, pass the filter of [`wrap`](Self::wrap) to `warp::serve`.
    ///
    /// # Panics
    ///
    /// Panics if this has a fixed policy that sets `lookup_origins`, and [`lookup_origins`](Self::lookup_origins) was not called.
    #[cfg(feature = "server")]
    #[track_caller]
    pub fn serve<F>(
        &self,
        routes: F,
    ) -> Server<
        impl Service<
            Request<hyper::body::Incoming>,
            Response = Response,
            Error = Infallible,
            Future: Send + 'static,
        >
        + Clone
        + Send
        + 'static
        + use<F>,
    >
    where
        F: Filter<Extract: Reply> + Clone + Send + Sync + 'static,
    {
        Server {
            service: self.service(routes),
        }
    }

    /// Returns a tower service of routes with the policy applied: call this in place of [`warp::service`].
    ///
    /// With it, you can run the server yourself, for example with TLS, or add tower layers around it:
    ///
    /// ```
    /// use hyper_util::rt::TokioIo;
    /// use hyper_util::service::TowerToHyperService;
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use tokio::net::TcpStream;
    /// use warp::Filter;
    ///
    /// async fn serve(stream: TcpStream) -> Result<(), Box<dyn std::error::Error>> {
    ///     let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    ///     let service = Cors::new(policy).service(warp::path::end().map(|| "hello"));
    ///     hyper::server::conn::http1::Builder::new()
    ///         .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
    ///         .await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if this has a fixed policy that sets `lookup_origins`, and [`lookup_origins`](Self::lookup_origins) was not called.
    #[track_caller]
    pub fn service<F, B>(
        &self,
        routes: F,
    ) -> CorsService<
        impl Service<Request<B>, Response = Response, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + 'static
        + use<F, B>,
    >
    where
        F: Filter<Extract: Reply> + Clone + Send + Sync + 'static,
        B: Body<Error: Into<Box<dyn Error + Send + Sync>>> + Send + Sync + 'static,
    {
        self.decider.assert_no_lookup_is_missing();
        CorsService {
            routes: warp::service(routes),
            decider: self.decider.clone(),
            on_reject: self.on_reject.clone(),
        }
    }

    /// Returns a filter that applies the policy. It responds to preflights without running the inner filter. For a whole server,
    /// [`serve`](Self::serve) costs less.
    ///
    /// A rejection of the inner filter becomes warp's own response to it, because a rejection cannot have header fields. For
    /// your own responses, call `recover` on the inner filter:
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use std::convert::Infallible;
    /// use warp::{Filter, Rejection, Reply, http::StatusCode};
    ///
    /// async fn not_found(_: Rejection) -> Result<impl Reply, Infallible> {
    ///     Ok(warp::reply::with_status("this page does not exist", StatusCode::NOT_FOUND))
    /// }
    ///
    /// let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    /// let routes = warp::path::end().map(|| "hello");
    /// let routes = cors.wrap(routes.recover(not_found));
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// The wrapped filter never rejects, so an `.or(…)` after it would never run. Wrap all routes together:
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use warp::Filter;
    ///
    /// let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    /// let items = warp::path!("items").map(|| "apple, pear");
    /// let health = warp::path!("health").map(|| "ok");
    /// let routes = cors.wrap(items.or(health));
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// This does not compile:
    ///
    /// ```compile_fail,E0271
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use warp::Filter;
    ///
    /// let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    /// let items = warp::path!("items").map(|| "apple, pear");
    /// let health = warp::path!("health").map(|| "ok");
    /// let routes = cors.wrap(items).or(health);
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// warp compares the host of an absolute target with `Host` byte by byte. So a request for `http://api.example:80/` with
    /// `Host: api.example`, which no browser sends, gets a 421 here if the policy has `allow_hosts`.
    ///
    /// The bound `FilterError` allows every filter: the error of a warp filter is [`Rejection`](warp::Rejection) or [`Infallible`].
    ///
    /// # Panics
    ///
    /// Panics if this has a fixed policy that sets `lookup_origins`, and [`lookup_origins`](Self::lookup_origins) was not called.
    #[track_caller]
    pub fn wrap<F, R>(
        &self,
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static + use<F, R>
    where
        F: Filter<Extract = (R,), Error: FilterError> + Clone + Send + Sync + 'static,
        R: Reply + 'static,
    {
        self.decider.assert_no_lookup_is_missing();
        wrap::wrap(self.decider.clone(), self.on_reject.clone(), filter)
    }
}
