use axum::{Router, routing::get};
use omnicors::adapters::tower::CorsLayer;
use omnicors::{Policy, PolicyConfig, PolicyError};

POLICY

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app: Router = Router::new()
        .route("/", get(|| async { "hello" }))
        // Added last, so that it wraps all routes.
        .layer(CorsLayer::new(policy()?));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
