use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::store_error::StoreError;

/// The maximum time to connect. A caller may give up earlier, but the attempt continues for the next one.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The time after which a server that answers nothing is asked over a new connection, because a server that has stopped keeps its
/// connections open.
const SILENCE_LIMIT: Duration = Duration::from_secs(2);

/// Opens the connections of a [`SharedConnection`], which has an example.
pub trait StoreConnector: Send + Sync + 'static {
    /// A connection on which reads do not wait for each other. Clones share it.
    type Connection: Clone + Send + Sync + 'static;
    /// The reason why a connection cannot be opened, or a read fails.
    type Error: Error + Send + Sync + 'static;

    /// Opens a connection. The time is limited to 5 s. [`SharedConnection`] has an example.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, or is not the primary.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, Self::Error>> + Send;

    /// Returns true if another connection may not have this error of a read: this one has ended, or leads to a server that is no longer the
    /// primary. [`SharedConnection`] has an example.
    fn ends_connection(&self, error: &Self::Error) -> bool;
}

/// One connection for many reads at a time, for authors of an [`OriginStore`](crate::OriginStore): its
/// [`contains`](crate::OriginStore::contains) is called by many requests at once.
///
/// * The connection is opened when it is needed. All callers wait for the same attempt, which continues if they give up.
/// * If a read fails because its connection has ended, it is repeated once, over a new connection.
/// * A connection that answers nothing for more than 2 s is replaced. The time of a single read is limited by its caller.
///
/// The reads of a connection must be answered in their order. It must be used within a tokio runtime.
///
/// ```
/// use omnicors_tokio::{SharedConnection, StoreConnector, StoreError};
/// use std::io;
///
/// /// The client of a database.
/// #[derive(Clone)]
/// struct Client;
///
/// impl Client {
///     async fn connect(address: &str) -> io::Result<Self> {
///         Ok(Self)
///     }
///
///     async fn has(&self, origin: &str) -> io::Result<bool> {
///         Ok(origin == "https://tenant.example")
///     }
/// }
///
/// struct Connector {
///     address: String,
/// }
///
/// impl StoreConnector for Connector {
///     type Connection = Client;
///     type Error = io::Error;
///
///     async fn connect(&self) -> io::Result<Client> {
///         Client::connect(&self.address).await
///     }
///
///     fn ends_connection(&self, error: &io::Error) -> bool {
///         error.kind() == io::ErrorKind::ConnectionReset
///     }
/// }
///
/// async fn contains(connection: &SharedConnection<Connector>, origin: &str) -> Result<bool, StoreError> {
///     connection.read(|client| async move { client.has(origin).await }).await
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// #     let connection = SharedConnection::new(Connector { address: String::new() });
/// #     assert!(contains(&connection, "https://tenant.example").await.unwrap());
/// # }
/// ```
pub struct SharedConnection<C: StoreConnector> {
    connector: Arc<C>,
    slot: Mutex<Slot<C::Connection>>,
}

struct Slot<T> {
    attempt: Option<Attempt<T>>,
    /// When the first read was sent after the last response.
    waiting_since: Option<Instant>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            attempt: None,
            waiting_since: None,
        }
    }
}

/// A connection that is opened, or has been. It is `None` until then.
type Attempt<T> = watch::Receiver<Option<Result<T, StoreError>>>;

impl<C: StoreConnector> SharedConnection<C> {
    /// Creates a connection that is opened by the first read. [`SharedConnection`] has an example.
    pub fn new(connector: C) -> Self {
        Self {
            connector: Arc::new(connector),
            slot: Mutex::default(),
        }
    }

    /// Calls `read` with the connection. Calls it again, once, with a new connection if the one of an earlier read has ended.
    /// [`SharedConnection`] has an example.
    ///
    /// # Errors
    ///
    /// If no connection can be opened, or the error of `read`.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, or if the runtime has no timer.
    pub async fn read<F, V, T>(&self, read: F) -> Result<T, StoreError>
    where
        F: Fn(C::Connection) -> V + Send + Sync,
        V: Future<Output = Result<T, C::Error>> + Send,
        T: Send,
    {
        let (attempt, is_new) = self.attempt();
        match self.call(&attempt, &read).await? {
            Ok(value) => Ok(value),
            Err(error) if is_new || !self.connector.ends_connection(&error) => {
                Err(StoreError::new(error))
            }
            Err(_) => {
                let (attempt, _) = self.attempt();
                self.call(&attempt, &read).await?.map_err(StoreError::new)
            }
        }
    }

