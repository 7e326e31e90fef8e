use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use omnicors_http::{
    Choose, Decider, HttpDecision, IntoPolicySource, LookupResult, PreparedHeaders, Rejection,
};
use salvo_core::{Depot, FlowCtrl, Handler, Request, Response};

use crate::request::head;
use crate::response::{OnReject, respond};

/// A hoop that applies a policy to every request and response. Cloning is cheap, and clones share the policy.
///
/// ```
/// use omnicors_salvo::{Cors, PolicyConfig};
/// use salvo::prelude::*;
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let app = Service::new(Router::new()).hoop(Cors::new(policy));
/// # Ok::<(), omnicors_salvo::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    decider: Decider,
    on_reject: Option<OnReject>,
}

impl Cors {
    /// Creates a hoop from a [`Policy`](crate::Policy), a [`PolicyHandle`](crate::PolicyHandle) to replace the policy while
    /// serving, or a choice [per path](crate::per_path), [host](crate::per_host) or [request](crate::per_request).
    ///
    /// ```
    /// use omnicors_salvo::{Cors, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let cors = Cors::new(handle.clone());
    /// // Later, in another task:
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_salvo::PolicyError>(())
    /// ```
    ///
    /// A [`PolicyConfig`](crate::PolicyConfig) is not a policy. Call `.build()?` first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_salvo::{Cors, PolicyConfig};
    ///
    /// let cors = Cors::new(PolicyConfig::new());
    /// ```
    pub fn new(policy: impl IntoPolicySource<Choose, PreparedHeaders>) -> Self {
        Self {
            decider: Decider::new(policy),
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
    /// ```
    /// use omnicors_salvo::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// /// Asks the database whether a tenant has this origin.
    /// async fn is_tenant(origin: String) -> bool {
    ///     origin == "https://tenant.example"
    /// }
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy).lookup_origins(Duration::from_millis(500), is_tenant);
    /// # Ok::<(), omnicors_salvo::PolicyError>(())
    /// ```
    ///
    /// salvo does not call a hoop when it builds a service, so a missing lookup is not reported at start-up, unless you call
    /// [`assert_no_lookup_is_missing`](Self::assert_no_lookup_is_missing). If the policy needs lookups and this is not called, every origin that is
    /// not listed is denied, the response has `Cache-Control: no-store`, and the feature `tracing` logs a warning.
    ///
    /// # Panics
    ///
    /// Panics if this has a fixed policy that does not set `lookup_origins`: the function would never be called.
    #[must_use]
    #[track_caller]
    pub fn lookup_origins<F, L>(self, timeout: Duration, function: F) -> Self
    where
        F: Fn(String) -> L + Send + Sync + 'static,
        L: Future<Output: Into<LookupResult>> + Send + 'static,
    {
        Self {
            decider: self.decider.lookup_origins(timeout, function),
            ..self
        }
    }

    /// Checks that there is an origin lookup if the policy needs one. Call this before the server starts. The adapters for other frameworks do it
    /// themselves.
    ///
    /// ```
    /// use omnicors_salvo::{Cors, PolicyConfig};
    ///
    /// let cors = Cors::new(PolicyConfig::new().allow_origins(["https://example.com"]).build()?);
    /// cors.assert_no_lookup_is_missing();
    /// # Ok::<(), omnicors_salvo::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if this has a fixed policy that sets `lookup_origins`, and [`lookup_origins`](Self::lookup_origins) was not called.
    #[track_caller]
    pub fn assert_no_lookup_is_missing(&self) {
        self.decider.assert_no_lookup_is_missing();
    }

    /// Makes the body of the response to a request that the [guard](crate::PolicyConfig::guard) or
    /// [`allow_hosts`](crate::PolicyConfig::allow_hosts) rejects. Without this call, the body is empty.
    ///
    /// The body and the fields `Content-Type`, `Content-Language` and `Content-Encoding` of the function's response are sent. The
    /// status (403 or 421), `Cache-Control: no-store` and the CORS fields stay. If the function panics, the body is empty.
    ///
    /// ```
    /// use omnicors_salvo::{Cors, Guard, PolicyConfig};
    /// use salvo::prelude::*;
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).guard(Guard::UnsafeMethods).build()?;
    /// let cors = Cors::new(policy).on_reject(|rejection, response| {
    ///     response.render(Text::Plain(rejection.to_string()));
    /// });
    /// # Ok::<(), omnicors_salvo::PolicyError>(())
    /// ```
    #[must_use]
    pub fn on_reject<F>(mut self, function: F) -> Self
    where
        F: Fn(Rejection, &mut Response) + Send + Sync + 'static,
    {
        let make = move |rejection| {
            let mut made = Response::new();
            function(rejection, &mut made);
            made
        };
        self.on_reject = Some(omnicors_http::OnReject(Arc::new(make)));
        self
    }
}

impl Handler for Cors {
    // Written as `async_trait` would expand it, except that all code that does not wait runs before the future is made, so that
    // the future is small.
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
        if self.decider.has_lookup() {
            return Box::pin(async move {
                match self.decider.decide(head(request)).await {
                    HttpDecision::Forward(mut headers) => {
                        control.call_next(request, depot, response).await;
                        headers.apply(response.headers_mut());
                    }
                    HttpDecision::Respond(decided) => {
                        respond(
                            decided.into_parts().0,
                            self.on_reject.as_ref(),
                            response,
                            control,
                        );
                    }
                }
            });
        }
        match self.decider.decide_without_lookup(head(request)) {
            // The future of an `async fn` holds the headers twice, and moves them.
            HttpDecision::Forward(mut headers) => Box::pin(async move {
                control.call_next(request, depot, response).await;
                // Even if a handler has ceased the flow, because its response is sent.
                headers.apply(response.headers_mut());
            }),
            HttpDecision::Respond(decided) => {
                respond(
                    decided.into_parts().0,
                    self.on_reject.as_ref(),
                    response,
                    control,
                );
                // This future has no size, so boxing it does not allocate.
                Box::pin(poll_fn(|_| Poll::Ready(())))
            }
        }
    }
}
