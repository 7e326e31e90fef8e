//! CORS in warp: a server with a policy for all routes, a policy that is replaced while the server runs, and another policy for one path.
//!
//! ```sh
//! cargo run -p example-warp
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::thread;

use omnicors::adapters::warp::{
    Cors, Policy, PolicyConfig, PolicyError, PolicyHandle, PreparedPolicy, per_request,
};
use tokio::net::TcpListener;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::{with_header, with_status};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = policy(&["https://example.com", "https://*.example.com"])?;

    // Most applications only need `Cors::new(policy)`. This one also lets any page read `/health`, and can replace the
    // policy of all other paths.
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
    let cors = Cors::new(chosen);

    let health = warp::path!("health").and(warp::get()).map(|| "well\n");
    let list = warp::path!("items")
        .and(warp::get())
        .map(|| with_header("apple\npear\n", "x-request-id", "1"));
    let add = warp::path!("items")
        .and(warp::post())
        .map(|| with_status("added\n", StatusCode::CREATED));
    let replace = warp::path!("items" / String)
        .and(warp::put())
        .map(|id| format!("{id} is replaced\n"));
    let delete = warp::path!("items" / String)
        .and(warp::delete())
        .map(|_| StatusCode::NO_CONTENT);
    let routes = health.or(list).or(add).or(replace).or(delete);

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("{address}");
    println!("curl -i {address}/items -H 'Origin: https://example.com'");
    println!("Type an origin and press Enter to allow it instead.");
    thread::spawn(move || replace_policy(&items));

    // In place of `warp::serve`. A 404 response also has the CORS headers, and a preflight gets its response before a filter can ask
    // for a login.
    cors.serve(routes).incoming(listener).run().await;
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
