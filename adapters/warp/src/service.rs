use std::convert::Infallible;
use std::task::{Context, Poll};

use http::Request;
use omnicors_http::{Decider, HttpDecision, RequestHead};
use tower_service::Service;
use warp::reply::Response;

use crate::future::ResponseFuture;
use crate::response::{OnReject, respond};

/// Routes with a policy applied, as a tower service: made by [`Cors::service`](crate::Cors::service).
///
/// ```
/// use omnicors_warp::{Cors, CorsService, PolicyConfig};
/// use tower_service::Service;
/// use warp::Filter;
/// use warp::http::Request;
///
/// /// Sends a request to routes, as a test does.
/// async fn send<S>(mut service: CorsService<S>, request: Request<String>) -> warp::reply::Response
/// where
///     CorsService<S>: Service<Request<String>, Response = warp::reply::Response, Error = std::convert::Infallible>,
/// {
///     let Ok(response) = service.call(request).await;
///     response
/// }
///
/// async fn test() -> Result<(), Box<dyn std::error::Error>> {
///     let cors = Cors::new(PolicyConfig::public_read_only().build()?);
///     let service = cors.service(warp::path::end().map(|| "hello"));
///     let response = send(service, Request::get("/").body(String::new())?).await;
///     assert_eq!(response.headers()["access-control-allow-origin"], "*");
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CorsService<S> {
    /// The service of warp. It is always ready.
    pub(crate) routes: S,
    pub(crate) decider: Decider,
    pub(crate) on_reject: Option<OnReject>,
}

impl<S, B> Service<Request<B>> for CorsService<S>
where
    S: Service<Request<B>, Response = Response, Error = Infallible, Future: Send> + Clone,
    S: Send + 'static,
    B: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = ResponseFuture<S::Future>;

    #[inline]
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.routes.poll_ready(context)
    }

    #[inline]
    fn call(&mut self, request: Request<B>) -> Self::Future {
        if self.decider.has_lookup() {
            return ResponseFuture::looking_up(self.clone().look_up_and_call(request));
        }
        match self.decider.decide_without_lookup(&request) {
            HttpDecision::Forward(headers) => {
                ResponseFuture::forwarded(self.routes.call(request), headers)
            }
            HttpDecision::Respond(response) => {
                ResponseFuture::responded(respond(response, self.on_reject.as_ref()))
            }
        }
    }
}

impl<S> CorsService<S> {
    async fn look_up_and_call<B>(mut self, request: Request<B>) -> Response
    where
        S: Service<Request<B>, Response = Response, Error = Infallible>,
    {
        match self.decider.decide(RequestHead::from(&request)).await {
            HttpDecision::Forward(mut headers) => {
                let Ok(mut response) = self.routes.call(request).await;
                headers.apply(response.headers_mut());
                response
            }
            HttpDecision::Respond(response) => respond(response, self.on_reject.as_ref()),
        }
    }
}
