#[cfg(feature = "tokio")]
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
#[cfg(feature = "tokio")]
use std::sync::Arc;
use std::task::{Context, Poll, ready};

#[cfg(feature = "tokio")]
use http::Request;
use http::Response;
use omnicors_http::ForwardHeaders;
#[cfg(feature = "tokio")]
use omnicors_http::{
    HttpDecision, LookupResult, PendingLookup, PreparedPolicy, VaryNames, decide_with_result,
};
use pin_project_lite::pin_project;
#[cfg(feature = "tokio")]
use tower_service::Service;

use crate::body::EmptyBody;

pin_project! {
    /// The response future of a [`CorsService`](crate::CorsService).
    ///
    /// ```
    /// use http::{Request, Response};
    /// use omnicors_tower::{CorsService, ResponseFuture};
    /// use tower_service::Service;
    ///
    /// fn call<S>(service: &mut CorsService<S>, request: Request<String>) -> ResponseFuture<S::Future, String>
    /// where
    ///     S: Service<Request<String>, Response = Response<String>>,
    /// {
    ///     service.call(request)
    /// }
    /// ```
    #[derive(Debug)]
    pub struct ResponseFuture<F, B> {
        #[pin]
        state: ResponseState<F>,
        body: PhantomData<fn() -> B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = ResponseStateProjection]
    enum ResponseState<F> {
        Forwarded {
            #[pin]
            response: F,
            headers: ForwardHeaders,
        },
        // `None` after the future was ready.
        Responding {
            response: Option<Response<()>>,
        },
    }
}

impl<F, B> ResponseFuture<F, B> {
    /// Calls the inner service if the decision is to forward the request.
    #[cfg(feature = "tokio")]
    #[inline]
    pub(crate) fn new<S, RequestBody>(
        inner: &mut S,
        request: Request<RequestBody>,
        decision: HttpDecision,
    ) -> Self
    where
        S: Service<Request<RequestBody>, Response = Response<B>, Future = F>,
    {
        match decision {
            HttpDecision::Forward(headers) => Self::forwarded(inner.call(request), headers),
            HttpDecision::Respond(response) => Self::responding(response),
        }
    }

    #[inline]
    pub(crate) fn forwarded(response: F, headers: ForwardHeaders) -> Self {
        Self {
            state: ResponseState::Forwarded { response, headers },
            body: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn responding(response: Response<()>) -> Self {
        let response = Some(response);
        Self {
            state: ResponseState::Responding { response },
            body: PhantomData,
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: EmptyBody,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            ResponseStateProjection::Forwarded { response, headers } => {
                let mut result = ready!(response.poll(context));
                // In place, because a response is large and a move copies it.
                if let Ok(response) = &mut result {
                    headers.apply(response.headers_mut());
                }
                Poll::Ready(result)
            }
            ResponseStateProjection::Responding { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response.map(|()| B::empty()))),
                // The future was polled after it was ready, which callers of `Future::poll` must not do.
                None => Poll::Pending,
            },
        }
    }
}

#[cfg(feature = "tokio")]
pin_project! {
    /// The response future of a [`CorsService`](crate::CorsService) with an origin lookup.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use omnicors_tower::{CorsService, LookupFunction, LookupFuture};
    /// use tower_service::Service;
    ///
    /// fn call<S, F, L>(
    ///     service: &mut CorsService<S, LookupFunction<F>>,
    ///     request: Request<String>,
    /// ) -> LookupFuture<S, S::Future, L, String, String>
    /// where
    ///     S: Service<Request<String>, Response = Response<String>> + Clone,
    ///     F: Fn(String) -> L,
    ///     L: Future<Output = bool>,
    /// {
    ///     service.call(request)
    /// }
    /// ```
    pub struct LookupFuture<S, F, L, RequestBody, ResponseBody> {
        #[pin]
        state: State<S, F, L, RequestBody, ResponseBody>,
    }
}

