//! Lookups with a filter in front of the store. The clock of the nodes and tokio's clock are set by the tests.

use std::time::Duration;

use omnicors_core::LookupResult;
use omnicors_core::LookupResult::{Allowed, NotAllowed};

use super::leases::{LEASE, lookup, pass};
use super::memory::{MemoryStore, State};
use crate::clock::Clock;
use crate::lookup::{LookupOptions, OriginLookup};
use crate::store::store_lookup::LookupInStore;

const TENANT: &str = "https://tenant.example";
const NEW: &str = "https://new.example";
const MOMENT: Duration = Duration::from_millis(100);

/// Returns a lookup whose filter is built.
async fn filtered(store: &MemoryStore) -> OriginLookup {
    let clock = Clock::Manual(store.clock());
    let options = LookupOptions::new().lease(LEASE);
    let lookup = LookupInStore::new(options, store.clone(), clock).start_with_filter();
    pass(store, Duration::from_secs(2)).await;
    assert_eq!(store.whole_reads(), 1);
    lookup
}

async fn result(lookup: &OriginLookup, origin: &str) -> LookupResult {
    lookup.clone().lookup(origin.to_owned()).await
}

/// Returns how many of 1,000 made-up origins are not denied, and how many of them reach the store: 1 of 256 usually, so 4.
async fn flood(lookup: &OriginLookup, store: &MemoryStore) -> (usize, usize) {
    let before = store.lookups();
    let mut others = 0;
    for number in 0..1_000 {
        let origin = format!("https://{number}.made-up.example");
        others += usize::from(result(lookup, &origin).await != NotAllowed);
    }
    (others, store.lookups() - before)
}

fn is_filtered((others, lookups): (usize, usize)) -> bool {
    // The probability of 40 is less than 10^-25.
    others == 0 && lookups < 40
}

#[tokio::test(start_paused = true)]
async fn a_made_up_origin_does_not_reach_the_store() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = lookup(LookupOptions::new(), &store);
    assert_eq!(flood(&lookup, &store).await, (0, 1_000), "without a filter");
    let store = MemoryStore::new(&[TENANT]);
    let lookup = filtered(&store).await;
    assert!(is_filtered(flood(&lookup, &store).await));
    assert_eq!(result(&lookup, TENANT).await, Allowed);
}

#[tokio::test(start_paused = true)]
async fn an_origin_that_was_added_after_the_filter_was_built_is_allowed() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = filtered(&store).await;
    for _ in 0..3 {
        assert_eq!(result(&lookup, NEW).await, NotAllowed);
        store.put(NEW);
        pass(&store, MOMENT).await;
        assert_eq!(result(&lookup, NEW).await, Allowed);
        store.take(NEW);
        pass(&store, MOMENT).await;
    }
    store.take(TENANT);
    pass(&store, MOMENT).await;
    assert_eq!(result(&lookup, TENANT).await, NotAllowed);
    assert_eq!(store.whole_reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_empty_store_has_a_filter_as_well() {
    let store = MemoryStore::new(&[]);
    let lookup = filtered(&store).await;
    assert_eq!(flood(&lookup, &store).await, (0, 0));
    store.put(NEW);
    pass(&store, MOMENT).await;
    assert_eq!(result(&lookup, NEW).await, Allowed);
}

#[tokio::test(start_paused = true)]
async fn without_contact_the_filter_is_used_until_the_lease_is_over() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = filtered(&store).await;
    store.set_network(State::Refuses);
    pass(&store, LEASE.saturating_sub(Duration::from_secs(2))).await;
    let (others, _) = flood(&lookup, &store).await;
    assert!(others < 40, "{others} were not ruled out in the lease");
    pass(&store, Duration::from_secs(3)).await;
    let (others, _) = flood(&lookup, &store).await;
    assert_eq!(others, 1_000, "the store was asked, and does not answer");

    store.put(NEW);
    store.set_network(State::Works);
    pass(&store, Duration::from_secs(11)).await;
    assert_eq!(result(&lookup, NEW).await, Allowed);
    assert!(is_filtered(flood(&lookup, &store).await));
    assert_eq!(store.whole_reads(), 1, "it has resumed");
}

#[tokio::test(start_paused = true)]
async fn after_changes_were_lost_the_filter_is_built_again() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = filtered(&store).await;
    store.set_network(State::WithoutHints);
    store.put(NEW);
    store.forget_changes();
    pass(&store, Duration::from_secs(2)).await;
    assert_eq!(store.whole_reads(), 2);
    assert_eq!(result(&lookup, NEW).await, Allowed);
    assert!(is_filtered(flood(&lookup, &store).await));
}

#[tokio::test(start_paused = true)]
async fn after_many_additions_the_filter_is_built_again() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = filtered(&store).await;
    for number in 0..5_000 {
        store.put(&format!("https://{number}.example"));
    }
    pass(&store, MOMENT).await;
    assert_eq!(store.whole_reads(), 2);
    store.put(NEW);
    pass(&store, MOMENT).await;
    for number in (0..5_000).step_by(50) {
        let origin = format!("https://{number}.example");
        assert_eq!(result(&lookup, &origin).await, Allowed, "{origin}");
    }
    assert_eq!(result(&lookup, NEW).await, Allowed);
    assert!(is_filtered(flood(&lookup, &store).await));
}

#[tokio::test(start_paused = true)]
async fn the_connections_end_after_the_last_clone_is_dropped() {
    let store = MemoryStore::new(&[TENANT]);
    let lookup = filtered(&store).await;
    assert!(store.users() > 1);
    drop(lookup);
    pass(&store, Duration::from_secs(5)).await;
    assert_eq!(store.users(), 1);
}
