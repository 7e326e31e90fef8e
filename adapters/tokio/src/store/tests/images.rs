//! Replicas that start from an image.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::leases::{origin, pass, replica_with};
use super::memory::{MemoryStore, State};
use crate::clock::Clock;
use crate::store::{OriginReplica, ReplicaOptions};

const A: &str = "https://a.example";
const B: &str = "https://b.example";

fn options(folder: &TempDir) -> ReplicaOptions {
    ReplicaOptions::new().image(path(folder))
}

fn path(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("origins.image")
}

/// Writes an image of the store by running a replica.
async fn write_image(folder: &TempDir, store: &MemoryStore) {
    let replica = replica_with(options(folder), store).await;
    wait_for(&path(folder)).await;
    drop(replica);
}

/// The image is written by a blocking thread, which a paused clock does not wait for.
async fn wait_for(path: &Path) {
    while !path.exists() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_replica_starts_from_an_image_while_the_store_is_down_and_resumes() {
    let (folder, store) = (TempDir::new().unwrap(), MemoryStore::new(&[A, B]));
    write_image(&folder, &store).await;
    assert_eq!(store.whole_reads(), 1);

    store.set_network(State::Refuses);
    store.take(A);
    let replica = replica_with(options(&folder), &store).await;
    assert!(replica.contains(&origin(A)), "the lease is not over");
    assert!(!replica.status().is_connected);
    store.set_network(State::Works);
    pass(&store, Duration::from_secs(1)).await;
    assert!(!replica.contains(&origin(A)));
    assert!(replica.contains(&origin(B)));
    assert_eq!(store.whole_reads(), 1, "it has resumed");
}

#[tokio::test(start_paused = true)]
async fn an_image_of_another_history_is_replaced() {
    let (folder, store) = (TempDir::new().unwrap(), MemoryStore::new(&[A]));
    write_image(&folder, &store).await;
    let other = MemoryStore::new(&[B]);
    other.replace_history();
    let replica = replica_with(options(&folder), &other).await;
    pass(&other, Duration::from_secs(1)).await;
    assert!(!replica.contains(&origin(A)));
    assert!(replica.contains(&origin(B)));
}

/// Without contact, nothing else says that the origins are those of another store.
#[tokio::test(start_paused = true)]
async fn an_image_of_a_store_with_another_name_is_not_used() {
    let (folder, store) = (TempDir::new().unwrap(), MemoryStore::new(&[A]));
    write_image(&folder, &store).await;
    let other = MemoryStore::new(&[B]);
    other.set_network(State::Refuses);
    let start = || {
        let clock = Clock::Manual(other.clock());
        OriginReplica::with_clock(options(&folder), other.clone(), clock)
    };
    assert!(start().await.unwrap().contains(&origin(A)), "the same name");
    other.rename("another table");
    let error = start().await.unwrap_err();
    assert_eq!(error.to_string(), "connection refused");
}

#[tokio::test(start_paused = true)]
async fn a_torn_image_is_not_used() {
    let (folder, store) = (TempDir::new().unwrap(), MemoryStore::new(&[A]));
    write_image(&folder, &store).await;
    let bytes = fs::read(path(&folder)).unwrap();
    fs::write(path(&folder), &bytes[..bytes.len() - 1]).unwrap();
    store.take(A);
    store.put(B);
    let replica = replica_with(options(&folder), &store).await;
    assert!(!replica.contains(&origin(A)));
    assert!(replica.contains(&origin(B)));
    assert_eq!(store.whole_reads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_replica_with_a_torn_image_does_not_start_without_the_store() {
    let (folder, store) = (TempDir::new().unwrap(), MemoryStore::new(&[A]));
    fs::write(path(&folder), b"OMNICORS").unwrap();
    store.set_network(State::Refuses);
    let clock = Clock::Manual(store.clock());
    let error = OriginReplica::with_clock(options(&folder), store.clone(), clock).await;
    assert_eq!(error.unwrap_err().to_string(), "connection refused");
}

/// The time of the last contact is 12 bytes after the magic number and the version.
#[tokio::test(start_paused = true)]
async fn an_old_image_and_one_from_the_future_allow_nothing_before_there_is_contact() {
    let (folder, store) = (TempDir::new().unwrap(), MemoryStore::new(&[A]));
    write_image(&folder, &store).await;
    let bytes = fs::read(path(&folder)).unwrap();
    let written = u64::from_le_bytes(bytes[12..20].try_into().unwrap());
    for (seconds, is_allowed) in [
        (written, true),
        (written - 400, false),
        (written + 400, false),
    ] {
        let mut bytes = bytes.clone();
        let end = bytes.len() - 4;
        bytes[12..20].copy_from_slice(&seconds.to_le_bytes());
        let sum = crc32fast::hash(&bytes[..end]);
        bytes[end..].copy_from_slice(&sum.to_le_bytes());
        fs::write(path(&folder), &bytes).unwrap();

        // The clock of the nodes must be later than the lease.
        store
            .clock()
            .store(1_000_000_000_000, std::sync::atomic::Ordering::SeqCst);
        store.set_network(State::Refuses);
        let replica = replica_with(options(&folder), &store).await;
        assert_eq!(replica.contains(&origin(A)), is_allowed, "{seconds}");
        store.set_network(State::Works);
        pass(&store, Duration::from_secs(1)).await;
        assert!(replica.contains(&origin(A)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_cannot_be_written_does_not_stop_the_replica() {
    let (folder, store) = (TempDir::new().unwrap(), MemoryStore::new(&[A]));
    let options = ReplicaOptions::new().image(folder.path().join("missing/origins.image"));
    let replica = replica_with(options, &store).await;
    pass(&store, Duration::from_secs(2)).await;
    assert!(replica.contains(&origin(A)));
    assert!(replica.status().is_connected);
}
