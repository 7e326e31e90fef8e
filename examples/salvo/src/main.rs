//! CORS in salvo: a hoop before all routes, a policy that is replaced while the server runs, and another policy for one path.
//!
//! ```sh
//! cargo run -p example-salvo
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::thread;

use omnicors::adapters::salvo::{
    Cors, Policy, PolicyConfig, PolicyError, PolicyHandle, PreparedPolicy, per_request,
};
use salvo::conn::tcp::TcpAcceptor;
use salvo::http::header::{HeaderName, HeaderValue};
use salvo::prelude::{Request, Response, Router, Server, Service, StatusCode, handler};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = policy(&["https://example.com", "https://*.example.com"])?;

    // Most applications only need `.hoop(Cors::new(policy))`. This one also lets any page read `/health`, and can replace
    // the policy of all other paths.
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

    let router = Router::new()
        .push(Router::with_path("health").get(health))
        .push(Router::with_path("items").get(list).post(add))
        .push(Router::with_path("items/{id}").put(replace).delete(remove));
    // Added to the service, as the first hoop. Then a 404 response also has the CORS headers, and a preflight gets its response
    // before another hoop can ask for a login.
    let app = Service::new(router).hoop(Cors::new(chosen));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("{address}");
    println!("curl -i {address}/items -H 'Origin: https://example.com'");
    println!("Type an origin and press Enter to allow it instead.");
    thread::spawn(move || replace_policy(&items));

    Server::new(TcpAcceptor::try_from(listener)?)
        .serve(app)
        .await;
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

#[handler]
async fn health() -> &'static str {
    "well\n"
}

#[handler]
async fn list(response: &mut Response) {
    let name = HeaderName::from_static("x-request-id");
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static("1"));
    response.render("apple\npear\n");
}

#[handler]
async fn add(response: &mut Response) {
    response.status_code(StatusCode::CREATED);
    response.render("added\n");
}

#[handler]
async fn replace(request: &mut Request) -> String {
    let id = request.param::<String>("id").unwrap_or_default();
    format!("{id} is replaced\n")
}

#[handler]
async fn remove(response: &mut Response) {
    response.status_code(StatusCode::NO_CONTENT);
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
