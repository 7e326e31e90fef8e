//! Checks of the lease, of the set of a replica, and of what a lookup in a store forgets.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use omnicors_core::LookupResult;
use shuttle::future::{block_on, spawn, yield_now};
use shuttle::rand::{Rng as _, thread_rng};
use shuttle::thread;
use tokio::task::shut_down;
use tokio::time::{advance, suspend};

use super::clock::Clock;
use super::lease::Lease;
use super::origin_store::{OriginStore, StoreSession};
use super::position::{Changes, OriginChange, Position};
use super::replica_set::{NewSet, ReplicaSet};
use super::store_error::StoreError;
use super::store_lookup::LookupInStore;
use crate::explore::explore;
use crate::lookup::{LookupOptions, OriginLookup};
use crate::sync::atomic::{AtomicBool, Ordering};

const LEASE: Duration = Duration::from_secs(100);

/// Two reads renew a lease, each at any time after its beginning, while time passes.
pub fn a_lease_is_valid_for_its_length_after_the_beginning_of_a_read() {
    explore("lease", || {
        let lease = Arc::new(Lease::new(LEASE, Clock::System));
        // Not locks of shuttle, because they are not part of what is checked.
        let begun = Arc::new(Mutex::new(None));
        let renewed = Arc::new(Mutex::new(None));
        let note = |last: &Mutex<Option<Duration>>, time: Duration| {
            let mut last = last.lock().unwrap();
            *last = (*last).max(Some(time));
        };
        for _ in 0..2 {
            let (lease, begun, renewed) =
                (Arc::clone(&lease), Arc::clone(&begun), Arc::clone(&renewed));
            thread::spawn(move || {
                for _ in 0..2 {
                    let time = lease.begin();
                    note(&begun, time);
                    lease.renew(time);
                    note(&renewed, time);
                }
            });
        }
        thread::spawn(|| {
            for _ in 0..4 {
                suspend(LEASE / 2);
            }
        });
        for _ in 0..4 {
            let known = *renewed.lock().unwrap();
            let before = Duration::from_nanos(Clock::System.nanoseconds());
            let is_valid = lease.is_valid();
            let after = Duration::from_nanos(Clock::System.nanoseconds());
            if is_valid {
                let last = begun.lock().unwrap().unwrap();
                assert!(
                    before < last + LEASE,
                    "valid at {before:?}, read at {last:?}"
                );
            } else if let Some(last) = known {
                assert!(
                    after >= last + LEASE,
                    "not valid at {after:?}, read at {last:?}"
                );
            }
        }
    });
}

const A: &str = "https://a.example";
const B: &str = "https://b.example";
const C: &str = "https://c.example";
const D: &str = "https://d.example";
const E: &str = "https://e.example";

fn set(origins: &[&str]) -> NewSet {
    let mut new = NewSet::new();
    for origin in origins {
        new.add(origin);
    }
    new
}

fn added(origin: &str) -> OriginChange {
    OriginChange::new(origin, true)
}

fn removed(origin: &str) -> OriginChange {
    OriginChange::new(origin, false)
}

/// Applies changes as the task that follows a store does, and merges on another thread if it is time for that.
fn apply(set: &Arc<ReplicaSet>, changes: &[OriginChange]) {
    if let Some(merge) = set.apply(changes) {
        let set = Arc::clone(set);
        thread::spawn(move || set.merge(&merge).unwrap());
    }
}

/// Two changes begin a merge, because the map counts each as 4,096.
pub fn changes_during_a_merge_are_kept_and_a_removed_origin_stays_removed() {
    explore("merge", || {
        let set = Arc::new(ReplicaSet::of(set(&[A, B])).unwrap());
        let merge = set
            .apply(&[added(C), added(D)])
            .expect("it is time for a merge");
        let is_removed = Arc::new(AtomicBool::new(false));
        let merges = thread::spawn({
            let set = Arc::clone(&set);
            move || set.merge(&merge).unwrap()
        });
        let reads = thread::spawn({
            let (set, is_removed) = (Arc::clone(&set), Arc::clone(&is_removed));
            move || {
                let mut was_seen_removed = false;
                for _ in 0..4 {
                    was_seen_removed |= is_removed.load(Ordering::SeqCst);
                    let contains = set.contains(A.as_bytes());
                    assert!(!(was_seen_removed && contains), "it is allowed again");
                    was_seen_removed |= !contains;
                    assert!(
                        set.contains(B.as_bytes()) && set.contains(D.as_bytes()),
                        "what is in the store is denied"
                    );
                }
            }
        });
        apply(&set, &[removed(A)]);
        is_removed.store(true, Ordering::SeqCst);
        apply(&set, &[removed(C), added(E)]);
        merges.join().unwrap();
        reads.join().unwrap();
        for (origin, is_in_store) in [(A, false), (B, true), (C, false), (D, true), (E, true)] {
            assert_eq!(set.contains(origin.as_bytes()), is_in_store, "{origin}");
        }
    });
}

