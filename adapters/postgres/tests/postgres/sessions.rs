//! Hints, and connections that end.

use std::time::Duration;

use omnicors_postgres::tokio_postgres::Client;
use omnicors_tokio::{OriginStore, StoreSession};
use tokio::time::timeout;

use crate::database::{Database, add, message, run, session};

const LONG: Duration = Duration::from_secs(30);

/// The connections of stores to this database.
const CONNECTIONS: &str =
    "FROM pg_stat_activity WHERE application_name = 'omnicors' AND datname = current_database()";

async fn connections(client: &Client) -> i64 {
    let sql = format!("SELECT count(*) {CONNECTIONS}");
    client.query_one(&sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_hint_arrives_after_each_commit_and_survives_a_future_that_is_dropped() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let (mut session, _) = session(&store).await;
    let client = database.client().await;

    let now = Duration::ZERO;
    assert!(timeout(now, session.wait_for_hint()).await.is_err());
    run(
        &client,
        "BEGIN; INSERT INTO omnicors.origin VALUES ('https://a.example')",
    )
    .await;
    // The server answers after everything that it has sent before.
    session.present().await.unwrap();
    assert!(timeout(now, session.wait_for_hint()).await.is_err());
    run(&client, "COMMIT").await;
    timeout(LONG, session.wait_for_hint())
        .await
        .expect("a hint")
        .unwrap();

    let waiting = session.wait_for_hint();
    add(&client, "https://b.example").await;
    drop(waiting);
    timeout(LONG, session.wait_for_hint())
        .await
        .expect("a hint")
        .unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_connection_that_the_server_ends_is_noticed() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let (mut session, position) = session(&store).await;
    let client = database.client().await;
    assert_eq!(connections(&client).await, 1);
    let waits = tokio::spawn(async move {
        let text = message(session.wait_for_hint().await);
        (text, session)
    });
    run(
        &client,
        &format!("SELECT pg_terminate_backend(pid) {CONNECTIONS}"),
    )
    .await;
    let (text, mut session) = timeout(LONG, waits).await.expect("an end").unwrap();
    assert!(
        text.starts_with("the connection to PostgreSQL is closed"),
        "{text}"
    );
    assert!(text.contains("terminating connection"), "{text}");
    assert!(session.changes_after(&position).await.is_err());
    assert!(session.wait_for_hint().await.is_err());
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_connection_ends_with_its_session_also_while_all_is_read() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    let sql = "INSERT INTO omnicors.origin SELECT format('https://%s.example', number) FROM generate_series(1, 50000) AS number";
    run(&client, sql).await;
    let (mut session, _) = session(&store).await;
    let reads = tokio::spawn(async move {
        let mut count = 0;
        session
            .read_all(&mut |_| {
                count += 1;
                assert!(count < 1_000, "as if the caller had given up");
            })
            .await
    });
    assert!(reads.await.is_err());
    // A client of its own that waits for the end: the server drops the connection as soon as it notices.
    let wait = async {
        while connections(&client).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, wait).await.expect("the connection ends");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_database_that_is_not_prepared_is_an_error() {
    let database = Database::shared().await;
    let store = database.store();
    let text = message(store.connect().await);
    assert!(text.starts_with("the database is not prepared"), "{text}");
    let text = message(store.contains("https://a.example").await);
    assert!(text.starts_with("the database is not prepared"), "{text}");
    store.init().await.unwrap();
    run(&database.client().await, "DELETE FROM omnicors.settings").await;
    let text = message(store.connect().await);
    assert!(text.starts_with("the database is not prepared"), "{text}");
}
