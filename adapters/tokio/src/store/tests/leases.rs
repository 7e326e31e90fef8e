//! What nodes believe without contact to the store. The clock of the nodes and tokio's clock are set by the tests.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use omnicors_core::{LookupResult, Origin};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::memory::{MemoryStore, State};
use crate::clock::Clock;
use crate::lookup::{LookupOptions, OriginLookup, WhenFailed};
use crate::store::store_lookup::LookupInStore;
use crate::store::{OriginReplica, ReplicaOptions};

const TENANT: &str = "https://tenant.example";
pub(super) const LEASE: Duration = Duration::from_secs(300);

pub(super) fn origin(text: &str) -> Origin<'_> {
    Origin::parse(text.as_bytes()).unwrap()
}

pub(super) async fn replica(store: &MemoryStore) -> OriginReplica {
    replica_with(ReplicaOptions::new(), store).await
}

pub(super) async fn replica_with(options: ReplicaOptions, store: &MemoryStore) -> OriginReplica {
    let clock = Clock::Manual(store.clock());
    let replica = OriginReplica::with_clock(options.lease(LEASE), store.clone(), clock).await;
    replica.unwrap()
}

/// Lets time pass on both clocks. The driver does what is due meanwhile.
pub(super) async fn pass(store: &MemoryStore, time: Duration) {
    const STEP: Duration = Duration::from_millis(100);
    let mut left = time;
    while !left.is_zero() {
        let step = left.min(STEP);
        let nanoseconds = u64::try_from(step.as_nanos()).unwrap();
        store.clock().fetch_add(nanoseconds, Ordering::SeqCst);
        sleep(step).await;
        left -= step;
    }
}

/// Lets time pass while the process is stopped: nothing runs, and only the clock of the nodes goes on.
fn stop_for(store: &MemoryStore, time: Duration) {
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap();
    store.clock().fetch_add(nanoseconds, Ordering::SeqCst);
}

