use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpResponse};
use omnicors_adapter::omnicors_core::{LookupResult, Rejection};
use omnicors_adapter::{BoxedLookupFunction, IntoPolicySource, LocalBoxedLookup, LookupFunction};

use crate::decision::OnReject;
use crate::middleware::CorsMiddleware;
use crate::prepared::PreparedHeaders;
use crate::source::{Choose, PolicySource};

/// A middleware that applies a policy to every request and response of an `App`, a `Scope` or a `Resource`.
///
/// Create it once, outside the closure of `HttpServer::new`, and clone it into the `App` of each worker. The clones share the
/// policy.
///
/// ```
/// use actix_web::{App, web};
/// use omnicors_actix_web::{Cors, PolicyConfig};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let app = App::new()
///     .route("/", web::get().to(async || "hello"))
///     .wrap(Cors::new(policy));
/// # Ok::<(), omnicors_actix_web::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    pub(crate) source: PolicySource,
    lookup: Option<BoxedLookupFunction<LocalBoxedLookup>>,
    on_reject: Option<OnReject>,
}

impl Cors {
    /// Creates a middleware from a [`Policy`](crate::Policy), a [`PolicyHandle`](crate::PolicyHandle) to replace the policy while
    /// serving, or a choice [per path](crate::per_path), [host](crate::per_host) or [request](crate::per_request).
    ///
    /// ```
    /// use omnicors_actix_web::{Cors, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let cors = Cors::new(handle.clone());
    /// // Later, in another task or thread:
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_actix_web::PolicyError>(())
    /// ```
    ///
    /// A [`PolicyConfig`](crate::PolicyConfig) is not a policy. Call `.build()?` first:
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
            on_reject: None,
        }
    }

    /// Looks up origins with an async function. The policy must set
    /// [`lookup_origins`](crate::PolicyConfig::lookup_origins).
    ///
    /// The function is called for each request whose origin is well-formed and not allowed by the rest of the policy, so it
    /// should cache its results. It returns a [`LookupResult`](crate::LookupResult), a `bool`, or a `Result<bool, E>`. If it has
    /// no result after `timeout`, its future is dropped, the origin is denied, and the response has `Cache-Control: no-store`.
    ///
    /// All workers call the function, so it is `Send` and `Sync`. Its future stays on the thread of the worker, so it may hold an `Rc` or a request of
    /// the client `awc`.
    ///
    /// ```
    /// use omnicors_actix_web::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// /// Asks the database whether a tenant has this origin.
    /// async fn is_tenant(origin: String) -> bool {
    ///     origin == "https://tenant.example"
    /// }
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy).lookup_origins(Duration::from_millis(500), is_tenant);
    /// # Ok::<(), omnicors_actix_web::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if this has a fixed policy that does not set `lookup_origins`: the function would never be called.
    #[must_use]
    #[track_caller]
    pub fn lookup_origins<F, L>(mut self, timeout: Duration, function: F) -> Self
    where
        F: Fn(String) -> L + Send + Sync + 'static,
        L: Future<Output: Into<LookupResult>> + 'static,
    {
        self.lookup = Some(LookupFunction::boxed_local(&self.source, timeout, function));
        self
    }

    /// Makes the body of the response to a request that the [guard](crate::PolicyConfig::guard) or
    /// [`allow_hosts`](crate::PolicyConfig::allow_hosts) rejects. Without this call, the body is empty.
    ///
    /// The body and the fields `Content-Type`, `Content-Language` and `Content-Encoding` of the function's response are sent. The
    /// status (403 or 421), `Cache-Control: no-store` and the CORS fields stay. If the function panics, the body is empty.
    ///
    /// ```
    /// use omnicors_actix_web::{Cors, Guard, PolicyConfig};
    /// use actix_web::HttpResponse;
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).guard(Guard::UnsafeMethods).build()?;
    /// let cors = Cors::new(policy).on_reject(|rejection| {
    ///     HttpResponse::Forbidden().body(rejection.to_string())
    /// });
    /// # Ok::<(), omnicors_actix_web::PolicyError>(())
    /// ```
    #[must_use]
    pub fn on_reject<F>(mut self, function: F) -> Self
    where
        F: Fn(Rejection) -> HttpResponse + Send + Sync + 'static,
    {
        self.on_reject = Some(omnicors_adapter::OnReject(Arc::new(function)));
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
    /// Panics if this has a fixed policy that sets `lookup_origins`, and [`lookup_origins`](Self::lookup_origins) was not called.
    fn new_transform(&self, service: S) -> Self::Future {
        if self.lookup.is_none() {
            self.source.assert_no_lookup_is_needed();
        }
        ready(Ok(CorsMiddleware {
            service: Rc::new(service),
            source: self.source.clone(),
            lookup: self.lookup.clone(),
            on_reject: self.on_reject.clone(),
        }))
    }
}
