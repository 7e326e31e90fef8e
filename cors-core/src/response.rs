//! The header fields that a server adds to its response.

mod constant_fields;
mod field;
mod headers;

pub use constant_fields::ConstantFields;
pub use field::{EchoedField, FieldValue, HeaderField};
pub use headers::{HeaderFields, ResponseHeaders};