#[tokio::test(start_paused = true)]
async fn while_there_is_contact_the_lease_never_ends() {
    let store = MemoryStore::new(&[TENANT]);
    let replica = replica(&store).await;
    for _ in 0..3 {
        pass(&store, LEASE).await;
        assert!(replica.contains(&origin(TENANT)));
    }
    assert!(replica.status().lease_remaining > LEASE.saturating_sub(Duration::from_secs(2)));
    assert_eq!(store.whole_reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_contact_a_replica_allows_until_the_lease_is_over_and_recovers() {
    for state in [State::Refuses, State::Silent, State::Panics] {
        let store = MemoryStore::new(&[TENANT]);
        let replica = replica(&store).await;
        store.set_network(state);
        store.take(TENANT);
        // The last contact was up to a second before.
        pass(&store, LEASE.saturating_sub(Duration::from_secs(2))).await;
        assert!(replica.contains(&origin(TENANT)), "in the lease");
        assert!(!replica.status().is_connected);
        pass(&store, Duration::from_secs(2)).await;
        assert!(!replica.contains(&origin(TENANT)), "after the lease");
        assert_eq!(replica.status().lease_remaining, Duration::ZERO);

        store.put("https://new.example");
        store.set_network(State::Works);
        // A call that is not answered is given up after 5 s, and the next begins at most 5 s later.
        pass(&store, Duration::from_secs(11)).await;
        assert!(replica.contains(&origin("https://new.example")));
        assert!(!replica.contains(&origin(TENANT)));
        assert!(replica.status().is_connected);
        assert_eq!(store.whole_reads(), 1, "it has resumed");
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_was_stopped_does_not_trust_its_lease() {
    let store = MemoryStore::new(&[TENANT]);
    let replica = replica(&store).await;
    pass(&store, Duration::from_secs(2)).await;
    stop_for(&store, LEASE);
    assert!(!replica.contains(&origin(TENANT)));
    pass(&store, Duration::from_secs(2)).await;
    assert!(replica.contains(&origin(TENANT)));
}

#[tokio::test(start_paused = true)]
async fn without_hints_changes_arrive_within_a_second() {
    let store = MemoryStore::new(&[TENANT]);
    let replica = replica(&store).await;
    store.set_network(State::WithoutHints);
    pass(&store, Duration::from_secs(2)).await;
    store.take(TENANT);
    pass(&store, Duration::from_millis(1_100)).await;
    assert!(!replica.contains(&origin(TENANT)));
}

pub(super) fn lookup(options: LookupOptions, store: &MemoryStore) -> OriginLookup {
    let clock = Clock::Manual(store.clock());
    LookupInStore::new(options.lease(LEASE), store.clone(), clock).start()
}

async fn result(lookup: &OriginLookup) -> LookupResult {
    lookup.clone().lookup(TENANT.to_owned()).await
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_follows_is_asked_once() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = lookup(LookupOptions::new().keep_allowed(LEASE), &store);
    pass(&store, Duration::from_secs(2)).await;
    assert_eq!(result(&lookup).await, LookupResult::Allowed);
    pass(&store, Duration::from_secs(100)).await;
    assert_eq!(result(&lookup).await, LookupResult::Allowed);
    assert_eq!(store.lookups(), 1);
    store.take(TENANT);
    pass(&store, Duration::from_millis(100)).await;
    assert_eq!(result(&lookup).await, LookupResult::NotAllowed);
    store.put(TENANT);
    pass(&store, Duration::from_millis(100)).await;
    assert_eq!(result(&lookup).await, LookupResult::Allowed);
    assert_eq!(store.lookups(), 3);
}

/// The feed of changes is cut off, but lookups work.
#[tokio::test(start_paused = true)]
async fn while_changes_cannot_be_followed_results_are_used_for_a_second() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = lookup(LookupOptions::new().keep_allowed(LEASE), &store);
    pass(&store, Duration::from_secs(2)).await;
    assert_eq!(result(&lookup).await, LookupResult::Allowed);
    store.set_network(State::Silent);
    // The driver waits for 1 s for a hint and for 5 s for an answer.
    pass(&store, Duration::from_secs(7)).await;
    store.set_network(State::Works);
    store.end_connections();
    store.set_network(State::Refuses);
    pass(&store, Duration::from_millis(100)).await;
    store.take(TENANT);
    // The lookup works, and the driver waits before it connects again.
    store.set_network(State::Works);
    assert_eq!(result(&lookup).await, LookupResult::NotAllowed);
}

#[tokio::test(start_paused = true)]
async fn without_contact_a_lookup_allows_until_the_lease_is_over_and_recovers() {
    for state in [State::Refuses, State::Silent, State::Panics] {
        let store = MemoryStore::new(&[TENANT]);
        let lookup = lookup(LookupOptions::new(), &store);
        pass(&store, Duration::from_secs(2)).await;
        assert_eq!(result(&lookup).await, LookupResult::Allowed);
        store.set_network(state);
        store.take(TENANT);
        pass(&store, LEASE.saturating_sub(Duration::from_secs(4))).await;
        assert_eq!(result(&lookup).await, LookupResult::Allowed, "in the lease");
        pass(&store, Duration::from_secs(4)).await;
        assert_ne!(
            result(&lookup).await,
            LookupResult::Allowed,
            "after the lease"
        );
        store.put(TENANT);
        store.set_network(State::Works);
        pass(&store, Duration::from_secs(2)).await;
        assert_eq!(result(&lookup).await, LookupResult::Allowed);
    }
}

/// The result was looked up before the first contact of the driver, or before changes were lost.
#[tokio::test(start_paused = true)]
async fn a_result_from_before_a_restart_is_looked_up_again_and_usable_if_that_fails() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = lookup(LookupOptions::new().keep_allowed(LEASE), &store);
    assert_eq!(result(&lookup).await, LookupResult::Allowed);
    for lookups in 2..4 {
        pass(&store, Duration::from_secs(2)).await;
        store.forget_changes();
        store.replace_history();
        store.set_network(State::WithoutHints);
        pass(&store, Duration::from_secs(2)).await;
        assert_eq!(result(&lookup).await, LookupResult::Allowed);
        assert_eq!(store.lookups(), lookups);
    }
    store.replace_history();
    pass(&store, Duration::from_secs(2)).await;
    store.set_network(State::Refuses);
    assert_eq!(result(&lookup).await, LookupResult::Allowed);
    store.set_network(State::Works);
    store.take(TENANT);
    store.replace_history();
    pass(&store, Duration::from_secs(2)).await;
    assert_eq!(result(&lookup).await, LookupResult::NotAllowed);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_was_stopped_looks_its_origins_up_again() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = lookup(LookupOptions::new().keep_allowed(LEASE), &store);
    pass(&store, Duration::from_secs(2)).await;
    assert_eq!(result(&lookup).await, LookupResult::Allowed);
    store.set_network(State::WithoutHints);
    store.take(TENANT);
    // The clock of tokio does not go on while the machine is suspended.
    stop_for(&store, LEASE);
    assert_eq!(result(&lookup).await, LookupResult::NotAllowed);
}

/// The driver has contact again before the next request, and has lost changes.
#[tokio::test(start_paused = true)]
async fn after_a_stop_a_failed_lookup_does_not_use_the_result_from_before() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = lookup(LookupOptions::new().keep_allowed(LEASE), &store);
    pass(&store, Duration::from_secs(2)).await;
    assert_eq!(result(&lookup).await, LookupResult::Allowed);
    store.take(TENANT);
    store.replace_history();
    stop_for(&store, LEASE);
    store.end_connections();
    pass(&store, Duration::from_secs(2)).await;
    store.set_network(State::Refuses);
    assert_eq!(result(&lookup).await, LookupResult::Failed);
}

/// Polls the future once. It must not be ready.
async fn begin<T>(mut future: Pin<&mut impl Future<Output = T>>) {
    let first = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending()));
    assert!(first.await, "it has begun");
}

