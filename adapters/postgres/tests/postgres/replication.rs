//! Logical replication from another cluster.

use std::time::Duration;

use omnicors_postgres::tokio_postgres::Client;
use omnicors_tokio::StoreSession;
use tokio::time::timeout;

use crate::database::{Database, changes, run, session};

const LONG: Duration = Duration::from_secs(60);

async fn number(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// Waits until a query returns this number.
async fn until(client: &Client, sql: &str, expected: i64) {
    let wait = async {
        while number(client, sql).await != expected {
            tokio::task::yield_now().await;
        }
    };
    let result = timeout(LONG, wait).await;
    result.unwrap_or_else(|_| panic!("{sql} does not return {expected}"));
}

/// Both clusters have a store of the same table, and the publication is the one that the documentation advises against.
#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_subscriber_records_changes_after_the_schema_is_no_longer_published() {
    let publisher = Database::own_instance_with("wal_level", "logical").await;
    publisher.tenants().await;
    let of_publisher = publisher.client().await;
    let subscriber = Database::own_instance_with("wal_retrieve_retry_interval", "100ms").await;
    let store = subscriber.tenants().await;
    let client = subscriber.client().await;

    run(
        &of_publisher,
        "INSERT INTO tenants VALUES (1, 'https://a.example'), (2, 'https://b.example')",
    )
    .await;
    run(&of_publisher, "CREATE PUBLICATION origins FOR ALL TABLES").await;
    // Otherwise the copy of this table stops first.
    run(&client, "DELETE FROM omnicors.settings").await;
    let (port, name) = (publisher.postgres.port(), publisher.name());
    let subscribe = format!(
        "CREATE SUBSCRIPTION origins CONNECTION 'host=127.0.0.1 port={port} user=postgres dbname={name}' PUBLICATION origins"
    );
    run(&client, &subscribe).await;
    // The copy of the table of changes meets a revision that the subscriber has already.
    let ready = "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate = 'r'";
    until(&client, ready, 2).await;
    assert_eq!(
        number(&client, "SELECT count(*) FROM pg_subscription_rel").await,
        3
    );

    run(
        &of_publisher,
        "DROP PUBLICATION origins; CREATE PUBLICATION origins FOR TABLE tenants",
    )
    .await;
    run(&client, "ALTER SUBSCRIPTION origins REFRESH PUBLICATION").await;
    store.init().await.unwrap();
    let (mut session, mut position) = session(&store).await;
    run(&of_publisher, "DELETE FROM tenants WHERE id = 1").await;
    timeout(LONG, session.wait_for_hint())
        .await
        .expect("a hint")
        .unwrap();
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["-https://a.example"]
    );
    run(&client, "DROP SUBSCRIPTION origins").await;
}