/// The whole store was read during a merge of what was known before.
pub fn a_merge_does_not_undo_a_read_of_the_whole_store() {
    explore("read of the whole store", || {
        let set_in_use = Arc::new(ReplicaSet::of(set(&[A])).unwrap());
        let merge = set_in_use
            .apply(&[added(B), added(C)])
            .expect("it is time for a merge");
        let merges = thread::spawn({
            let set = Arc::clone(&set_in_use);
            move || set.merge(&merge).unwrap()
        });
        set_in_use
            .replace(set_in_use.begin_read(), set(&[D]))
            .unwrap();
        for origin in [A, B, C] {
            assert!(!set_in_use.contains(origin.as_bytes()), "{origin}");
        }
        apply(&set_in_use, &[removed(D), added(E)]);
        merges.join().unwrap();
        for (origin, is_in_store) in [(A, false), (B, false), (C, false), (D, false), (E, true)] {
            assert_eq!(
                set_in_use.contains(origin.as_bytes()),
                is_in_store,
                "{origin}"
            );
        }
    });
}

/// A store that contains every origin.
#[derive(Clone, Default)]
struct Store {
    /// Sessions fail.
    has_no_sessions: Arc<AtomicBool>,
    /// Lookups fail.
    has_no_lookups: Arc<AtomicBool>,
}

/// A call over a network that may fail.
fn call(fails: &AtomicBool) -> Result<(), StoreError> {
    if fails.load(Ordering::SeqCst) {
        return Err(StoreError::new("the network fails"));
    }
    Ok(())
}

impl OriginStore for Store {
    type Session = Self;

    fn name(&self) -> String {
        String::new()
    }

    async fn connect(&self) -> Result<Self, StoreError> {
        call(&self.has_no_sessions)?;
        Ok(self.clone())
    }

    async fn contains(&self, _: &str) -> Result<bool, StoreError> {
        call(&self.has_no_lookups)?;
        Ok(true)
    }
}

impl StoreSession for Store {
    async fn present(&mut self) -> Result<Position, StoreError> {
        call(&self.has_no_sessions)?;
        Ok(Position::new("history", 0))
    }

    async fn read_all(&mut self, _: &mut (dyn FnMut(&str) + Send)) -> Result<Position, StoreError> {
        self.present().await
    }

    async fn changes_after(&mut self, position: &Position) -> Result<Changes, StoreError> {
        call(&self.has_no_sessions)?;
        Ok(Changes::Read(Vec::new(), position.clone()))
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        pending().await
    }
}

async fn ask(lookup: &OriginLookup) -> LookupResult {
    lookup.clone().lookup(A.to_owned()).await
}

/// The machine is suspended for longer than the lease. Then there is contact while a request forgets the results, or there is none, and origins
/// can only be looked up. After that, the machine is suspended again, and the store cannot be reached any more.
pub fn a_lookup_forgets_its_results_each_time_that_the_lease_ends() {
    explore("suspended machine", || {
        block_on(async {
            let store = Store::default();
            let options = LookupOptions::new().keep_allowed(LEASE).lease(LEASE);
            let lookup = LookupInStore::new(options, store.clone(), Clock::System).start();
            while lookup.revision().is_none() {
                yield_now().await;
            }
            assert_eq!(ask(&lookup).await, LookupResult::Allowed);

            let has_no_sessions = thread_rng().r#gen();
            store
                .has_no_sessions
                .store(has_no_sessions, Ordering::SeqCst);
            suspend(LEASE);
            let request = spawn({
                let lookup = lookup.clone();
                async move { ask(&lookup).await }
            });
            // The driver reads the changes after 1 s.
            for _ in 0..thread_rng().gen_range(1..4) {
                advance(Duration::from_secs(1));
                yield_now().await;
            }
            request.await.unwrap();
            assert_eq!(ask(&lookup).await, LookupResult::Allowed);

            store.has_no_sessions.store(true, Ordering::SeqCst);
            store.has_no_lookups.store(true, Ordering::SeqCst);
            suspend(LEASE);
            assert_ne!(ask(&lookup).await, LookupResult::Allowed);
            // Otherwise, the driver would wait for ever.
            shut_down();
        });
    });
}
