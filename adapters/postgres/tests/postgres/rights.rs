//! What an ordinary role needs.

use omnicors_postgres::{OriginTable, PostgresStore};
use omnicors_tokio::omnicors_core::Origin;
use omnicors_tokio::{OriginStore, OriginStoreWriter};

use crate::database::{Database, all, changes, client, message, run, session};

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
