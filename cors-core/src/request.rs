//! The parts of a request that CORS reads.

mod fields;
mod host;
mod kind;
mod lookup_result;
mod parts;
mod same_origin;

pub(crate) use fields::SingleField;
pub use fields::{EachValue, RequestField, RequestFields};
pub use host::{same_host, split_host};
pub use kind::RequestKind;
pub use lookup_result::LookupResult;
pub use parts::RequestParts;
