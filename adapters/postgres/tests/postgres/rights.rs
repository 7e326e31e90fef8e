//! What an ordinary role needs.

use omnicors_postgres::{OriginTable, PostgresStore};
use omnicors_tokio::omnicors_core::Origin;
use omnicors_tokio::{OriginStore, OriginStoreWriter};

use crate::database::{Database, all, changes, client, is_lost, message, run, session};

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_server_needs_only_the_rights_that_the_store_states() {
    let database = Database::shared().await;
    let admin = database.client().await;
    run(
        &admin,
        "CREATE ROLE node LOGIN; CREATE ROLE app LOGIN; CREATE SCHEMA app AUTHORIZATION app",
    )
    .await;
    let owner = client(&database.url("app")).await;
    run(
        &owner,
        "CREATE TABLE app.tenants (id int PRIMARY KEY, origin varchar(200), active boolean)",
    )
    .await;
    let table = OriginTable::new("tenants", "origin")
        .in_schema("app")
        .only_where("active");

    // The application owns its table, and may create the schema `omnicors` once.
    run(
        &admin,
        &format!("GRANT CREATE ON DATABASE {} TO app", database.name()),
    )
    .await;
    let of_app = PostgresStore::from_url(&database.url("app"))
        .unwrap()
        .with_table(table.clone());
    of_app.init().await.unwrap();

    let store = PostgresStore::from_url(&database.url("node"))
        .unwrap()
        .with_table(table);
    let text = message(store.connect().await);
    assert!(
        text.contains("permission denied for schema omnicors"),
        "{text}"
    );
    assert!(store.contains("https://a.example").await.is_err());

    run(&owner, &store.grants("node")).await;
    let (mut session, mut position) = session(&store).await;
    // A role that may only write to the table of the application.
    run(
        &admin,
        "CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA app TO clerk; GRANT INSERT ON app.tenants TO clerk",
    )
    .await;
    let clerk = client(&database.url("clerk")).await;
    run(
        &clerk,
        "INSERT INTO app.tenants VALUES (1, 'https://a.example', true)",
    )
    .await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://a.example"]
    );
    assert_eq!(all(&mut session).await.0, ["https://a.example"]);
    assert!(store.contains("https://a.example").await.unwrap());
    let text = message(
        clerk
            .batch_execute("INSERT INTO omnicors.change (origin) VALUES (NULL)")
            .await
            .map_err(|error| error.as_db_error().unwrap().message().to_owned()),
    );
    assert!(text.contains("permission denied"), "{text}");
    let text = message(store.init().await);
    assert!(text.contains("permission denied"), "{text}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_server_cannot_record_changes() {
    let database = Database::shared().await;
    let admin = database.client().await;
    // As the migration of an earlier version has left them.
    let store = database.prepared().await;
    run(
        &admin,
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA omnicors TO PUBLIC",
    )
    .await;
    store.init().await.unwrap();
    run(&admin, "CREATE ROLE spy LOGIN").await;
    run(&admin, &store.grants("spy")).await;
    let spy = client(&database.url("spy")).await;
    run(&spy, "CREATE TEMPORARY TABLE mine (origin text)").await;
    for sql in [
        "CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION omnicors.touch('origin', 'origin')",
        "SELECT omnicors.follow('mine', 'origin', 'origin')",
        "SELECT omnicors.prune('0')",
    ] {
        let error = spy.batch_execute(sql).await.unwrap_err();
        let text = error.as_db_error().unwrap().message();
        assert!(text.contains("permission denied for function"), "{text}");
    }
    let (mut session, mut position) = session(&store).await;
    // The triggers work for a role without any right on the schema but that to write.
    run(
        &admin,
        "CREATE ROLE scribe LOGIN; GRANT USAGE ON SCHEMA omnicors TO scribe;
        GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON omnicors.origin TO scribe",
    )
    .await;
    let of_scribe = PostgresStore::from_url(&database.url("scribe")).unwrap();
    let origin = [Origin::parse(b"https://a.example").unwrap()];
    assert_eq!(of_scribe.add(&origin).await.unwrap(), 1);
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://a.example"]
    );
    assert_eq!(of_scribe.remove(&origin).await.unwrap(), 1);
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["-https://a.example"]
    );
    let scribe = client(&database.url("scribe")).await;
    run(&scribe, "TRUNCATE omnicors.origin").await;
    assert!(is_lost(&mut session, &position).await);
}

/// An administrator has run the migration.
#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn the_owner_of_a_partitioned_table_can_create_partitions() {
    let database = Database::shared().await;
    let admin = database.client().await;
    run(
        &admin,
        "CREATE ROLE \"part owner\" LOGIN; CREATE SCHEMA parts AUTHORIZATION \"part owner\"",
    )
    .await;
    let owner = client(&database.url("part%20owner")).await;
    run(
        &owner,
        "CREATE TABLE parts.tenants (id int, origin text) PARTITION BY LIST (id)",
    )
    .await;
    let table = OriginTable::new("tenants", "origin").in_schema("parts");
    let store = database.store().with_table(table);
    store.init().await.unwrap();
    let (mut session, mut position) = session(&store).await;
    run(
        &owner,
        "CREATE TABLE parts.tenants_1 PARTITION OF parts.tenants FOR VALUES IN (1);
        INSERT INTO parts.tenants_1 VALUES (1, 'https://a.example')",
    )
    .await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://a.example"]
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_server_cannot_change_the_own_table() {
    let database = Database::shared().await;
    database.prepared().await;
    run(&database.client().await, "CREATE ROLE reader LOGIN").await;
    let store = PostgresStore::from_url(&database.url("reader")).unwrap();
    run(&database.client().await, &store.grants("reader")).await;
    assert!(!store.contains("https://a.example").await.unwrap());
    session(&store).await;
    let text = message(
        store
            .add(&[Origin::parse(b"https://a.example").unwrap()])
            .await,
    );
    assert!(text.contains("permission denied"), "{text}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn the_identifier_of_the_cluster_may_be_hidden() {
    let database = Database::shared().await;
    let admin = database.client().await;
    let (_, known) = session(&database.prepared().await).await;
    run(
        &admin,
        "CREATE ROLE hidden LOGIN; REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC",
    )
    .await;
    let store = PostgresStore::from_url(&database.url("hidden")).unwrap();
    run(&admin, &store.grants("hidden")).await;
    let (mut session, mut position) = session(&store).await;
    assert!(known.history().ends_with(position.history()));
    run(
        &admin,
        "INSERT INTO omnicors.origin VALUES ('https://a.example')",
    )
    .await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://a.example"]
    );
}
