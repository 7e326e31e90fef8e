use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Request, Response};
use omnicors_http::{HttpDecision, OriginDecider, OriginVerdict, RequestHead, SharedPolicy};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::layer::CorsLayer;
use crate::service::{CorsService, ResponseFuture};

impl CorsLayer {
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
    pub fn decide_origins<F, V>(self, limit: Duration, decide: F) -> CorsLayer<OriginDecider<F>>
    where
        F: Fn(String) -> V,
        V: Future<Output = bool>,
    {
        CorsLayer {
            decide: OriginDecider::new(&self.source, limit, decide),
            source: self.source,
        }
    }
}

impl<S, F, V, RequestBody, ResponseBody> Service<Request<RequestBody>>
    for CorsService<S, OriginDecider<F>>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone,
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
            return DecidingFuture::decided(&mut self.inner, request, HttpDecision::default());
        };
        if let Some(origin) = policy.origin_to_decide(head) {
            let verdict = self.decide.decide(&origin);
            // The one that is ready is the one to call; its clone may not be.
            let clone = self.inner.clone();
            let inner = mem::replace(&mut self.inner, clone);
            let asked = Some(Asked {
                inner,
                policy,
                request,
            });
            let state = State::Deciding { verdict, asked };
            return DecidingFuture { state };
        }
        let decision = policy.decide_given(head, None);
        DecidingFuture::decided(&mut self.inner, request, decision)
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
            verdict: OriginVerdict<V>,
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

impl<S, V, RequestBody, ResponseBody> DecidingFuture<S, S::Future, V, RequestBody, ResponseBody>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: Default,
{
    fn decided(inner: &mut S, request: Request<RequestBody>, decision: HttpDecision) -> Self {
        let response = ResponseFuture::decided(inner, request, decision);
        let state = State::Decided { response };
        Self { state }
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
                    let verdict = ready!(verdict.poll(context));
                    // It is taken once: the state changes below.
                    let Some(mut asked) = asked.take() else {
                        return Poll::Pending;
                    };
                    let decision = asked.policy.decide_given(&asked.request, verdict);
                    ResponseFuture::decided(&mut asked.inner, asked.request, decision)
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
