//! Deleted changes. In instances of their own, because a position is also before the changes of open transactions in other databases.

use std::time::Duration;

use omnicors_postgres::tokio_postgres::Client;

use crate::database::{Database, add, changes, is_lost, run, session};

const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

/// Makes the changes of these origins one hour older.
async fn an_hour_ago(client: &Client, origins: &[&str]) {
    let sql = "UPDATE omnicors.change SET at = at - interval '1 hour' WHERE origin = ANY ($1)";
    assert!(client.execute(sql, &[&origins]).await.unwrap() > 0);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_position_after_all_deleted_changes_resumes_and_an_earlier_one_is_lost() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    let client = database.client().await;
    let (mut first, start) = session(&store).await;
    add(&client, "https://a.example").await;
    let (_, early) = session(&store).await;
    add(&client, "https://b.example").await;
    add(&client, "https://c.example").await;
    let (_, mut last) = session(&store).await;

    assert_eq!(store.prune(HALF_AN_HOUR).await.unwrap(), 0);
    for position in [&start, &early, &last] {
        assert!(!is_lost(&mut first, position).await);
    }
    // The change that the migration has recorded, `a` and `b`.
    assert_eq!(store.prune(Duration::ZERO).await.unwrap(), 3);
    assert!(is_lost(&mut first, &start).await);
    assert!(is_lost(&mut first, &early).await);
    assert_eq!(changes(&mut first, &mut last).await, [""; 0]);
    add(&client, "https://d.example").await;
    assert_eq!(changes(&mut first, &mut last).await, ["+https://d.example"]);
    assert_eq!(store.prune(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(store.prune(Duration::ZERO).await.unwrap(), 0);
    assert_eq!(changes(&mut first, &mut last).await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_position_that_was_read_within_the_time_resumes_after_the_next_change() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    let client = database.client().await;
    for origin in ["https://a.example", "https://b.example"] {
        add(&client, origin).await;
    }
    an_hour_ago(&client, &["https://a.example", "https://b.example"]).await;
    let (mut session, mut position) = session(&store).await;
    add(&client, "https://c.example").await;
    assert_eq!(store.prune(HALF_AN_HOUR).await.unwrap(), 1);
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://c.example"]
    );
}

/// The change of a later transaction is deleted, and that of an earlier one stays, because it was made later.
#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_position_before_a_deleted_change_is_lost_although_earlier_transactions_stay() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    let (one, two) = (database.client().await, database.client().await);
    run(&one, "BEGIN; SELECT pg_current_xact_id()").await;
    run(&two, "BEGIN; SELECT pg_current_xact_id()").await;
    run(
        &one,
        "INSERT INTO omnicors.origin VALUES ('https://one.example'); COMMIT",
    )
    .await;
    let (mut first, between) = session(&store).await;
    run(
        &two,
        "INSERT INTO omnicors.origin VALUES ('https://two.example'); COMMIT",
    )
    .await;
    add(&two, "https://three.example").await;
    an_hour_ago(&one, &["https://two.example", "https://three.example"]).await;
    let (_, mut last) = session(&store).await;

    assert_eq!(store.prune(HALF_AN_HOUR).await.unwrap(), 1);
    let left = one
        .query(
            "SELECT origin FROM omnicors.change WHERE origin IS NOT NULL",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(left.len(), 2);
    assert!(is_lost(&mut first, &between).await);
    assert_eq!(changes(&mut first, &mut last).await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_position_before_the_deleted_change_of_a_long_transaction_is_lost() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    let (long, short) = (database.client().await, database.client().await);
    run(
        &long,
        "BEGIN; INSERT INTO omnicors.origin VALUES ('https://long.example')",
    )
    .await;
    add(&short, "https://short.example").await;
    let (mut session, mut position) = session(&store).await;
    // Not visible, so not deleted.
    assert_eq!(store.prune(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    run(&long, "COMMIT").await;
    let before = position.clone();
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://long.example"]
    );
    assert_eq!(store.prune(Duration::ZERO).await.unwrap(), 1);
    assert!(is_lost(&mut session, &before).await);
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn the_revision_does_not_go_back() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    let (one, two) = (database.client().await, database.client().await);
    run(&one, "BEGIN; SELECT pg_current_xact_id()").await;
    add(&two, "https://two.example").await;
    // The greatest revision, but not of the newest transaction.
    run(
        &one,
        "INSERT INTO omnicors.origin VALUES ('https://one.example'); COMMIT",
    )
    .await;
    let (mut first, mut position) = session(&store).await;
    let revision = position.revision();
    assert_eq!(store.prune(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(session(&store).await.1.revision(), revision);
    assert_eq!(changes(&mut first, &mut position).await, [""; 0]);
    assert_eq!(position.revision(), revision);
}
