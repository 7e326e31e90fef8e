use actix_web::{App, HttpServer, web};
use omnicors::adapters::actix_web::Cors;
use omnicors::{Policy, PolicyConfig, PolicyError};

POLICY

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Created once and shared by all workers.
    let cors = Cors::new(policy()?);
    let server = HttpServer::new(move || {
        App::new()
            .route("/", web::get().to(|| async { "hello" }))
            // Added last, so that it wraps all routes.
            .wrap(cors.clone())
    });
    server.bind(("127.0.0.1", 3000))?.run().await?;
    Ok(())
}
