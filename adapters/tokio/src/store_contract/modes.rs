//! A replica and a lookup that follow the store.

use std::time::Duration;

use omnicors_core::LookupResult;
use tokio::time::{Instant, sleep};

use super::client::{add, ok, origin, remove};
use super::feed::LONG;
use super::server::TestedServer;
use crate::lookup::{LookupOptions, OriginLookup};
use crate::store::OriginReplica;

/// Waits until the result is as expected.
async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < LONG, "{what}: not within {LONG:?}");
        sleep(Duration::from_millis(1)).await;
    }
}

pub(super) async fn a_replica_follows<T: TestedServer>(server: &T) {
    let (old, new) = ("https://old.replica.example", "https://new.replica.example");
    add(server, old).await;
    let replica = ok(OriginReplica::new(server.store()).await);
    assert!(replica.contains(&origin(old)));
    let is_allowed = async |text: &str| replica.contains(&origin(text));
    add(server, new).await;
    until("the added origin is allowed", || is_allowed(new)).await;
    remove(server, old).await;
    until("the removed origin is denied", async || {
        !is_allowed(old).await
    })
    .await;

    server.end_connections().await;
    remove(server, new).await;
    until(
        "the origin that was removed without a connection is denied",
        async || !is_allowed(new).await,
    )
    .await;

    server.end_connections().await;
    add(server, old).await;
    server.forget_changes().await;
    until("the whole store was read again", || is_allowed(old)).await;
    remove(server, old).await;
    until("the removed origin is denied", async || {
        !is_allowed(old).await
    })
    .await;
}

pub(super) async fn a_lookup_follows<T: TestedServer>(server: &T) {
    let tenant = "https://tenant.lookup.example";
    // Results would be used for an hour.
    let hour = Duration::from_secs(3_600);
    let options = LookupOptions::new()
        .keep_allowed(hour)
        .lease(hour)
        .keep_denied(hour);
    let lookup = OriginLookup::with_store(options.timeout(LONG), server.store());
    let is_allowed =
        async || lookup.clone().lookup(tenant.to_owned()).await == LookupResult::Allowed;
    assert!(!is_allowed().await);
    // Until the first contact, results are used for a second at most, and no longer. Then changes arrive.
    for _ in 0..3 {
        add(server, tenant).await;
        until("the added origin is allowed", is_allowed).await;
        remove(server, tenant).await;
        until("the removed origin is denied", async || !is_allowed().await).await;
    }
    server.end_connections().await;
    add(server, tenant).await;
    until(
        "the origin is allowed after a connection was lost",
        is_allowed,
    )
    .await;
    server.end_connections().await;
    remove(server, tenant).await;
    until(
        "the origin is denied after a connection was lost",
        async || !is_allowed().await,
    )
    .await;
}
