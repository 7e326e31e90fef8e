use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Mutex;
use tokio::task;

use super::AnyError;

/// The maximum time to wait for a lock of another process.
const TIMEOUT: Duration = Duration::from_millis(300);

const CREATE: &str = "CREATE TABLE IF NOT EXISTS tenants (origin TEXT NOT NULL PRIMARY KEY)";

/// A single connection. This is enough because the lookup caches results, and each query reads one row by its primary key.
#[derive(Clone)]
pub(crate) struct Sqlite {
    connection: Arc<Mutex<Connection>>,
}

impl Sqlite {
    pub(super) fn in_memory() -> Result<Self, AnyError> {
        Self::prepared(Connection::open_in_memory()?)
    }

    pub(super) fn open(path: &str) -> Result<Self, AnyError> {
        Self::prepared(Connection::open(path)?)
    }

    fn prepared(connection: Connection) -> Result<Self, AnyError> {
        connection.busy_timeout(TIMEOUT)?;
        connection.execute(CREATE, [])?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    pub(crate) async fn has(&self, origin: &str) -> Result<bool, AnyError> {
        let select = "SELECT origin FROM tenants WHERE origin = $1";
        self.run(select, origin).await
    }

    pub(super) async fn add(&self, origin: &str) -> Result<bool, AnyError> {
        let insert =
            "INSERT INTO tenants (origin) VALUES ($1) ON CONFLICT DO NOTHING RETURNING origin";
        self.run(insert, origin).await
    }

    pub(super) async fn remove(&self, origin: &str) -> Result<bool, AnyError> {
        let delete = "DELETE FROM tenants WHERE origin = $1 RETURNING origin";
        self.run(delete, origin).await
    }

    /// Runs a statement. Returns true if it returns a row.
    async fn run(&self, statement: &'static str, origin: &str) -> Result<bool, AnyError> {
        let origin = origin.to_owned();
        // Lock before `spawn_blocking`, so that a waiting task does not occupy a thread and can be cancelled. Otherwise a slow disk
        // could block hundreds of threads.
        let connection = Arc::clone(&self.connection).lock_owned().await;
        let found = task::spawn_blocking(move || {
            let mut statement = connection.prepare_cached(statement)?;
            let mut rows = statement.query([origin])?;
            let mut found = false;
            // Read all rows, because SQLite completes a write only after the last row.
            while rows.next()?.is_some() {
                found = true;
            }
            Ok::<_, rusqlite::Error>(found)
        });
        Ok(found.await??)
    }
}
