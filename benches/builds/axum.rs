//! A server of axum.

use std::error::Error;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = Router::new().route("/", get(async || "hello"));
    #[cfg(feature = "axum-own")]
    let app = {
        use axum::http::{HeaderValue, Method};
        use tower_http::cors::CorsLayer;

        app.layer(
            CorsLayer::new()
                .allow_origin(HeaderValue::from_static("https://example.com"))
                .allow_methods([Method::PUT]),
        )
    };
    #[cfg(feature = "axum-omnicors")]
    let app = {
        use omnicors_tower::{CorsLayer, PolicyConfig};

        let policy = PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .allow_methods(["PUT"])
            .build()?;
        app.layer(CorsLayer::new(policy))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
