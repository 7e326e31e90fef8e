//! The routes, and which pages may read them.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use omnicors_tokio::{LookupOptions, OriginLookup, PolicyConfig, PolicyError};
use omnicors_tower::CorsLayer;

use crate::tenants::{self, AnyError, Tenants};

/// Longer than a lookup may take (400 ms by default), which is longer than the database may (300 ms): so that it is the
/// database that is heard to have failed, and not the one who waited for it.
const LIMIT: Duration = Duration::from_secs(1);

#[derive(Clone)]
struct Platform {
    tenants: Tenants,
    allowed: OriginLookup,
}

pub(crate) fn app(tenants: &Tenants, options: LookupOptions) -> Result<Router, PolicyError> {
    let asked = tenants.clone();
    let allowed = OriginLookup::with_options(options, move |origin: String| {
        let tenants = asked.clone();
        async move { tenants.has(&origin).await }
    });

    // Without credentials: with them, the page of any customer could act as whoever visits it. Who needs them checks
    // in each route whose page asks.
    let policy = PolicyConfig::new().lookup_origins(true).build()?;
    let lookup = allowed.clone();
    let cors =
        CorsLayer::new(policy).lookup_origins(LIMIT, move |origin| lookup.clone().lookup(origin));

    let administration = Router::new()
        .route("/tenants", post(add).delete(remove))
        .route_layer(middleware::from_fn(refuse_pages))
        .with_state(Platform {
            tenants: tenants.clone(),
            allowed,
        });
    Ok(Router::new()
        .route("/", get(async || "what the pages of tenants may read\n"))
        .merge(administration)
        .layer(cors))
}

/// A real platform authenticates who adds a tenant, and has the tenant prove that the domain is theirs.
///
/// What CORS does not do: it keeps a page from reading a response, not from sending a `POST`. So any page could add its
/// own origin, from the browser of somebody who can reach this server. But with each `POST` and `DELETE`, a browser names
/// the page in `Origin`.
async fn refuse_pages(request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::ORIGIN) {
        return (StatusCode::FORBIDDEN, "not from a page\n").into_response();
    }
    next.run(request).await
}

async fn add(State(platform): State<Platform>, body: String) -> Result<StatusCode, Failure> {
    let origin = tenants::parse(&body).map_err(Failure::Request)?;
    let added = platform.tenants.add(origin).await;
    // Even if it failed: it may have been done all the same.
    platform.allowed.invalidate(&body);
    Ok(if added.map_err(Failure::Database)? {
        StatusCode::CREATED
    } else {
        StatusCode::NO_CONTENT
    })
}

async fn remove(State(platform): State<Platform>, body: String) -> Result<StatusCode, Failure> {
    let origin = tenants::parse(&body).map_err(Failure::Request)?;
    let removed = platform.tenants.remove(origin).await;
    platform.allowed.invalidate(&body);
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
