use std::time::Duration;

use omnicors_http::{
    Choose, Decider, HttpDecision, IntoPolicySource, LookupResult, PreparedHeaders,
};
use poem::{Endpoint, IntoResponse as _, Middleware, Request, Response, Result};

use crate::request::head;

/// Applies a policy to every request and response of an endpoint. A clone is cheap, and shares the policy.
#[derive(Clone, Debug)]
pub struct Cors {
    decider: Decider,
}

impl Cors {
    /// Takes a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace it while
    /// serving, or a [`per_request`](crate::per_request) function.
    ///
    /// ```
    /// use omnicors_poem::{Cors, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let cors = Cors::new(handle.clone());
    /// // … later, in another task …
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_poem::PolicyError>(())
    /// ```
    ///
    /// A config has to be built first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_poem::{Cors, PolicyConfig};
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
    /// use omnicors_poem::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy)
    ///     .lookup_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_poem::PolicyError>(())
    /// ```
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

impl<E: Endpoint> Middleware<E> for Cors {
    type Output = CorsEndpoint<E>;

    /// # Panics
    ///
    /// Panics if the policy looks origins up and [`lookup_origins`](Self::lookup_origins) was not called.
    fn transform(&self, inner: E) -> Self::Output {
        self.decider.assert_no_lookup_is_missing();
        CorsEndpoint {
            inner,
            decider: self.decider.clone(),
        }
    }
}

/// An endpoint with a policy applied: made by [`Cors`].
#[derive(Clone, Debug)]
pub struct CorsEndpoint<E> {
    inner: E,
    decider: Decider,
}

impl<E: Endpoint> Endpoint for CorsEndpoint<E> {
    type Output = Response;

    #[expect(
        clippy::manual_async_fn,
        reason = "the future of an `async fn` would hold the request twice, and move it"
    )]
    fn call(&self, request: Request) -> impl Future<Output = Result<Response>> + Send {
        async move {
            let mut decision = if self.decider.has_lookup() {
                self.decider.decide(head(&request)).await
            } else {
                self.decider.decide_without_lookup(head(&request))
            };
            // By reference, because a move copies all field values.
            let headers = match decision {
                HttpDecision::Forward(ref mut headers) => headers,
                HttpDecision::Respond(response) => {
                    let (head, ()) = response.into_parts();
                    let mut response = Response::builder().status(head.status).finish();
                    *response.headers_mut() = head.headers;
                    return Ok(response);
                }
            };
            let response = self.inner.call(request).await;
            if headers.is_empty() {
                // An error stays an error. (With names to vary on, the fields are not empty.)
                return response.map(E::Output::into_response);
            }
            // This is what `get_response` does, without moving the request once more. An error has no header fields, and none
            // can be added to it.
            let mut response = match response {
                Ok(response) => response.into_response(),
                Err(error) => error.into_response(),
            };
            headers.apply(response.headers_mut());
            Ok(response)
        }
    }
}
