//! CORS in Rocket: a fairing for the whole server, a policy that is replaced while the server runs, and another policy for one path.
//!
//! ```sh
//! cargo run -p example-rocket
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::thread;

use omnicors::adapters::rocket::{
    Cors, Policy, PolicyConfig, PolicyError, PolicyHandle, PreparedPolicy, per_request,
};
use rocket::config::{Config, LogLevel};
use rocket::fairing::AdHoc;
use rocket::http::{Header, Status};
use rocket::{Responder, delete, get, post, put, routes};

#[rocket::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = policy(&["https://example.com", "https://*.example.com"])?;

    // Most applications only need `.attach(Cors::new(policy))`. This one also lets any page read `/health`, and can
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

    let mut config = Config::release_default();
    config.address = Ipv4Addr::LOCALHOST.into();
    config.port = 0;
    config.log_level = LogLevel::Critical;

    let rocket = rocket::custom(config)
        .mount("/", routes![health, list, add, replace, remove])
        .attach(AdHoc::on_liftoff("print the address", |rocket| {
            let address = format!("http://127.0.0.1:{}", rocket.config().port);
            Box::pin(async move {
                println!("{address}");
                println!("curl -i {address}/items -H 'Origin: https://example.com'");
                println!("Type an origin and press Enter to allow it instead.");
            })
        }))
        // Attached last, so that no other fairing changes a request after the decision. The fairing applies to the whole server: a
        // 404 response also has the CORS headers, and a preflight gets its response before a request guard can ask for a login.
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
