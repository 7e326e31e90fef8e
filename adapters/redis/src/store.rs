use std::fmt;
use std::sync::Arc;

use omnicors_tokio::{OriginStore, SharedConnection, StoreError};
use redis::aio::MultiplexedConnection;
use redis::{Client, ErrorKind, RedisError, pipe};

use crate::error::Error;
use crate::keys::Keys;
use crate::script::{CHANGE, INIT};
use crate::server::Server;
use crate::session::RedisSession;
use crate::state::check_primary;

const PREFIX: &str = "omnicors";
const KEPT_CHANGES: u64 = 100_000;

/// Origins in Redis or Valkey. Clones are cheap and share a connection for single lookups.
///
/// Call [`init`](Self::init) once for each set of data, and write with [`OriginStoreWriter`](crate::OriginStoreWriter) or with
/// [`SCRIPT`](Self::SCRIPT).
///
/// ```no_run
/// use omnicors_redis::{OriginStoreWriter, RedisStore};
/// use omnicors_redis::omnicors_core::Origin;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let store = RedisStore::from_url("redis://127.0.0.1:6379")?;
/// store.init().await?;
/// store.add(&[Origin::parse(b"https://tenant.example")?]).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore {
    server: Server,
    keys: Arc<Keys>,
    kept_changes: u64,
    shared: Arc<SharedConnection<Server>>,
}

impl RedisStore {
    /// The Lua script that adds or removes origins, for applications in other languages.
    ///
    /// Its keys are the set of origins, the stream of changes, the revision and the history. Its arguments are `add` or `remove`, the
    /// number of changes to keep, and the origins. It returns the number of origins that were added or removed.
    /// A removal is recorded also if the set does not have the origin, so it reaches servers that still have it.
    ///
    /// ```console
    /// $ redis-cli --eval change.lua '{omnicors}:origins' '{omnicors}:changes' '{omnicors}:revision' '{omnicors}:history' , \
    ///       add 100000 https://tenant.example
    /// (integer) 1
    /// ```
    ///
    /// Origins that are written without the script, for example with `SADD`, are not seen by servers that hold a copy of the set.
    ///
    /// ```no_run
    /// use omnicors_redis::RedisStore;
    ///
    /// std::fs::write("change.lua", RedisStore::SCRIPT)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub const SCRIPT: &'static str = CHANGE;

    /// The Lua script that [`init`](Self::init) runs, to be reviewed. Its keys are those of [`SCRIPT`](Self::SCRIPT), which has an example;
    /// its argument is a random text.
    pub const INIT_SCRIPT: &'static str = INIT;

    /// Creates a store from the address of the primary: `redis://user:password@host:6379/0`, or `rediss://` with the feature
    /// `rustls`. Does not connect yet. [`RedisStore`] has an example.
    ///
    /// # Errors
    ///
    /// If the address is not valid, or is `rediss://` without the feature.
    pub fn from_url(url: &str) -> Result<Self, RedisError> {
        Self::new(&Client::open(url)?)
    }

    /// Creates a store from a client of the crate [`redis`]. Its address is that of the primary.
    ///
    /// For TLS with a private authority or a certificate of the client, use `Client::build_with_tls`. Unless the client has other
    /// settings, connections use `TCP_NODELAY`, and end if the server has not acknowledged data for 10 seconds (on Linux; elsewhere the
    /// operating system decides).
    ///
    /// ```
    /// use omnicors_redis::{RedisStore, redis};
    ///
    /// let client = redis::Client::open("redis://127.0.0.1:6379")?;
    /// let store = RedisStore::new(&client)?;
    /// # Ok::<(), redis::RedisError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the address of the client is not valid.
    pub fn new(client: &Client) -> Result<Self, RedisError> {
        let server = Server::new(client)?;
        Ok(Self {
            shared: Arc::new(SharedConnection::new(server.clone())),
            server,
            keys: Arc::new(Keys::with_prefix(PREFIX)),
            kept_changes: KEPT_CHANGES,
        })
    }

