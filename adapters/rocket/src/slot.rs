//! Keeps the decision about a request until the response.
//!
//! Rocket calls a fairing twice, in `on_request` and in `on_response`. `on_request` decides. It stores the decision in the
//! request's local cache, because Rocket offers no other place. `on_response` must not decide again, because the policy may have
//! been replaced in between.
//!
//! The cache allocates, and using it takes longer than deciding. So a decision is not stored if `on_response` can know it:
//!
//! * With a fixed policy, all non-CORS requests get the same fields, and so do denied requests that are forwarded.
//!   [`Cors`](crate::Cors) computes these fields when it is created. An empty slot, or none, means these fields.
//! * With a [`PolicyHandle`](crate::PolicyHandle) or a choice per request, an empty slot, or none, means that the request bypasses
//!   CORS and that the choice [varies on](omnicors_adapter::PolicySource::vary_on) nothing. All other decisions are stored.

use std::future::pending;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use rocket::Request;

use crate::decision::OwnedDecision;

/// The value in the request's local cache.
///
/// It can be emptied and filled again, because clones of a request in a test share the cache.
#[derive(Default)]
struct Slot(Mutex<Option<OwnedDecision>>);

/// Stores a decision with the request, or removes it.
pub(crate) fn keep(request: &Request<'_>, decision: Option<OwnedDecision>) {
    let slot = match decision {
        None => existing(request),
        Some(_) => Some(request.local_cache(Slot::default)),
    };
    if let Some(slot) = slot {
        *lock(slot) = decision;
    }
}

/// Takes the decision that was stored with the request.
pub(crate) fn take(request: &Request<'_>) -> Option<OwnedDecision> {
    lock(existing(request)?).take()
}

/// Returns the status of the stored decision, if it is to respond without running the application.
pub(crate) fn status(request: &Request<'_>) -> Option<u16> {
    lock(existing(request)?).as_ref()?.status()
}

/// Returns the slot of a request, if it has one.
fn existing<'a>(request: &'a Request<'_>) -> Option<&'a Slot> {
    // Rocket has no function that reads the cache without filling it. `local_cache_async` fills it when the future is ready, and
    // this future never is.
    let cached = pin!(request.local_cache_async(pending::<Slot>()));
    match cached.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(slot) => Some(slot),
        Poll::Pending => None,
    }
}

fn lock(slot: &Slot) -> MutexGuard<'_, Option<OwnedDecision>> {
    slot.0.lock().unwrap_or_else(PoisonError::into_inner)
}
