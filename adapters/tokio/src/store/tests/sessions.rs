//! What a replica does when the store has lost something, or the replica is dropped.

use std::time::Duration;

use super::leases::{lookup, origin, pass, replica, replica_with};
use super::memory::{MemoryStore, State};
use crate::lookup::LookupOptions;
use crate::store::{OriginReplica, ReplicaOptions};

const A: &str = "https://a.example";
const B: &str = "https://b.example";

const MOMENT: Duration = Duration::from_millis(100);

fn allowed(replica: &OriginReplica) -> Vec<&'static str> {
    let all = [A, B].into_iter();
    all.filter(|text| replica.contains(&origin(text))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_cannot_be_read_at_the_start_is_an_error() {
    let store = MemoryStore::new(&[A]);
    store.set_network(State::Refuses);
    let error = OriginReplica::new(store.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "connection refused");
    store.set_network(State::Silent);
    let error = OriginReplica::new(store).await.unwrap_err();
    assert_eq!(error.to_string(), "the store did not answer within 5s");
}

#[tokio::test(start_paused = true)]
async fn the_whole_store_is_read_again_after_changes_were_lost() {
    let store = MemoryStore::new(&[A]);
    let replica = replica(&store).await;
    store.set_network(State::WithoutHints);
    store.take(A);
    store.put(B);
    store.forget_changes();
    pass(&store, Duration::from_secs(2)).await;
    assert_eq!(allowed(&replica), [B]);
    assert_eq!(store.whole_reads(), 2);
    store.take(B);
    pass(&store, Duration::from_secs(2)).await;
    assert_eq!(allowed(&replica), [""; 0]);
    assert_eq!(store.whole_reads(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_whole_store_is_read_again_from_another_history() {
    let store = MemoryStore::new(&[A]);
    let replica = replica(&store).await;
    store.replace_history();
    store.take(A);
    pass(&store, MOMENT).await;
    assert_eq!(allowed(&replica), [""; 0]);
    assert_eq!(store.whole_reads(), 2);
}

/// A server that was restored without the last changes has the revisions of the changes that were lost again, for other changes.
#[tokio::test(start_paused = true)]
async fn the_whole_store_is_read_again_after_the_store_went_back() {
    let store = MemoryStore::new(&[]);
    store.put(A);
    store.put(B);
    let replica = replica(&store).await;
    assert_eq!(replica.status().revision, 2);
    store.set_network(State::Refuses);
    pass(&store, Duration::from_secs(10)).await;
    store.go_back_to(1, &[A]);
    store.set_network(State::Works);
    pass(&store, Duration::from_secs(10)).await;
    assert_eq!(allowed(&replica), [A]);
    assert_eq!(replica.status().revision, 1);
}

#[tokio::test(start_paused = true)]
async fn the_whole_store_is_read_again_if_the_changes_cannot_be_read_in_time() {
    let store = MemoryStore::new(&[A]);
    let replica = replica(&store).await;
    store.set_network(State::SlowChanges);
    store.take(A);
    store.put(B);
    // The read of changes is given up after 5 s, and so is that of the next connection.
    pass(&store, Duration::from_secs(13)).await;
    assert_eq!(allowed(&replica), [B]);
    assert_eq!(store.whole_reads(), 2);
    assert!(replica.contains(&origin(B)));
    store.set_network(State::Works);
    store.put(A);
    pass(&store, Duration::from_secs(20)).await;
    assert_eq!(allowed(&replica), [A, B]);
}

/// A server that has stopped for seconds, or a network that has lost packets.
#[tokio::test(start_paused = true)]
async fn a_connection_that_hangs_is_replaced_and_the_replica_resumes() {
    for state in [State::SlowChanges, State::Silent] {
        let store = MemoryStore::new(&[A]);
        let replica = replica(&store).await;
        pass(&store, Duration::from_secs(2)).await;
        store.set_network(state);
        store.take(A);
        store.put(B);
        pass(&store, Duration::from_secs(6)).await;
        store.set_network(State::Works);
        pass(&store, Duration::from_secs(11)).await;
        assert_eq!(allowed(&replica), [B]);
        assert_eq!(store.whole_reads(), 1, "it has resumed");
    }
}

/// The server has stopped in the middle of a read, and another one takes over.
#[tokio::test(start_paused = true)]
async fn a_read_of_the_whole_store_that_returns_nothing_is_given_up() {
    let store = MemoryStore::new(&[A]);
    let replica = replica(&store).await;
    store.set_network(State::StuckWholeReads);
    store.replace_history();
    store.take(A);
    pass(&store, Duration::from_secs(25)).await;
    store.set_network(State::Works);
    pass(&store, Duration::from_secs(45)).await;
    assert_eq!(allowed(&replica), [""; 0]);
    assert_eq!(store.whole_reads(), 3);
}

#[tokio::test(start_paused = true)]
async fn many_changes_between_two_reads_are_applied_in_order() {
    let store = MemoryStore::new(&[A]);
    let replica = replica(&store).await;
    for _ in 0..10 {
        store.take(A);
        store.put(B);
        store.take(B);
        store.put(A);
    }
    pass(&store, MOMENT).await;
    assert_eq!(allowed(&replica), [A]);
    assert_eq!(replica.status().revision, 40);
}

#[tokio::test(start_paused = true)]
async fn the_revision_for_events_is_that_of_the_last_change_that_was_applied() {
    let store = MemoryStore::new(&[A]);
    store.take(A);
    let replica = replica(&store).await;
    assert_eq!(replica.revision(), Some(1));
    store.set_network(State::Refuses);
    let lookup = lookup(LookupOptions::new(), &store);
    pass(&store, MOMENT).await;
    assert_eq!(lookup.revision(), None, "there was no contact");
    store.put(A);
    store.set_network(State::Works);
    pass(&store, Duration::from_secs(11)).await;
    assert_eq!((replica.revision(), lookup.revision()), (Some(2), Some(2)));
    store.take(A);
    pass(&store, MOMENT).await;
    assert_eq!((replica.revision(), lookup.revision()), (Some(3), Some(3)));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_an_origin_of_one_site_is_never_allowed() {
    let store = MemoryStore::new(&["null", "https://*.example", A]);
    let replica = replica(&store).await;
    assert_eq!(replica.status().rejected, 2);
    store.put("*");
    store.put("file://");
    pass(&store, MOMENT).await;
    assert_eq!(replica.status().rejected, 4);
    for text in ["null", "file://", "https://x.example", B] {
        assert!(!replica.contains(&origin(text)), "{text}");
    }
    assert_eq!(allowed(&replica), [A]);
}

#[tokio::test(start_paused = true)]
async fn the_connection_ends_after_the_last_clone_is_dropped() {
    let store = MemoryStore::new(&[A]);
    let replica = replica(&store).await;
    let clone = replica.clone();
    drop(replica);
    pass(&store, Duration::from_secs(5)).await;
    assert!(store.users() > 1);
    assert_eq!(allowed(&clone), [A]);
    drop(clone);
    pass(&store, Duration::from_secs(5)).await;
    assert_eq!(store.users(), 1);
}

/// 20,000 changes are merged into the compact set several times.
#[tokio::test(start_paused = true)]
async fn changes_beyond_a_merge_are_kept() {
    let store = MemoryStore::new(&[A]);
    let replica = replica_with(ReplicaOptions::new(), &store).await;
    for chunk in 0..20 {
        for number in 0..1_000 {
            store.put(&format!("https://{number}.{chunk}.example"));
        }
        pass(&store, MOMENT).await;
    }
    store.take(A);
    pass(&store, MOMENT).await;
    for chunk in 0..20 {
        for number in 0..1_000 {
            assert!(replica.contains(&origin(&format!("https://{number}.{chunk}.example"))));
        }
    }
    assert_eq!(allowed(&replica), [""; 0]);
    assert_eq!(store.whole_reads(), 1);
}
