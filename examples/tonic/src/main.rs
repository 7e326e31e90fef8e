//! gRPC-web: a policy that lets a page call a tonic service.
//!
//! ```sh
//! cargo run -p example-tonic
//! ```
//!
//! The service here is the gRPC health check, because its generated code is available as a crate. Replace it with your own service.

#![forbid(unsafe_code)]

use std::error::Error;

use omnicors::adapters::tower::{CorsLayer, PolicyConfig};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_web::GrpcWebLayer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Allows the headers that browser clients send with each call, and exposes those that contain the status of a call.
    let policy = PolicyConfig::grpc_web()
        .allow_origins(["https://example.com"])
        // Add the metadata that your clients send. Put metadata that they read into `expose_headers`.
        .allow_headers(["authorization"])
        .build()?;

    let incoming = TcpIncoming::bind("127.0.0.1:0".parse()?)?.with_nodelay(Some(true));
    let address = format!("http://{}", incoming.local_addr()?);
    print_requests(&address);

    let (_reporter, health) = tonic_health::server::health_reporter();
    Server::builder()
        // Browsers use gRPC-web over HTTP/1.1 as well.
        .accept_http1(true)
        // Added first, so that it is the outermost layer: it responds to preflights, and adds the CORS headers to the responses
        // of the other layer.
        .layer(CorsLayer::new(policy))
        .layer(GrpcWebLayer::new())
        .add_service(health)
        .serve_with_incoming(incoming)
        .await?;
    Ok(())
}

fn print_requests(address: &str) {
    println!(
        r"{address}

The preflight that a browser sends before the call. The response is 204, and allows the five headers of the policy:
  curl -i -X OPTIONS {address}/grpc.health.v1.Health/Check \
    -H 'Origin: https://example.com' -H 'Access-Control-Request-Method: POST' \
    -H 'Access-Control-Request-Headers: content-type,x-grpc-web,x-user-agent'

The call, with an empty message: one byte of flags and four bytes of length, all 0. The response is 200. Its body has a message
of two bytes (^H^A, which means SERVING), followed by the trailer grpc-status:0:
  printf '\0\0\0\0\0' | curl -si {address}/grpc.health.v1.Health/Check \
    -H 'Origin: https://example.com' -H 'X-Grpc-Web: 1' \
    -H 'Content-Type: application/grpc-web+proto' --data-binary @- | cat -v

The same call for a service that does not exist. The response is 200 again, with grpc-status: 5 (not found) in its headers.
A page can read it because the policy exposes it:
  printf '\0\0\0\0\6\12\4none' | curl -si {address}/grpc.health.v1.Health/Check \
    -H 'Origin: https://example.com' -H 'X-Grpc-Web: 1' \
    -H 'Content-Type: application/grpc-web+proto' --data-binary @- | cat -v"
    );
}
