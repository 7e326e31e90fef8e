use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use omnicors_tokio::{Changes, OriginChange, Position, StoreError, StoreSession};
use tokio_postgres::{IsolationLevel, Row, Statement};

use crate::cursor::{Cursor, Newest};
use crate::error::{Kind, PostgresError};
use crate::link::Link;
use crate::settings::Settings;
use crate::state::State;
use crate::statements::MOST_CHANGES;

/// The channel of the notifications in `migration.sql`. Plans for each execution, because a plan for every snapshot would read the
/// whole table of changes.
const PREPARE: &str = "SET plan_cache_mode = force_custom_plan; SET statement_timeout = '10s'; LISTEN omnicors_change";

/// A connection from which the changes of a [`PostgresStore`](crate::PostgresStore) are read.
///
/// ```no_run
/// use omnicors_postgres::{PostgresSession, PostgresStore};
/// use omnicors_tokio::{Changes, OriginStore, StoreError, StoreSession};
///
/// async fn follow(store: &PostgresStore) -> Result<(), StoreError> {
///     let mut session: PostgresSession = store.connect().await?;
///     let mut position = session.read_all(&mut |origin| println!("{origin}")).await?;
///     loop {
///         session.wait_for_hint().await?;
///         match session.changes_after(&position).await? {
///             Changes::Read(changes, next) => {
///                 println!("{changes:?}");
///                 position = next;
///             }
///             // Read the whole store again.
///             Changes::Lost => return Ok(()),
///         }
///     }
/// }
/// ```
pub struct PostgresSession {
    link: Link,
    settings: Arc<Settings>,
    state: Statement,
    changes: Statement,
}

impl PostgresSession {
    pub(crate) async fn open(settings: Arc<Settings>) -> Result<Self, PostgresError> {
        let link = settings.link().await?;
        link.client.batch_execute(PREPARE).await?;
        let statements = &settings.statements;
        let state = link.client.prepare(&statements.state).await?;
        let changes = link.client.prepare(&statements.changes).await?;
        let mut session = Self {
            link,
            settings,
            state,
            changes,
        };
        // Fails now if changes are not recorded.
        session.state().await?;
        Ok(session)
    }

    async fn state(&mut self) -> Result<State, PostgresError> {
        let row = self.link.client.query_opt(&self.state, &[]).await?;
        self.read_state(row.as_ref())
    }

    fn read_state(&self, row: Option<&Row>) -> Result<State, PostgresError> {
        let row = row.ok_or(Kind::NotInitialized)?;
        State::read(row, &self.link.identity, &self.settings.table)
    }

    async fn all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Position, PostgresError> {
        let snapshot = self.link.client.build_transaction();
        let snapshot = snapshot.isolation_level(IsolationLevel::RepeatableRead);
        let snapshot = snapshot.read_only(true).start().await?;
        let row = snapshot.query_opt(&self.state, &[]).await?;
        let row = row.as_ref().ok_or(Kind::NotInitialized)?;
        let state = State::read(row, &self.link.identity, &self.settings.table)?;

        snapshot
            .batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '30s'")
            .await?;
        // The client reads from the connection only when it has passed on the rows before.
        let parameters: [&str; 0] = [];
        let statement = &self.settings.statements.all;
        let rows = snapshot.query_raw(statement, parameters).await?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.try_next().await? {
            each(row.try_get(0)?);
        }
        snapshot.commit().await?;
        Ok(state.position())
    }

    async fn changes(&mut self, position: &Position) -> Result<Changes, PostgresError> {
        let Ok(cursor) = position.cursor().parse::<Cursor>() else {
            return Ok(Changes::Lost);
        };
        let newest = cursor.newest();
        let xid = newest.map(|newest| newest.xid.to_string());
        let revision = newest.map(|Newest { revision, .. }| revision);
        let at = newest.map(|Newest { at, .. }| at);
        let snapshot = cursor.snapshot();
        let rows = self
            .link
            .client
            .query(&self.changes, &[&snapshot, &xid, &revision, &at])
            .await?;

        let row = rows.first();
        let state = self.read_state(row)?;
        let is_known = row.map(|row| row.try_get("is_known")).transpose()?;
        if !state.has_all_after(position, &cursor) || is_known != Some(true) {
            return Ok(Changes::Lost);
        }
        let later: Option<i64> = row.map(|row| row.try_get("later")).transpose()?;
        if later.is_none_or(|later| usize::try_from(later).is_ok_and(|later| later > MOST_CHANGES))
        {
            return Ok(Changes::Lost);
        }
        let touched = rows.get(1..).unwrap_or_default();
        let mut changes = Vec::with_capacity(touched.len());
        for row in touched {
            let origin: Option<&str> = row.try_get("origin")?;
            match origin {
                Some(origin) => {
                    changes.push(OriginChange::new(origin, row.try_get("is_in_store")?));
                }
                // Every origin may have changed.
                None => return Ok(Changes::Lost),
            }
        }
        Ok(Changes::Read(changes, state.position()))
    }
}

impl StoreSession for PostgresSession {
    async fn present(&mut self) -> Result<Position, StoreError> {
        Ok(self.state().await?.position())
    }

    async fn read_all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Position, StoreError> {
        Ok(self.all(each).await?)
    }

    async fn changes_after(&mut self, position: &Position) -> Result<Changes, StoreError> {
        Ok(self.changes(position).await?)
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        Ok(self.link.hint().await?)
    }
}

impl fmt::Debug for PostgresSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresSession")
            .field("server", &self.link.identity)
            .field("table", &self.settings.table)
            .finish_non_exhaustive()
    }
}
