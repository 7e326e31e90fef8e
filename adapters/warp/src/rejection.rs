//! What becomes of rejections.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use tower_service::Service as _;
use warp::reject::Reject;
use warp::reply::Response;
use warp::{Filter as _, Rejection, Reply as _};

/// The answer to a request that the application is not run for.
#[derive(Debug)]
pub(crate) struct Answered(pub(crate) http::Response<()>);

impl Reject for Answered {}

/// The answer; or, for any other rejection, the response that warp makes of it.
pub(crate) async fn respond(rejection: Rejection) -> Result<Response, Infallible> {
    if let Some(Answered(response)) = rejection.find() {
        let mut answer = Response::default();
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        return Ok(answer);
    }
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
