use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
// `Rejection` is a type of warp.
use omnicors_http::Rejection as Rejected;
use omnicors_http::{
    Choose, Decider, ForwardHeaders, IntoPolicySource, LookupResult, PreparedHeaders, caught,
    copy_content_fields,
};
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

use crate::decision::{forward_headers, take_response};
use crate::response::FilterError;

/// Applies a policy to every request and response of a filter: see [`wrap`](Self::wrap). Cloning is cheap, and clones share the
/// policy.
///
/// ```
/// use omnicors_warp::{Cors, PolicyConfig};
/// use warp::Filter;
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let routes = Cors::new(policy).wrap(warp::path::end().map(|| "hello"));
/// # Ok::<(), omnicors_warp::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    decider: Decider,
    on_reject: Option<OnReject>,
}

/// Makes the response whose body a rejected request gets.
#[derive(Clone)]
struct OnReject(Arc<dyn Fn(Rejected) -> Response + Send + Sync>);

impl fmt::Debug for OnReject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnReject")
    }
}

impl Cors {
    /// Creates a wrapper from a [`Policy`](crate::Policy), a [`PolicyHandle`](crate::PolicyHandle) to replace the policy while
    /// serving, or a choice [per path](crate::per_path), [host](crate::per_host) or [request](crate::per_request).
    ///
    /// A `per_request` function does not see the extensions of a request, because warp does not show them to filters.
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let cors = Cors::new(handle.clone());
    /// // Later, in another task:
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// A [`PolicyConfig`](crate::PolicyConfig) is not a policy. Call `.build()?` first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_warp::{Cors, PolicyConfig};
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
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// /// Asks the database whether a tenant has this origin.
    /// async fn is_tenant(origin: String) -> bool {
    ///     origin == "https://tenant.example"
    /// }
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy).lookup_origins(Duration::from_millis(500), is_tenant);
    /// # Ok::<(), omnicors_warp::PolicyError>(())
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
        L: Future<Output: Into<LookupResult>> + Send + 'static,
    {
        self.decider = self.decider.lookup_origins(timeout, function);
        self
    }

    /// Makes the body of the response to a request that the [guard](crate::PolicyConfig::guard) or
    /// [`allow_hosts`](crate::PolicyConfig::allow_hosts) rejects. Without this call, the body is empty.
    ///
    /// The body and the fields `Content-Type`, `Content-Language` and `Content-Encoding` of the function's response are sent. The
    /// status (403 or 421), `Cache-Control: no-store` and the CORS fields stay. If the function panics, the body is empty.
    ///
    /// ```
    /// use omnicors_warp::{Cors, Guard, PolicyConfig};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).guard(Guard::UnsafeMethods).build()?;
    /// let cors = Cors::new(policy).on_reject(|rejection| rejection.to_string());
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    #[must_use]
    pub fn on_reject<F, R>(mut self, function: F) -> Self
    where
        F: Fn(Rejected) -> R + Send + Sync + 'static,
        R: Reply,
    {
        let function = move |rejection| function(rejection).into_response();
        self.on_reject = Some(OnReject(Arc::new(function)));
        self
    }

    /// Returns a filter that applies the policy. It responds to preflights without running the inner filter.
    ///
    /// A rejection of the inner filter becomes warp's own response to it, because a rejection cannot have header fields. For
    /// your own responses, call `recover` on the inner filter:
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use std::convert::Infallible;
    /// use warp::{Filter, Rejection, Reply, http::StatusCode};
    ///
    /// async fn not_found(_: Rejection) -> Result<impl Reply, Infallible> {
    ///     Ok(warp::reply::with_status("this page does not exist", StatusCode::NOT_FOUND))
    /// }
    ///
    /// let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    /// let routes = warp::path::end().map(|| "hello");
    /// let routes = cors.wrap(routes.recover(not_found));
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// The wrapped filter never rejects, so an `.or(…)` after it would never run. Wrap all routes together:
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use warp::Filter;
    ///
    /// let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    /// let items = warp::path!("items").map(|| "apple, pear");
    /// let health = warp::path!("health").map(|| "ok");
    /// let routes = cors.wrap(items.or(health));
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// This does not compile:
    ///
    /// ```compile_fail,E0271
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use warp::Filter;
    ///
    /// let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    /// let items = warp::path!("items").map(|| "apple, pear");
    /// let health = warp::path!("health").map(|| "ok");
    /// let routes = cors.wrap(items).or(health);
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// The bound `F::Error: FilterError` allows every filter: the error of a warp filter is [`Rejection`] or [`Infallible`].
    ///
    /// # Panics
    ///
    /// Panics if this has a fixed policy that sets `lookup_origins`, and [`lookup_origins`](Self::lookup_origins) was not called.
    pub fn wrap<F, R>(
        &self,
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static
    where
        F: Filter<Extract = (R,)> + Clone + Send + Sync + 'static,
        F::Error: FilterError,
        R: Reply + 'static,
    {
        self.decider.assert_no_lookup_is_missing();
        let on_reject = self.on_reject.clone();
        forward_headers(self.decider.clone())
            .and(FilterError::render(filter))
            .map(apply)
            // Rejections of the inner filter are responses here. This rejection is from `forward_headers`.
            .recover(move |_: Rejection| ready(Ok::<_, Infallible>(respond(on_reject.as_ref()))))
            .unify()
    }
}

fn apply(mut headers: ForwardHeaders, mut response: Response) -> Response {
    headers.apply(response.headers_mut());
    response
}

fn respond(on_reject: Option<&OnReject>) -> Response {
    let Some(response) = take_response() else {
        // Unreachable: `forward_headers` rejects only if there is a response.
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = response.map(|()| Response::default().into_body());
    let rejection = response.extensions().get::<Rejected>().copied();
    // After a panic, the body stays empty.
    let made = rejection.zip(on_reject);
    let made = made.and_then(|(rejection, on_reject)| caught(|| (on_reject.0)(rejection)));
    if let Some(made) = made {
        copy_content_fields(made.headers(), response.headers_mut());
        *response.body_mut() = made.into_body();
    }
    response
}
