use std::hash::{BuildHasher as _, RandomState};

use omnicors_core::Origin;
use omnicors_tokio::{OriginStoreWriter, StoreError};
use redis::Script;
use redis::aio::MultiplexedConnection;

use crate::error::Error;
use crate::script::{CHANGE, INIT};
use crate::state::{Responses, State};
use crate::store::RedisStore;

impl RedisStore {
    /// Prepares the server, unless it is prepared. Returns true if it was not. Origins that are already in the set stay. If the connection ends
    /// before the response, the call is repeated, and the result can be false although it has prepared the server.
    ///
    /// Call it when the store is created, not at each start of an application: after a loss of data, it would make an empty set look like a
    /// store in which no origin is allowed. [`RedisStore`] has an example.
    ///
    /// After you have restored keys with `RESTORE` or changed the set without the script, delete the key of the history and call this
    /// again. Then every server reads the whole set.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is not the primary, may evict the origins, or does not permit it.
    pub async fn init(&self) -> Result<bool, StoreError> {
        let history = &random_text();
        // It may be repeated, because it changes nothing the second time.
        let init = |mut connection: MultiplexedConnection| async move {
            let script = Script::new(INIT);
            let mut call = script.key(&self.keys()[..]);
            Ok(call.arg(history).invoke_async(&mut connection).await?)
        };
        self.shared().read(init).await
    }

    async fn change(&self, operation: &str, origins: &[Origin<'_>]) -> Result<usize, StoreError> {
        // Checks the role and opens a new connection if the last one was closed. Redis refuses writes to a replica itself, unless it is
        // configured to accept them.
        let commands = &State::commands(self.names());
        let state = |mut connection: MultiplexedConnection| async move {
            let responses: Responses = commands.query_async(&mut connection).await?;
            State::read(self.names(), responses)
        };
        self.shared().read(state).await?;

        let mut connection = self.shared().get().await?;
        let script = Script::new(CHANGE);
        let mut call = script.key(&self.keys()[..]);
        call.arg(operation).arg(self.kept_changes());
        for origin in origins {
            call.arg(origin.as_str());
        }
        call.invoke_async(&mut connection)
            .await
            .map_err(|error| Error::Command(error).into())
    }
}

impl OriginStoreWriter for RedisStore {
    /// Adds origins in one script. The server does nothing else meanwhile: 10,000 origins take it about 0.1 s.
    async fn add(&self, origins: &[Origin<'_>]) -> Result<usize, StoreError> {
        self.change("add", origins).await
    }

    /// Removes origins in one script, as [`add`](Self::add) does. The removal reaches all servers also if the set does not have the origin,
    /// for example after somebody has removed it with `SREM`.
    ///
    /// Redis confirms a change before it is on a disk or on a replica, unless `appendfsync always` is set. If it then fails, the change
    /// may be lost.
    async fn remove(&self, origins: &[Origin<'_>]) -> Result<usize, StoreError> {
        self.change("remove", origins).await
    }
}

/// Returns 128 bits that differ in each call. They come from the operating system, by way of the keys of hash maps.
fn random_text() -> String {
    let half = || RandomState::new().hash_one(());
    format!("{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_texts_differ() {
        let text = random_text();
        assert_eq!(text.len(), 32);
        assert_ne!(text, random_text());
        assert_ne!(text[..16], text[16..]);
    }
}
