//! The nodes: replicas and lookups, in the simulated network.

use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use omnicors_core::LookupResult;
use tokio::time::sleep;

use super::database::ORIGINS;
use super::network::RemoteStore;
use super::random::Random;
use crate::clock::Clock;
use crate::lookup::LookupOptions;
use crate::store::store_lookup::LookupInStore;
use crate::store::{OriginReplica, ReplicaOptions};

pub(super) const LEASE: Duration = Duration::from_secs(8);

/// The time of the simulation, on the clocks of the nodes.
#[derive(Clone)]
pub(super) struct Time(Arc<AtomicU64>);

/// Clocks are never zero.
const START: Duration = Duration::from_secs(1);

impl Time {
    pub(super) fn new() -> Self {
        let time = Self(Arc::default());
        time.set(Duration::ZERO);
        time
    }

    /// Sets the time since the beginning of the simulation.
    pub(super) fn set(&self, elapsed: Duration) {
        let nanoseconds = u64::try_from((START + elapsed).as_nanos()).unwrap();
        self.0.store(nanoseconds, Ordering::SeqCst);
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::SeqCst)).saturating_sub(START)
    }

    fn clock(&self) -> Clock {
        Clock::Manual(Arc::clone(&self.0))
    }
}

/// A replica, from which the test reads. There is none before its first contact, and after a crash.
pub(super) type Slot = Arc<Mutex<Option<OriginReplica>>>;

pub(super) async fn run_replica(time: Time, slot: Slot) -> turmoil::Result {
    loop {
        let options = ReplicaOptions::new()
            .lease(LEASE)
            .read_timeout(Duration::from_secs(5));
        match OriginReplica::with_clock(options, RemoteStore, time.clock()).await {
            Ok(replica) => {
                *slot.lock().unwrap() = Some(replica);
                return pending().await;
            }
            Err(_) => sleep(Duration::from_millis(500)).await,
        }
    }
}

/// An answer of a lookup, and when it was asked and returned.
pub(super) struct Answer {
    pub(super) origin: &'static str,
    pub(super) result: LookupResult,
    pub(super) asked: Duration,
    pub(super) returned: Duration,
}

pub(super) type Answers = Arc<Mutex<Vec<Answer>>>;

/// Runs a lookup, and asks it about an origin about ten times a second.
pub(super) async fn run_lookup(
    time: Time,
    answers: Answers,
    mut random: Random,
) -> turmoil::Result {
    let options = LookupOptions::new()
        .keep_allowed(Duration::from_secs(6))
        .keep_denied(Duration::from_secs(6))
        .lease(LEASE);
    let lookup = LookupInStore::new(options, RemoteStore, time.clock()).start();
    loop {
        sleep(Duration::from_millis(random.between(20, 180))).await;
        let origin = *random.choose(&ORIGINS);
        let asked = time.elapsed();
        let result = lookup.clone().lookup(origin.to_owned()).await;
        answers.lock().unwrap().push(Answer {
            origin,
            result,
            asked,
            returned: time.elapsed(),
        });
    }
}
