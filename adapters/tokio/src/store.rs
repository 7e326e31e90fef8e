//! Origins in a store that several servers share.
//!
//! Each module imports only from those after it: `replica`, `store_lookup`, `contact`, `filter`, `events`, `gauges`, `image`, `replica_set`,
//! `changed_origins`, `lease`, `follower`, `options`, `writer`, `check`, `shared_connection`, `origin_store`, `store_error`, `position`.

mod changed_origins;
mod check;
mod contact;
mod events;
#[cfg(feature = "filter")]
mod filter;
mod follower;
mod gauges;
mod image;
mod lease;
mod options;
mod origin_store;
mod position;
mod replica;
mod replica_set;
mod shared_connection;
mod store_error;
mod store_lookup;
#[cfg(test)]
mod tests;
mod writer;

pub use check::{StoredOriginError, check_stored_origin};
pub use options::ReplicaOptions;
pub use origin_store::{OriginStore, StoreSession};
pub use position::{Changes, OriginChange, Position};
pub use replica::{OriginReplica, ReplicaStatus};
pub use shared_connection::{SharedConnection, StoreConnector};
pub use store_error::StoreError;
pub use writer::OriginStoreWriter;
