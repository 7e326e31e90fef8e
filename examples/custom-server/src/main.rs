//! Serves a small application with the server of this package.
//!
//! ```sh
//! cargo run -p custom-server
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::sync::Arc;

use custom_server::{Request, Response, Server};
use omnicors_core::PolicyConfig;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = PolicyConfig::new()
        .allow_origins(["https://example.com", "https://*.example.com"])
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["x-request-id"])
        .allow_credentials(true)
        .build()?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("{address}");
    println!("curl -i {address}/items -H 'Origin: https://example.com'");

    Server::new(Arc::new(policy), application)
        .serve(listener)
        .await;
    Ok(())
}

/// The application. It does not contain any CORS code.
fn application(request: &Request<'_>) -> Response {
    let response = match (request.path(), request.method()) {
        ("/health", "GET" | "HEAD") => Response::text(200, "well\n"),
        ("/items", "GET" | "HEAD") => Response::text(200, "apple\npear\n"),
        ("/items", "POST") => Response::text(201, "added\n"),
        ("/health", _) => not_allowed("GET, HEAD"),
        ("/items", _) => not_allowed("GET, HEAD, POST"),
        (path, method) => match (path.strip_prefix("/items/"), method) {
            (None | Some(""), _) => Response::text(404, "not found\n"),
            (Some(id), "PUT") => Response::text(200, format!("{id} is replaced\n")),
            (Some(_), "DELETE") => Response::new(204),
            (Some(_), _) => not_allowed("PUT, DELETE"),
        },
    };
    response.header("x-request-id", "1")
}

fn not_allowed(methods: &'static str) -> Response {
    Response::text(405, "method not allowed\n").header("allow", methods)
}
