use super::position::{Changes, Position};
use super::store_error::StoreError;

/// A store of allowed origins that several servers share, such as a table in a database.
///
/// The packages `omnicors-postgres` and `omnicors-redis` implement it. To implement it for another store, implement the four calls
/// of [`StoreSession`], and run the tests of the module `store_contract` (feature `store-contract`) against a real server.
///
/// # The contract
///
/// * **Revisions are ordered.** Each change of the set of origins gets a revision that is greater than those of all changes before it.
///   A change is visible to [`changes_after`](StoreSession::changes_after) as soon as its writer knows that it is committed.
/// * **Resume or start again.** From a [`Position`], a session returns every change that was committed after it, or [`Changes::Lost`]
///   if it cannot: the changes were pruned, or the store is no longer the one whose position it was. It never skips a change.
/// * **Only the primary answers.** A server that may lag behind another one must refuse to connect, because what it says may have been
///   withdrawn already. A session that reads from a server that has become a replica must fail.
/// * **Hints may be lost.** [`wait_for_hint`](StoreSession::wait_for_hint) makes changes arrive sooner. Nothing depends on it.
///
/// The store does not have to check origins: what is read from it is checked with [`check_stored_origin`](crate::check_stored_origin).
///
/// # Example
///
/// A store that never changes. A real one reads from a server:
///
/// ```
/// use std::future::pending;
/// use std::sync::Arc;
///
/// use omnicors_tokio::{Changes, OriginStore, Position, StoreError, StoreSession};
///
/// #[derive(Clone)]
/// struct FixedStore(Arc<[String]>);
///
/// impl OriginStore for FixedStore {
///     type Session = Self;
///
///     fn name(&self) -> String {
///         "the fixed origins".to_owned()
///     }
///
///     async fn connect(&self) -> Result<Self, StoreError> {
///         Ok(self.clone())
///     }
///
///     async fn contains(&self, origin: &str) -> Result<bool, StoreError> {
///         Ok(self.0.iter().any(|stored| stored == origin))
///     }
/// }
///
/// impl StoreSession for FixedStore {
///     async fn present(&mut self) -> Result<Position, StoreError> {
///         Ok(Position::new("fixed", 0))
///     }
///
///     async fn read_all(&mut self, each: &mut (dyn FnMut(&str) + Send)) -> Result<Position, StoreError> {
///         self.0.iter().for_each(|origin| each(origin));
///         self.present().await
///     }
///
///     async fn changes_after(&mut self, position: &Position) -> Result<Changes, StoreError> {
///         let present = self.present().await?;
///         Ok(if *position == present { Changes::Read(Vec::new(), present) } else { Changes::Lost })
///     }
///
///     async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
///         pending().await
///     }
/// }
/// ```
pub trait OriginStore: Send + Sync + 'static {
    /// A connection from which changes are read.
    type Session: StoreSession;

    /// Returns a text that names this set of origins among all others: the kind of the store, the address, the database and the table,
    /// without passwords. It is the same after each start, and known without a connection. The
    /// [image](crate::ReplicaOptions::image) of a replica contains it, and is not used for a store of another name.
    /// [`OriginStore`] has an example.
    fn name(&self) -> String;

    /// Opens a session. [`OriginStore`] has an example.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, does not have the tables or keys of the store, or is not the primary.
    fn connect(&self) -> impl Future<Output = Result<Self::Session, StoreError>> + Send;

    /// Returns true if the store contains the origin now, in a read that began after this call. Many requests call it at once: they can
    /// share a [`SharedConnection`](crate::SharedConnection). [`OriginStore`] has an example.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, or is not the primary.
    fn contains(&self, origin: &str) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// A connection to an [`OriginStore`], which has an example. The caller limits the time of each call, and drops the session after an error
/// or a timeout.
pub trait StoreSession: Send + 'static {
    /// Returns the position after all changes that are committed now. [`OriginStore`] has an example.
    ///
    /// # Errors
    ///
    /// If the connection fails, or the server is no longer the primary.
    fn present(&mut self) -> impl Future<Output = Result<Position, StoreError>> + Send;

    /// Passes each origin of the store to `each`, and returns a position. Each change that is missing in what was passed must be
    /// committed after that position. An origin may be passed twice. A read that passes nothing for 30 to 60 s is given up. [`OriginStore`] has
    /// an example.
    ///
    /// # Errors
    ///
    /// If the connection fails, or the server is no longer the primary.
    fn read_all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> impl Future<Output = Result<Position, StoreError>> + Send;

    /// Returns all changes that were committed after `position` and before this call, and maybe later ones. [`OriginStore`] has an
    /// example.
    ///
    /// # Errors
    ///
    /// If the connection fails, or the server is no longer the primary.
    fn changes_after(
        &mut self,
        position: &Position,
    ) -> impl Future<Output = Result<Changes, StoreError>> + Send;

    /// Waits until the server says that there may be new changes. Dropping the future must not lose a hint. [`OriginStore`]
    /// has an example.
    ///
    /// # Errors
    ///
    /// If the connection fails.
    fn wait_for_hint(&mut self) -> impl Future<Output = Result<(), StoreError>> + Send;
}
