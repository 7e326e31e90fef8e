use omnicors::adapters::tower::CorsLayer;
use omnicors::{Policy, PolicyConfig, PolicyError};
use tonic::transport::Server;
use tonic_web::GrpcWebLayer;

POLICY

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Replace the health check with your own service.
    let (_reporter, health) = tonic_health::server::health_reporter();
    Server::builder()
        // Browsers use gRPC-web over HTTP/1.1 as well.
        .accept_http1(true)
        // Added first, so that it is the outermost layer.
        .layer(CorsLayer::new(policy()?))
        .layer(GrpcWebLayer::new())
        .add_service(health)
        .serve("127.0.0.1:3000".parse()?)
        .await?;
    Ok(())
}
