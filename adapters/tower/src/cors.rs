#[cfg(feature = "tokio")]
use std::time::Duration;

use omnicors_http::{Choose, IntoPolicySource, PolicySource, PreparedHeaders};
#[cfg(feature = "tokio")]
use omnicors_http::{LookupFunction, LookupResult};
use tower_layer::Layer;

use crate::any_body::AnyBodyLayer;
use crate::service::CorsService;

/// Applies a policy to every request and response of a service.
///
/// `L` is the origin lookup. There is none, `()`, unless [`lookup_origins`](Self::lookup_origins) was called.
#[derive(Clone, Debug)]
pub struct CorsLayer<L = ()> {
    source: PolicySource,
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "there is none"))]
    lookup: L,
}

impl CorsLayer {
    /// Makes a layer from a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace
    /// it while serving, or a [`per_request`](crate::per_request) function.
    ///
    /// ```
    /// use omnicors_tower::{CorsLayer, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let layer = CorsLayer::new(handle.clone());
    /// // … later, in another task …
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_tower::PolicyError>(())
    /// ```
    ///
    /// A config has to be built first:
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

    /// Looks up origins by an async function, for a policy that
    /// [needs it](crate::PolicyConfig::lookup_origins).
    ///
    /// The function is called once per request whose origin is well-formed and not allowed by anything else in the policy. So
    /// cache its results. It returns a [`LookupResult`](crate::LookupResult), a `bool`, or a `Result<bool, E>`. A lookup without
    /// a result within `timeout` has failed: its future is dropped, the origin is denied, and no cache may store the response.
    ///
    /// The inner service must be `Clone`, because it is called after the lookup. During the lookup, nothing that the inner service
    /// needs to be ready is held, such as a permit of a `ConcurrencyLimit`: a clone is made ready afterwards. So a limit inside
    /// this layer does not limit lookups; one around it limits both.
    ///
    /// ```
    /// use omnicors_tower::{CorsLayer, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let layer = CorsLayer::new(policy)
    ///     .lookup_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_tower::PolicyError>(())
    /// ```
    ///
    /// The service must be used inside a tokio runtime with its clock enabled.
    ///
    /// # Panics
    ///
    /// Panics if this was made from one policy that does not look origins up: the function would never be called.
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
    /// Applies the layer to services with any response body.
    ///
    /// A response without running the inner service has an empty body. So the body of the inner service must be
    /// [`Default`](crate::EmptyBody), as those of axum, tonic and warp are. After this call, it can be any type; and the body of
    /// all responses is [`OptionalBody`](crate::OptionalBody), which is the body of the inner service or empty. A reverse proxy
    /// with hyper needs it, because the body of hyper's client, `Incoming`, has no `Default`:
    ///
    /// ```
    /// use http::{Request, Response};
    /// use hyper::body::Incoming;
    /// use hyper_util::client::legacy::{Client, Error};
    /// use hyper_util::rt::TokioExecutor;
    /// use hyper_util::service::TowerToHyperService;
    /// use omnicors_tower::{CorsLayer, PolicyConfig};
    /// use tower::ServiceBuilder;
    ///
    /// # async fn serve(stream: hyper_util::rt::TokioIo<tokio::net::TcpStream>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let client = Client::builder(TokioExecutor::new()).build_http();
    /// let proxy = ServiceBuilder::new()
    ///     .layer(CorsLayer::new(policy).for_any_body())
    ///     .service_fn(move |mut request: Request<Incoming>| {
    ///         let target = format!("http://127.0.0.1:3000{}", request.uri().path());
    ///         *request.uri_mut() = target.parse().expect("a path of a request is valid");
    ///         client.request(request)
    ///     });
    /// hyper::server::conn::http1::Builder::new()
    ///     .serve_connection(stream, TowerToHyperService::new(proxy))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Call [`lookup_origins`](CorsLayer::lookup_origins), if at all, before.
    ///
    /// Without this call, the compiler says that the body "cannot be made empty", where a service is expected:
    ///
    /// ```compile_fail,E0277
    /// use http::{Request, Response};
    /// use omnicors_tower::{CorsLayer, PolicyConfig};
    /// use tower::{ServiceBuilder, ServiceExt};
    ///
    /// struct NoDefault;
    ///
    /// # async fn ask() -> Result<(), Box<dyn std::error::Error>> {
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let service = ServiceBuilder::new()
    ///     .layer(CorsLayer::new(policy))
    ///     .service_fn(async |_: Request<()>| Ok::<_, std::convert::Infallible>(Response::new(NoDefault)));
    /// ServiceExt::oneshot(service, Request::new(())).await?;
    /// # Ok(())
    /// # }
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
    /// Panics if the policy looks origins up and [`lookup_origins`](Self::lookup_origins) was not called. An axum `Router` builds
    /// the layer of its fallback late: if it has no routes, `axum::serve` panics with the first connection.
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
