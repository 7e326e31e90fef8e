use std::convert::Infallible;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};

use http::{Request, StatusCode};
use tower_service::Service as _;
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

/// The error of a filter: [`Rejection`] or [`Infallible`].
///
/// A trait, because warp's conversion between the two is private. Its public conversion boxes the filter, and then a future for
/// each request. [`Cors::wrap`](crate::Cors::wrap) has an example.
pub trait FilterError: Sized {
    /// Returns the filter with its rejections converted to warp's own responses. [`Cors::wrap`](crate::Cors::wrap) has an
    /// example.
    fn render<F, R>(
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static
    where
        F: Filter<Extract = (R,), Error = Self> + Clone + Send + Sync + 'static,
        R: Reply + 'static;
}

impl FilterError for Infallible {
    fn render<F, R>(
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static
    where
        F: Filter<Extract = (R,), Error = Self> + Clone + Send + Sync + 'static,
        R: Reply + 'static,
    {
        filter.map(Reply::into_response)
    }
}

impl FilterError for Rejection {
    fn render<F, R>(
        filter: F,
    ) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static
    where
        F: Filter<Extract = (R,), Error = Self> + Clone + Send + Sync + 'static,
        R: Reply + 'static,
    {
        filter.recover(response_to).map(Reply::into_response)
    }
}

/// Returns warp's own response to a rejection.
///
/// warp's function for this is private, and it cannot be rewritten with `Rejection::find`: some rejections are private, and so is
/// the order of precedence. But warp calls the function if a filter that is called as a service rejects.
async fn response_to(rejection: Rejection) -> Result<Response, Infallible> {
    // A filter must be `Clone`, and a rejection is not. The filter is called once.
    let rejection = Arc::new(Mutex::new(Some(rejection)));
    let reject = warp::any().and_then(move || {
        let rejection = rejection.lock().ok().and_then(|mut held| held.take());
        async { Err::<Response, _>(rejection.unwrap_or_else(warp::reject::not_found)) }
    });
    // In a separate task, because warp panics if a service is called within a filter.
    let response = async {
        warp::service(reject)
            .call(Request::new(String::new()))
            .await
    };
    match tokio::spawn(response).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            // The `Debug` of a rejection panicked. Without the adapter, it would panic here as well.
            Ok(panic) => resume_unwind(panic),
            // The runtime is shutting down.
            Err(_) => Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        },
    }
}
