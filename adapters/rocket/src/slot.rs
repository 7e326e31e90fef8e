//! Keeps the decision about a request until there is a response.
//!
//! A fairing of Rocket is called twice: with the request, and with the response. It decides at the first call, and the only
//! place where it can leave something for the second is the request's local cache. The decision must be kept and not made
//! again, because the policy may have been replaced in between.
//!
//! Rocket's cache allocates, and using it takes longer than deciding. So nothing is kept if the second call knows the
//! decision anyway: if one fixed policy decides all requests, its fields for non-CORS requests depend on nothing else, and
//! [`Cors`](crate::Cors) computes them when it is made. Denied requests that are forwarded get the same. Then an empty slot,
//! or none, means these fields. With a
//! [`PolicyHandle`](crate::PolicyHandle) or a choice per request, the decision is always kept, and an empty slot means that
//! CORS does not apply and the choice [varies on](omnicors_adapter::PolicySource::vary_on) nothing.

use std::future::pending;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use rocket::Request;

use crate::decision::OwnedDecision;

/// The place in the cache.
///
/// It is emptied and filled again, because a local request that a test has cloned shares the cache of the original.
#[derive(Default)]
struct Slot(Mutex<Option<OwnedDecision>>);

/// Keeps a decision with the request; or makes sure that there is none.
pub(crate) fn keep(request: &Request<'_>, decision: Option<OwnedDecision>) {
    let slot = match decision {
        None => existing(request),
        Some(_) => Some(request.local_cache(Slot::default)),
    };
    if let Some(slot) = slot {
        *lock(slot) = decision;
    }
}

/// Takes the decision that was kept with the request.
pub(crate) fn take(request: &Request<'_>) -> Option<OwnedDecision> {
    lock(existing(request)?).take()
}

/// Returns true if the decision kept with the request is not to run the application.
pub(crate) fn is_response(request: &Request<'_>) -> bool {
    let slot = existing(request);
    slot.is_some_and(|slot| lock(slot).as_ref().is_some_and(OwnedDecision::is_response))
}

/// Returns the slot of a request, if it has one.
fn existing<'a>(request: &'a Request<'_>) -> Option<&'a Slot> {
    // Rocket has no function that looks into the cache without filling it. This one fills it when the future is ready, which
    // never happens.
    let cached = pin!(request.local_cache_async(pending::<Slot>()));
    match cached.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(slot) => Some(slot),
        Poll::Pending => None,
    }
}

fn lock(slot: &Slot) -> MutexGuard<'_, Option<OwnedDecision>> {
    slot.0.lock().unwrap_or_else(PoisonError::into_inner)
}
