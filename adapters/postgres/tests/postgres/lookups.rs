//! `contains`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use omnicors_postgres::PostgresStore;
use omnicors_postgres::tokio_postgres::Client;
use omnicors_store_servers::signal;
use omnicors_tokio::OriginStore;
use tokio::time::timeout;

use crate::database::{Database, add, run};

const LONG: Duration = Duration::from_secs(30);

async fn connections(client: &Client) -> Vec<i32> {
    let sql = "SELECT pid FROM pg_stat_activity WHERE application_name = 'omnicors' AND datname = current_database()";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_lookup_sees_each_change_that_was_committed_before_it() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    let origin = "https://tenant.example";
    assert!(!store.contains(origin).await.unwrap());
    for _ in 0..20 {
        add(&client, origin).await;
        assert!(store.contains(origin).await.unwrap());
        run(&client, "DELETE FROM omnicors.origin").await;
        assert!(!store.contains(origin).await.unwrap());
    }
    for hostile in ["' OR true --", "\" OR true --", "$1", "%", ""] {
        assert!(!store.contains(hostile).await.unwrap(), "{hostile}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn simultaneous_lookups_share_one_connection_which_is_replaced_when_it_ends() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    // A second connection would be an error.
    run(&client, "CREATE ROLE single LOGIN CONNECTION LIMIT 1").await;
    run(&client, &store.grants("single")).await;
    let store = Arc::new(PostgresStore::from_url(&database.url("single")).unwrap());
    add(&client, "https://tenant.example").await;
    for _ in 0..2 {
        let lookups: Vec<_> = (0..50)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.contains("https://tenant.example").await.unwrap() })
            })
            .collect();
        for lookup in lookups {
            assert!(lookup.await.unwrap());
        }
        let [id] = connections(&client).await[..] else {
            panic!("not one connection");
        };
        // With a timeout, the function returns when the process has ended.
        let end = client
            .query_one("SELECT pg_terminate_backend($1, 30000)", &[&id])
            .await
            .unwrap();
        assert!(end.get::<_, bool>(0));
        // The client may not have noticed the end of the connection yet.
        assert!(store.contains("https://tenant.example").await.unwrap());
    }
    assert!(store.contains("https://tenant.example").await.unwrap());
}

/// A server process that waits for a lock does not notice that its client is gone.
#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn lookups_of_a_locked_table_leave_no_connections() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    let locking = database.client().await;
    run(&locking, "BEGIN; LOCK omnicors.origin").await;
    let waiting = tokio::spawn(async move { store.contains("https://tenant.example").await });
    until(&client, |connections| !connections.is_empty()).await;
    // The attempt to connect goes on for at most 5 s.
    waiting.abort();
    until(&client, <[i32]>::is_empty).await;
}

/// Waits until the connections of the store are as described.
async fn until(client: &Client, is_met: impl Fn(&[i32]) -> bool) {
    let begun = Instant::now();
    while !is_met(&connections(client).await) {
        assert!(begun.elapsed() < LONG, "{:?}", connections(client).await);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_connection_that_does_not_answer_is_replaced() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    add(&client, "https://tenant.example").await;
    assert!(store.contains("https://tenant.example").await.unwrap());
    let [id] = connections(&client).await[..] else {
        panic!("not one connection");
    };
    signal("STOP", &[id.unsigned_abs()]);
    // Each caller gives up after the default time of a lookup.
    let begun = Instant::now();
    let is_allowed = loop {
        let lookup = store.contains("https://tenant.example");
        match timeout(Duration::from_millis(400), lookup).await {
            Ok(result) => break result.unwrap(),
            Err(_) => assert!(begun.elapsed() < LONG, "the connection was not replaced"),
        }
    };
    signal("CONT", &[id.unsigned_abs()]);
    assert!(is_allowed);
}
