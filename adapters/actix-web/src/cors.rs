use std::future::{Ready, ready};
use std::rc::Rc;
use std::time::Duration;

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use omnicors_adapter::omnicors_core::LookupResult;
use omnicors_adapter::{BoxedLookupFunction, IntoPolicySource, LookupFunction};

use crate::middleware::CorsMiddleware;
use crate::prepared::PreparedHeaders;
use crate::source::{Choose, PolicySource};

/// Applies a policy to every request and response of an `App`, a `Scope` or a `Resource`.
///
/// Make it once, before the server, and clone it into each worker's application: all of them share one policy.
#[derive(Clone, Debug)]
pub struct Cors {
    pub(crate) source: PolicySource,
    lookup: Option<BoxedLookupFunction>,
}

impl Cors {
    /// Takes a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace it while
    /// serving, or a [`per_request`](crate::per_request) function.
    ///
    /// A config has to be built first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_actix_web::{Cors, PolicyConfig};
    ///
    /// let cors = Cors::new(PolicyConfig::new());
    /// ```
    pub fn new(policy: impl IntoPolicySource<Choose, PreparedHeaders>) -> Self {
        Self {
            source: policy.into_policy_source(),
            lookup: None,
        }
    }

    /// Looks up origins by an async function, for a policy that
    /// [needs it](crate::PolicyConfig::lookup_origins).
    ///
    /// The function is called once per request whose origin is well-formed and not allowed by anything else in the policy. So
    /// cache its results. It returns a [`LookupResult`](crate::LookupResult), a `bool`, or a `Result<bool, E>`. A lookup without
    /// a result within `timeout` has failed: its future is dropped, the origin is denied, and no cache may store the response.
    ///
    /// ```
    /// use omnicors_actix_web::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy)
    ///     .lookup_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_actix_web::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if this was made from one policy that does not look origins up: the function would never be called.
    #[must_use]
    #[track_caller]
    pub fn lookup_origins<F, L>(mut self, timeout: Duration, function: F) -> Self
    where
        F: Fn(String) -> L + Send + Sync + 'static,
        L: Future<Output: Into<LookupResult>> + Send + 'static,
    {
        self.lookup = Some(LookupFunction::boxed(&self.source, timeout, function));
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

    /// # Panics
    ///
    /// Panics if the policy looks origins up and [`lookup_origins`](Self::lookup_origins) was not called.
    fn new_transform(&self, service: S) -> Self::Future {
        if self.lookup.is_none() {
            self.source.assert_no_lookup_is_needed();
        }
        ready(Ok(CorsMiddleware {
            service: Rc::new(service),
            source: self.source.clone(),
            lookup: self.lookup.clone(),
        }))
    }
}
