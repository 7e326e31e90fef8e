//! gRPC-web from a browser: what a policy must allow and expose so that a page can call a tonic service.
//!
//! ```sh
//! cargo run -p example-tonic
//! ```
//!
//! The service is that of gRPC health checks, whose code comes generated; yours takes its place.

#![forbid(unsafe_code)]

use std::error::Error;

use omnicors_tower::{CorsLayer, PolicyConfig};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_web::GrpcWebLayer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // What clients for browsers send with each call, and the header fields that say how a call ended.
    let policy = PolicyConfig::grpc_web()
        .allow_origins(["https://example.com"])
        // Your own metadata: each name that a client sends. Names that it reads go into `expose_headers`.
        .allow_headers(["authorization"])
        .build()?;

    let incoming = TcpIncoming::bind("127.0.0.1:0".parse()?)?.with_nodelay(Some(true));
    let address = format!("http://{}", incoming.local_addr()?);
    print_requests(&address);

    let (_reporter, health) = tonic_health::server::health_reporter();
    Server::builder()
        // Browsers speak gRPC-web over HTTP/1.1 as well.
        .accept_http1(true)
        // First, and so outermost: a preflight is none of the other layer's business, and what that answers by itself
        // needs the headers, too.
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

What a browser asks before the call. The answer is 204, and allows the five headers of the policy:
  curl -i -X OPTIONS {address}/grpc.health.v1.Health/Check \
    -H 'Origin: https://example.com' -H 'Access-Control-Request-Method: POST' \
    -H 'Access-Control-Request-Headers: content-type,x-grpc-web,x-user-agent'

The call, with an empty message: a byte of flags and four of length, all 0. The answer is 200; its body has a message of
two bytes (^H^A, which says SERVING) and behind it the trailer, grpc-status:0:
  printf '\0\0\0\0\0' | curl -si {address}/grpc.health.v1.Health/Check \
    -H 'Origin: https://example.com' -H 'X-Grpc-Web: 1' \
    -H 'Content-Type: application/grpc-web+proto' --data-binary @- | cat -v

The same, about a service that does not exist. The answer is 200 again, with grpc-status: 5 (not found) among its headers,
where a page can read it because it is exposed:
  printf '\0\0\0\0\6\12\4none' | curl -si {address}/grpc.health.v1.Health/Check \
    -H 'Origin: https://example.com' -H 'X-Grpc-Web: 1' \
    -H 'Content-Type: application/grpc-web+proto' --data-binary @- | cat -v"
    );
}
