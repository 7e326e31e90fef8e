//! The API: an application that knows nothing of CORS, and what stands around it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::{Extension, Router};
use omnicors_tower::CorsLayer;

use crate::seen::{self, ApplicationRan, Seen};

/// The application under a policy that can be replaced, with a record of what arrives.
pub(crate) fn recorded(layer: CorsLayer, seen: &Arc<Seen>) -> Router {
    Router::new()
        .fallback(application)
        .layer(layer)
        .layer(from_fn_with_state(Arc::clone(seen), seen::record))
}

/// It takes any request, and says so; with two headers, of which the policy may let pages read one.
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
