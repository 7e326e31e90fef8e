//! The API: an application without any CORS code, and the layers around it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::{Extension, Router};
use omnicors_tower::CorsLayer;

use crate::request_log::{self, ApplicationRan, RequestLog};

/// Returns the application with a CORS layer and a log of its requests.
pub(crate) fn with_log(layer: CorsLayer, log: &Arc<RequestLog>) -> Router {
    Router::new()
        .fallback(application)
        .layer(layer)
        .layer(from_fn_with_state(Arc::clone(log), request_log::record))
}

/// Responds to any request. The response has two headers; the default policy exposes one of them.
pub(crate) async fn application(request: Request) -> impl IntoResponse {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let text = format!(
        "The application ran: {} {}\n",
        request.method(),
        request.uri()
    );
    let headers = [
        ("x-request-id", number.to_string()),
        ("x-node", "quickstart".to_owned()),
    ];
    (Extension(ApplicationRan), headers, text)
}
