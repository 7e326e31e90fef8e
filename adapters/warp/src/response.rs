//! Makes responses of rejections.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use tower_service::Service as _;
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

/// The error of a filter: a [`Rejection`], or [`Infallible`].
///
/// It is a trait because warp's own conversion between the two is private. The public way is to box the filter, which boxes
/// its future for each request.
pub trait Failure: Sized {
    /// Returns the filter with its rejections made into responses, as warp itself does.
    fn rendered<F, R>(
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static
    where
        F: Filter<Extract = (R,), Error = Self> + Clone + Send + Sync + 'static,
        R: Reply + 'static;
}

impl Failure for Infallible {
    fn rendered<F, R>(
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static
    where
        F: Filter<Extract = (R,), Error = Self> + Clone + Send + Sync + 'static,
        R: Reply + 'static,
    {
        filter.map(Reply::into_response)
    }
}

impl Failure for Rejection {
    fn rendered<F, R>(
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static
    where
        F: Filter<Extract = (R,), Error = Self> + Clone + Send + Sync + 'static,
        R: Reply + 'static,
    {
        filter.recover(respond).map(Reply::into_response)
    }
}

async fn respond(rejection: Rejection) -> Result<Response, Infallible> {
    // In a task of its own, because warp panics if a service is called within a filter.
    match tokio::spawn(rendered(rejection)).await {
        Ok(response) => Ok(response),
        Err(error) => match error.try_into_panic() {
            // From the `Debug` of a rejection: it would have happened here without us.
            Ok(panic) => resume_unwind(panic),
            // The runtime is shutting down.
            Err(_) => Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        },
    }
}

/// Returns the response that warp makes of a rejection.
///
/// warp's function for this is private, and `Rejection::find` is not enough to write it again: some rejections are not public,
/// nor is the order of precedence of several. But warp calls it for a filter that is called as a service.
async fn rendered(rejection: Rejection) -> Response {
    // A filter must be `Clone`, and a rejection is not. This filter is called once.
    let rejection = Arc::new(Mutex::new(Some(rejection)));
    let reject = warp::any().and_then(move || {
        let rejection = rejection.lock().ok().and_then(|mut held| held.take());
        async { Err::<Response, _>(rejection.unwrap_or_else(warp::reject::not_found)) }
    });
    let Ok(response) = warp::service(reject)
        .call(Request::new(String::new()))
        .await;
    response
}
