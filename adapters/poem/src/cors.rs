use std::sync::Arc;
use std::time::Duration;

use omnicors_http::{
    Choose, Decider, HttpDecision, IntoPolicySource, LookupResult, PreparedHeaders, Rejection,
    call_on_reject,
};
use poem::http::response::Parts;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use crate::request::head;

/// A middleware that applies a policy to every request and response of an endpoint. Cloning is cheap, and clones share the
/// policy.
///
/// ```
/// use omnicors_poem::{Cors, PolicyConfig};
/// use poem::{EndpointExt, Route};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let app = Route::new().with(Cors::new(policy));
/// # Ok::<(), omnicors_poem::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    decider: Decider,
    on_reject: Option<OnReject>,
}

/// Makes the response whose body a rejected request gets.
type OnReject = omnicors_http::OnReject<dyn Fn(Rejection) -> Response + Send + Sync>;

impl Cors {
    /// Creates a middleware from a [`Policy`](crate::Policy), a [`PolicyHandle`](crate::PolicyHandle) to replace the policy while
    /// serving, or a choice [per path](crate::per_path), [host](crate::per_host) or [request](crate::per_request).
    ///
    /// ```
    /// use omnicors_poem::{Cors, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let cors = Cors::new(handle.clone());
    /// // Later, in another task:
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_poem::PolicyError>(())
    /// ```
    ///
    /// A [`PolicyConfig`](crate::PolicyConfig) is not a policy. Call `.build()?` first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_poem::{Cors, PolicyConfig};
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
    /// use omnicors_poem::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// /// Asks the database whether a tenant has this origin.
    /// async fn is_tenant(origin: String) -> bool {
    ///     origin == "https://tenant.example"
    /// }
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy).lookup_origins(Duration::from_millis(500), is_tenant);
    /// # Ok::<(), omnicors_poem::PolicyError>(())
    /// ```
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

    /// Makes the body of the response to a request that the [guard](crate::PolicyConfig::guard) or
    /// [`allow_hosts`](crate::PolicyConfig::allow_hosts) rejects. Without this call, the body is empty.
    ///
    /// The body and the fields `Content-Type`, `Content-Language` and `Content-Encoding` of the function's response are sent. The
    /// status (403 or 421), `Cache-Control: no-store` and the CORS fields stay. If the function panics, the body is empty.
    ///
    /// ```
    /// use omnicors_poem::{Cors, Guard, PolicyConfig};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).guard(Guard::UnsafeMethods).build()?;
    /// let cors = Cors::new(policy).on_reject(|rejection| rejection.to_string());
    /// # Ok::<(), omnicors_poem::PolicyError>(())
    /// ```
    #[must_use]
    pub fn on_reject<F, R>(mut self, function: F) -> Self
    where
        F: Fn(Rejection) -> R + Send + Sync + 'static,
        R: IntoResponse,
    {
        let function = move |rejection| function(rejection).into_response();
        self.on_reject = Some(omnicors_http::OnReject(Arc::new(function)));
        self
    }
}

impl<E: Endpoint> Middleware<E> for Cors {
    type Output = CorsEndpoint<E>;

    /// # Panics
    ///
    /// Panics if this has a fixed policy that sets `lookup_origins`, and [`lookup_origins`](Self::lookup_origins) was not called.
    fn transform(&self, inner: E) -> Self::Output {
        self.decider.assert_no_lookup_is_missing();
        CorsEndpoint {
            inner,
            is_plain: !self.decider.has_lookup() && !self.decider.is_per_request(),
            decider: self.decider.clone(),
            on_reject: self.on_reject.clone(),
        }
    }
}

/// An endpoint with a policy applied: made by [`Cors`].
///
/// ```
/// use omnicors_poem::{Cors, CorsEndpoint, PolicyConfig, PolicyError};
/// use poem::{EndpointExt, Route};
///
/// fn app() -> Result<CorsEndpoint<Route>, PolicyError> {
///     let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
///     Ok(Route::new().with(Cors::new(policy)))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CorsEndpoint<E> {
    inner: E,
    decider: Decider,
    /// True if there is neither an origin lookup nor a choice per request. One check, because most servers have neither.
    is_plain: bool,
    on_reject: Option<OnReject>,
}

impl<E: Endpoint> Endpoint for CorsEndpoint<E> {
    type Output = Response;

    #[expect(
        clippy::manual_async_fn,
        reason = "the future of an `async fn` holds the request twice, and moves it"
    )]
    fn call(&self, request: Request) -> impl Future<Output = Result<Response>> + Send {
        async move {
            let mut decision = if self.is_plain {
                self.decider.decide_without_lookup(head(&request))
            } else {
                self.decider.decide(head(&request)).await
            };
            // A reference, because a move copies all field values.
            let headers = match decision {
                HttpDecision::Forward(ref mut headers) => headers,
                HttpDecision::Respond(response) => {
                    return Ok(respond(response.into_parts().0, self.on_reject.as_ref()));
                }
            };
            let response = self.inner.call(request).await;
            if headers.is_empty() {
                // The request bypasses CORS, so an error stays an error. With names to vary on, the fields are not empty.
                return response.map(E::Output::into_response);
            }
            // Convert an error to a response, because an error has no header fields. `get_response` does the same, but moves the
            // request once more.
            let mut response = match response {
                Ok(response) => response.into_response(),
                Err(error) => error.into_response(),
            };
            headers.apply(response.headers_mut());
            Ok(response)
        }
    }
}

fn respond(mut head: Parts, on_reject: Option<&OnReject>) -> Response {
    let rejection = head.extensions.get::<Rejection>().copied();
    let made = rejection.zip(on_reject).and_then(|(rejection, on_reject)| {
        call_on_reject(
            rejection,
            &*on_reject.0,
            Response::headers,
            &mut head.headers,
        )
    });
    let mut response = Response::builder().status(head.status).finish();
    if let Some(made) = made {
        response.set_body(made.into_body());
    }
    *response.headers_mut() = head.headers;
    response
}
