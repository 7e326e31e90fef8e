//! Header names: which are whose, and the scanner of those that a preflight asks for.

mod names;
mod scan;

pub use names::ResponseHeaderName;
pub(crate) use names::{
    is_forbidden_request_header, is_forbidden_response_header, is_safelisted_request_header,
    is_safelisted_response_header, is_token,
};
pub(crate) use scan::elements;
