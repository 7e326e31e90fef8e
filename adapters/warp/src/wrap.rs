use std::convert::Infallible;
use std::future::ready;

use omnicors_http::{Decider, ForwardHeaders};
use warp::reply::Response;
use warp::{Filter, Reply};

use crate::decision::{forward_headers, take_response};
use crate::rejection::FilterError;
use crate::response::{OnReject, respond};

/// Returns a filter that decides about the request, runs `filter` if the decision is to forward, and adds the fields to its
/// response.
pub(crate) fn wrap<F, R>(
    decider: Decider,
    on_reject: Option<OnReject>,
    filter: F,
) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static
where
    F: Filter<Extract = (R,), Error: FilterError> + Clone + Send + Sync + 'static,
    R: Reply + 'static,
{
    forward_headers(decider)
        .and(FilterError::render(filter))
        .map(|mut headers: ForwardHeaders, mut response: Response| {
            headers.apply(response.headers_mut());
            response
        })
        // Rejections of the inner filter are responses here. This rejection is from `forward_headers`.
        .recover(move |_| {
            ready(Ok::<_, Infallible>(respond(
                take_response(),
                on_reject.as_ref(),
            )))
        })
        .unify()
}
