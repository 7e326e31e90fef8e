//! A server of poem.

use std::error::Error;

#[cfg(any(feature = "poem-own", feature = "poem-omnicors"))]
use poem::EndpointExt as _;
use poem::listener::TcpAcceptor;
use poem::{Route, Server, get, handler};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = Route::new().at("/", get(hello));
    #[cfg(feature = "poem-own")]
    let app = app.with(
        poem::middleware::Cors::new()
            .allow_origin("https://example.com")
            .allow_methods(["PUT"]),
    );
    #[cfg(feature = "poem-omnicors")]
    let app = {
        use omnicors_poem::{Cors, PolicyConfig};

        let policy = PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .allow_methods(["PUT"])
            .build()?;
        app.with(Cors::new(policy))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?)
        .run(app)
        .await?;
    Ok(())
}

#[handler]
fn hello() -> &'static str {
    "hello"
}
