use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use redis::aio::MultiplexedConnection;
use redis::{FromRedisValue, Pipeline, RedisError};
use tokio::time::timeout;

use crate::error::Error;
use crate::server::{CONNECT_LIMIT, Server};

/// A connection that is opened, or has been. Everyone who needs it waits for the same attempt.
type Connection = Shared<BoxFuture<'static, Result<MultiplexedConnection, Error>>>;

/// The time after which a server that answers nothing is asked over a new connection. The time limit of a single read is that of its
/// caller, who may give up earlier.
const SILENCE_LIMIT: Duration = Duration::from_secs(2);

/// One connection for many reads at a time, opened when it is needed.
///
/// Not the `ConnectionManager` of `redis`: it retries for seconds by itself, and does not check what it has connected to.
pub(crate) struct SharedConnection {
    server: Server,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    connection: Option<Connection>,
    /// When the first read was sent after the last response. The responses are in the order of the reads.
    waiting_since: Option<Instant>,
}

impl SharedConnection {
    pub(crate) fn new(server: Server) -> Self {
        Self {
            server,
            slot: Mutex::default(),
        }
    }

    /// Sends a read. If a connection of an earlier read has failed, opens a new one and tries again, once.
    pub(crate) async fn read<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, Error> {
        let (connection, is_new) = self.connection();
        let result = self.send(&connection, commands).await;
        if is_new || !result.as_ref().is_err_and(is_of_connection) {
            return result;
        }
        let (connection, _) = self.connection();
        self.send(&connection, commands).await
    }

    /// Forgets the connection. The next read opens a new one, which may lead to another server.
    pub(crate) fn close(&self) {
        *self.slot() = Slot::default();
    }

    async fn send<T: FromRedisValue>(
        &self,
        connection: &Connection,
        commands: &Pipeline,
    ) -> Result<T, Error> {
        let mut open = self.open(connection).await?;
        self.slot().waiting_since.get_or_insert_with(Instant::now);
        let result: Result<T, RedisError> = commands.query_async(&mut open).await;
        let mut slot = self.slot();
        if slot.is(connection) {
            slot.waiting_since = None;
            if result
                .as_ref()
                .is_err_and(RedisError::is_unrecoverable_error)
            {
                slot.connection = None;
            }
        }
        Ok(result?)
    }

    /// Returns the connection for a write. A write is not repeated: it may have been made before the connection was closed.
    pub(crate) async fn for_write(&self) -> Result<MultiplexedConnection, Error> {
        let (connection, _) = self.connection();
        self.open(&connection).await
    }

    /// Waits until the connection is open. The next caller tries again if it cannot be opened.
    async fn open(&self, connection: &Connection) -> Result<MultiplexedConnection, Error> {
        let result = connection.clone().await;
        if result.is_err() {
            let mut slot = self.slot();
            if slot.is(connection) {
                *slot = Slot::default();
            }
        }
        result
    }

    /// Returns the connection, and whether it is a new one.
    fn connection(&self) -> (Connection, bool) {
        let mut slot = self.slot();
        let silence = slot.waiting_since.map(|since| since.elapsed());
        if silence.is_some_and(|silence| silence > SILENCE_LIMIT) {
            *slot = Slot::default();
        }
        if let Some(connection) = &slot.connection {
            return (connection.clone(), false);
        }
        let server = self.server.clone();
        let opening = async move {
            let result = timeout(CONNECT_LIMIT, server.connect()).await;
            result.unwrap_or(Err(Error::Silent))
        };
        let connection = opening.boxed().shared();
        slot.connection = Some(connection.clone());
        (connection, true)
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns true if another connection may not have the error.
fn is_of_connection(error: &Error) -> bool {
    match error {
        Error::Command(error) => error.is_connection_dropped(),
        Error::Connect { .. } | Error::Silent => true,
        _ => false,
    }
}

impl Slot {
    fn is(&self, connection: &Connection) -> bool {
        let current = self.connection.as_ref();
        current.is_some_and(|current| current.ptr_eq(connection))
    }
}
