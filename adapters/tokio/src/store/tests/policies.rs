//! Policies that ask a replica.

use std::sync::atomic::Ordering;
use std::time::Duration;

use omnicors_core::{Denial, Policy, PolicyConfig, RequestParts, Verdict, evaluate};

use super::leases::{LEASE, pass, replica};
use super::memory::{MemoryStore, State};

const TENANT: &str = "https://tenant.example";

async fn policy(store: &MemoryStore) -> Policy {
    let config = PolicyConfig::new().allow_origins_in(replica(store).await);
    config.build().unwrap()
}

fn allows(policy: &Policy, origin: &[u8]) -> bool {
    let request = RequestParts::new("GET").origin(origin);
    evaluate(policy, &request).verdict().is_allowed()
}

#[tokio::test(start_paused = true)]
async fn a_policy_allows_only_origins_of_single_sites_whatever_the_store_contains() {
    let long = ["https://", &"a".repeat(600)].concat();
    let others = [
        "",
        "*",
        "null",
        "file://",
        "https://*.example",
        "https://Tenant.example",
        "https://tenant.example/",
        "https://tenant.example:443",
        "http://tenant.example:80",
        "https://tenant.example https://other.example",
        &long,
    ];
    let store = MemoryStore::new(&[]);
    others
        .into_iter()
        .chain([TENANT])
        .for_each(|text| store.put(text));
    let policy = policy(&store).await;
    assert!(allows(&policy, TENANT.as_bytes()));
    for text in others {
        assert!(!allows(&policy, text.as_bytes()), "{text}");
    }
    assert!(!allows(&policy, b"https://www.example"));
    assert!(!allows(&policy, b"https://tenant.example\xff"));

    // With all changes applied one by one, instead of read together.
    for text in others.into_iter().chain([TENANT]) {
        store.take(text);
        store.put(text);
    }
    pass(&store, Duration::from_secs(2)).await;
    assert!(allows(&policy, TENANT.as_bytes()));
    for text in others {
        assert!(!allows(&policy, text.as_bytes()), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_follows_the_store_and_returns_its_revision() {
    let store = MemoryStore::new(&[TENANT]);
    let policy = policy(&store).await;
    assert_eq!(policy.origins_revision(), Some(0));
    assert!(allows(&policy, TENANT.as_bytes()));
    store.take(TENANT);
    pass(&store, Duration::from_secs(2)).await;
    assert!(!allows(&policy, TENANT.as_bytes()));
    assert_eq!(policy.origins_revision(), Some(1));
    store.put(TENANT);
    pass(&store, Duration::from_secs(2)).await;
    assert!(allows(&policy, TENANT.as_bytes()));
    assert_eq!(policy.origins_revision(), Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_policy_denies_after_the_lease_and_in_the_first_response_of_a_stopped_process() {
    let store = MemoryStore::new(&[TENANT]);
    let policy = policy(&store).await;
    pass(&store, Duration::from_secs(2)).await;
    assert!(allows(&policy, TENANT.as_bytes()));
    let lease = u64::try_from(LEASE.as_nanos()).unwrap();
    store.clock().fetch_add(lease, Ordering::SeqCst);
    let request = RequestParts::new("GET").origin(TENANT);
    let verdict = evaluate(&policy, &request).verdict();
    assert_eq!(verdict, Verdict::Denied(Denial::OriginNotAllowed));

    pass(&store, Duration::from_secs(2)).await;
    assert!(allows(&policy, TENANT.as_bytes()), "there is contact again");
    store.set_network(State::Silent);
    pass(&store, LEASE).await;
    assert!(!allows(&policy, TENANT.as_bytes()));
}
