//! What to do with a request, found out before the application is asked.
//!
//! No filter of warp's borrows a request, and those that tell of one copy what they tell. But `warp::log` lends what it logs, so
//! that a decision that needs no more than the method and the header lines is made there. For any other, all is copied.

use std::cell::Cell;

use http::Response;
use http::uri::Authority;
use omnicors_http::{Decider, ForwardHeaders, HttpDecision};
use warp::log::Info;
use warp::{Filter, Rejection};

use crate::head::{self, Lent};

/// What a closure has found out for the one that warp calls next, in the same poll: what `log` calls can return nothing, and a
/// rejection with something in it allocates.
struct Found {
    forward: Cell<Option<ForwardHeaders>>,
    answer: Cell<Option<Response<()>>>,
    /// More has to be known, or someone to be asked.
    undecided: Cell<Option<Box<Undecided>>>,
}

thread_local! {
    static FOUND: Found = const {
        Found {
            forward: Cell::new(None),
            answer: Cell::new(None),
            undecided: Cell::new(None),
        }
    };
}

struct Undecided {
    decider: Decider,
    lent: Lent,
}

/// Extracts what to put onto the application's response. Rejects where the application is not to be
/// run, since nothing else goes past it; then [`answer`] has the response.
pub(crate) fn forward_headers(
    decider: Decider,
) -> impl Filter<Extract = (ForwardHeaders,), Error = Rejection> + Clone + Send + Sync + 'static {
    // `async`, and not `ready`: what has not been made yet need not be moved.
    let by_lines = warp::any()
        .map(warp::reply)
        .with(warp::log::custom(move |info| look(&decider, &info)))
        .and_then(|_| async { forwarded() });
    let by_all = warp::any()
        .and_then(|| async { undecided() })
        .and(head::query())
        .and(head::authority())
        // Boxed: the futures of filters are moved, each with room for all that it may come to.
        .and_then(|undecided, query, authority| Box::pin(decide(undecided, query, authority)));
    by_lines.or(by_all).unify()
}

/// The answer to the request that [`forward_headers`] has just rejected.
pub(crate) fn answer() -> Option<Response<()>> {
    FOUND.with(|found| found.answer.take())
}

fn look(decider: &Decider, info: &Info<'_>) {
    let decision = decider.decide_by_lines(info.method(), info.request_headers());
    FOUND.with(|found| match decision {
        Some(HttpDecision::Forward(headers)) => found.forward.set(Some(headers)),
        Some(HttpDecision::Answer(answer)) => found.answer.set(Some(answer)),
        None => found.undecided.set(Some(copied(decider, info))),
    });
}

#[cold]
fn copied(decider: &Decider, info: &Info<'_>) -> Box<Undecided> {
    Box::new(Undecided {
        decider: decider.clone(),
        lent: Lent::new(info),
    })
}

#[inline]
fn forwarded() -> Result<ForwardHeaders, Rejection> {
    let headers = FOUND.with(|found| found.forward.take());
    // The one rejection that allocates nothing.
    headers.ok_or_else(warp::reject)
}

fn undecided() -> Result<Box<Undecided>, Rejection> {
    let undecided = FOUND.with(|found| found.undecided.take());
    undecided.ok_or_else(warp::reject)
}

async fn decide(
    undecided: Box<Undecided>,
    query: Option<String>,
    authority: Option<Authority>,
) -> Result<ForwardHeaders, Rejection> {
    let Undecided { decider, lent } = *undecided;
    let head = lent.with(query.as_deref(), authority);
    match decider.decide(&head).await {
        HttpDecision::Forward(headers) => Ok(headers),
        HttpDecision::Answer(answer) => {
            FOUND.with(|found| found.answer.set(Some(answer)));
            Err(warp::reject())
        }
    }
}
