use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use omnicors_http::{ForwardHeaders, HttpDecision, PolicySource, RequestHead};
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
        let head = RequestHead::from(&request);
        let decision = self.source.with_chosen(&head, |policy| policy.decide(head));
        ResponseFuture::decided(&mut self.inner, request, decision)
    }
}

pin_project! {
    /// The response of a [`CorsService`]: that of the inner service, with its headers; or an answer, at once.
    #[derive(Debug)]
    pub struct ResponseFuture<F, B> {
        #[pin]
        state: State<F, B>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[derive(Debug)]
    enum State<F, B> {
        Forwarded {
            #[pin]
            response: F,
            headers: Option<ForwardHeaders>,
        },
        Answered {
            response: Option<Response<B>>,
        },
    }
}

impl<F, B> ResponseFuture<F, B> {
    /// Does what was decided; nothing, where nothing was.
    pub(crate) fn decided<S, RequestBody>(
        inner: &mut S,
        request: Request<RequestBody>,
        decision: Option<HttpDecision>,
    ) -> Self
    where
        S: Service<Request<RequestBody>, Response = Response<B>, Future = F>,
        B: Default,
    {
        let headers = match decision {
            None => None,
            Some(HttpDecision::Forward(headers)) => Some(headers),
            Some(HttpDecision::Answer(response)) => {
                let response = Some(response.map(|()| B::default()));
                let state = State::Answered { response };
                return Self { state };
            }
        };
        let response = inner.call(request);
        let state = State::Forwarded { response, headers };
        Self { state }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Forwarded { response, headers } => {
                let mut response = ready!(response.poll(context))?;
                if let Some(headers) = headers.take() {
                    headers.apply(response.headers_mut());
                }
                Poll::Ready(Ok(response))
            }
            StateProjection::Answered { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                // A future is not polled again after it is ready: there is nothing that could be said.
                None => Poll::Pending,
            },
        }
    }
}
