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
use crate::response::Failure;

/// Applies a policy to every request and response of a filter: see [`wrap`](Self::wrap). A clone is cheap.
#[derive(Clone, Debug)]
pub struct Cors {
    decider: Decider,
}

impl Cors {
    /// Takes a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace it while
    /// serving, or a [`per_request`](crate::per_request) function. It sees the method, the target and the header fields
    /// of a request, but not its extensions, which warp shows to no filter.
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let cors = Cors::new(handle.clone());
    /// // … later, in another task …
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// A config has to be built first:
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

    /// Looks up origins by an async function, for a policy that
    /// [needs it](crate::PolicyConfig::lookup_origins).
    ///
    /// The function is called once per request whose origin is well-formed and not allowed by anything else in the policy. So
    /// cache its results. It returns a [`LookupResult`](crate::LookupResult), a `bool`, or a `Result<bool, E>`. A lookup without
    /// a result within `timeout` has failed: its future is dropped, the origin is denied, and no cache may store the response.
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy)
    ///     .lookup_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_warp::PolicyError>(())
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
        self.decider = self.decider.lookup_origins(timeout, function);
        self
    }

    /// Returns the filter with the policy applied. It responds to preflights without running the filter.
    ///
    /// A rejection of the filter becomes the response that warp itself would make of it, because it could not get the headers
    /// later. For responses of your own, `recover` first:
    ///
    /// ```
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use std::convert::Infallible;
    /// use warp::{Filter, Rejection, Reply, http::StatusCode};
    ///
    /// async fn apologize(rejection: Rejection) -> Result<impl Reply, Infallible> {
    ///     Ok(warp::reply::with_status(format!("sorry: {rejection:?}"), StatusCode::IM_A_TEAPOT))
    /// }
    ///
    /// let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    /// let routes = warp::path::end().map(|| "hello");
    /// let routes = cors.wrap(routes.recover(apologize));
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// (The bound says that the error of the filter is a [`Rejection`] or [`Infallible`]: warp has no others.)
    ///
    /// A wrapped filter never rejects. So wrap all routes, last. An `.or(…)` after it would never be reached, and is an error
    /// at compile time:
    ///
    /// ```compile_fail,E0271
    /// # use omnicors_warp::{Cors, PolicyConfig};
    /// # use warp::Filter;
    /// # let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    /// let items = warp::path!("items").map(|| "apple, pear");
    /// let health = warp::path!("health").map(|| "well");
    /// let routes = cors.wrap(items).or(health);
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// ```
    /// # use omnicors_warp::{Cors, PolicyConfig};
    /// # use warp::Filter;
    /// # let cors = Cors::new(PolicyConfig::public_read_only().build()?);
    /// # let items = warp::path!("items").map(|| "apple, pear");
    /// # let health = warp::path!("health").map(|| "well");
    /// let routes = cors.wrap(items.or(health));
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the policy looks origins up and [`lookup_origins`](Self::lookup_origins) was not called.
    pub fn wrap<F, R>(
        &self,
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static
    where
        F: Filter<Extract = (R,)> + Clone + Send + Sync + 'static,
        F::Error: Failure,
        R: Reply + 'static,
    {
        self.decider.assert_no_lookup_is_missing();
        forward_headers(self.decider.clone())
            .and(Failure::rendered(filter))
            .map(apply)
            // The application's rejections are responses by now: this is one of ours.
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
        // Unreachable: without a response, nothing would have been rejected.
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }))
}
