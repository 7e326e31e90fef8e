//! A server of actix-web.

use std::error::Error;

use actix_web::{App, HttpServer, web};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    #[cfg(feature = "actix-web-omnicors")]
    let cors = {
        use omnicors_actix_web::{Cors, PolicyConfig};

        let policy = PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .allow_methods(["PUT"])
            .build()?;
        Cors::new(policy)
    };
    HttpServer::new(move || {
        let app = App::new().route("/", web::get().to(async || "hello"));
        #[cfg(feature = "actix-web-own")]
        let app = app.wrap(
            actix_cors::Cors::default()
                .allowed_origin("https://example.com")
                .allowed_methods(["PUT"]),
        );
        #[cfg(feature = "actix-web-omnicors")]
        let app = app.wrap(cors.clone());
        app
    })
    .bind("127.0.0.1:0")?
    .run()
    .await?;
    Ok(())
}
