//! Positions of another history, and crashes.

use omnicors_postgres::OriginTable;
use omnicors_store_servers::signal;
use omnicors_tokio::{OriginStore, Position, StoreSession};

use crate::database::{Database, add, all, changes, client, is_lost, message, run, session};

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_position_of_another_store_is_lost() {
    let database = Database::shared().await;
    let (mut session, position) = session(&database.prepared().await).await;
    let other = Database::shared().await;
    let (mut session_of_other, position_of_other) =
        crate::database::session(&other.prepared().await).await;
    assert_ne!(position.history(), position_of_other.history());
    assert!(is_lost(&mut session, &position_of_other).await);
    assert!(is_lost(&mut session_of_other, &position).await);
    for strange in [
        Position::new("other", 1),
        Position::new(position.history(), 1),
        Position::new(position.history(), 1).with_cursor("1:x:"),
        Position::new("other", 1).with_cursor(position.cursor()),
    ] {
        assert!(is_lost(&mut session, &strange).await, "{strange:?}");
    }
    assert!(!is_lost(&mut session, &position).await);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_position_of_another_condition_is_lost() {
    let database = Database::shared().await;
    let (_, position) = session(&database.tenants().await).await;
    // The triggers of a table with a condition record all that one without a condition needs.
    let all = OriginTable::new("tenants", "origin");
    let (mut other, mut same) = session(&database.store().with_table(all)).await;
    assert!(is_lost(&mut other, &position).await);
    assert_eq!(changes(&mut other, &mut same).await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn tables_that_were_created_again_have_another_history() {
    let database = Database::shared().await;
    let store = database.tenants().await;
    let client = database.client().await;
    let (mut first, position) = session(&store).await;
    // As if restored from a backup, in which everything is as before.
    run(
        &client,
        "CREATE TABLE saved AS SELECT * FROM omnicors.settings;
        CREATE TABLE saved_change AS SELECT * FROM omnicors.change;
        DROP SCHEMA omnicors CASCADE",
    )
    .await;
    store.init().await.unwrap();
    run(
        &client,
        "TRUNCATE omnicors.settings, omnicors.change;
        INSERT INTO omnicors.settings SELECT * FROM saved;
        INSERT INTO omnicors.change OVERRIDING SYSTEM VALUE SELECT * FROM saved_change",
    )
    .await;
    assert!(is_lost(&mut first, &position).await);

    let (_, position) = session(&store).await;
    run(
        &client,
        "CREATE TABLE other (LIKE tenants INCLUDING ALL); DROP TABLE tenants; ALTER TABLE other RENAME TO tenants;
        SELECT omnicors.follow('tenants', 'origin', 'row'); DELETE FROM omnicors.change WHERE revision > 1",
    )
    .await;
    assert!(is_lost(&mut first, &position).await);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_prepared_database_that_is_prepared_again_keeps_its_history() {
    let database = Database::shared().await;
    let store = database.tenants().await;
    let (mut session, mut position) = session(&store).await;
    store.init().await.unwrap();
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    run(
        &database.client().await,
        "INSERT INTO tenants VALUES (1, 'https://a.example')",
    )
    .await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://a.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn disabled_triggers_are_an_error_until_the_database_is_prepared_again() {
    let database = Database::shared().await;
    let store = database.tenants().await;
    let client = database.client().await;
    let (mut session, position) = session(&store).await;
    run(
        &client,
        "ALTER TABLE tenants DISABLE TRIGGER ALL;
        INSERT INTO tenants VALUES (1, 'https://missed.example');
        ALTER TABLE tenants ENABLE TRIGGER ALL",
    )
    .await;
    let text = message(session.changes_after(&position).await);
    assert!(
        text.contains(r#"changes of the table "public"."tenants" are not recorded"#),
        "{text}"
    );
    let text = message(store.connect().await);
    assert!(text.contains("run `omnicors store init`"), "{text}");
    store.init().await.unwrap();
    assert!(is_lost(&mut session, &position).await);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn changes_while_triggers_were_disabled_are_lost() {
    let database = Database::shared().await;
    let store = database.tenants().await;
    let client = database.client().await;
    let (mut session, position) = session(&store).await;
    for enable in [
        "ALTER TABLE tenants ENABLE ALWAYS TRIGGER omnicors_change",
        "BEGIN; ALTER TABLE tenants ENABLE TRIGGER omnicors_change;
        ALTER TABLE tenants ENABLE ALWAYS TRIGGER omnicors_change; COMMIT",
    ] {
        run(
            &client,
            "ALTER TABLE tenants DISABLE TRIGGER omnicors_change;
            INSERT INTO tenants VALUES (1, 'https://missed.example')",
        )
        .await;
        run(&client, enable).await;
        assert!(is_lost(&mut session, &position).await);
        let (origins, mut position) = all(&mut session).await;
        assert_eq!(origins, ["https://missed.example"]);
        // A position of now is one of the new history, also after the catalog was written anew.
        run(&client, "VACUUM FULL pg_trigger").await;
        run(&client, "VACUUM FREEZE pg_trigger").await;
        run(&client, "DELETE FROM tenants").await;
        assert_eq!(
            changes(&mut session, &mut position).await,
            ["-https://missed.example"]
        );
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_server_that_was_killed_resumes() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    let (mut first, mut position) = session(&store).await;
    add(&database.client().await, "https://read.example").await;
    assert_eq!(
        changes(&mut first, &mut position).await,
        ["+https://read.example"]
    );
    add(&database.client().await, "https://unread.example").await;
    let open = database.client().await;
    run(
        &open,
        "BEGIN; INSERT INTO omnicors.origin VALUES ('https://open.example')",
    )
    .await;

    database.postgres.kill();
    assert!(first.changes_after(&position).await.is_err());
    // After the hints that have arrived before.
    while first.wait_for_hint().await.is_ok() {}
    assert!(store.connect().await.is_err());
    assert!(store.contains("https://read.example").await.is_err());
    database.postgres.restart();

    let (mut second, _) = session(&store).await;
    assert_eq!(
        changes(&mut second, &mut position).await,
        ["+https://unread.example"]
    );
    assert!(store.contains("https://read.example").await.unwrap());
}

/// PostgreSQL does not write to disk at once that a transaction was rolled back.
#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_transaction_whose_number_was_used_before_a_crash_is_read() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    let client = database.client().await;
    add(&client, "https://before.example").await;

    // The process that would write it in the background.
    let writer = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'";
    let writer: i32 = client.query_one(writer, &[]).await.unwrap().get(0);
    signal("STOP", &[writer.unsigned_abs()]);
    let current = "SELECT pg_current_xact_id()::text::bigint";
    run(&client, "BEGIN").await;
    let used: i64 = client.query_one(current, &[]).await.unwrap().get(0);
    run(&client, "ROLLBACK").await;
    let (_, mut position) = session(&store).await;
    database.postgres.kill();
    database.postgres.restart();

    let client = database.client().await;
    run(
        &client,
        "BEGIN; INSERT INTO omnicors.origin VALUES ('https://after.example')",
    )
    .await;
    let again: i64 = client.query_one(current, &[]).await.unwrap().get(0);
    assert_eq!(again, used, "the server does not use the number again");
    run(&client, "COMMIT").await;
    let (mut session, _) = session(&store).await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://after.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn the_changes_after_a_position_on_a_disk_that_was_set_back_are_lost() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    add(&database.client().await, "https://kept.example").await;
    let (_, mut old) = session(&store).await;
    database.postgres.save_disk();

    add(&database.client().await, "https://gone.example").await;
    let (_, new) = session(&store).await;
    database.postgres.set_disk_back();
    let (mut first, _) = session(&store).await;
    assert!(is_lost(&mut first, &new).await);

    // The same transaction number and the same revision as those of the change that is gone.
    add(&database.client().await, "https://other.example").await;
    let (mut second, present) = session(&store).await;
    assert_eq!(present.revision(), new.revision());
    assert!(is_lost(&mut second, &new).await);
    assert_eq!(
        changes(&mut second, &mut old).await,
        ["+https://other.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_standby_is_refused_and_has_another_history_after_its_promotion() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    add(&database.client().await, "https://tenant.example").await;
    let (_, position) = session(&store).await;

    let standby = database.postgres.standby();
    let url = database.url("postgres");
    let (_, name) = url.rsplit_once('/').unwrap();
    let url = standby.url("postgres", name);
    let other = omnicors_postgres::PostgresStore::from_url(&url).unwrap();
    for text in [
        message(other.connect().await),
        message(other.contains("https://tenant.example").await),
        message(other.init().await),
    ] {
        assert!(text.contains("is a standby"), "{text}");
    }
    // The client finds the primary among several hosts.
    let hosts = format!(
        "127.0.0.1:{},127.0.0.1:{}",
        standby.port(),
        database.postgres.port()
    );
    let both = format!("postgres://postgres@{hosts}/{name}");
    let both = omnicors_postgres::PostgresStore::from_url(&both).unwrap();
    let (mut followed, mut same) = session(&both).await;
    assert_eq!(same.history(), position.history());
    assert_eq!(changes(&mut followed, &mut same).await, [""; 0]);

    database.postgres.kill();
    standby.promote();
    let (mut promoted, present) = session(&other).await;
    assert_ne!(present.history(), position.history());
    assert!(is_lost(&mut promoted, &position).await);
    assert!(other.contains("https://tenant.example").await.unwrap());
    add(&client(&url).await, "https://new.example").await;
    let mut present = present;
    assert_eq!(
        changes(&mut promoted, &mut present).await,
        ["+https://new.example"]
    );
}
