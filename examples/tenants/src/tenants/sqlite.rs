use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::Mutex;
use tokio::task;

use super::{AnyError, CREATE, TIMEOUT};

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
        // The maximum time to wait for a lock of another process.
        connection.busy_timeout(TIMEOUT)?;
        connection.execute(CREATE, [])?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    pub(super) async fn run(
        &self,
        statement: &'static str,
        origin: &str,
    ) -> Result<bool, AnyError> {
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
