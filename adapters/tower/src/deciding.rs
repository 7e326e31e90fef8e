use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Request, Response};
use omnicors_http::{HttpDecision, PolicySource, RequestHead, SharedPolicy};
use pin_project_lite::pin_project;
use tokio::time::{Timeout, timeout};
use tower_service::Service;

use crate::layer::CorsLayer;
use crate::service::{CorsService, ResponseFuture};

/// A function that decides about origins, and how long it may take.
#[derive(Clone, Copy)]
pub struct DecideOrigins<F> {
    decide: F,
    limit: Duration,
}

impl<F> fmt::Debug for DecideOrigins<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecideOrigins")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl<P> CorsLayer<P> {
    /// Lets an async function decide about the origins that the policy
    /// [leaves to its caller](crate::PolicyConfig::decide_origins_outside).
    ///
    /// It is asked about well-formed origins that nothing else in the policy allows, and about nothing else: once per
    /// request, so that what it looks up is best cached. What it has not decided when `limit` has passed is denied; its
    /// future is dropped then. The inner service must be `Clone`, since it is called after the function has decided.
    ///
    /// ```
    /// use omnicors_tower::{CorsLayer, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().decide_origins_outside(true).build()?;
    /// let layer = CorsLayer::new(policy)
    ///     .decide_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_tower::PolicyError>(())
    /// ```
    ///
    /// The service must be used inside a tokio runtime with its clock enabled.
    pub fn decide_origins<F, V>(self, limit: Duration, decide: F) -> CorsLayer<P, DecideOrigins<F>>
    where
        F: Fn(String) -> V,
        V: Future<Output = bool>,
    {
        CorsLayer {
            source: self.source,
            decide: DecideOrigins { decide, limit },
        }
    }
}

impl<S, P, F, V, RequestBody, ResponseBody> Service<Request<RequestBody>>
    for CorsService<S, P, DecideOrigins<F>>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone,
    P: PolicySource,
    F: Fn(String) -> V,
    V: Future<Output = bool>,
    ResponseBody: Default,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = DecidingFuture<S, S::Future, V, RequestBody, ResponseBody>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let head = RequestHead::from(&request);
        let Some(policy) = self.source.choose(&head) else {
            return DecidingFuture::decided(ResponseFuture::forward(
                self.inner.call(request),
                None,
            ));
        };
        if let Some(origin) = policy.origin_to_decide(head) {
            let verdict = timeout(
                self.decide.limit,
                (self.decide.decide)(origin.as_str().to_owned()),
            );
            // The one that is ready is the one to call; its clone may not be.
            let clone = self.inner.clone();
            let inner = mem::replace(&mut self.inner, clone);
            return DecidingFuture {
                state: State::Deciding {
                    verdict,
                    asked: Some(Asked {
                        inner,
                        policy,
                        request,
                    }),
                },
            };
        }
        DecidingFuture::decided(respond(&mut self.inner, &policy, request, None))
    }
}

fn respond<S, RequestBody, ResponseBody>(
    inner: &mut S,
    policy: &SharedPolicy,
    request: Request<RequestBody>,
    origin_verdict: Option<bool>,
) -> ResponseFuture<S::Future, ResponseBody>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: Default,
{
    match policy.decide_given(&request, origin_verdict) {
        HttpDecision::Forward(headers) => {
            ResponseFuture::forward(inner.call(request), Some(headers))
        }
        HttpDecision::Answer(response) => ResponseFuture::answer(response),
    }
}

pin_project! {
    /// The response of a [`CorsService`] that may have to wait for a verdict first.
    pub struct DecidingFuture<S, F, V, RequestBody, ResponseBody> {
        #[pin]
        state: State<S, F, V, RequestBody, ResponseBody>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, F, V, RequestBody, ResponseBody> {
        Deciding {
            #[pin]
            verdict: Timeout<V>,
            asked: Option<Asked<S, RequestBody>>,
        },
        Decided {
            #[pin]
            response: ResponseFuture<F, ResponseBody>,
        },
    }
}

/// What waits for the verdict.
struct Asked<S, RequestBody> {
    inner: S,
    /// The one that asked, whatever has come into force since.
    policy: SharedPolicy,
    request: Request<RequestBody>,
}

impl<S, F, V, RequestBody, ResponseBody> DecidingFuture<S, F, V, RequestBody, ResponseBody> {
    fn decided(response: ResponseFuture<F, ResponseBody>) -> Self {
        Self {
            state: State::Decided { response },
        }
    }
}

impl<S, V, RequestBody, ResponseBody> Future
    for DecidingFuture<S, S::Future, V, RequestBody, ResponseBody>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    V: Future<Output = bool>,
    ResponseBody: Default,
{
    type Output = Result<Response<ResponseBody>, S::Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let mut state = self.as_mut().project().state;
            let response = match state.as_mut().project() {
                StateProjection::Decided { response } => return response.poll(context),
                StateProjection::Deciding { verdict, asked } => {
                    // Too late is as good as undecided, which is denied.
                    let verdict = ready!(verdict.poll(context)).ok();
                    // It is taken once: the state changes below.
                    let Some(mut asked) = asked.take() else {
                        return Poll::Pending;
                    };
                    respond(&mut asked.inner, &asked.policy, asked.request, verdict)
                }
            };
            state.set(State::Decided { response });
        }
    }
}

impl<S, F, V, RequestBody, ResponseBody> fmt::Debug
    for DecidingFuture<S, F, V, RequestBody, ResponseBody>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecidingFuture").finish_non_exhaustive()
    }
}
