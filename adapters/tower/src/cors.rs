#[cfg(feature = "tokio")]
use std::time::Duration;

use http::Response;
use omnicors_http::{Choose, IntoPolicySource, PolicySource, PreparedHeaders, Rejection};
#[cfg(feature = "tokio")]
use omnicors_http::{LookupFunction, LookupResult};
use tower_layer::Layer;

use crate::any_body::AnyBodyLayer;
use crate::on_reject::OnRejectLayer;
use crate::service::CorsService;

/// A layer that applies a policy to every request and response of a service.
///
/// `L` is the origin lookup: `()` until [`lookup_origins`](Self::lookup_origins) is called. Cloning is cheap.
///
/// ```
/// use axum::{Router, routing::get};
/// use omnicors_tower::{CorsLayer, PolicyConfig};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let app: Router = Router::new()
///     .route("/", get(|| async { "hello" }))
///     .layer(CorsLayer::new(policy));
/// # Ok::<(), omnicors_tower::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CorsLayer<L = ()> {
    source: PolicySource,
    #[cfg_attr(
        not(feature = "tokio"),
        expect(dead_code, reason = "lookups need the feature `tokio`")
    )]
    lookup: L,
}

impl CorsLayer {
    /// Creates a layer from a [`Policy`](crate::Policy), a [`PolicyHandle`](crate::PolicyHandle) to replace the policy while
    /// serving, or a choice [per path](crate::per_path), [host](crate::per_host) or [request](crate::per_request).
    ///
    /// ```
    /// use omnicors_tower::{CorsLayer, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let layer = CorsLayer::new(handle.clone());
    /// // Later, in another task:
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_tower::PolicyError>(())
    /// ```
    ///
    /// A [`PolicyConfig`](crate::PolicyConfig) is not a policy. Call `.build()?` first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_tower::{CorsLayer, PolicyConfig};
    ///
    /// let layer = CorsLayer::new(PolicyConfig::new());
    /// ```
    pub fn new(policy: impl IntoPolicySource<Choose, PreparedHeaders>) -> Self {
        Self {
            source: policy.into_policy_source(),
            lookup: (),
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
    /// use omnicors_tower::{CorsLayer, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// /// Asks the database whether a tenant has this origin.
    /// async fn is_tenant(origin: String) -> bool {
    ///     origin == "https://tenant.example"
    /// }
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let layer = CorsLayer::new(policy).lookup_origins(Duration::from_millis(500), is_tenant);
    /// # Ok::<(), omnicors_tower::PolicyError>(())
    /// ```
    ///
    /// The service must run inside a tokio runtime whose clock is enabled. The inner service must be `Clone`: after the lookup,
    /// a clone is polled until it is ready, and called. So a lookup does not hold a permit of a `ConcurrencyLimit` that is
    /// inside this layer. A limit outside this layer limits lookups as well.
    ///
    /// # Panics
    ///
    /// Panics if the layer has a fixed policy that does not set `lookup_origins`: the function would never be called.
    #[cfg(feature = "tokio")]
    #[track_caller]
    pub fn lookup_origins<F, L>(
        self,
        timeout: Duration,
        function: F,
    ) -> CorsLayer<LookupFunction<F>>
    where
        F: Fn(String) -> L,
        L: Future<Output: Into<LookupResult>>,
    {
        CorsLayer {
            lookup: LookupFunction::new(&self.source, timeout, function),
            source: self.source,
        }
    }
}

impl<L> CorsLayer<L> {
    /// Makes the body of the response to a request that the [guard](crate::PolicyConfig::guard) or
    /// [`allow_hosts`](crate::PolicyConfig::allow_hosts) rejects. Without this call, the body is empty.
    ///
    /// The body and the fields `Content-Type`, `Content-Language` and `Content-Encoding` of the function's response are sent. The
    /// status (403 or 421), `Cache-Control: no-store` and the CORS fields stay. If the function panics, the body is empty.
    ///
    /// ```
    /// use axum::response::IntoResponse;
    /// use axum::{Router, routing::post};
    /// use omnicors_tower::{CorsLayer, Guard, PolicyConfig};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).guard(Guard::UnsafeMethods).build()?;
    /// let layer = CorsLayer::new(policy).on_reject(|rejection| {
    ///     ([("content-type", "application/problem+json")], format!("{{\"title\": \"{rejection}\"}}")).into_response()
    /// });
    /// let app: Router = Router::new().route("/", post(|| async { "posted" })).layer(layer);
    /// # Ok::<(), omnicors_tower::PolicyError>(())
    /// ```
    ///
    /// Call [`lookup_origins`](CorsLayer::lookup_origins) before this method.
    ///
    /// The type of the body is that of the inner service. If nothing can make such a body, as with hyper's `Incoming` in a reverse proxy, convert
    /// it inside this layer. This takes the place of [`for_any_body`](Self::for_any_body):
    ///
    /// ```
    /// use http::uri::{Authority, Scheme};
    /// use http::{Request, Response, Uri};
    /// use http_body_util::combinators::BoxBody;
    /// use http_body_util::{BodyExt, Full};
    /// use hyper::body::{Bytes, Incoming};
    /// use hyper_util::client::legacy::Client;
    /// use hyper_util::rt::{TokioExecutor, TokioIo};
    /// use hyper_util::service::TowerToHyperService;
    /// use omnicors_tower::{CorsLayer, Guard, PolicyConfig, Rejection};
    /// use std::error::Error;
    /// use tokio::net::TcpStream;
    /// use tower::ServiceBuilder;
    ///
    /// fn explain(rejection: Rejection) -> Response<BoxBody<Bytes, hyper::Error>> {
    ///     let body = Full::from(rejection.to_string());
    ///     Response::new(body.map_err(|never| match never {}).boxed())
    /// }
    ///
    /// async fn proxy(stream: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    ///     let policy = PolicyConfig::new().allow_origins(["https://example.com"]).guard(Guard::UnsafeMethods).build()?;
    ///     let client = Client::builder(TokioExecutor::new()).build_http();
    ///     let proxy = ServiceBuilder::new()
    ///         .layer(CorsLayer::new(policy).on_reject(explain))
    ///         .map_response(|response: Response<Incoming>| response.map(BodyExt::boxed))
    ///         .service_fn(move |mut request: Request<Incoming>| {
    ///             let mut target = request.uri().clone().into_parts();
    ///             target.scheme = Some(Scheme::HTTP);
    ///             target.authority = Some(Authority::from_static("127.0.0.1:3000"));
    ///             if let Ok(target) = Uri::from_parts(target) {
    ///                 *request.uri_mut() = target;
    ///             }
    ///             client.request(request)
    ///         });
    ///     hyper::server::conn::http1::Builder::new()
    ///         .serve_connection(TokioIo::new(stream), TowerToHyperService::new(proxy))
    ///         .await?;
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn on_reject<F, B>(self, function: F) -> OnRejectLayer<Self, F>
    where
        F: Fn(Rejection) -> Response<B>,
    {
        OnRejectLayer {
            cors: self,
            function,
        }
    }

    /// Accepts services with any response body. The body of all responses becomes [`OptionalBody`](crate::OptionalBody).
    ///
    /// The response to a preflight has an empty body. Without this call, the body of the inner service must therefore implement
    /// [`Default`](crate::EmptyBody), as the bodies of axum, tonic and warp do. A reverse proxy with hyper needs this call,
    /// because hyper's `Incoming` does not implement `Default`:
    ///
    /// ```
    /// use http::Request;
    /// use hyper::body::Incoming;
    /// use hyper_util::client::legacy::Client;
    /// use hyper_util::rt::{TokioExecutor, TokioIo};
    /// use hyper_util::service::TowerToHyperService;
    /// use omnicors_tower::{CorsLayer, PolicyConfig};
    /// use std::error::Error;
    /// use tokio::net::TcpStream;
    /// use tower::ServiceBuilder;
    ///
    /// async fn proxy(stream: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    ///     let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    ///     let client = Client::builder(TokioExecutor::new()).build_http();
    ///     let proxy = ServiceBuilder::new()
    ///         .layer(CorsLayer::new(policy).for_any_body())
    ///         .service_fn(move |mut request: Request<Incoming>| {
    ///             let target = format!("http://127.0.0.1:3000{}", request.uri().path());
    ///             *request.uri_mut() = target.parse().expect("the path of a request is valid");
    ///             client.request(request)
    ///         });
    ///     hyper::server::conn::http1::Builder::new()
    ///         .serve_connection(TokioIo::new(stream), TowerToHyperService::new(proxy))
    ///         .await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// Call [`lookup_origins`](CorsLayer::lookup_origins) before this method.
    ///
    /// Without this call, the compiler reports that the body "cannot be made empty" where the service is used:
    ///
    /// ```compile_fail,E0277
    /// use http::{Request, Response};
    /// use omnicors_tower::{CorsLayer, PolicyConfig};
    /// use tower::{ServiceBuilder, ServiceExt};
    ///
    /// struct NoDefault;
    ///
    /// async fn send() -> Result<(), Box<dyn std::error::Error>> {
    ///     let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    ///     let service = ServiceBuilder::new()
    ///         .layer(CorsLayer::new(policy))
    ///         .service_fn(async |_: Request<()>| Ok::<_, std::convert::Infallible>(Response::new(NoDefault)));
    ///     ServiceExt::oneshot(service, Request::new(())).await?;
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn for_any_body(self) -> AnyBodyLayer<Self> {
        AnyBodyLayer { cors: self }
    }
}

impl<S> Layer<S> for CorsLayer {
    type Service = CorsService<S>;

    /// # Panics
    ///
    /// Panics if the layer has a fixed policy that sets `lookup_origins`, and [`lookup_origins`](Self::lookup_origins) was not
    /// called. An axum `Router` without routes, or with a `fallback`, builds its service late: then `axum::serve` panics at the first
    /// connection.
    #[track_caller]
    fn layer(&self, inner: S) -> Self::Service {
        self.source.assert_no_lookup_is_needed();
        CorsService {
            inner,
            source: self.source.clone(),
            lookup: (),
        }
    }
}

#[cfg(feature = "tokio")]
impl<S, F: Clone> Layer<S> for CorsLayer<LookupFunction<F>> {
    type Service = CorsService<S, LookupFunction<F>>;

    fn layer(&self, inner: S) -> Self::Service {
        CorsService {
            inner,
            source: self.source.clone(),
            lookup: self.lookup.clone(),
        }
    }
}
