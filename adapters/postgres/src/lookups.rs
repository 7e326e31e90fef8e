use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::timeout;
use tokio_postgres::Statement;
use tokio_postgres::error::SqlState;

use crate::error::{Kind, PostgresError};
use crate::link::Link;
use crate::settings::Settings;

/// A connection that is opened, or has been. Everyone who needs it waits for the same attempt.
type Connection = Shared<BoxFuture<'static, Result<Arc<Open>, PostgresError>>>;

/// The maximum time to connect. A lookup may be given up earlier, but the attempt continues for the next one.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The time after which a server that answers nothing is asked over a new connection, because a server that has stopped keeps its
/// connections open. The time limit of a single lookup is that of its caller, who usually gives up earlier.
const SILENCE_LIMIT: Duration = Duration::from_secs(2);

/// The connection on which origins are looked up. Lookups do not wait for each other: the client sends them one after another and the
/// server answers in their order.
#[derive(Default)]
pub(crate) struct Lookups {
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    connection: Option<Connection>,
    /// When the first lookup was sent after the last response.
    waiting_since: Option<Instant>,
}

struct Open {
    link: Link,
    contains: Statement,
}

impl Lookups {
    /// Returns true if the table contains the origin.
    pub(crate) async fn contains(
        &self,
        settings: &Arc<Settings>,
        origin: &str,
    ) -> Result<bool, PostgresError> {
        let connection = self.connection(settings);
        let open = match connection.clone().await {
            Ok(open) => open,
            Err(error) => {
                self.close_if(&connection);
                return Err(error);
            }
        };
        self.slot().waiting_since.get_or_insert_with(Instant::now);
        let row = open.link.client.query_one(&open.contains, &[&origin]).await;
        let mut slot = self.slot();
        if slot.is(&connection) {
            slot.waiting_since = None;
        }
        drop(slot);
        let row = row.inspect_err(|error| {
            // The connection ends, although the client may not have noticed it yet.
            let is_ending = |code: &SqlState| code.code().starts_with("57P");
            if error.code().is_none_or(is_ending) {
                self.close_if(&connection);
            }
        })?;
        if row.try_get(0)? {
            self.close_if(&connection);
            return Err(Kind::Standby.into());
        }
        Ok(row.try_get(1)?)
    }

    /// Forgets the connection. The next lookup opens a new one, which may lead to another server.
    pub(crate) fn close(&self) {
        *self.slot() = Slot::default();
    }

    fn close_if(&self, connection: &Connection) {
        let mut slot = self.slot();
        if slot.is(connection) {
            *slot = Slot::default();
        }
    }

    /// Returns the current connection, or opens one.
    fn connection(&self, settings: &Arc<Settings>) -> Connection {
        let mut slot = self.slot();
        let silence = slot.waiting_since.map(|since| since.elapsed());
        if slot.is_closed() || silence.is_some_and(|silence| silence > SILENCE_LIMIT) {
            *slot = Slot::default();
        }
        if let Some(connection) = &slot.connection {
            return connection.clone();
        }
        // In a task, so that it continues when those who wait for it give up.
        let opening = tokio::spawn(open(Arc::clone(settings)));
        let opening = opening.map(|result| {
            result.unwrap_or_else(|error| Err(PostgresError::with_source(Kind::Client, error)))
        });
        let connection = opening.boxed().shared();
        slot.connection = Some(connection.clone());
        connection
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn open(settings: Arc<Settings>) -> Result<Arc<Open>, PostgresError> {
    let open = async {
        let link = settings.link().await?;
        let contains = link.client.prepare(&settings.statements.contains).await?;
        Ok(Arc::new(Open { link, contains }))
    };
    let opened = timeout(CONNECT_LIMIT, open).await;
    opened.unwrap_or_else(|silent| Err(PostgresError::with_source(Kind::Client, silent)))
}

impl Slot {
    fn is(&self, connection: &Connection) -> bool {
        let current = self.connection.as_ref();
        current.is_some_and(|current| current.ptr_eq(connection))
    }

    fn is_closed(&self) -> bool {
        let opened = self.connection.as_ref().and_then(Shared::peek);
        opened.is_some_and(|opened| {
            opened
                .as_ref()
                .map_or(true, |open| open.link.client.is_closed())
        })
    }
}
