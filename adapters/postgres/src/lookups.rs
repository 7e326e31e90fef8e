use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_postgres::Statement;

use crate::error::{Kind, PostgresError};
use crate::link::Link;
use crate::settings::Settings;

/// The connection is replaced if the caller gives up after this time, because a server that has stopped keeps its connections open.
const STUCK_AFTER: Duration = Duration::from_millis(500);

/// The connection on which origins are looked up. Lookups do not wait for each other: the client sends them one after another and the
/// server answers in their order.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    current: Mutex<Option<Arc<Open>>>,
    connecting: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Open {
    link: Link,
    contains: Statement,
}

impl Lookups {
    /// Returns true if the table contains the origin.
    pub(crate) async fn contains(
        &self,
        settings: &Settings,
        origin: &str,
    ) -> Result<bool, PostgresError> {
        let open = self.open(settings).await?;
        let mut running = Running {
            lookups: self,
            open: &open,
            begin: Some(Instant::now()),
        };
        let row = open.link.client.query_one(&open.contains, &[&origin]).await;
        running.begin = None;
        let row = row?;
        if row.try_get(0)? {
            self.discard(&open);
            return Err(Kind::Standby.into());
        }
        Ok(row.try_get(1)?)
    }

    /// Returns the current connection, or connects. Only one caller connects, and the others wait for it.
    async fn open(&self, settings: &Settings) -> Result<Arc<Open>, PostgresError> {
        if let Some(open) = self.usable() {
            return Ok(open);
        }
        let _only = self.connecting.lock().await;
        if let Some(open) = self.usable() {
            return Ok(open);
        }
        let link = settings.link().await?;
        let contains = link.client.prepare(&settings.statements.contains).await?;
        let open = Arc::new(Open { link, contains });
        *self.current() = Some(Arc::clone(&open));
        Ok(open)
    }

    fn usable(&self) -> Option<Arc<Open>> {
        let current = self.current();
        let open = current.as_ref()?;
        (!open.link.client.is_closed()).then(|| Arc::clone(open))
    }

    /// Makes the next lookup connect again. The running ones keep their connection.
    fn discard(&self, open: &Arc<Open>) {
        let mut current = self.current();
        if current
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, open))
        {
            *current = None;
        }
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<Open>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lookup whose caller may give up.
struct Running<'a> {
    lookups: &'a Lookups,
    open: &'a Arc<Open>,
    /// `None` after the end.
    begin: Option<Instant>,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self
            .begin
            .is_some_and(|begin| begin.elapsed() >= STUCK_AFTER)
        {
            self.lookups.discard(self.open);
        }
    }
}