/// The lookup was running while the machine was suspended.
#[tokio::test(start_paused = true)]
async fn a_result_from_before_the_process_was_stopped_is_not_used() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = lookup(LookupOptions::new(), &store);
    pass(&store, Duration::from_secs(2)).await;
    let mut asked = pin!(result(&lookup));
    begin(asked.as_mut()).await;
    stop_for(&store, LEASE);
    assert_eq!(asked.await, LookupResult::TimedOut);
}

/// The lookup has failed, and its request did not run since.
#[tokio::test(start_paused = true)]
async fn a_last_result_that_became_too_old_after_the_lookup_failed_is_not_used() {
    for (when_failed, stopped, expected) in [
        (WhenFailed::LastResult, LEASE / 4, LookupResult::Allowed),
        (WhenFailed::LastResult, LEASE / 2, LookupResult::Failed),
        (
            WhenFailed::DangerouslyAllow,
            LEASE / 2,
            LookupResult::Allowed,
        ),
    ] {
        let store = MemoryStore::new(&[TENANT]);
        let (failed, mut reports) = mpsc::unbounded_channel();
        let options = LookupOptions::new()
            .when_failed(when_failed)
            .on_failure(move |_, _| failed.send(()).unwrap());
        let lookup = lookup(options, &store);
        pass(&store, Duration::from_secs(2)).await;
        assert_eq!(result(&lookup).await, LookupResult::Allowed);
        stop_for(&store, LEASE / 2);
        store.set_network(State::Refuses);
        let mut asked = pin!(result(&lookup));
        begin(asked.as_mut()).await;
        reports.recv().await.unwrap();
        stop_for(&store, stopped);
        assert_eq!(asked.await, expected);
    }
}

/// Before the lookup and during it, the machine is suspended for less than the lease, and together for longer.
#[tokio::test(start_paused = true)]
async fn a_failed_lookup_does_not_use_a_result_that_became_too_old_while_it_waited() {
    for state in [State::Refuses, State::Silent, State::Panics] {
        for (during, is_allowed) in [(LEASE / 4, true), (LEASE / 2, false)] {
            let store = MemoryStore::new(&[TENANT]);
            let lookup = lookup(LookupOptions::new(), &store);
            pass(&store, Duration::from_secs(2)).await;
            assert_eq!(result(&lookup).await, LookupResult::Allowed);
            stop_for(&store, LEASE / 2);
            // There is contact, and the result is looked up again because changes were lost.
            store.replace_history();
            pass(&store, Duration::from_secs(2)).await;
            store.set_network(state);
            let mut asked = pin!(result(&lookup));
            begin(asked.as_mut()).await;
            stop_for(&store, during);
            let result = asked.await;
            assert_eq!(result == LookupResult::Allowed, is_allowed, "{result:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_is_not_asked_about_what_it_must_not_contain() {
    let stored = ["null", "file://", "https://a..example"];
    let store = MemoryStore::new(&stored);
    let lookup = lookup(LookupOptions::new(), &store);
    pass(&store, Duration::from_secs(2)).await;
    for text in stored {
        let result = lookup.clone().lookup(text.to_owned()).await;
        assert_eq!(result, LookupResult::NotAllowed, "{text}");
    }
    assert_eq!(store.lookups(), 0);
}
