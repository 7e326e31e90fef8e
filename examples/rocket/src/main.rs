//! CORS in Rocket: one fairing for the whole server; and, for those who need them, a policy that is replaced while
//! requests are served, and another policy for some paths.
//!
//! ```sh
//! cargo run -p example-rocket
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::thread;

use omnicors_rocket::{
    Cors, Policy, PolicyConfig, PolicyError, PolicyHandle, PreparedPolicy, per_request,
};
use rocket::config::{Config, LogLevel};
use rocket::fairing::AdHoc;
use rocket::http::{Header, Status};
use rocket::{Responder, delete, get, post, put, routes};

#[rocket::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = policy(&["https://example.com", "https://*.example.com"])?;

    // Most applications need no more than `.attach(Cors::new(policy))`. Here, anyone's page may read `/health`, and the
    // policy for the rest can be replaced.
    let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build()?);
    let items = PolicyHandle::new(policy);
    let chosen = {
        let items = items.clone();
        per_request(move |request| {
            Some(match request.uri().path().as_str() {
                "/health" => public.clone(),
                _ => items.load(),
            })
        })
    };

    let mut config = Config::release_default();
    config.address = Ipv4Addr::LOCALHOST.into();
    config.port = 0;
    config.log_level = LogLevel::Critical;

    let rocket = rocket::custom(config)
        .mount("/", routes![health, list, add, replace, remove])
        .attach(AdHoc::on_liftoff("tells its address", |rocket| {
            let address = format!("http://127.0.0.1:{}", rocket.config().port);
            Box::pin(async move {
                println!("{address}");
                println!("curl -i {address}/items -H 'Origin: https://example.com'");
                println!("Type an origin to allow it instead, at once.");
            })
        }))
        // Last, so that no fairing changes a request after it has been decided. It is for the whole server: a 404 carries
        // the headers, too, and a preflight is answered before any request guard could ask for a login.
        .attach(Cors::new(chosen));

    thread::spawn(move || replace_policy(&items));
    rocket.launch().await?;
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

#[derive(Responder)]
struct Items {
    list: &'static str,
    request_id: Header<'static>,
}

#[get("/health")]
fn health() -> &'static str {
    "well\n"
}

#[get("/items")]
fn list() -> Items {
    Items {
        list: "apple\npear\n",
        request_id: Header::new("x-request-id", "1"),
    }
}

#[post("/items")]
fn add() -> (Status, &'static str) {
    (Status::Created, "added\n")
}

#[put("/items/<id>")]
fn replace(id: &str) -> String {
    format!("{id} is replaced\n")
}

#[delete("/items/<_id>")]
fn remove(_id: &str) -> Status {
    Status::NoContent
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
