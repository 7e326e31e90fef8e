use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use omnicors_tokio::{Changes, Position, StoreError, StoreSession};
use redis::aio::MultiplexedConnection;
use redis::{RedisError, cmd};

use crate::changes::{self, Entry, id_of};
use crate::error::Error;
use crate::keys::Keys;
use crate::server::check_eviction_now;
use crate::state::{Responses, State};

/// How many changes are read at once.
const CHANGES_PER_PAGE: usize = 10_000;
/// About how many origins are read at once. A page of the longest origins has 512 KB.
const ORIGINS_PER_PAGE: usize = 1_000;

/// Two connections to the primary: one for reads, and one that waits for changes. [`RedisStore`](crate::RedisStore) has an example.
pub struct RedisSession {
    connection: MultiplexedConnection,
    /// A command that waits would delay the reads on the same connection.
    hints: MultiplexedConnection,
    /// The command that waits for the next change. It stays here if the future of `wait_for_hint` is dropped: its response belongs to the
    /// next call.
    waiting: Option<BoxFuture<'static, Result<(), RedisError>>>,
    /// The last revision that the caller knows.
    known: u64,
    keys: Arc<Keys>,
}

impl RedisSession {
    pub(crate) fn new(
        connection: MultiplexedConnection,
        hints: MultiplexedConnection,
        keys: Arc<Keys>,
    ) -> Self {
        Self {
            connection,
            hints,
            waiting: None,
            known: 0,
            keys,
        }
    }

    pub(crate) async fn state(&mut self) -> Result<State, Error> {
        let commands = State::commands(&self.keys);
        let responses: Responses = commands.query_async(&mut self.connection).await?;
        State::read(&self.keys, responses)
    }

    /// Reads the state, and the entries of the stream from this revision on, at one moment.
    async fn page(&mut self, first: u64) -> Result<(State, Vec<Entry>), Error> {
        let mut commands = State::commands(&self.keys);
        commands.cmd("XRANGE").arg(&self.keys.changes);
        commands.arg(id_of(first)).arg("+");
        commands.arg("COUNT").arg(CHANGES_PER_PAGE);
        let (info, history, revision, entries) = commands.query_async(&mut self.connection).await?;
        let state = State::read(&self.keys, (info, history, revision))?;
        Ok((state, entries))
    }
}

impl StoreSession for RedisSession {
    async fn present(&mut self) -> Result<Position, StoreError> {
        let State { history, revision } = self.state().await?;
        self.known = revision;
        Ok(Position::new(history, revision))
    }

    /// Reads the position first, and then the set in pages.
    ///
    /// `SSCAN` returns each member that is in the set from its beginning to its end. A member that is added or removed meanwhile may be
    /// returned or not, but its change has a revision after the position.
    ///
    /// <https://redis.io/docs/latest/commands/scan/#scan-guarantees>
    async fn read_all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Position, StoreError> {
        check_eviction_now(&mut self.connection).await?;
        let State { history, revision } = self.state().await?;
        let mut cursor = String::from("0");
        loop {
            let mut command = cmd("SSCAN");
            command.arg(&self.keys.origins).arg(&cursor);
            command.arg("COUNT").arg(ORIGINS_PER_PAGE);
            let (next, members): (String, Vec<Vec<u8>>) = command
                .query_async(&mut self.connection)
                .await
                .map_err(Error::Command)?;
            for member in &members {
                each(&changes::text(member));
            }
            cursor = next;
            if cursor == "0" {
                break;
            }
        }
        // The pages are of one history: a server cannot return to an old one.
        if self.state().await?.history != history {
            return Err(Error::Interrupted.into());
        }
        self.known = revision;
        Ok(Position::new(history, revision))
    }

    async fn changes_after(&mut self, position: &Position) -> Result<Changes, StoreError> {
        let mut found = Vec::new();
        let mut last = position.revision();
        // The revision at the time of the first page. Later changes may come faster than they can be read.
        let mut until = None;
        loop {
            let Some(first) = last.checked_add(1) else {
                return Ok(Changes::Lost);
            };
            let (state, entries) = self.page(first).await?;
            if state.history != position.history() || state.revision < last {
                return Ok(Changes::Lost);
            }
            for entry in &entries {
                // An entry after the revision was not written by the script.
                if last == state.revision {
                    break;
                }
                let revision = last.saturating_add(1);
                let Some(change) = changes::read(entry, revision) else {
                    return Ok(Changes::Lost);
                };
                found.push(change);
                last = revision;
            }
            if last >= *until.get_or_insert(state.revision) {
                self.known = last;
                let position = Position::new(state.history, last);
                return Ok(Changes::Read(found, position));
            }
            if entries.len() < CHANGES_PER_PAGE {
                // The stream ends before the revision.
                return Ok(Changes::Lost);
            }
        }
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        let waiting = self.waiting.get_or_insert_with(|| {
            let mut command = cmd("XREAD");
            command.arg("COUNT").arg(1);
            // 0: without a time limit.
            command.arg("BLOCK").arg(0);
            // Not `$`: a change between the last read and this command would not end it.
            command.arg("STREAMS").arg(&self.keys.changes);
            command.arg(id_of(self.known));
            let mut connection = self.hints.clone();
            async move { command.exec_async(&mut connection).await }.boxed()
        });
        let result = waiting.await;
        self.waiting = None;
        result.map_err(|error| Error::Command(error).into())
    }
}

impl fmt::Debug for RedisSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSession")
            .field("known", &self.known)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