#[cfg(feature = "tokio")]
pin_project! {
    #[project = StateProjection]
    enum State<S, F, L, RequestBody, ResponseBody> {
        LookingUp {
            #[pin]
            lookup: PendingLookup<L>,
            waiting: Option<WaitingRequest<S, RequestBody>>,
        },
        // Polls the inner service until it is ready, if the decision is to forward the request.
        BecomingReady {
            decided: Option<DecidedRequest<S, RequestBody>>,
        },
        Responding {
            #[pin]
            response: ResponseFuture<F, ResponseBody>,
        },
    }
}

/// A request that waits for the lookup of its origin.
#[cfg(feature = "tokio")]
pub(crate) struct WaitingRequest<S, RequestBody> {
    /// A clone that was not polled. A service that is ready may hold a permit, which must not be held during the lookup.
    pub(crate) inner: S,
    /// The policy that needs the lookup. It decides, even if it is replaced during the lookup.
    pub(crate) policy: Arc<PreparedPolicy>,
    pub(crate) vary_names: VaryNames,
    pub(crate) request: Request<RequestBody>,
}

/// A request whose decision was made after the lookup of its origin.
#[cfg(feature = "tokio")]
struct DecidedRequest<S, RequestBody> {
    inner: S,
    request: Request<RequestBody>,
    decision: HttpDecision,
}

#[cfg(feature = "tokio")]
impl<S, L, RequestBody, ResponseBody> LookupFuture<S, S::Future, L, RequestBody, ResponseBody>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: EmptyBody,
{
    pub(crate) fn waiting(
        lookup: PendingLookup<L>,
        waiting: WaitingRequest<S, RequestBody>,
    ) -> Self {
        let waiting = Some(waiting);
        let state = State::LookingUp { lookup, waiting };
        Self { state }
    }

    pub(crate) fn decided(
        inner: &mut S,
        request: Request<RequestBody>,
        decision: HttpDecision,
    ) -> Self {
        let response = ResponseFuture::new(inner, request, decision);
        let state = State::Responding { response };
        Self { state }
    }
}

#[cfg(feature = "tokio")]
impl<S, L, RequestBody, ResponseBody> Future
    for LookupFuture<S, S::Future, L, RequestBody, ResponseBody>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    L: Future<Output: Into<LookupResult>>,
    ResponseBody: EmptyBody,
{
    type Output = Result<Response<ResponseBody>, S::Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let mut state = self.as_mut().project().state;
            let next = match state.as_mut().project() {
                StateProjection::LookingUp { lookup, waiting } => {
                    let result = ready!(lookup.poll(context));
                    // It is `Some`: it is taken once, and the state changes below.
                    let Some(waiting) = waiting.take() else {
                        return Poll::Pending;
                    };
                    let decided = Some(waiting.decide(result));
                    State::BecomingReady { decided }
                }
                StateProjection::BecomingReady { decided } => {
                    if let Some(decided) = decided {
                        ready!(decided.poll_ready(context))?;
                    }
                    // It is `Some`, as above.
                    let Some(mut decided) = decided.take() else {
                        return Poll::Pending;
                    };
                    let response =
                        ResponseFuture::new(&mut decided.inner, decided.request, decided.decision);
                    State::Responding { response }
                }
                StateProjection::Responding { response } => return response.poll(context),
            };
            state.set(next);
        }
    }
}

#[cfg(feature = "tokio")]
impl<S, RequestBody> WaitingRequest<S, RequestBody> {
    fn decide(self, result: LookupResult) -> DecidedRequest<S, RequestBody> {
        let mut decision = decide_with_result(&self.policy, &self.request, Some(result));
        decision.vary_on(self.vary_names);
        DecidedRequest {
            decision,
            inner: self.inner,
            request: self.request,
        }
    }
}

#[cfg(feature = "tokio")]
impl<S: Service<Request<RequestBody>>, RequestBody> DecidedRequest<S, RequestBody> {
    /// Polls the inner service if the request is forwarded.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        match self.decision {
            HttpDecision::Forward(_) => self.inner.poll_ready(context),
            HttpDecision::Respond(_) => Poll::Ready(Ok(())),
        }
    }
}

#[cfg(feature = "tokio")]
impl<S, F, L, RequestBody, ResponseBody> fmt::Debug
    for LookupFuture<S, F, L, RequestBody, ResponseBody>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupFuture").finish_non_exhaustive()
    }
}
