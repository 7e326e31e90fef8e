use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use omnicors_adapter::omnicors_core::RequestParts;
use omnicors_adapter::{BoxedLookupFunction, Choice, LocalBoxedLookup};

use crate::decision::{OnReject, OwnedDecision, decide};
use crate::future::{CorsFuture, WaitingRequest};
use crate::request::{RequestMap, RequestView};
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
    pub(crate) lookup: Option<BoxedLookupFunction<LocalBoxedLookup>>,
    pub(crate) on_reject: Option<OnReject>,
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

    #[inline]
    fn call(&self, request: ServiceRequest) -> Self::Future {
        if let Some(lookup) = &self.lookup {
            return self.call_with_lookup(request, lookup);
        }
        let decision = if self.source.is_per_request() {
            decide_by_choice(&self.source, &request)
        } else {
            decide_by_policy(&self.source, &request)
        };
        CorsFuture::decided(&*self.service, request, decision, self.on_reject.as_ref())
    }
}

impl<S: Service<ServiceRequest>> CorsMiddleware<S> {
    /// A separate function, so that without a lookup the decision is made in place and not moved.
    #[inline(never)]
    fn call_with_lookup(
        &self,
        request: ServiceRequest,
        lookup: &BoxedLookupFunction<LocalBoxedLookup>,
    ) -> CorsFuture<S> {
        let Choice { policy, vary_names } = self.source.choose(&RequestView(&request));
        let mut decision = OwnedDecision::default();
        if let Some(policy) = policy {
            let started = {
                let fields = RequestMap::new(&request);
                let parts = RequestParts::read(policy.policy(), request.method().as_str(), &fields);
                let origin = policy.policy().origin_to_look_up(&parts);
                origin.map(|origin| lookup.start(&origin))
            };
            if let Some(lookup) = started {
                let waiting = WaitingRequest {
                    service: Rc::clone(&self.service),
                    policy,
                    vary_names,
                    request,
                    on_reject: self.on_reject.clone(),
                };
                return CorsFuture::waiting(lookup, waiting);
            }
            decision = decide(&policy, &request, None);
        }
        decision.vary_on(vary_names);
        CorsFuture::decided(&*self.service, request, decision, self.on_reject.as_ref())
    }
}

#[inline]
fn decide_by_policy(source: &PolicySource, request: &ServiceRequest) -> OwnedDecision {
    source.with_policy(|policy| match policy {
        Some(policy) => decide(policy, request, None),
        // Unreachable: only a choice per request has no policy here.
        None => OwnedDecision::default(),
    })
}

/// A separate function, so that without a choice the decision is made in place and not moved.
#[inline(never)]
fn decide_by_choice(source: &PolicySource, request: &ServiceRequest) -> OwnedDecision {
    let choice = source.choose(&RequestView(request));
    let mut decision = match &choice.policy {
        Some(policy) => decide(policy, request, None),
        None => OwnedDecision::default(),
    };
    decision.vary_on(choice.vary_names);
    decision
}