    /// Sets the prefix of the keys, by default `omnicors`: `{omnicors}:origins`. The braces are added, so that all keys are in one slot
    /// of a cluster. Stores with different prefixes are independent.
    ///
    /// ```
    /// use omnicors_redis::RedisStore;
    ///
    /// let store = RedisStore::from_url("redis://127.0.0.1:6379")?.with_prefix("staging")?;
    /// assert_eq!(store.keys()[0], "{staging}:origins");
    /// # Ok::<(), omnicors_redis::redis::RedisError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the prefix is empty or begins with `}`. Redis ignores braces with nothing between them, so the keys would be in different slots.
    pub fn with_prefix(mut self, prefix: &str) -> Result<Self, RedisError> {
        if prefix.is_empty() || prefix.starts_with('}') {
            let text = "the prefix of the keys must not be empty or begin with `}`";
            return Err((ErrorKind::InvalidClientConfig, text).into());
        }
        self.keys = Arc::new(Keys::with_prefix(prefix));
        Ok(self)
    }

    /// Sets how many changes the server keeps at least, by default 100,000. A server that was disconnected for more changes reads the
    /// whole set again. A change takes less than 100 bytes of the memory of Redis.
    ///
    /// ```
    /// use omnicors_redis::RedisStore;
    ///
    /// let store = RedisStore::from_url("redis://127.0.0.1:6379")?.with_kept_changes(1_000_000);
    /// # Ok::<(), omnicors_redis::redis::RedisError>(())
    /// ```
    #[must_use]
    pub fn with_kept_changes(mut self, changes: u64) -> Self {
        self.kept_changes = changes;
        self
    }

    /// Returns the names of the keys in the order of [`SCRIPT`](Self::SCRIPT): origins, changes, revision, history.
    /// [`with_prefix`](Self::with_prefix) has an example.
    pub fn keys(&self) -> [&str; 4] {
        self.keys.all()
    }

    pub(crate) fn names(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn kept_changes(&self) -> u64 {
        self.kept_changes
    }

    pub(crate) fn shared(&self) -> &SharedConnection<Server> {
        &self.shared
    }
}

impl OriginStore for RedisStore {
    type Session = RedisSession;

    /// Returns the address, the number of the database and the key of the origins.
    fn name(&self) -> String {
        let (address, database) = (self.server.address(), self.server.database());
        let key = &self.keys.origins;
        format!("Redis at {address}, database {database}, key {key}")
    }

    /// Opens two connections: one for reads, and one that waits for changes.
    async fn connect(&self) -> Result<RedisSession, StoreError> {
        let connection = self.server.connect().await?;
        let hints = self.server.connect().await?;
        let mut session = RedisSession::new(connection, hints, Arc::clone(&self.keys));
        // Fails if the store is not initialized.
        session.state().await?;
        // Lookups must not stay on a server that this session does not read from any more.
        self.shared.close();
        Ok(session)
    }

    /// Asks whether the set has the origin, in one transaction with two checks: the server is the primary, and the store is initialized.
    /// So a server that has lost its data causes an error, and does not say that an origin is not allowed.
    async fn contains(&self, origin: &str) -> Result<bool, StoreError> {
        let mut commands = pipe();
        commands.atomic();
        commands.cmd("INFO").arg("replication");
        commands.cmd("GET").arg(&self.keys.history);
        commands
            .cmd("SISMEMBER")
            .arg(&self.keys.origins)
            .arg(origin);
        let commands = &commands;
        let contains = |mut connection: MultiplexedConnection| async move {
            let (info, history, contains): (String, Option<String>, bool) =
                commands.query_async(&mut connection).await?;
            // Another server may have become the primary, and have the address now.
            check_primary(&info)?;
            match history {
                Some(_) => Ok(contains),
                None => Err(Error::NotInitialized {
                    key: self.keys.history.clone(),
                }),
            }
        };
        self.shared.read(contains).await
    }
}

/// Shows the address and the keys, without the password.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("address", &self.server.address())
            .field("keys", &self.keys)
            .field("kept_changes", &self.kept_changes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags>
    #[test]
    fn a_prefix_without_a_hash_tag_is_refused() {
        let store = || RedisStore::from_url("redis://127.0.0.1:1").unwrap();
        for prefix in ["", "}", "}a"] {
            let error = store().with_prefix(prefix).unwrap_err();
            assert!(error.to_string().contains("must not be empty"), "{error}");
        }
        for prefix in ["a", "{", "a}"] {
            assert!(store().with_prefix(prefix).is_ok(), "{prefix}");
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let store = RedisStore::from_url("redis://user:secret@127.0.0.1:6379/2").unwrap();
        let name = "Redis at 127.0.0.1:6379, database 2, key {omnicors}:origins";
        assert_eq!(store.name(), name);
        let shown = format!("{store:?}");
        assert!(shown.contains("127.0.0.1:6379"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
