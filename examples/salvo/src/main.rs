//! CORS in salvo: one hoop before all routes; and, for those who need them, a policy that is replaced while requests
//! are served, and another policy for some paths.
//!
//! ```sh
//! cargo run -p example-salvo
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::thread;

use omnicors_salvo::{
    Cors, Policy, PolicyConfig, PolicyError, PolicyHandle, PreparedPolicy, per_request,
};
use salvo::conn::tcp::TcpAcceptor;
use salvo::http::header::{HeaderName, HeaderValue};
use salvo::prelude::{Request, Response, Router, Server, Service, StatusCode, handler};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = policy(&["https://example.com", "https://*.example.com"])?;

    // Most applications need no more than `.hoop(Cors::new(policy))`. Here, anyone's page may read `/health`, and the
    // policy for the rest can be replaced.
    let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
    let items = PolicyHandle::new(policy);
    let chosen = {
        let items = items.clone();
        per_request(move |request| {
            Some(match request.uri.path() {
                "/health" => public.clone(),
                _ => items.load(),
            })
        })
    };

    let router = Router::new()
        .push(Router::with_path("health").get(health))
        .push(Router::with_path("items").get(list).post(add))
        .push(Router::with_path("items/{id}").put(replace).delete(remove));
    // Onto the service, and first, so that it is before everything: a 404 carries the headers, too, and a preflight is
    // answered before any other hoop could ask for a login.
    let app = Service::new(router).hoop(Cors::new(chosen));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("{address}");
    println!("curl -i {address}/items -H 'Origin: https://example.com'");
    println!("Type an origin to allow it instead, at once.");
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

/// Replaces the policy with one for each line that is typed. A policy with a mistake is never in force: it cannot be
/// built.
fn replace_policy(items: &PolicyHandle) {
    for line in io::stdin().lines().map_while(Result::ok) {
        match policy(&[line.trim()]) {
            Ok(policy) => items.replace(policy),
            Err(error) => eprintln!("{error}"),
        }
    }
}
