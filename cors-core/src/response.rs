//! The header fields that a server adds to its response.

mod constant_fields;
mod field;
mod header_fields;
mod headers;

pub use constant_fields::ConstantFields;
pub use field::{EchoedField, FieldValue, HeaderField};
pub use header_fields::HeaderFields;
pub use headers::ResponseHeaders;
