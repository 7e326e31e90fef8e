use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::Mutex;
use tokio::task;

use super::{AnyError, CREATE, LIMIT};

/// One connection: the answers are cached, and what is left to ask is a read by its primary key.
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
        // How long it waits for a lock that another process holds.
        connection.busy_timeout(LIMIT)?;
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
        // The lock before the thread: to wait for it blocks none, and whoever gave up waits no more. A thread that waits
        // cannot be stopped, and a slow disk would gather hundreds.
        let connection = Arc::clone(&self.connection).lock_owned().await;
        let found = task::spawn_blocking(move || {
            let mut statement = connection.prepare_cached(statement)?;
            let mut rows = statement.query([origin])?;
            let mut found = false;
            // To the end: what is written is written when there is no more row.
            while rows.next()?.is_some() {
                found = true;
            }
            Ok::<_, rusqlite::Error>(found)
        });
        Ok(found.await??)
    }
}
