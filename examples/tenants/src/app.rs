//! The routes and their CORS policy.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use omnicors::adapters::tokio::{LookupOptions, OriginLookup, PolicyConfig, PolicyError};
use omnicors::adapters::tower::CorsLayer;

use crate::tenants::{self, AnyError, Tenants};

/// The timeout of the adapter. It is longer than the timeout of a lookup (400 ms by default), which is longer than that of the
/// database (300 ms). So a slow database is reported as the reason, and not a timeout of the layers above it.
const TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Clone)]
struct Platform {
    tenants: Tenants,
    lookup: OriginLookup,
}

pub(crate) fn app(tenants: &Tenants, options: LookupOptions) -> Result<Router, PolicyError> {
    let database = tenants.clone();
    let lookup = OriginLookup::with_options(options, move |origin: String| {
        let tenants = database.clone();
        async move { tenants.has(&origin).await }
    });

    // The policy does not allow credentials. If it did, the page of each tenant could act as every user that visits it. If you
    // need credentials, check in each route which tenant's page sent the request.
    let policy = PolicyConfig::new().lookup_origins(true).build()?;
    let cors = {
        let lookup = lookup.clone();
        CorsLayer::new(policy).lookup_origins(TIMEOUT, move |origin| lookup.clone().lookup(origin))
    };

    let administration = Router::new()
        .route("/tenants", post(add).delete(remove))
        .route_layer(middleware::from_fn(reject_pages))
        .with_state(Platform {
            tenants: tenants.clone(),
            lookup,
        });
    Ok(Router::new()
        .route("/", get(async || "the pages of tenants may read this\n"))
        .merge(administration)
        .layer(cors))
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

async fn add(State(platform): State<Platform>, body: String) -> Result<StatusCode, Failure> {
    let origin = tenants::parse(&body).map_err(Failure::Request)?;
    let added = platform.tenants.add(origin).await;
    // Also after an error, because the database may have added the tenant anyway.
    platform.lookup.invalidate(&body);
    Ok(if added.map_err(Failure::Database)? {
        StatusCode::CREATED
    } else {
        StatusCode::NO_CONTENT
    })
}

async fn remove(State(platform): State<Platform>, body: String) -> Result<StatusCode, Failure> {
    let origin = tenants::parse(&body).map_err(Failure::Request)?;
    let removed = platform.tenants.remove(origin).await;
    platform.lookup.invalidate(&body);
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
