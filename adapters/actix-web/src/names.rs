//! Names and values of actix-web, which are those of `http` 0.2.

use omnicors_adapter::omnicors_core::ResponseHeaderName;
use omnicors_adapter::omnicors_core::adapter::RequestField;

omnicors_adapter::http_types!(actix_web::http::header, ResponseHeaderName, RequestField);
