//! Converts names and values of the core to the types of the `http` crate.

use omnicors_core::ResponseHeaderName;
use omnicors_core::adapter::RequestField;

omnicors_adapter::http_types!(http::header, ResponseHeaderName, RequestField);
