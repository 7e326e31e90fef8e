use std::convert::Infallible;
use std::future::{Ready, ready};
use std::time::Duration;

use http::StatusCode;
use omnicors_http::{Decider, ForwardHeaders, PolicySource};
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

use crate::decision::{answer, forward_headers};
use crate::rejection::Failure;

/// Applies a policy to every request and response of a filter: see [`wrap`](Self::wrap). A clone is cheap.
#[derive(Clone, Debug)]
pub struct Cors {
    decider: Decider,
}

impl Cors {
    /// Takes a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace it while
    /// serving, or a [`per_request`](crate::per_request) function. That sees the method, the target and the header lines of
    /// a request, but none of its extensions: warp hands them to no filter.
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
    /// use omnicors_warp::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().decide_origins_outside(true).build()?;
    /// let cors = Cors::new(policy)
    ///     .decide_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_warp::PolicyError>(())
    /// ```
    #[must_use]
    pub fn decide_origins<F, V>(mut self, limit: Duration, decide: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = bool> + Send + 'static,
    {
        self.decider = self.decider.decide_origins(limit, decide);
        self
    }

    /// The filter, with the policy applied. It answers preflights itself, before the filter is asked.
    ///
    /// A rejection of the filter becomes the response that warp itself would make of it: a filter that does not know of
    /// any policy could not put headers on it later. For responses of your own, `recover` first:
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
    /// (The error of a filter is a [`Rejection`] or [`Infallible`], which is what the bound says: warp has no other.)
    ///
    /// So what is wrapped rejects nothing any more: wrap last, and all routes. That an `.or(…)` after it would never be
    /// reached is an error at compile time:
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
    pub fn wrap<F, R>(
        &self,
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static
    where
        F: Filter<Extract = (R,)> + Clone + Send + Sync + 'static,
        F::Error: Failure,
        R: Reply + 'static,
    {
        forward_headers(self.decider.clone())
            .and(Failure::rendered(filter))
            .map(put_onto)
            // The application's rejections are rendered: this is one of ours.
            .recover(answered)
            .unify()
    }
}

fn put_onto(mut headers: ForwardHeaders, mut response: Response) -> Response {
    headers.apply_once(response.headers_mut());
    response
}

fn answered(_: Rejection) -> Ready<Result<Response, Infallible>> {
    ready(Ok(match answer() {
        Some(answer) => answer.map(|()| Response::default().into_body()),
        // There is one, or nothing would have been rejected.
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }))
}
