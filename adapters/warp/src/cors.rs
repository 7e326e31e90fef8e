use std::convert::Infallible;
use std::future::{Ready, ready};
use std::time::Duration;

use http::StatusCode;
use omnicors_http::{
    Choose, Decider, ForwardHeaders, IntoPolicySource, LookupResult, PreparedHeaders,
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
        forward_headers(self.decider.clone())
            .and(FilterError::render(filter))
            .map(apply)
            // Rejections of the inner filter are responses here. This rejection is from `forward_headers`.
            .recover(respond)
            .unify()
    }
}

fn apply(mut headers: ForwardHeaders, mut response: Response) -> Response {
    headers.apply(response.headers_mut());
    response
}

fn respond(_: Rejection) -> Ready<Result<Response, Infallible>> {
    ready(Ok(match take_response() {
        Some(response) => response.map(|()| Response::default().into_body()),
        // Unreachable: `forward_headers` rejects only if there is a response.
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }))
}
