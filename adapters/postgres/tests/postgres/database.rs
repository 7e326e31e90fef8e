//! A database of its own for each test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use omnicors_postgres::tokio_postgres::{Client, NoTls, connect};
use omnicors_postgres::{OriginTable, PostgresSession, PostgresStore};
use omnicors_store_servers::{Postgres, PostgresOptions};
use omnicors_tokio::{Changes, OriginStore, Position, StoreSession};

/// A database of an instance.
pub(crate) struct Database {
    pub(crate) postgres: Arc<Postgres>,
    name: String,
}

impl Database {
    /// Creates a database in the instance that the tests share.
    pub(crate) async fn shared() -> Self {
        Self::in_instance(Postgres::shared()).await
    }

    /// Creates a database in an instance for one test, which may kill it, or in which transactions of other tests would count.
    pub(crate) async fn own_instance() -> Self {
        Self::in_instance(Arc::new(Postgres::start())).await
    }

    /// Creates a database in an instance for one test, with a setting.
    pub(crate) async fn own_instance_with(setting: &str, value: &str) -> Self {
        let options = PostgresOptions::new().setting(setting, value);
        Self::in_instance(Arc::new(Postgres::start_with(options))).await
    }

    async fn in_instance(postgres: Arc<Postgres>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("db{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = client(&postgres.url("postgres", "postgres")).await;
        run(&admin, &format!("CREATE DATABASE {name}")).await;
        Self { postgres, name }
    }

    /// Returns the name of the database.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the URL for a role.
    pub(crate) fn url(&self, role: &str) -> String {
        self.postgres.url(role, &self.name)
    }

    /// Connects as the superuser.
    pub(crate) async fn client(&self) -> Client {
        client(&self.url("postgres")).await
    }

    /// Returns a store with its own table, which is not prepared.
    pub(crate) fn store(&self) -> PostgresStore {
        PostgresStore::from_url(&self.url("postgres")).unwrap()
    }

    /// Returns a prepared store with its own table.
    pub(crate) async fn prepared(&self) -> PostgresStore {
        let store = self.store();
        store.init().await.unwrap();
        store
    }

    /// Creates the table `tenants`, and returns a prepared store with its active origins.
    pub(crate) async fn tenants(&self) -> PostgresStore {
        let client = self.client().await;
        let columns = "id int PRIMARY KEY, origin text, active boolean NOT NULL DEFAULT true";
        run(&client, &format!("CREATE TABLE tenants ({columns})")).await;
        let table = OriginTable::new("tenants", "origin").only_where("active");
        let store = self.store().with_table(table);
        store.init().await.unwrap();
        store
    }
}

/// Connects. The task that drives the connection ends with the client.
pub(crate) async fn client(url: &str) -> Client {
    let (client, connection) = connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub(crate) async fn run(client: &Client, sql: &str) {
    let result = client.batch_execute(sql).await;
    result.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// Adds an origin to the store's own table.
pub(crate) async fn add(client: &Client, origin: &str) {
    let sql = "INSERT INTO omnicors.origin VALUES ($1)";
    client.execute(sql, &[&origin]).await.unwrap();
}

/// Opens a session, and returns it with the position after all changes until now.
pub(crate) async fn session(store: &PostgresStore) -> (PostgresSession, Position) {
    let mut session = store.connect().await.unwrap();
    let position = session.present().await.unwrap();
    (session, position)
}

/// Returns each changed origin with `+` or `-`, and moves the position. Fails if the changes are lost.
pub(crate) async fn changes(session: &mut PostgresSession, position: &mut Position) -> Vec<String> {
    match session.changes_after(position).await.unwrap() {
        Changes::Read(changes, next) => {
            *position = next;
            let signs = changes.iter().map(|change| {
                let sign = if change.is_in_store() { '+' } else { '-' };
                format!("{sign}{}", change.origin())
            });
            signs.collect()
        }
        Changes::Lost => panic!("the changes are lost"),
    }
}

pub(crate) async fn is_lost(session: &mut PostgresSession, position: &Position) -> bool {
    session.changes_after(position).await.unwrap() == Changes::Lost
}

/// Returns all origins in order, and the position.
pub(crate) async fn all(session: &mut PostgresSession) -> (Vec<String>, Position) {
    let mut origins = Vec::new();
    let mut each = |origin: &str| origins.push(origin.to_owned());
    let position = session.read_all(&mut each).await.unwrap();
    origins.sort();
    (origins, position)
}

/// Returns the text of an error.
pub(crate) fn message<T>(
    result: Result<T, impl Into<Box<dyn std::error::Error + Send + Sync>>>,
) -> String {
    match result {
        Ok(_) => panic!("there is no error"),
        Err(error) => error.into().to_string(),
    }
}
