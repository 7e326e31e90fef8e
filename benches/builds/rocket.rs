//! A server of Rocket.

use std::error::Error;

use rocket::{get, routes};

#[rocket::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let rocket = rocket::build().mount("/", routes![hello]);
    #[cfg(feature = "rocket-own")]
    let rocket = {
        use rocket_cors::{AllowedOrigins, CorsOptions};

        let options = CorsOptions {
            allowed_origins: AllowedOrigins::some_exact(&["https://example.com"]),
            ..CorsOptions::default()
        };
        rocket.attach(options.to_cors()?)
    };
    #[cfg(feature = "rocket-omnicors")]
    let rocket = {
        use omnicors_rocket::{Cors, PolicyConfig};

        let policy = PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .allow_methods(["PUT"])
            .build()?;
        rocket.attach(Cors::new(policy))
    };
    rocket.launch().await?;
    Ok(())
}

#[get("/")]
fn hello() -> &'static str {
    "hello"
}
