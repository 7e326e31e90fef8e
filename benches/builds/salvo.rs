//! A server of salvo.

use std::error::Error;

use salvo::conn::tcp::TcpAcceptor;
use salvo::prelude::{Router, Server, Service, handler};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = Service::new(Router::new().get(hello));
    #[cfg(feature = "salvo-own")]
    let app = app.hoop(
        salvo_cors::Cors::new()
            .allow_origin("https://example.com")
            .allow_methods(salvo::http::Method::PUT)
            .into_handler(),
    );
    #[cfg(feature = "salvo-omnicors")]
    let app = {
        use omnicors_salvo::{Cors, PolicyConfig};

        let policy = PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .allow_methods(["PUT"])
            .build()?;
        app.hoop(Cors::new(policy))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Server::new(TcpAcceptor::try_from(listener)?)
        .serve(app)
        .await;
    Ok(())
}

#[handler]
async fn hello() -> &'static str {
    "hello"
}
