use std::fmt;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpRequest};
use omnicors_adapter::{LocalBoxedLookup, VaryNames};
use pin_project_lite::pin_project;

use crate::decision::{OnReject, OwnedDecision, decide, replace_body};
use crate::prepared::PreparedPolicy;
use crate::response::{Fields, ForwardHeaders};

pin_project! {
    /// The response future of a [`CorsMiddleware`](crate::CorsMiddleware).
    ///
    /// ```
    /// use actix_web::Error;
    /// use actix_web::body::MessageBody;
    /// use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
    /// use omnicors_actix_web::{CorsFuture, CorsMiddleware};
    ///
    /// fn call<S, B>(service: &CorsMiddleware<S>, request: ServiceRequest) -> CorsFuture<S>
    /// where
    ///     S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    ///     B: MessageBody,
    /// {
    ///     service.call(request)
    /// }
    /// ```
    pub struct CorsFuture<S>
    where
        S: Service<ServiceRequest>,
    {
        #[pin]
        state: State<S>,
        // Not split into its parts, because a move copies all its field values. The default during a lookup.
        decision: OwnedDecision,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S>
    where
        S: Service<ServiceRequest>,
    {
        LookingUp {
            lookup: LocalBoxedLookup,
            // Boxed, so that requests without a lookup do not need the space.
            waiting: Option<Box<WaitingRequest<S>>>,
        },
        Forwarded {
            #[pin]
            response: S::Future,
        },
        Responding {
            request: Option<HttpRequest>,
        },
    }
}

/// A request that waits for the lookup of its origin.
pub(crate) struct WaitingRequest<S> {
    pub(crate) service: Rc<S>,
    /// The policy that needs the lookup. It decides, even if it is replaced during the lookup.
    pub(crate) policy: Arc<PreparedPolicy>,
    pub(crate) vary_names: VaryNames,
    pub(crate) request: ServiceRequest,
    pub(crate) on_reject: Option<OnReject>,
}

impl<S: Service<ServiceRequest>> CorsFuture<S> {
    #[inline]
    pub(crate) fn decided(
        service: &S,
        request: ServiceRequest,
        mut decision: OwnedDecision,
        on_reject: Option<&OnReject>,
    ) -> Self {
        Self {
            state: State::decided(service, request, &mut decision, on_reject),
            decision,
        }
    }

    pub(crate) fn waiting(lookup: LocalBoxedLookup, waiting: WaitingRequest<S>) -> Self {
        let waiting = Some(Box::new(waiting));
        Self {
            state: State::LookingUp { lookup, waiting },
            decision: OwnedDecision::default(),
        }
    }
}

impl<S: Service<ServiceRequest>> State<S> {
    /// Consumes the request, because routing changes it in place and panics if a clone of it exists.
    #[inline]
    fn decided(
        service: &S,
        request: ServiceRequest,
        decision: &mut OwnedDecision,
        on_reject: Option<&OnReject>,
    ) -> Self {
        match decision {
            OwnedDecision::Forward(_) => Self::Forwarded {
                response: service.call(request),
            },
            OwnedDecision::Respond(response) => {
                if let Some(on_reject) = on_reject {
                    replace_body(on_reject, response);
                }
                Self::Responding {
                    request: Some(request.into_parts().0),
                }
            }
        }
    }
}

impl<S, B> Future for CorsFuture<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut state = this.state;
        if let StateProjection::LookingUp { lookup, waiting } = state.as_mut().project() {
            let (next, decision) = ready!(poll_lookup(lookup, waiting, context));
            state.set(next);
            *this.decision = decision;
        }
        match state.project() {
            StateProjection::Forwarded { response } => {
                let mut response = response.poll(context);
                // In place, because a response is large and a move copies it.
                if let (Poll::Ready(response), OwnedDecision::Forward(headers)) =
                    (&mut response, this.decision)
                {
                    apply(headers, response);
                }
                response.map_ok(ServiceResponse::map_into_left_body)
            }
            StateProjection::Responding { request } => {
                // The future was polled after it was ready, which callers of `Future::poll` must not do.
                let Some(request) = request.take() else {
                    return Poll::Pending;
                };
                match mem::take(this.decision) {
                    OwnedDecision::Respond(response) => {
                        let response = response.map_into_right_body();
                        Poll::Ready(Ok(ServiceResponse::new(request, response)))
                    }
                    // Unreachable: `State::decided` makes this state only for a decision to respond.
                    OwnedDecision::Forward(_) => Poll::Pending,
                }
            }
            // The state was changed above, unless the future was polled after it was ready.
            StateProjection::LookingUp { .. } => Poll::Pending,
        }
    }
}

/// Returns the next state and the decision when the lookup has a result.
#[cold]
fn poll_lookup<S: Service<ServiceRequest>>(
    lookup: &mut LocalBoxedLookup,
    waiting: &mut Option<Box<WaitingRequest<S>>>,
    context: &mut Context<'_>,
) -> Poll<(State<S>, OwnedDecision)> {
    let result = ready!(lookup.as_mut().poll(context));
    // It is `Some`: it is taken once, and the caller then changes the state.
    let Some(waiting) = waiting.take() else {
        return Poll::Pending;
    };
    let waiting = *waiting;
    let mut decision = decide(&waiting.policy, &waiting.request, Some(result));
    decision.vary_on(waiting.vary_names);
    let state = State::decided(
        &*waiting.service,
        waiting.request,
        &mut decision,
        waiting.on_reject.as_ref(),
    );
    Poll::Ready((state, decision))
}

/// Applies the fields to the response. If the inner service fails, applies them to the response that actix-web makes of the
/// error.
fn apply<B>(headers: &mut ForwardHeaders, response: &mut Result<ServiceResponse<B>, Error>) {
    match response {
        Ok(response) => headers.apply(&mut Fields(response.headers_mut())),
        Err(error) => apply_to_error(headers.clone(), error),
    }
}

/// The error is from a middleware: actix-web has already converted errors of handlers to responses. The error keeps its type,
/// because outer middleware may inspect it.
#[cold]
fn apply_to_error(headers: ForwardHeaders, error: &mut Error) {
    error.add_response_mapper(move |mut response| {
        let mut fields = Fields(response.headers_mut());
        headers.clone().apply(&mut fields);
        response
    });
}

impl<S: Service<ServiceRequest>> fmt::Debug for CorsFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsFuture").finish_non_exhaustive()
    }
}
