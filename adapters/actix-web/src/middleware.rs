use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use pin_project_lite::pin_project;

use crate::cors::Cors;
use crate::decided::{Decided, parts};
use crate::headers::{ForwardHeaders, Lines};
use crate::source::SharedPolicy;

/// A service with a policy applied: what [`Cors`] makes of it, in each worker.
#[derive(Debug)]
pub struct CorsMiddleware<S> {
    /// Shared with the requests whose origin is being decided outside, which are handed on afterwards.
    pub(crate) service: Rc<S>,
    pub(crate) cors: Cors,
}

impl<S, B> Service<ServiceRequest> for CorsMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = CorsFuture<S>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let source = &self.cors.source;
        let Some(outside) = &self.cors.outside else {
            let decided = source.with_chosen(&request, |policy| match policy {
                Some(policy) => Decided::new(policy, &request, None),
                None => Decided::default(),
            });
            return CorsFuture::decided(&*self.service, request, decided);
        };
        let Some(policy) = source.choose(&request) else {
            return CorsFuture::decided(&*self.service, request, Decided::default());
        };
        if let Some(origin) = policy.policy().origin_to_decide(&parts(&request, false)) {
            let verdict = Box::pin(outside.decide(&origin));
            let service = Rc::clone(&self.service);
            let asked = Some(Asked {
                service,
                policy,
                request,
            });
            return CorsFuture {
                state: State::Deciding { verdict, asked },
            };
        }
        let decided = Decided::new(&policy, &request, None);
        CorsFuture::decided(&*self.service, request, decided)
    }
}

pin_project! {
    /// The response of a [`CorsMiddleware`]: that of the inner service, with its headers; or an answer.
    pub struct CorsFuture<S>
    where
        S: Service<ServiceRequest>,
    {
        #[pin]
        state: State<S>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S>
    where
        S: Service<ServiceRequest>,
    {
        // The only one that costs an allocation.
        Deciding {
            verdict: Pin<Box<dyn Future<Output = Option<bool>>>>,
            asked: Option<Asked<S>>,
        },
        Forwarded {
            #[pin]
            response: S::Future,
            headers: ForwardHeaders,
        },
        Answered {
            response: Option<ServiceResponse>,
        },
    }
}

/// What waits for the verdict.
struct Asked<S> {
    service: Rc<S>,
    /// The one that asked, whatever has come into force since.
    policy: SharedPolicy,
    request: ServiceRequest,
}

impl<S: Service<ServiceRequest>> CorsFuture<S> {
    fn decided(service: &S, request: ServiceRequest, decided: Decided) -> Self {
        Self {
            state: State::decided(service, request, decided),
        }
    }
}

impl<S: Service<ServiceRequest>> State<S> {
    /// The request is given away here, whole: while the inner service has it, no clone of it may exist, since routing
    /// changes it in place.
    fn decided(service: &S, request: ServiceRequest, decided: Decided) -> Self {
        match decided {
            Decided::Forward(headers) => Self::Forwarded {
                response: service.call(request),
                headers,
            },
            Decided::Answer(response) => Self::Answered {
                response: Some(request.into_response(response)),
            },
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
        let mut state = self.project().state;
        if let StateProjection::Deciding { verdict, asked } = state.as_mut().project() {
            let decided = ready!(decide(verdict, asked, context));
            state.set(decided);
        }
        match state.project() {
            StateProjection::Forwarded { response, headers } => {
                let mut response = response.poll(context);
                // Where it is: a response is long, and each move of it costs.
                if let Poll::Ready(response) = &mut response {
                    apply(headers, response);
                }
                response.map_ok(ServiceResponse::map_into_left_body)
            }
            StateProjection::Answered { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response.map_into_right_body())),
                // A future is not polled again after it is ready: there is nothing that could be said.
                None => Poll::Pending,
            },
            // It has been decided above, or was taken, and the future polled again after it was ready.
            StateProjection::Deciding { .. } => Poll::Pending,
        }
    }
}

/// Hands the request on, or answers it, as soon as there is a verdict.
#[cold]
fn decide<S: Service<ServiceRequest>>(
    verdict: &mut Pin<Box<dyn Future<Output = Option<bool>>>>,
    asked: &mut Option<Asked<S>>,
    context: &mut Context<'_>,
) -> Poll<State<S>> {
    let verdict = ready!(verdict.as_mut().poll(context));
    // It is taken once: the state changes then.
    let Some(asked) = asked.take() else {
        return Poll::Pending;
    };
    let decided = Decided::new(&asked.policy, &asked.request, verdict);
    Poll::Ready(State::decided(&asked.service, asked.request, decided))
}

/// Puts the headers onto the response; and, where the inner service fails, onto that which will be made of its error.
fn apply<B>(headers: &mut ForwardHeaders, response: &mut Result<ServiceResponse<B>, Error>) {
    match response {
        Ok(response) => headers.apply_once(&mut Lines(response.headers_mut())),
        Err(error) => apply_to_error(headers.clone(), error),
    }
}

/// The errors of handlers have become responses by now; this is one of a middleware. It stays the error that it is, for those
/// further out who look at it.
#[cold]
fn apply_to_error(headers: ForwardHeaders, error: &mut Error) {
    error.add_response_mapper(move |mut response| {
        let mut lines = Lines(response.headers_mut());
        headers.clone().apply_once(&mut lines);
        response
    });
}

impl<S: Service<ServiceRequest>> fmt::Debug for CorsFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsFuture").finish_non_exhaustive()
    }
}
