use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use omnicors_http::{HttpDecision, PolicySource};
use pin_project_lite::pin_project;
use tower_service::Service;

/// A service with a policy applied: made by [`CorsLayer`](crate::CorsLayer).
#[derive(Clone, Debug)]
pub struct CorsService<S, D = ()> {
    pub(crate) inner: S,
    pub(crate) source: PolicySource,
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "nobody decides"))]
    pub(crate) decide: D,
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for CorsService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: Default,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResponseBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let decision = self.source.decide_at_once(&request);
        ResponseFuture::decided(&mut self.inner, request, decision)
    }
}

pin_project! {
    /// The response of a [`CorsService`]: that of the inner service, with its headers; or an answer, at once.
    #[derive(Debug)]
    pub struct ResponseFuture<F, B> {
        // `None` for an answer: the inner service is not called.
        #[pin]
        response: Option<F>,
        // As it was made: each move of it copies all its header values.
        decision: HttpDecision,
        body: PhantomData<fn() -> B>,
    }
}

impl<F, B> ResponseFuture<F, B> {
    /// Does what was decided.
    #[inline]
    pub(crate) fn decided<S, RequestBody>(
        inner: &mut S,
        request: Request<RequestBody>,
        decision: HttpDecision,
    ) -> Self
    where
        S: Service<Request<RequestBody>, Response = Response<B>, Future = F>,
    {
        let response = match decision {
            HttpDecision::Answer(_) => None,
            HttpDecision::Forward(_) => Some(inner.call(request)),
        };
        Self {
            response,
            decision,
            body: PhantomData,
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(response) = this.response.as_pin_mut() {
            let mut response = ready!(response.poll(context))?;
            if let HttpDecision::Forward(headers) = this.decision {
                headers.apply_once(response.headers_mut());
            }
            return Poll::Ready(Ok(response));
        }
        match mem::take(this.decision) {
            HttpDecision::Answer(response) => Poll::Ready(Ok(response.map(|()| B::default()))),
            // A future is not polled again after it is ready: there is nothing that could be said.
            HttpDecision::Forward(_) => Poll::Pending,
        }
    }
}
