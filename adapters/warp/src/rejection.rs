//! What becomes of rejections.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use tower_service::Service as _;
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

/// The error of a filter: a [`Rejection`], or none at all.
///
/// A trait, since warp keeps to itself what would let a filter with either be treated as one, unless it is boxed, and so its
/// future for each request.
pub trait Failure: Sized {
    /// The filter, but with the response that warp itself makes of a rejection.
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
    // In a task of its own: within a filter, warp lets no service be called.
    match tokio::spawn(rendered(rejection)).await {
        Ok(response) => Ok(response),
        Err(error) => match error.try_into_panic() {
            // By the `Debug` of a rejection: where it would have been without us.
            Ok(panic) => resume_unwind(panic),
            // The runtime shuts down.
            Err(_) => Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        },
    }
}

/// The response that warp makes of a rejection.
///
/// It keeps to itself how it does so, and no `find` of the rejections it has made public tells as much: which of several
/// counts, and those that are not public. But it does so for whoever calls a filter as a service.
async fn rendered(rejection: Rejection) -> Response {
    // A filter has to be `Clone`, and a rejection is not. This one is called once.
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
