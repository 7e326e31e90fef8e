//! CORS in actix-web: a middleware around the whole `App`, a policy that is replaced while the server runs, and another policy for
//! one path.
//!
//! ```sh
//! cargo run -p example-actix-web
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::thread;

use actix_web::{App, HttpResponse, HttpServer, Responder, web};
use omnicors::adapters::actix_web::{
    Cors, Policy, PolicyConfig, PolicyError, PolicyHandle, PreparedPolicy, per_request,
};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = policy(&["https://example.com", "https://*.example.com"])?;

    // Most applications only need `.wrap(cors.clone())` with `Cors::new(policy)`. This one also lets any page read
    // `/health`, and can replace the policy of all other paths.
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

    // Created once and shared by all workers. Each worker creates its own `App`.
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
            // Added last, so that it wraps all routes. Then a 404 response also has the CORS headers, and a preflight gets its
            // response before another middleware can ask for a login.
            .wrap(cors.clone())
    })
    .bind(("127.0.0.1", 0))?;

    for address in server.addrs() {
        println!("http://{address}");
        println!("curl -i http://{address}/items -H 'Origin: https://example.com'");
    }
    println!("Type an origin and press Enter to allow it instead.");
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
