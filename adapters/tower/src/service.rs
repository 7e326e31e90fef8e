use std::task::{Context, Poll};

use http::{Request, Response};
use omnicors_http::{HttpDecision, PolicySource, decide_by_source};
#[cfg(feature = "tokio")]
use omnicors_http::{LookupFunction, LookupResult, RequestHead, decide, start_lookup};
use tower_service::Service;

use crate::body::EmptyBody;
use crate::future::ResponseFuture;
#[cfg(feature = "tokio")]
use crate::future::{LookupFuture, WaitingRequest};

/// A service with a policy applied: made by [`CorsLayer`](crate::CorsLayer).
///
/// ```
/// use omnicors_tower::{CorsLayer, CorsService, PolicyConfig, PolicyError};
/// use tower_layer::Layer;
///
/// fn with_cors<S>(service: S) -> Result<CorsService<S>, PolicyError> {
///     let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
///     Ok(CorsLayer::new(policy).layer(service))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CorsService<S, L = ()> {
    pub(crate) inner: S,
    pub(crate) source: PolicySource,
    #[cfg_attr(
        not(feature = "tokio"),
        expect(dead_code, reason = "lookups need the feature `tokio`")
    )]
    pub(crate) lookup: L,
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for CorsService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: EmptyBody,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResponseBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        // The request is not passed to another function first, because each move copies it.
        match decide_by_source(&self.source, &request) {
            HttpDecision::Forward(headers) => {
                ResponseFuture::forwarded(self.inner.call(request), headers)
            }
            HttpDecision::Respond(response) => ResponseFuture::responding(response),
        }
    }
}

#[cfg(feature = "tokio")]
impl<S, F, L, RequestBody, ResponseBody> Service<Request<RequestBody>>
    for CorsService<S, LookupFunction<F>>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone,
    F: Fn(String) -> L,
    L: Future<Output: Into<LookupResult>>,
    ResponseBody: EmptyBody,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = LookupFuture<S, S::Future, L, RequestBody, ResponseBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let head = RequestHead::from(&request);
        let choice = self.source.choose(&head);
        let vary_names = choice.vary_names;
        let mut decision = match choice.policy {
            Some(policy) => {
                let lookup = start_lookup(&policy, head, |origin| self.lookup.start(origin));
                if let Some(lookup) = lookup {
                    let waiting = WaitingRequest {
                        inner: self.inner.clone(),
                        policy,
                        vary_names,
                        request,
                    };
                    // The service that is ready may hold a permit, for example of a `ConcurrencyLimit`. Its clone does not.
                    self.inner = waiting.inner.clone();
                    return LookupFuture::waiting(lookup, waiting);
                }
                decide(&policy, head)
            }
            None => HttpDecision::default(),
        };
        decision.vary_on(vary_names);
        LookupFuture::decided(&mut self.inner, request, decision)
    }
}
