//! Decides about a request before the filter that is wrapped runs.
//!
//! # The problem
//!
//! A decision needs the method and the header fields. The filters of warp that extract them clone them, which takes a fifth of the
//! instructions of a whole request. Only the function given to [`warp::log::custom`] borrows both. It also is the only function
//! that gets the path of each request: the filters that extract a path panic if the target has none, as with `CONNECT`. But it
//! returns nothing, and one function serves all requests, so it cannot store the decision about one of them.
//!
//! # The solution
//!
//! The log function stores what it decides in a thread-local, [`STORED`], and the next filter takes it:
//!
//! ```text
//! log function:  decide_by_fields -> STORED
//! next filter:   Stored::Forward -> extracted fields
//!                Stored::Request -> decide -> extracted fields, or a rejection and Stored::Response
//!                Stored::Response -> a rejection
//! recover:       Stored::Response -> response
//! ```
//!
//! Each request gets its own decision, because warp calls the functions within one poll of the request's future. The filter that
//! is logged is always ready, so no future in between returns `Pending`. Only then could the task move to another thread, or
//! another request be polled on this one. The same is true between a rejection and the `recover` after it.
//!
//! If a filter in between waited, a response could get the fields for another request's origin. An origin lookup waits.
//! Therefore its future owns the request, and stores only the response in the thread-local, after the lookup.

use std::cell::RefCell;

use http::{Response, StatusCode};
use omnicors_http::{Decider, ForwardHeaders, HttpDecision};
use warp::log::Info;
use warp::{Filter, Rejection};

use crate::request::{RequestCopy, RequestHost, host, query};

/// What one function stores for the function that warp calls next.
enum Stored {
    /// The request is forwarded, with these fields.
    Forward(ForwardHeaders),
    /// The filter is not run, and this is the response.
    Response(Response<()>),
    /// The request is not decided yet, because the decision needs more than the method and the fields.
    Request(Box<PendingRequest>),
}

struct PendingRequest {
    decider: Decider,
    request: RequestCopy,
}

thread_local! {
    static STORED: RefCell<Option<Stored>> = const { RefCell::new(None) };
}

/// Extracts the fields for the response of the filter. If the decision is to respond, rejects, and [`take_response`] returns the
/// response.
pub(crate) fn forward_headers(
    decider: Decider,
) -> impl Filter<Extract = (ForwardHeaders,), Error = Rejection> + Clone + Send + Sync + 'static {
    // `async` and not `ready`, because the result would be moved into the future.
    let by_fields = warp::any()
        .map(warp::reply)
        .with(warp::log::custom(move |info| {
            STORED.set(Some(decide_by_fields(&decider, &info)));
        }))
        .and_then(|_| async { take_forward() });
    let by_request = warp::any()
        .and_then(|| async { take_request() })
        .and(query())
        .and(host())
        // Boxed, because warp moves the futures of filters, and this one is large and rarely used.
        .and_then(|pending, query, host| Box::pin(decide_by_request(pending, query, host)));
    by_fields.or(by_request).unify()
}

/// Takes the response that [`forward_headers`] has stored before it rejected the request.
pub(crate) fn take_response() -> Response<()> {
    if let Some(Stored::Response(response)) = STORED.take() {
        return response;
    }
    // Unreachable: `forward_headers` rejects only if there is a response.
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

fn decide_by_fields(decider: &Decider, info: &Info<'_>) -> Stored {
    match decider.decide_by_fields(info.method(), info.request_headers()) {
        Some(HttpDecision::Forward(headers)) => Stored::Forward(headers),
        Some(HttpDecision::Respond(response)) => Stored::Response(response),
        None => Stored::Request(Box::new(PendingRequest {
            decider: decider.clone(),
            request: RequestCopy::new(info),
        })),
    }
}

#[inline]
fn take_forward() -> Result<ForwardHeaders, Rejection> {
    match take_if(|stored| matches!(stored, Stored::Forward(_))) {
        Some(Stored::Forward(headers)) => Ok(headers),
        // `warp::reject` is the only rejection that does not allocate.
        _ => Err(warp::reject()),
    }
}

fn take_request() -> Result<Box<PendingRequest>, Rejection> {
    match take_if(|stored| matches!(stored, Stored::Request(_))) {
        Some(Stored::Request(request)) => Ok(request),
        _ => Err(warp::reject()),
    }
}

#[inline]
fn take_if(is_wanted: impl FnOnce(&mut Stored) -> bool) -> Option<Stored> {
    STORED.with_borrow_mut(|stored| stored.take_if(is_wanted))
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
            STORED.set(Some(Stored::Response(response)));
            Err(warp::reject())
        }
    }
}
