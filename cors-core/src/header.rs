//! Header names, lists of tokens, and response fields.

mod expose_headers;
mod list;
mod names;
mod operation;
mod response_field;
mod vary;

pub use expose_headers::ExposeHeadersMerge;
pub(crate) use list::{elements, has_elements};
pub use names::{ResponseHeaderName, SAFELISTED_RESPONSE_HEADERS, is_token};
pub(crate) use names::{is_forbidden_request_header, is_forbidden_response_header};
pub use operation::Operation;
pub(crate) use response_field::{ResponseField, ResponseFieldSet};
pub use vary::missing_from_vary;
