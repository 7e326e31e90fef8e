//! The routes and their CORS policy.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use omnicors::adapters::tokio::PolicyError;

use crate::node::Node;
use crate::tenants::{self, AnyError};

pub(crate) fn app(node: &Node) -> Result<Router, PolicyError> {
    let administration = Router::new()
        .route("/tenants", post(add).delete(remove))
        .route_layer(middleware::from_fn(reject_pages))
        .with_state(node.clone());
    let routes = Router::new()
        .route("/", get(async || "the pages of tenants may read this\n"))
        .merge(administration);
    node.add_cors(routes)
}

/// Rejects requests that a page sends. (In production, authenticate the user who adds a tenant, and verify that the tenant owns the
/// domain.)
///
/// CORS does not do this: it decides which pages may read a response, but a page can send a `POST` without CORS. So any page could
/// add its own origin from the browser of a user who can reach this server. Browsers send `Origin` with each `POST` and `DELETE`.
async fn reject_pages(request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::ORIGIN) {
        return (StatusCode::FORBIDDEN, "a page must not send this request\n").into_response();
    }
    next.run(request).await
}

async fn add(State(node): State<Node>, body: String) -> Result<StatusCode, Failure> {
    let origin = tenants::parse(&body).map_err(Failure::Request)?;
    let added = node.tenants.add(origin).await;
    // Also after an error, because the database may have added the tenant anyway.
    node.has_changed(&body);
    Ok(if added.map_err(Failure::Database)? {
        StatusCode::CREATED
    } else {
        StatusCode::NO_CONTENT
    })
}

async fn remove(State(node): State<Node>, body: String) -> Result<StatusCode, Failure> {
    let origin = tenants::parse(&body).map_err(Failure::Request)?;
    let removed = node.tenants.remove(origin).await;
    node.has_changed(&body);
    Ok(if removed.map_err(Failure::Database)? {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    })
}

enum Failure {
    Request(AnyError),
    Database(AnyError),
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Request(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
            Self::Database(error) => {
                eprintln!("{error}");
                (StatusCode::SERVICE_UNAVAILABLE, "try again later\n").into_response()
            }
        }
    }
}