    /// Returns the connection, for a write. A write is not repeated, because the server may have made it before the connection ended.
    ///
    /// ```
    /// use omnicors_tokio::{SharedConnection, StoreConnector, StoreError};
    ///
    /// async fn write<C: StoreConnector>(shared: &SharedConnection<C>) -> Result<(), StoreError> {
    ///     let connection = shared.get().await?;
    ///     // Send the write.
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If no connection can be opened.
    ///
    /// # Panics
    ///
    /// As [`read`](Self::read).
    pub async fn get(&self) -> Result<C::Connection, StoreError> {
        let (attempt, _) = self.attempt();
        self.opened(attempt).await
    }

    /// Forgets the connection. The next read opens a new one, which may lead to another server.
    ///
    /// Call it when a session has connected ([`OriginStore::connect`](crate::OriginStore::connect)): lookups must not stay on a server from
    /// which changes are not read any more.
    ///
    /// ```
    /// use omnicors_tokio::{SharedConnection, StoreConnector};
    ///
    /// fn has_connected<C: StoreConnector>(lookups: &SharedConnection<C>) {
    ///     lookups.close();
    /// }
    /// ```
    pub fn close(&self) {
        *self.slot() = Slot::default();
    }

    async fn call<F, V, T>(
        &self,
        attempt: &Attempt<C::Connection>,
        read: &F,
    ) -> Result<Result<T, C::Error>, StoreError>
    where
        F: Fn(C::Connection) -> V + Send + Sync,
        V: Future<Output = Result<T, C::Error>> + Send,
        T: Send,
    {
        let connection = self.opened(attempt.clone()).await?;
        self.slot().wait_for(attempt);
        let result = read(connection).await;
        let must_close = result
            .as_ref()
            .is_err_and(|error| self.connector.ends_connection(error));
        let mut slot = self.slot();
        if slot.is(attempt) {
            slot.waiting_since = None;
            if must_close {
                slot.attempt = None;
            }
        }
        Ok(result)
    }

    /// Waits until the connection is open. The next caller tries again if it cannot be opened.
    async fn opened(
        &self,
        mut attempt: Attempt<C::Connection>,
    ) -> Result<C::Connection, StoreError> {
        let error = match attempt.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(Ok(connection))) => return Ok(connection.clone()),
            Ok(Some(Err(error))) => error.clone(),
            // The connector has panicked, or the runtime ends.
            Ok(None) | Err(_) => StoreError::new("the attempt to connect was ended"),
        };
        let mut slot = self.slot();
        if slot.is(&attempt) {
            *slot = Slot::default();
        }
        Err(error)
    }

    /// Returns the connection, and whether it is a new one.
    fn attempt(&self) -> (Attempt<C::Connection>, bool) {
        let mut slot = self.slot();
        let silence = slot.waiting_since.map(|since| since.elapsed());
        if silence.is_some_and(|silence| silence > SILENCE_LIMIT) {
            *slot = Slot::default();
        }
        // The error of an attempt is for those who waited for it.
        if let Some(attempt) = &slot.attempt
            && !has_failed(attempt)
        {
            return (attempt.clone(), false);
        }
        let (sender, attempt) = watch::channel(None);
        let connector = Arc::clone(&self.connector);
        // In a task, so that it continues when those who wait for it give up.
        tokio::spawn(async move {
            let result = match timeout(CONNECT_LIMIT, connector.connect()).await {
                Ok(result) => result.map_err(StoreError::new),
                Err(_) => Err(StoreError::timeout(CONNECT_LIMIT)),
            };
            sender.send_replace(Some(result));
        });
        slot.attempt = Some(attempt.clone());
        (attempt, true)
    }

    fn slot(&self) -> MutexGuard<'_, Slot<C::Connection>> {
        // No code panics under this lock while the slot is inconsistent.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Slot<T> {
    /// Notes that a read is sent. An earlier connection says nothing about the present one.
    fn wait_for(&mut self, attempt: &Attempt<T>) {
        if self.is(attempt) {
            self.waiting_since.get_or_insert_with(Instant::now);
        }
    }

    fn is(&self, attempt: &Attempt<T>) -> bool {
        let current = self.attempt.as_ref();
        current.is_some_and(|current| current.same_channel(attempt))
    }
}

fn has_failed<T>(attempt: &Attempt<T>) -> bool {
    match &*attempt.borrow() {
        Some(result) => result.is_err(),
        // Without a sender, there will be no result.
        None => attempt.has_changed().is_err(),
    }
}

impl<C: StoreConnector> fmt::Debug for SharedConnection<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedConnection").finish_non_exhaustive()
    }
}
