use std::future::{Ready, ready};
use std::rc::Rc;
use std::time::Duration;

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use omnicors_http::{AnyOriginDecider, OriginDecider};

use crate::middleware::CorsMiddleware;
use crate::source::PolicySource;

/// Applies a policy to every request and response of an `App`, a `Scope` or a `Resource`.
///
/// Made once, before the server, and cloned into each worker's application: all of them share one policy.
#[derive(Clone, Debug)]
pub struct Cors {
    pub(crate) source: PolicySource,
    pub(crate) outside: Option<AnyOriginDecider>,
}

impl Cors {
    /// Takes a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace it while
    /// serving, or a [`per_request`](crate::per_request) function.
    pub fn new(policy: impl Into<PolicySource>) -> Self {
        Self {
            source: policy.into(),
            outside: None,
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
    /// use omnicors_actix_web::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().decide_origins_outside(true).build()?;
    /// let cors = Cors::new(policy)
    ///     .decide_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_actix_web::PolicyError>(())
    /// ```
    #[must_use]
    pub fn decide_origins<F, V>(mut self, limit: Duration, decide: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = bool> + Send + 'static,
    {
        self.outside = Some(OriginDecider::any(&self.source, limit, decide));
        self
    }
}

impl<S, B> Transform<S, ServiceRequest> for Cors
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = CorsMiddleware<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(CorsMiddleware {
            service: Rc::new(service),
            cors: self.clone(),
        }))
    }
}
