//! The header fields that a server adds to its response.

mod field;
mod forward_outlines;
mod header_fields;
mod headers;
mod outline;
mod preflight_outcome;

pub use field::{EchoedField, FieldValue, HeaderField};
pub use forward_outlines::ForwardOutlines;
pub use header_fields::HeaderFields;
pub use headers::ResponseHeaders;
pub use outline::ResponseOutline;
pub use preflight_outcome::PreflightOutcome;
