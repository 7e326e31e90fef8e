//! axum with the `CorsLayer` of tower-http.

use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::header::{AUTHORIZATION, LOCATION};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

use crate::Configuration;
use crate::application::{
    EXPOSED, FIELDS, HEADERS, ITEMS, MAX_AGE, METHODS, location, needs_login, status,
};

pub(crate) async fn serve(configuration: Configuration, allowed: String, listener: TcpListener) {
    crate::announce_listener(&listener);
    let app = Router::new()
        .route("/items", any(items))
        .route("/private", any(items))
        .route("/redirect", get(redirect))
        .route("/fails", get(async || StatusCode::INTERNAL_SERVER_ERROR))
        .layer(from_fn(login))
        .layer(cors(configuration, &allowed));
    let served = axum::serve(listener, app).await;
    served.expect("the server runs until it is killed");
}

fn cors(configuration: Configuration, allowed: &str) -> CorsLayer {
    let allowed: HeaderValue = allowed.parse().expect("an origin");
    match configuration {
        Configuration::Default => CorsLayer::new(),
        Configuration::Right => CorsLayer::new()
            .allow_origin([allowed])
            .allow_methods(METHODS.map(|name| name.parse::<Method>().expect("a method")))
            .allow_headers(HEADERS.map(HeaderName::from_static))
            .expose_headers([HeaderName::from_static(EXPOSED)])
            .allow_credentials(true)
            .max_age(Duration::from_secs(MAX_AGE.into())),
        // Without methods and headers, most preflights are denied.
        Configuration::Mistake => CorsLayer::new()
            .allow_origin([allowed])
            .allow_credentials(true),
        // Any origin, with credentials.
        Configuration::Dangerous => CorsLayer::very_permissive(),
    }
}

async fn login(request: Request, next: Next) -> Response {
    let authorization = request.headers().get(AUTHORIZATION);
    if needs_login(
        request.uri().path(),
        authorization.map(HeaderValue::as_bytes),
    ) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(request).await
}

async fn items(method: Method) -> Response {
    let status = StatusCode::from_u16(status(method.as_str())).expect("a status");
    (status, FIELDS, ITEMS).into_response()
}

async fn redirect(RawQuery(query): RawQuery) -> Response {
    let location = location(&query.unwrap_or_default());
    (StatusCode::FOUND, [(LOCATION, location)]).into_response()
}
