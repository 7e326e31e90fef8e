use omnicors::adapters::rocket::Cors;
use omnicors::{Policy, PolicyConfig, PolicyError};
use rocket::{get, routes};

POLICY

#[get("/")]
fn hello() -> &'static str {
    "hello"
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    rocket::build()
        .mount("/", routes![hello])
        // Attached last, so that no other fairing changes a request after it.
        .attach(Cors::new(policy()?))
        .launch()
        .await?;
    Ok(())
}
