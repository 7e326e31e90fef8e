use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use omnicors_http::{Decider, ForwardHeaders, HttpDecision, PolicySource, RequestHead};
use salvo_core::http::ResBody;
use salvo_core::{Depot, FlowCtrl, Handler, Request, Response};

/// Applies a policy to every request and response that passes it: for `hoop`. A clone is cheap, and shares the policy.
#[derive(Clone, Debug)]
pub struct Cors {
    decider: Decider,
}

impl Cors {
    /// Takes a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace it while
    /// serving, or a [`per_request`](crate::per_request) function.
    ///
    /// ```
    /// use omnicors_salvo::{Cors, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let cors = Cors::new(handle.clone());
    /// // … later, in another task …
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_salvo::PolicyError>(())
    /// ```
    pub fn new(policy: impl Into<PolicySource>) -> Self {
        Self {
            decider: Decider::new(policy),
        }
    }

    /// Lets an async function decide about the origins that the policy
    /// [leaves to its caller](crate::PolicyConfig::decide_origins_outside).
    ///
    /// It is asked about well-formed origins that nothing else in the policy allows, and about nothing else: once per
    /// request, so that what it looks up is best cached. What it has not decided when `limit` has passed is denied; its
    /// future is dropped then.
    ///
    /// ```
    /// use omnicors_salvo::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().decide_origins_outside(true).build()?;
    /// let cors = Cors::new(policy)
    ///     .decide_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_salvo::PolicyError>(())
    /// ```
    #[must_use]
    pub fn decide_origins<F, V>(self, limit: Duration, decide: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = bool> + Send + 'static,
    {
        Self {
            decider: self.decider.decide_origins(limit, decide),
        }
    }
}

impl Handler for Cors {
    // As `async_trait` would write it, but that what need not wait is done before there is a future, and takes no room in it.
    fn handle<'a, 'request, 'depot, 'response, 'control, 'future>(
        &'a self,
        request: &'request mut Request,
        depot: &'depot mut Depot,
        response: &'response mut Response,
        control: &'control mut FlowCtrl,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'future>>
    where
        'a: 'future,
        'request: 'future,
        'depot: 'future,
        'response: 'future,
        'control: 'future,
        Self: 'future,
    {
        if self.decider.may_wait() {
            return Box::pin(async move {
                let decision = self.decider.decide(head(request)).await;
                if let Some(mut headers) = forwarded(decision, response, control) {
                    control.call_next(request, depot, response).await;
                    headers.apply_once(response.headers_mut());
                }
            });
        }
        let decision = self.decider.decide_at_once(head(request));
        let Some(mut headers) = forwarded(decision, response, control) else {
            return Box::pin(Done);
        };
        // No `async fn`, which would move the headers once more, and have room for them twice.
        Box::pin(async move {
            control.call_next(request, depot, response).await;
            // Even where a handler has ceased the flow: this response leaves as well.
            headers.apply_once(response.headers_mut());
        })
    }
}

/// Of no size, so that its box takes no memory.
struct Done;

impl Future for Done {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

fn head(request: &Request) -> RequestHead<'_> {
    RequestHead {
        method: request.method(),
        uri: request.uri(),
        headers: request.headers(),
        extensions: request.extensions(),
    }
}

/// What to put onto the response of what comes next; `None` where that is not run, since the request is answered.
fn forwarded(
    decision: HttpDecision,
    response: &mut Response,
    control: &mut FlowCtrl,
) -> Option<ForwardHeaders> {
    match decision {
        HttpDecision::Forward(headers) => Some(headers),
        HttpDecision::Answer(answer) => {
            let (head, ()) = answer.into_parts();
            // The whole of it, whatever was there: 404 or 405, where no route takes OPTIONS.
            response.status_code(head.status);
            response.set_headers(head.headers);
            // An empty body and not none: a catcher writes a page where there is none.
            response.replace_body(ResBody::from(""));
            control.skip_rest();
            None
        }
    }
}
