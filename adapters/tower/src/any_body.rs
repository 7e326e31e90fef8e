use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::OptionalBody;

/// A [`CorsLayer`](crate::CorsLayer) for services with any response body: made by
/// [`for_any_body`](crate::CorsLayer::for_any_body).
///
/// `C` is the `CorsLayer`.
///
/// ```
/// use omnicors_tower::{AnyBodyLayer, CorsLayer, PolicyConfig};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let layer: AnyBodyLayer<CorsLayer> = CorsLayer::new(policy).for_any_body();
/// # Ok::<(), omnicors_tower::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AnyBodyLayer<C> {
    pub(crate) cors: C,
}

impl<S, C: Layer<AnyBodyService<S>>> Layer<S> for AnyBodyLayer<C> {
    type Service = C::Service;

    #[track_caller]
    fn layer(&self, inner: S) -> C::Service {
        self.cors.layer(AnyBodyService { inner })
    }
}

/// A service whose response body is an [`OptionalBody`]: the inner service of an [`AnyBodyLayer`].
///
/// ```
/// use omnicors_tower::{AnyBodyService, CorsLayer, CorsService, PolicyConfig, PolicyError};
/// use tower_layer::Layer;
///
/// fn with_cors<S>(service: S) -> Result<CorsService<AnyBodyService<S>>, PolicyError> {
///     let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
///     Ok(CorsLayer::new(policy).for_any_body().layer(service))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct AnyBodyService<S> {
    inner: S,
}

impl<S, Request, B> Service<Request> for AnyBodyService<S>
where
    S: Service<Request, Response = Response<B>>,
{
    type Response = Response<OptionalBody<B>>;
    type Error = S::Error;
    type Future = AnyBodyFuture<S::Future>;

    #[inline]
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    #[inline]
    fn call(&mut self, request: Request) -> Self::Future {
        AnyBodyFuture {
            response: self.inner.call(request),
        }
    }
}

pin_project! {
    /// The response future of an [`AnyBodyService`].
    ///
    /// ```
    /// use http::{Request, Response};
    /// use omnicors_tower::{AnyBodyFuture, AnyBodyService};
    /// use tower_service::Service;
    ///
    /// fn call<S, B>(service: &mut AnyBodyService<S>, request: Request<String>) -> AnyBodyFuture<S::Future>
    /// where
    ///     S: Service<Request<String>, Response = Response<B>>,
    /// {
    ///     service.call(request)
    /// }
    /// ```
    #[derive(Debug)]
    pub struct AnyBodyFuture<F> {
        #[pin]
        response: F,
    }
}

impl<F, B, E> Future for AnyBodyFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<OptionalBody<B>>, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(self.project().response.poll(context))?;
        Poll::Ready(Ok(response.map(OptionalBody::new)))
    }
}
