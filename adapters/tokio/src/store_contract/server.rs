use crate::store::{OriginStore, OriginStoreWriter};

/// A server with a store, which contains nothing else.
///
/// ```
/// use omnicors_tokio::store_contract::TestedServer;
/// use omnicors_tokio::{OriginStore, OriginStoreWriter};
///
/// struct Server<S>(S);
///
/// impl<S: OriginStore + OriginStoreWriter + Clone> TestedServer for Server<S> {
///     type Store = S;
///
///     fn store(&self) -> S {
///         self.0.clone()
///     }
///
///     async fn end_connections(&self) {
///         // Kill the connections in the server.
///     }
///
///     async fn forget_changes(&self) {
///         // Delete the records of changes.
///     }
///
///     async fn replace_history(&self) -> bool {
///         false
///     }
/// }
/// ```
pub trait TestedServer: Sync {
    /// The store.
    type Store: OriginStore + OriginStoreWriter;

    /// Returns a new client of the store. [`TestedServer`] has an example.
    fn store(&self) -> Self::Store;

    /// Ends all connections to the server, as a network does. [`TestedServer`] has an example.
    fn end_connections(&self) -> impl Future<Output = ()> + Send;

    /// Forgets all changes that were made before. The origins stay. [`TestedServer`] has an example.
    fn forget_changes(&self) -> impl Future<Output = ()> + Send;

    /// Replaces the server with one that has the same origins and another history, as after a restore from a backup. Returns false if
    /// the test cannot do that. [`TestedServer`] has an example.
    fn replace_history(&self) -> impl Future<Output = bool> + Send;
}
