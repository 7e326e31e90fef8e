//! Origins in a store that several servers share.

mod check;
mod origin_store;
mod position;
mod writer;

pub use check::{StoredOriginError, check_stored_origin};
pub use origin_store::{OriginStore, StoreError, StoreSession};
pub use position::{Changes, OriginChange, Position};
pub use writer::OriginStoreWriter;
