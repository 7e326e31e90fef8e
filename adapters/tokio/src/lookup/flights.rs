//! The lookups that are under way, and the requests that wait for them: one lookup at a time per origin.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, watch};

use super::result_cache::CachedResult;
use super::{LookupFailure, Shared, panics};

/// One entry for each origin that a request waits for or that is being looked up: no more than these are.
#[derive(Default)]
pub(super) struct Flights {
    by_origin: Mutex<HashMap<Arc<str>, Flight>>,
}

/// A lookup, before and while it runs.
struct Flight {
    /// Tells what has come of it. Tells flights apart as well: no two have the same channel.
    outcome: watch::Sender<Option<Landing>>,
    /// How many requests wait for it. With none, one that has not begun is forgotten.
    waiting: usize,
    begun: bool,
}

/// What has come of a lookup.
#[derive(Clone, Copy)]
struct Landing {
    allowed: bool,
    /// It was stopped, and nobody has reported that.
    has_unreported_stop: bool,
}

/// Has an origin looked up, or waits for the lookup that is under way.
pub(super) async fn fly(shared: &Arc<Shared>, origin: &str) -> bool {
    let mut seat = match Seat::take(shared, origin) {
        Ok(seat) => seat,
        Err(allowed) => return allowed,
    };
    // Each of the requests that wait for an origin waits for a permit, so that it matters to none when another one goes
    // away. The first to get one has the origin looked up.
    tokio::select! {
        biased;
        allowed = seat.arrival() => return allowed,
        permit = Arc::clone(&shared.running).acquire_owned() => {
            // Never closed.
            if let Ok(permit) = permit {
                seat.begin(permit);
            }
        }
    }
    seat.arrival().await
}

impl Flights {
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Flight>> {
        // Nothing that is done under this lock leaves the map in a state that is none.
        self.by_origin
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What has begun may have seen what was true before: it is answered to those who wait, and not kept.
    pub(super) fn invalidate(&self, origin: &str, forget: impl FnOnce()) {
        let mut flights = self.lock();
        if flights.get(origin).is_some_and(|flight| flight.begun) {
            flights.remove(origin);
        }
        forget();
    }

    pub(super) fn invalidate_all(&self, forget: impl FnOnce()) {
        let mut flights = self.lock();
        flights.retain(|_, flight| !flight.begun);
        forget();
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }
}

/// A request that waits for a lookup.
struct Seat<'a> {
    shared: &'a Arc<Shared>,
    origin: Arc<str>,
    outcome: watch::Sender<Option<Landing>>,
    arrival: watch::Receiver<Option<Landing>>,
}

impl<'a> Seat<'a> {
    /// Err: what to answer at once, because a lookup has just ended.
    fn take(shared: &'a Arc<Shared>, origin: &str) -> Result<Self, bool> {
        let mut flights = shared.flights.lock();
        if let Some(CachedResult::Fresh(allowed)) = shared.cache.get(origin) {
            return Err(allowed);
        }
        let origin = match flights.get_key_value(origin) {
            Some((origin, _)) => Arc::clone(origin),
            None => Arc::from(origin),
        };
        let flight = flights
            .entry(Arc::clone(&origin))
            .or_insert_with(|| Flight {
                outcome: watch::Sender::new(None),
                waiting: 0,
                begun: false,
            });
        flight.waiting += 1;
        Ok(Self {
            shared,
            origin,
            arrival: flight.outcome.subscribe(),
            outcome: flight.outcome.clone(),
        })
    }

    async fn arrival(&mut self) -> bool {
        let landing = match self.arrival.wait_for(Option::is_some).await {
            Ok(landing) => *landing,
            // Cannot be: there is a sender in `self`.
            Err(_) => None,
        };
        // The first request to see a lookup that was stopped reports it.
        let is_to_report = self.outcome.send_if_modified(|landing| {
            landing
                .as_mut()
                .is_some_and(|landing| mem::take(&mut landing.has_unreported_stop))
        });
        if is_to_report {
            self.shared.report(&self.origin, &LookupFailure::Stopped);
        }
        landing.is_some_and(|landing| landing.allowed)
    }

    /// Has the origin looked up, unless another one has.
    fn begin(&self, permit: OwnedSemaphorePermit) {
        {
            let mut flights = self.shared.flights.lock();
            match flights.get_mut(&self.origin) {
                Some(flight) if flight.outcome.same_channel(&self.outcome) && !flight.begun => {
                    flight.begun = true;
                }
                _ => return,
            }
        }
        let running = Running {
            shared: Arc::clone(self.shared),
            origin: Arc::clone(&self.origin),
            outcome: self.outcome.clone(),
            landed: false,
        };
        tokio::spawn(running.run(permit));
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut flights = self.shared.flights.lock();
        if let Some(flight) = flights.get_mut(&self.origin)
            && flight.outcome.same_channel(&self.outcome)
        {
            flight.waiting -= 1;
            if flight.waiting == 0 && !flight.begun {
                flights.remove(&self.origin);
            }
        }
    }
}

/// A lookup that runs.
struct Running {
    shared: Arc<Shared>,
    origin: Arc<str>,
    outcome: watch::Sender<Option<Landing>>,
    landed: bool,
}

impl Running {
    /// Holds the permit until the function is through.
    async fn run(mut self, permit: OwnedSemaphorePermit) {
        let outcome = self.shared.look_up(&self.origin).await;
        drop(permit);
        self.land(&outcome);
        if let Err(failure) = &outcome {
            self.shared.report(&self.origin, failure);
        }
        panics::discard(outcome);
    }

    /// Runs no user code.
    fn land(&mut self, outcome: &Result<bool, LookupFailure>) {
        self.landed = true;
        let shared = &self.shared;
        let allowed = {
            let mut flights = shared.flights.lock();
            // Not there when it was invalidated.
            let is_valid = flights
                .get(&self.origin)
                .is_some_and(|flight| flight.outcome.same_channel(&self.outcome));
            if is_valid {
                flights.remove(&self.origin);
                shared.store(&self.origin, outcome)
            } else {
                matches!(outcome, Ok(true))
            }
        };
        self.outcome.send_replace(Some(Landing {
            allowed,
            has_unreported_stop: matches!(outcome, Err(LookupFailure::Stopped)),
        }));
    }
}

impl Drop for Running {
    /// Does not report: that would run user code, perhaps during a panic. A request that waits reports it.
    fn drop(&mut self) {
        if !self.landed {
            self.land(&Err(LookupFailure::Stopped));
        }
    }
}
