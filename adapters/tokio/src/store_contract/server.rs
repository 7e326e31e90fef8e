use crate::store::{OriginStore, OriginStoreWriter};

/// A server with a store, which contains nothing else.
///
/// [`store_contract`](super) has an example.
pub trait TestedServer: Sync {
    /// The store.
    type Store: OriginStore + OriginStoreWriter;

    /// Returns a new client of the store.
    fn store(&self) -> Self::Store;

    /// Ends all connections to the server, as a network does.
    fn end_connections(&self) -> impl Future<Output = ()> + Send;

    /// Forgets all changes that were made before. The origins stay.
    fn forget_changes(&self) -> impl Future<Output = ()> + Send;

    /// Replaces the server with one that has the same origins and another history, as after a restore from a backup. Returns false if
    /// the test cannot do that.
    fn replace_history(&self) -> impl Future<Output = bool> + Send;
}
