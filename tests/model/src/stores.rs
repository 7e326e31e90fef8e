//! Checks of the lease, and of the set of a replica.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use shuttle::thread;
use tokio::time::suspend;

use super::lease::Lease;
use super::position::OriginChange;
use super::replica_set::{NewSet, ReplicaSet};
use crate::clock::Clock;
use crate::explore::explore;
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
