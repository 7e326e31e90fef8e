//! CORS in axum: a layer around the whole router, a policy that is replaced while the server runs, and another policy for one path.
//!
//! ```sh
//! cargo run -p example-axum
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::thread;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, put};
use omnicors::adapters::tower::{
    CorsLayer, Policy, PolicyConfig, PolicyError, PolicyHandle, PreparedPolicy, per_request,
};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = policy(&["https://example.com", "https://*.example.com"])?;

    // Most applications only need `.layer(CorsLayer::new(policy))`. This one also lets any page read `/health`, and can
    // replace the policy of all other paths.
    let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
    let items = PolicyHandle::new(policy);
    let chosen = {
        let items = items.clone();
        per_request(move |request| {
            Some(match request.path() {
                "/health" => public.clone(),
                _ => items.load(),
            })
        })
    };

    let app = Router::new()
        .route("/health", get(async || "well\n"))
        .route(
            "/items",
            get(async || ([("x-request-id", "1")], "apple\npear\n"))
                .post(async || (StatusCode::CREATED, "added\n")),
        )
        .route(
            "/items/{id}",
            put(replace).delete(async || StatusCode::NO_CONTENT),
        )
        // Added last, so that it wraps all routes. Then a 404 response also has the CORS headers, and a preflight gets its
        // response before another layer can ask for a login.
        .layer(CorsLayer::new(chosen));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("{address}");
    println!("curl -i {address}/items -H 'Origin: https://example.com'");
    println!("Type an origin and press Enter to allow it instead.");
    thread::spawn(move || replace_policy(&items));

    axum::serve(listener, app).await?;
    Ok(())
}

fn policy(origins: &[&str]) -> Result<Policy, PolicyError> {
    PolicyConfig::new()
        .allow_origins(origins.iter().copied())
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["x-request-id"])
        .allow_credentials(true)
        .build()
}

async fn replace(Path(id): Path<String>) -> String {
    format!("{id} is replaced\n")
}

/// Reads origins from the terminal, and replaces the policy with one that allows the origin. An invalid origin does not replace
/// the policy.
fn replace_policy(items: &PolicyHandle) {
    for line in io::stdin().lines().map_while(Result::ok) {
        match policy(&[line.trim()]) {
            Ok(policy) => items.replace(policy),
            Err(error) => eprintln!("{error}"),
        }
    }
}
