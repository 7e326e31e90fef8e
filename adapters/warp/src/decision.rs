//! Decides about a request before the application runs.
//!
//! # The problem
//!
//! A decision needs the method and the header fields. The filters of warp that extract them clone them, and cloning a header map
//! takes longer than deciding. Only the function given to [`warp::log::custom`] borrows both. But it returns nothing, and one
//! function serves all requests, so it cannot store the decision about one of them.
//!
//! # The solution
//!
//! The log function stores the decision in a thread-local, [`HANDOVER`], and the next filter takes it:
//!
//! ```text
//! log function:  decide_by_fields -> HANDOVER.forward  (or .response, or .pending)
//! next filter:   HANDOVER.forward -> extracted fields, or a rejection
//! recover:       HANDOVER.response -> response
//! ```
//!
//! Each request gets its own decision, because warp calls the functions within one poll of the request's future. The filter that
//! is logged is always ready, so no future in between returns `Pending`. Only then could the task move to another thread, or
//! another request be polled on this one. The same is true between a rejection and the `recover` after it.
//!
//! If a filter in between waited, a response could get the fields for another request's origin. An origin lookup waits.
//! Therefore its future owns the request, and stores only the response in the thread-local, after the lookup.
//!
//! Without the thread-local, each request would need a copy of its header map, or an allocated rejection with the decision.
//!
//! # Requests that need more than the method and the fields
//!
//! If [`Decider::decide_by_fields`](omnicors_http::Decider::decide_by_fields) returns `None`, the request is copied and decided
//! as a whole.

use std::cell::Cell;

use http::Response;
use omnicors_http::{Decider, ForwardHeaders, HttpDecision};
use warp::log::Info;
use warp::{Filter, Rejection};

use crate::request::{self, RequestCopy, RequestHost};

/// The state that one function stores for the function that warp calls next. At most one member is `Some`.
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

/// A request whose decision needs more than the method and the fields.
struct PendingRequest {
    decider: Decider,
    request: RequestCopy,
}

/// Extracts the fields for the response of the application. If the decision is to respond, rejects, and [`take_response`]
/// returns the response.
pub(crate) fn forward_headers(
    decider: Decider,
) -> impl Filter<Extract = (ForwardHeaders,), Error = Rejection> + Clone + Send + Sync + 'static {
    // `async` and not `ready`, because the result would be moved into the future.
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
        // Boxed, because warp moves the futures of filters, and this one is large and rarely used.
        .and_then(|pending, query, host| Box::pin(decide_by_request(pending, query, host)));
    by_fields.or(by_request).unify()
}

/// Takes the response that [`forward_headers`] has stored before it rejected the request.
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
    // `warp::reject` is the only rejection that does not allocate.
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
