//! Decides about a request before the application runs.
//!
//! # The problem
//!
//! A decision needs the method and the header fields. warp lends no filter a request: the filters that extract the method or
//! the fields clone them, and cloning a header map takes longer than deciding. There is one exception. The function given to
//! [`warp::log::custom`] borrows both. But it returns nothing, and one function serves all requests, so that it has no place
//! of its own for the decision about one of them.
//!
//! # The hand-over
//!
//! The log function puts the decision into a thread-local, [`HANDOVER`], and the next filter takes it out. This gives each
//! request its own decision, because nothing else can run on the thread in between: warp calls both functions within one poll
//! of the request's future. The filter that is logged is always ready, and so none of the futures in between returns
//! `Pending`, which is the only point at which a task can move to another thread or another request can be polled on this one.
//! The same holds from a filter's rejection to the `recover` after it, which takes a response out.
//!
//! If a filter in between ever waited, a response could get the fields for another request's origin. Therefore an origin
//! lookup, which waits, holds its request in its own future; it puts only a response into the thread-local, when it has ended.
//!
//! Without the thread-local, every request would pay for a copy of its header map, or for the allocation of a rejection that
//! carries the decision.
//!
//! # The other requests
//!
//! If the method and the fields do not suffice for a decision (see
//! [`Decider::decide_by_fields`](omnicors_http::Decider::decide_by_fields)), the request is copied and decided as a whole.

use std::cell::Cell;

use http::Response;
use omnicors_http::{Decider, ForwardHeaders, HttpDecision};
use warp::log::Info;
use warp::{Filter, Rejection};

use crate::request::{self, RequestCopy, RequestHost};

/// What one function leaves for the function that warp calls next: at most one of these.
struct Handover {
    /// The request is forwarded, with these fields.
    forward: Cell<Option<ForwardHeaders>>,
    /// The application is not run, and this is the response.
    response: Cell<Option<Response<()>>>,
    /// The request is not decided yet.
    pending: Cell<Option<Box<PendingRequest>>>,
}

thread_local! {
    static HANDOVER: Handover = const {
        Handover {
            forward: Cell::new(None),
            response: Cell::new(None),
            pending: Cell::new(None),
        }
    };
}

/// A request whose method and fields do not suffice for a decision.
struct PendingRequest {
    decider: Decider,
    request: RequestCopy,
}

/// Extracts the fields for the response of the application. Rejects if the application is not to be run; then
/// [`take_response`] returns the response.
pub(crate) fn forward_headers(
    decider: Decider,
) -> impl Filter<Extract = (ForwardHeaders,), Error = Rejection> + Clone + Send + Sync + 'static {
    // `async` and not `ready`, so that the result need not be moved into the future.
    let by_fields = warp::any()
        .map(warp::reply)
        .with(warp::log::custom(move |info| {
            decide_by_fields(&decider, &info);
        }))
        .and_then(|_| async { take_forward() });
    let by_request = warp::any()
        .and_then(|| async { take_pending() })
        .and(request::query())
        .and(request::host())
        // Boxed, because the futures of filters are moved, each with room for every future that it may become.
        .and_then(|pending, query, host| Box::pin(decide_by_request(pending, query, host)));
    by_fields.or(by_request).unify()
}

/// Takes the response to the request that [`forward_headers`] has just rejected.
pub(crate) fn take_response() -> Option<Response<()>> {
    HANDOVER.with(|handover| handover.response.take())
}

fn decide_by_fields(decider: &Decider, info: &Info<'_>) {
    let decision = decider.decide_by_fields(info.method(), info.request_headers());
    HANDOVER.with(|handover| match decision {
        Some(HttpDecision::Forward(headers)) => handover.forward.set(Some(headers)),
        Some(HttpDecision::Respond(response)) => handover.response.set(Some(response)),
        None => handover.pending.set(Some(copy(decider, info))),
    });
}

#[cold]
fn copy(decider: &Decider, info: &Info<'_>) -> Box<PendingRequest> {
    Box::new(PendingRequest {
        decider: decider.clone(),
        request: RequestCopy::new(info),
    })
}

#[inline]
fn take_forward() -> Result<ForwardHeaders, Rejection> {
    let headers = HANDOVER.with(|handover| handover.forward.take());
    // The only rejection that allocates nothing.
    headers.ok_or_else(warp::reject)
}

fn take_pending() -> Result<Box<PendingRequest>, Rejection> {
    let pending = HANDOVER.with(|handover| handover.pending.take());
    pending.ok_or_else(warp::reject)
}

async fn decide_by_request(
    pending: Box<PendingRequest>,
    query: Option<String>,
    host: RequestHost,
) -> Result<ForwardHeaders, Rejection> {
    let PendingRequest { decider, request } = *pending;
    let parts = request.into_parts(query.as_deref(), host);
    match decider.decide(&parts).await {
        HttpDecision::Forward(headers) => Ok(headers),
        HttpDecision::Respond(response) => {
            HANDOVER.with(|handover| handover.response.set(Some(response)));
            Err(warp::reject())
        }
    }
}
