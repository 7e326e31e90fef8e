//! Records of changes from another cluster, and records that were deleted without `omnicors.prune`.

use std::time::Duration;

use omnicors_postgres::PostgresStore;
use omnicors_postgres::tokio_postgres::Client;
use omnicors_tokio::{OriginStore, Position, StoreSession};

use crate::database::{Database, add, all, changes, client, is_lost, message, run, session};

/// Begins many transactions, so that this cluster has got further than a fresh one.
const MANY_TRANSACTIONS: &str = "DO $$ BEGIN
    FOR number IN 1..2000 LOOP
        PERFORM pg_current_xact_id();
        COMMIT;
    END LOOP;
END $$";

/// Checks that the store is refused until it is prepared again, and then works and stays prepared.
async fn check_refused_until_prepared(store: &PostgresStore, client: &Client, old: &Position) {
    let text = message(store.connect().await);
    assert!(text.contains("another PostgreSQL cluster"), "{text}");
    assert!(text.contains("run `omnicors store init`"), "{text}");
    store.init().await.unwrap();

    let (mut first, _) = session(store).await;
    assert!(is_lost(&mut first, old).await);
    let (origins, mut position) = all(&mut first).await;
    assert_eq!(origins, ["https://a.example", "https://b.example"]);
    assert!(position.revision() > old.revision());
    assert_eq!(changes(&mut first, &mut position).await, [""; 0]);
    run(client, "DELETE FROM omnicors.origin").await;
    let mut changed = changes(&mut first, &mut position).await;
    changed.sort();
    assert_eq!(changed, ["-https://a.example", "-https://b.example"]);

    store.init().await.unwrap();
    assert_eq!(changes(&mut first, &mut position).await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_dump_that_is_restored_in_a_younger_cluster_is_refused_until_it_is_prepared() {
    for is_pruned in [false, true] {
        let database = Database::own_instance().await;
        let of_origin = database.client().await;
        run(&of_origin, MANY_TRANSACTIONS).await;
        let store = database.prepared().await;
        for origin in ["https://a.example", "https://b.example"] {
            add(&of_origin, origin).await;
        }
        if is_pruned {
            assert_eq!(store.prune(Duration::ZERO).await.unwrap(), 2);
        }
        let (_, old) = session(&store).await;
        let dump = database.postgres.dump(database.name());

        let younger = Database::own_instance().await;
        run(&younger.client().await, &dump).await;
        // The dump has changed settings of its session.
        let client = younger.client().await;
        check_refused_until_prepared(&younger.store(), &client, &old).await;
    }
}

/// A cluster that has almost got as far as the other one.
#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn the_number_of_an_open_transaction_is_of_another_cluster() {
    let current = "SELECT pg_current_xact_id()::text";
    for write in [
        "INSERT INTO omnicors.change (xid, origin) VALUES ($1::text::xid8, NULL)",
        "UPDATE omnicors.settings SET pruned = $1::text::xid8",
    ] {
        let database = Database::own_instance().await;
        let store = database.prepared().await;
        let writer = database.client().await;
        for origin in ["https://a.example", "https://b.example"] {
            add(&writer, origin).await;
        }
        let (mut before, old) = session(&store).await;
        let open = database.client().await;
        run(&open, "BEGIN").await;
        let xid: String = open.query_one(current, &[]).await.unwrap().get(0);
        writer.execute(write, &[&xid]).await.unwrap();
        let text = message(before.changes_after(&old).await);
        assert!(text.contains("another PostgreSQL cluster"), "{text}");
        check_refused_until_prepared(&store, &writer, &old).await;
        run(&open, "COMMIT").await;
    }
}

/// As logical replication copies a table.
#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn preparing_again_continues_after_revisions_that_were_copied_without_the_sequence() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    run(
        &client,
        "INSERT INTO omnicors.change (revision, origin) OVERRIDING SYSTEM VALUE
        SELECT number, 'https://copied.example' FROM generate_series(2, 9) AS number",
    )
    .await;
    let insert = "INSERT INTO omnicors.origin VALUES ('https://a.example')";
    let error = client.batch_execute(insert).await.unwrap_err();
    let text = error.as_db_error().unwrap().message();
    assert!(text.contains("duplicate key"), "{text}");

    store.init().await.unwrap();
    let (mut session, mut position) = session(&store).await;
    assert_eq!(position.revision(), 9);
    run(&client, insert).await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://a.example"]
    );
    assert_eq!(position.revision(), 10);
    store.init().await.unwrap();
    add(&client, "https://b.example").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://b.example"]
    );
    assert_eq!(position.revision(), 11);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn pruning_during_an_older_transaction_keeps_what_a_position_needs() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    let (long, short) = (database.client().await, database.client().await);
    run(&long, "BEGIN; SELECT pg_current_xact_id()").await;
    add(&short, "https://a.example").await;
    add(&short, "https://b.example").await;
    // The change of the migration, and not `a`, which is later than the open transaction.
    assert_eq!(store.prune(Duration::ZERO).await.unwrap(), 1);
    let (mut session, mut position) = session(&store).await;
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    run(&long, "COMMIT").await;
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    assert_eq!(store.prune(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_store_whose_records_somebody_deleted_after_pruning_is_read_and_resumes() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    let client = client(&database.url("postgres")).await;
    add(&client, "https://a.example").await;
    assert_eq!(store.prune(Duration::ZERO).await.unwrap(), 1);
    let (mut session, before) = session(&store).await;
    run(&client, "DELETE FROM omnicors.change").await;
    assert!(is_lost(&mut session, &before).await);
    let (origins, mut position) = all(&mut session).await;
    assert_eq!(origins, ["https://a.example"]);
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    add(&client, "https://b.example").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://b.example"]
    );
    // The records are deleted again.
    run(&client, "DELETE FROM omnicors.change").await;
    assert!(is_lost(&mut session, &position).await);
}
