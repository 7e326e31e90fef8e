//! CORS in actix-web: one middleware around the whole `App`; and, for those who need them, a policy that is replaced while
//! requests are served, and another policy for some paths.
//!
//! ```sh
//! cargo run -p example-actix-web
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::thread;

use actix_web::{App, HttpResponse, HttpServer, Responder, web};
use omnicors_actix_web::{
    Cors, Policy, PolicyConfig, PolicyError, PolicyHandle, PreparedPolicy, per_request,
};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = policy(&["https://example.com", "https://*.example.com"])?;

    // Most applications need no more than `.wrap(cors.clone())` with `Cors::new(policy)`. Here, anyone's page may read
    // `/health`, and the policy for the rest can be replaced.
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

    // Made once: each worker makes an application of its own, and all share this.
    let cors = Cors::new(chosen);
    let server = HttpServer::new(move || {
        App::new()
            .route("/health", web::get().to(async || "well\n"))
            .service(
                web::resource("/items")
                    .route(web::get().to(list))
                    .route(web::post().to(async || HttpResponse::Created().body("added\n"))),
            )
            .service(
                web::resource("/items/{id}")
                    .route(web::put().to(replace))
                    .route(web::delete().to(HttpResponse::NoContent)),
            )
            // Last, so that it is around everything: a 404 carries the headers, too, and a preflight is answered before
            // any other middleware could ask for a login.
            .wrap(cors.clone())
    })
    .bind(("127.0.0.1", 0))?;

    for address in server.addrs() {
        println!("http://{address}");
        println!("curl -i http://{address}/items -H 'Origin: https://example.com'");
    }
    println!("Type an origin to allow it instead, at once.");
    thread::spawn(move || replace_policy(&items));

    server.run().await?;
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

async fn list() -> impl Responder {
    ("apple\npear\n")
        .customize()
        .insert_header(("x-request-id", "1"))
}

async fn replace(id: web::Path<String>) -> String {
    format!("{id} is replaced\n")
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
