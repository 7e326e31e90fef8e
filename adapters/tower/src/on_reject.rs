use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use omnicors_http::{Rejection, call_on_reject};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::EmptyBody;

/// A [`CorsLayer`](crate::CorsLayer) with a body for rejected requests: made by [`on_reject`](crate::CorsLayer::on_reject).
///
/// `C` is the `CorsLayer`.
///
/// ```
/// use http::Response;
/// use omnicors_tower::{CorsLayer, Guard, OnRejectLayer, PolicyConfig, Rejection};
///
/// fn explain(rejection: Rejection) -> Response<String> {
///     Response::new(rejection.to_string())
/// }
///
/// type Explain = fn(Rejection) -> Response<String>;
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).guard(Guard::UnsafeMethods);
/// let layer: OnRejectLayer<CorsLayer, Explain> = CorsLayer::new(policy.build()?).on_reject(explain);
/// # Ok::<(), omnicors_tower::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct OnRejectLayer<C, F> {
    pub(crate) cors: C,
    pub(crate) function: F,
}

impl<S, C: Layer<S>, F: Clone> Layer<S> for OnRejectLayer<C, F> {
    type Service = OnRejectService<C::Service, F>;

    #[track_caller]
    fn layer(&self, inner: S) -> Self::Service {
        OnRejectService {
            inner: self.cors.layer(inner),
            function: self.function.clone(),
        }
    }
}

/// A service with a policy applied and a body for rejected requests: made by [`OnRejectLayer`].
///
/// ```
/// use http::Response;
/// use omnicors_tower::{CorsLayer, CorsService, OnRejectService, Policy, Rejection};
/// use tower_layer::Layer;
///
/// type Explain = fn(Rejection) -> Response<String>;
///
/// fn with_cors<S>(policy: Policy, service: S) -> OnRejectService<CorsService<S>, Explain> {
///     let explain: Explain = |rejection| Response::new(rejection.to_string());
///     CorsLayer::new(policy).on_reject(explain).layer(service)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct OnRejectService<S, F> {
    inner: S,
    function: F,
}

impl<S, F, Request, B> Service<Request> for OnRejectService<S, F>
where
    S: Service<Request, Response = Response<B>>,
    F: Fn(Rejection) -> Response<B> + Clone,
    B: EmptyBody,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = OnRejectFuture<S::Future, F>;

    #[inline]
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    #[inline]
    fn call(&mut self, request: Request) -> Self::Future {
        OnRejectFuture {
            response: self.inner.call(request),
            function: self.function.clone(),
        }
    }
}

pin_project! {
    /// The response future of an [`OnRejectService`].
    ///
    /// ```
    /// use http::Response;
    /// use omnicors_tower::{EmptyBody, OnRejectFuture, OnRejectService, Rejection};
    /// use tower_service::Service;
    ///
    /// fn call<S, F, B>(service: &mut OnRejectService<S, F>, request: String) -> OnRejectFuture<S::Future, F>
    /// where
    ///     S: Service<String, Response = Response<B>>,
    ///     F: Fn(Rejection) -> Response<B> + Clone,
    ///     B: EmptyBody,
    /// {
    ///     service.call(request)
    /// }
    /// ```
    #[derive(Debug)]
    pub struct OnRejectFuture<R, F> {
        #[pin]
        response: R,
        function: F,
    }
}

impl<R, F, B, E> Future for OnRejectFuture<R, F>
where
    R: Future<Output = Result<Response<B>, E>>,
    F: Fn(Rejection) -> Response<B>,
{
    type Output = Result<Response<B>, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.response.poll(context))?;
        if matches!(response.status().as_u16(), 403 | 421) {
            if let Some(rejection) = response.extensions_mut().remove() {
                let make = |rejection| (this.function)(rejection);
                let to = response.headers_mut();
                if let Some(other) = call_on_reject(rejection, make, Response::headers, to) {
                    *response.body_mut() = other.into_body();
                }
            }
        }
        Poll::Ready(Ok(response))
    }
}
