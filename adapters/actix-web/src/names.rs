//! Converts names and values of the core to the types of `http` 0.2, which actix-web uses.

use omnicors_adapter::omnicors_core::ResponseHeaderName;
use omnicors_adapter::omnicors_core::adapter::RequestField;

omnicors_adapter::http_types!(actix_web::http::header, ResponseHeaderName, RequestField);
