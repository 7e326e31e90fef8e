use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use omnicors_http::{
    Choose, Decider, HttpDecision, IntoPolicySource, LookupResult, PreparedHeaders,
};
use salvo_core::{Depot, FlowCtrl, Handler, Request, Response};

use crate::request::head;
use crate::response::respond;

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
    ///
    /// A config has to be built first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_salvo::{Cors, PolicyConfig};
    ///
    /// let cors = Cors::new(PolicyConfig::new());
    /// ```
    pub fn new(policy: impl IntoPolicySource<Choose, PreparedHeaders>) -> Self {
        Self {
            decider: Decider::new(policy),
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
    /// use omnicors_salvo::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy)
    ///     .lookup_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_salvo::PolicyError>(())
    /// ```
    ///
    /// salvo does not call a hoop when it builds a service. So if a policy looks origins up and this was not called, the server
    /// starts: origins that are not listed are denied, with `Cache-Control: no-store`, and feature `tracing` logs a warning.
    ///
    /// # Panics
    ///
    /// Panics if this was made from one policy that does not look origins up: the function would never be called.
    #[must_use]
    #[track_caller]
    pub fn lookup_origins<F, L>(self, timeout: Duration, function: F) -> Self
    where
        F: Fn(String) -> L + Send + Sync + 'static,
        L: Future<Output: Into<LookupResult>> + Send + 'static,
    {
        Self {
            decider: self.decider.lookup_origins(timeout, function),
        }
    }
}

impl Handler for Cors {
    // Written like the expansion of `async_trait`, except that everything that need not wait is done before the future is made,
    // and takes no room in it.
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
                        respond(decided.into_parts().0, response, control);
                    }
                }
            });
        }
        match self.decider.decide_without_lookup(head(request)) {
            // The future of an `async fn` would hold the headers twice, and move them.
            HttpDecision::Forward(mut headers) => Box::pin(async move {
                control.call_next(request, depot, response).await;
                // Also if a handler has ceased the flow: that response is sent as well.
                headers.apply(response.headers_mut());
            }),
            HttpDecision::Respond(decided) => {
                respond(decided.into_parts().0, response, control);
                // This future has no size, and so boxing it does not allocate.
                Box::pin(poll_fn(|_| Poll::Ready(())))
            }
        }
    }
}
