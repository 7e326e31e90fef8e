use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use omnicors_adapter::BoxedLookupFunction;
use omnicors_adapter::omnicors_core::RequestParts;

use crate::decision::{OwnedDecision, decide};
use crate::future::{CorsFuture, WaitingRequest};
use crate::request::RequestMap;
use crate::source::PolicySource;

/// A service with a policy applied: made by [`Cors`](crate::Cors) in each worker.
///
/// ```
/// use actix_web::Error;
/// use actix_web::body::MessageBody;
/// use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
/// use omnicors_actix_web::{Cors, CorsMiddleware};
///
/// async fn with_cors<S, B>(cors: &Cors, service: S) -> Result<CorsMiddleware<S>, ()>
/// where
///     S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
///     B: MessageBody,
/// {
///     cors.new_transform(service).await
/// }
/// ```
#[derive(Debug)]
pub struct CorsMiddleware<S> {
    /// Shared with the requests that wait for an origin lookup: they call it afterwards.
    pub(crate) service: Rc<S>,
    pub(crate) source: PolicySource,
    pub(crate) lookup: Option<BoxedLookupFunction>,
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
        let Some(lookup) = &self.lookup else {
            let decision = if self.source.has_vary_names() {
                decide_and_vary(&self.source, &request)
            } else {
                decide_by_source(&self.source, &request)
            };
            return CorsFuture::decided(&*self.service, request, decision);
        };
        let vary_names = self.source.vary_names();
        let Some(policy) = self.source.choose(&request) else {
            let mut decision = OwnedDecision::default();
            decision.vary_on(vary_names);
            return CorsFuture::decided(&*self.service, request, decision);
        };
        let started = {
            let fields = RequestMap::new(&request);
            let parts = RequestParts::read(policy.policy(), request.method().as_str(), &fields);
            let origin = policy.policy().origin_to_look_up(&parts);
            origin.map(|origin| lookup.start(&origin))
        };
        if let Some(lookup) = started {
            let service = Rc::clone(&self.service);
            let waiting = WaitingRequest {
                service,
                policy,
                vary_names,
                request,
            };
            return CorsFuture::waiting(lookup, waiting);
        }
        let mut decision = decide(&policy, &request, None);
        decision.vary_on(vary_names);
        CorsFuture::decided(&*self.service, request, decision)
    }
}

#[inline]
fn decide_by_source(source: &PolicySource, request: &ServiceRequest) -> OwnedDecision {
    source.with_chosen(request, |policy| match policy {
        Some(policy) => decide(policy, request, None),
        None => OwnedDecision::default(),
    })
}

/// A separate function, so that without vary names the decision is made in place and not moved.
#[cold]
fn decide_and_vary(source: &PolicySource, request: &ServiceRequest) -> OwnedDecision {
    let mut decision = decide_by_source(source, request);
    decision.vary_on(source.vary_names());
    decision
}
