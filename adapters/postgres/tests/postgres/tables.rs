//! Tables of applications.

use omnicors_postgres::{OriginTable, PostgresStore};
use omnicors_tokio::OriginStore;

use crate::database::{Database, all, changes, message, run, session};

/// Checks that an insert and a delete of an origin are read. `insert` and `delete` are statements with one parameter, the origin.
async fn check(database: &Database, store: &PostgresStore, insert: &str, delete: &str) {
    let client = database.client().await;
    store.init().await.unwrap();
    let (mut session, mut position) = session(store).await;
    let origin = "https://tenant.example";
    assert_eq!(client.execute(insert, &[&origin]).await.unwrap(), 1);
    assert_eq!(
        changes(&mut session, &mut position).await,
        [format!("+{origin}")]
    );
    assert_eq!(all(&mut session).await.0, [origin]);
    assert!(store.contains(origin).await.unwrap());
    assert_eq!(client.execute(delete, &[&origin]).await.unwrap(), 1);
    assert_eq!(
        changes(&mut session, &mut position).await,
        [format!("-{origin}")]
    );
    assert_eq!(all(&mut session).await.0, [""; 0]);
    assert!(!store.contains(origin).await.unwrap());
    store.init().await.unwrap();
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn names_are_quoted() {
    let database = Database::shared().await;
    let client = database.client().await;
    let schema = r#"Sch"ema.'; DROP TABLE bystander; --"#;
    let name = r#"$function$ ta\b'le" %s %I"#;
    let column = r#"or"ig'in\ $1"#;
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let table = format!("{}.{}", quoted(schema), quoted(name));
    let quoted_column = quoted(column);
    run(
        &client,
        &format!(
            "CREATE TABLE bystander (); CREATE SCHEMA {}; CREATE TABLE {table} ({quoted_column} text, xid int DEFAULT 1)",
            quoted(schema)
        ),
    )
    .await;
    let origins = OriginTable::new(name, column)
        .in_schema(schema)
        .only_where("xid = 1 -- comment");
    let store = database.store().with_table(origins);
    let insert = format!("INSERT INTO {table} ({quoted_column}) VALUES ($1)");
    let delete = format!("DELETE FROM {table} WHERE {quoted_column} = $1");
    check(&database, &store, &insert, &delete).await;
    run(&client, "SELECT FROM bystander").await;
    run(&client, r#"CREATE ROLE "o""dd'role""#).await;
    run(&client, &store.grants(r#"o"dd'role"#)).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn tables_can_be_partitioned_and_columns_can_be_domains_or_have_a_collation() {
    let database = Database::shared().await;
    let client = database.client().await;
    run(
        &client,
        "CREATE DOMAIN origin AS varchar(100);
        CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE parts (id int, name text) PARTITION BY LIST (id);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
        CREATE TABLE domains (name origin);
        CREATE TABLE collated (name text COLLATE any_case)",
    )
    .await;
    for (name, insert) in [
        ("parts", "INSERT INTO parts_1 VALUES (1, $1)"),
        ("domains", "INSERT INTO domains VALUES ($1::text)"),
        ("collated", "INSERT INTO collated VALUES ($1)"),
    ] {
        let store = database.store().with_table(OriginTable::new(name, "name"));
        let delete = format!("DELETE FROM {name} WHERE name::text = $1");
        check(&database, &store, insert, &delete).await;
    }

    // Another text that the collation says is equal.
    let store = database
        .store()
        .with_table(OriginTable::new("collated", "name"));
    let (mut session, mut position) = session(&store).await;
    run(
        &client,
        "INSERT INTO collated VALUES ('https://A.example'), ('https://a.example')",
    )
    .await;
    run(
        &client,
        "DELETE FROM collated WHERE name::text COLLATE \"C\" = 'https://a.example'",
    )
    .await;
    assert!(!store.contains("https://a.example").await.unwrap());
    let mut changed = changes(&mut session, &mut position).await;
    changed.sort();
    assert_eq!(changed, ["+https://A.example", "-https://a.example"]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_table_that_cannot_be_followed_is_an_error() {
    let database = Database::shared().await;
    let client = database.client().await;
    run(
        &client,
        "CREATE TABLE tenants (id int, padded char(100), \"bytes\" bytea); CREATE VIEW seen AS SELECT 'a'::text AS name",
    )
    .await;
    for (name, column, expected) in [
        (
            "missing",
            "origin",
            r#"relation "public.missing" does not exist"#,
        ),
        (
            "tenants",
            "origin",
            "table public.tenants has no column origin",
        ),
        (
            "tenants",
            "id",
            "column id of table public.tenants must have the type text or varchar",
        ),
        ("tenants", "padded", "must have the type text or varchar"),
        ("tenants", "bytes", "must have the type text or varchar"),
        ("seen", "name", "is a view"),
    ] {
        let store = database.store().with_table(OriginTable::new(name, column));
        let text = message(store.init().await);
        assert!(text.contains(expected), "{name}.{column}: {text}");
    }
    let sql = "SELECT count(*) FROM pg_namespace WHERE nspname = 'omnicors'";
    assert_eq!(
        client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0),
        0,
        "nothing is created"
    );
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_renamed_column_does_not_break_the_application_and_loses_the_changes() {
    let database = Database::shared().await;
    let store = database.tenants().await;
    let client = database.client().await;
    let (mut session, position) = session(&store).await;
    run(&client, "ALTER TABLE tenants RENAME origin TO site").await;
    run(
        &client,
        "INSERT INTO tenants VALUES (1, 'https://a.example')",
    )
    .await;
    run(&client, "ALTER TABLE tenants RENAME site TO origin").await;
    assert!(crate::database::is_lost(&mut session, &position).await);
}
