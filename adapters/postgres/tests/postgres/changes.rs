//! Which changes are read after a position.

use omnicors_postgres::OriginTable;
use omnicors_tokio::{OriginStore, StoreSession};

use crate::database::{Database, add, all, changes, is_lost, message, run, session};

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_transaction_with_an_earlier_revision_that_commits_last_is_read() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let (mut session, mut position) = session(&store).await;

    let first = database.client().await;
    run(
        &first,
        "BEGIN; INSERT INTO omnicors.origin VALUES ('https://first.example')",
    )
    .await;
    add(&database.client().await, "https://second.example").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://second.example"]
    );
    let revision = position.revision();

    run(&first, "COMMIT").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://first.example"]
    );
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    assert_eq!(position.revision(), revision);

    let sql =
        "SELECT origin FROM omnicors.change WHERE origin IS NOT NULL ORDER BY revision LIMIT 1";
    let row = first.query_one(sql, &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "https://first.example");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_long_transaction_delays_no_other_and_is_read_at_its_end() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let (mut session, mut position) = session(&store).await;

    let long = database.client().await;
    run(
        &long,
        "BEGIN; INSERT INTO omnicors.origin VALUES ('https://long.example')",
    )
    .await;
    let short = database.client().await;
    for number in 1..=3 {
        let origin = format!("https://{number}.example");
        add(&short, &origin).await;
        assert_eq!(
            changes(&mut session, &mut position).await,
            [format!("+{origin}")]
        );
        assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    }
    run(
        &long,
        "DELETE FROM omnicors.origin WHERE origin = 'https://2.example'; COMMIT",
    )
    .await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://long.example", "-https://2.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_transaction_that_is_open_while_all_is_read_is_read_later() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    add(&client, "https://before.example").await;
    run(
        &client,
        "BEGIN; INSERT INTO omnicors.origin VALUES ('https://open.example')",
    )
    .await;
    add(&database.client().await, "https://during.example").await;

    let (mut session, _) = session(&store).await;
    let (origins, mut position) = all(&mut session).await;
    assert_eq!(
        origins,
        ["https://before.example", "https://during.example"]
    );
    run(&client, "COMMIT").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://open.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn all_origins_and_their_position_are_of_one_moment() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let (mut reader, _) = session(&store).await;
    let client = database.client().await;
    run(
        &client,
        "BEGIN; LOCK omnicors.origin; INSERT INTO omnicors.origin VALUES ('https://later.example')",
    )
    .await;
    let reads = tokio::spawn(async move {
        let all = all(&mut reader).await;
        (reader, all)
    });
    let waits = "SELECT EXISTS (
        SELECT FROM pg_locks WHERE NOT granted AND relation = 'omnicors.origin'::regclass
    )";
    while !client
        .query_one(waits, &[])
        .await
        .unwrap()
        .get::<_, bool>(0)
    {
        tokio::task::yield_now().await;
    }
    run(&client, "COMMIT").await;
    let (mut reader, (origins, mut position)) = reads.await.unwrap();
    assert_eq!(origins, [""; 0]);
    assert_eq!(
        changes(&mut reader, &mut position).await,
        ["+https://later.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_transaction_that_is_rolled_back_changes_nothing() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let (mut session, mut position) = session(&store).await;
    let client = database.client().await;
    run(
        &client,
        "BEGIN; INSERT INTO omnicors.origin VALUES ('https://undone.example')",
    )
    .await;
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    run(&client, "ROLLBACK").await;
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    add(&client, "https://done.example").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://done.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn of_subtransactions_only_those_that_are_kept_are_read() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let (mut session, mut position) = session(&store).await;
    let client = database.client().await;
    let other = database.client().await;
    run(
        &client,
        "BEGIN;
        SAVEPOINT one; INSERT INTO omnicors.origin VALUES ('https://kept.example'); RELEASE one;
        SAVEPOINT two; INSERT INTO omnicors.origin VALUES ('https://undone.example'); ROLLBACK TO two;
        SAVEPOINT three; INSERT INTO omnicors.origin VALUES ('https://nested.example')",
    )
    .await;
    // Its number is greater than those of the subtransactions above.
    add(&other, "https://other.example").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://other.example"]
    );
    run(
        &client,
        "SAVEPOINT four; INSERT INTO omnicors.origin VALUES ('https://last.example'); COMMIT",
    )
    .await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        [
            "+https://kept.example",
            "+https://nested.example",
            "+https://last.example"
        ]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn truncate_loses_the_changes() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    add(&client, "https://tenant.example").await;
    let (mut session, position) = session(&store).await;
    run(&client, "TRUNCATE omnicors.origin").await;
    assert!(is_lost(&mut session, &position).await);
    let (origins, mut position) = all(&mut session).await;
    assert_eq!(origins, [""; 0]);
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn an_update_of_an_origin_changes_the_old_and_the_new_one() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    add(&client, "https://old.example").await;
    let (mut session, mut position) = session(&store).await;
    run(
        &client,
        "UPDATE omnicors.origin SET origin = 'https://new.example'",
    )
    .await;
    let mut changed = changes(&mut session, &mut position).await;
    changed.sort();
    assert_eq!(changed, ["+https://new.example", "-https://old.example"]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn an_origin_of_two_rows_is_in_the_store_until_both_are_deleted() {
    let database = Database::shared().await;
    let store = database.tenants().await;
    let client = database.client().await;
    run(
        &client,
        "INSERT INTO tenants VALUES (1, 'https://a.example'), (2, 'https://a.example')",
    )
    .await;
    let (mut session, mut position) = session(&store).await;
    run(&client, "DELETE FROM tenants WHERE id = 1").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://a.example"]
    );
    run(&client, "DELETE FROM tenants WHERE id = 2").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["-https://a.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_row_is_in_the_store_while_its_condition_is_true() {
    let database = Database::shared().await;
    let store = database.tenants().await;
    let client = database.client().await;
    let (mut session, mut position) = session(&store).await;
    run(
        &client,
        "INSERT INTO tenants VALUES (1, 'https://a.example', false), (2, NULL, true)",
    )
    .await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["-https://a.example"]
    );
    assert_eq!(all(&mut session).await.0, [""; 0]);
    run(&client, "UPDATE tenants SET active = true WHERE id = 1").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://a.example"]
    );
    assert_eq!(all(&mut session).await.0, ["https://a.example"]);
    run(&client, "UPDATE tenants SET active = false WHERE id = 1").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["-https://a.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn updates_that_cannot_matter_are_not_recorded() {
    let database = Database::shared().await;
    let client = database.client().await;
    run(
        &client,
        "CREATE TABLE tenants (origin text, active boolean, \"see'n\" int, hits int);
        INSERT INTO tenants VALUES ('https://a.example', true, 1, 1)",
    )
    .await;
    let table = OriginTable::new("tenants", "origin");
    let conditional = table.clone().only_where("active");
    let ignoring = conditional.clone().ignore_updates_of(["see'n", "hits"]);
    let touched = ["+https://a.example"];
    let none: [&str; 0] = [];
    for (table, of_other, of_same, of_active) in [
        (table, &none[..], &none[..], &none[..]),
        (conditional.clone(), &touched, &none, &touched),
        (ignoring, &none, &none, &touched),
    ] {
        let store = database.store().with_table(table);
        store.init().await.unwrap();
        let (mut session, mut position) = session(&store).await;
        run(
            &client,
            "UPDATE tenants SET \"see'n\" = \"see'n\" + 1, hits = hits + 1",
        )
        .await;
        assert_eq!(changes(&mut session, &mut position).await, of_other);
        run(&client, "UPDATE tenants SET hits = hits").await;
        assert_eq!(changes(&mut session, &mut position).await, of_same);
        run(
            &client,
            "UPDATE tenants SET active = NOT active; UPDATE tenants SET active = NOT active",
        )
        .await;
        assert_eq!(changes(&mut session, &mut position).await, of_active);
    }
    // The triggers now ignore columns on which another condition may depend.
    let other = database.store().with_table(conditional);
    let text = message(other.connect().await);
    assert!(text.contains("those of other settings"), "{text}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn too_many_changes_are_lost_and_fewer_are_not() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    let (mut session, mut position) = session(&store).await;
    let begin = position.clone();
    let insert = |first: u32, last: u32| {
        format!(
            "INSERT INTO omnicors.origin SELECT format('https://%s.example', number) FROM generate_series({first}, {last}) AS number"
        )
    };
    run(&client, &insert(1, 100_000)).await;
    let read = changes(&mut session, &mut position).await;
    assert_eq!(read.len(), 100_000);
    assert_eq!(
        (&*read[0], &*read[99_999]),
        ("+https://1.example", "+https://100000.example")
    );
    run(&client, &insert(100_001, 100_001)).await;
    assert!(is_lost(&mut session, &begin).await);
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://100001.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn changes_by_logical_replication_are_read() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    let (mut session, mut position) = session(&store).await;
    // As the process does that applies replicated changes. Ordinary triggers do not run then.
    run(&client, "SET session_replication_role = replica").await;
    add(&client, "https://tenant.example").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://tenant.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn the_revision_counts_changes() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let client = database.client().await;
    let (mut session, mut position) = session(&store).await;
    let before = position.revision();
    for origin in ["https://a.example", "https://b.example"] {
        add(&client, origin).await;
    }
    assert_eq!(changes(&mut session, &mut position).await.len(), 2);
    assert_eq!(position.revision(), before + 2);
    let present = session.present().await.unwrap();
    assert_eq!(present.revision(), position.revision());
    assert_eq!(present.history(), position.history());
}
