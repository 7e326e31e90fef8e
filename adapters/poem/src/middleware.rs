use std::time::Duration;

use omnicors_http::{Decider, HttpDecision, PolicySource, RequestHead};
use poem::{Endpoint, IntoResponse as _, Middleware, Request, Response, Result};

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
    pub fn new(policy: impl Into<PolicySource>) -> Self {
        Self {
            decider: Decider::new(policy),
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
    /// use omnicors_poem::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().decide_origins_outside(true).build()?;
    /// let cors = Cors::new(policy)
    ///     .decide_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_poem::PolicyError>(())
    /// ```
    #[must_use]
    pub fn decide_origins<F, V>(self, limit: Duration, decide: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = bool> + Send + 'static,
    {
        Self {
            decider: self.decider.decide_origins(limit, decide),
        }
    }
}

impl<E: Endpoint> Middleware<E> for Cors {
    type Output = CorsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
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
        reason = "an `async fn` has room for the request twice, and moves it to and fro"
    )]
    fn call(&self, request: Request) -> impl Future<Output = Result<Response>> + Send {
        async move {
            let decision = if self.decider.may_wait() {
                self.decider.decide(head(&request)).await
            } else {
                self.decider.decide_at_once(head(&request))
            };
            let mut headers = match decision {
                HttpDecision::Forward(headers) => headers,
                HttpDecision::Answer(answer) => {
                    let (head, ()) = answer.into_parts();
                    let mut response = Response::builder().status(head.status).finish();
                    *response.headers_mut() = head.headers;
                    return Ok(response);
                }
            };
            let response = self.inner.call(request).await;
            if headers.is_nothing() {
                // Even an error stays what it is.
                return response.map(E::Output::into_response);
            }
            // As `get_response` does, which moves the request once more. An error carries no header lines, and cannot be given
            // any and stay of its type.
            let mut response = match response {
                Ok(response) => response.into_response(),
                Err(error) => error.into_response(),
            };
            headers.apply_once(response.headers_mut());
            Ok(response)
        }
    }
}

fn head(request: &Request) -> RequestHead<'_> {
    RequestHead {
        method: request.method(),
        uri: request.uri(),
        headers: request.headers(),
        extensions: request.extensions(),
    }
}
