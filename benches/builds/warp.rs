//! A server of warp.

use std::error::Error;

use tokio::net::TcpListener;
use warp::Filter as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let routes = warp::any().map(|| "hello");
    #[cfg(feature = "warp-own")]
    let routes = routes.with(
        warp::cors()
            .allow_origin("https://example.com")
            .allow_method("PUT"),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    #[cfg(feature = "warp-omnicors")]
    {
        use omnicors_warp::{Cors, PolicyConfig};

        let policy = PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .allow_methods(["PUT"])
            .build()?;
        let cors = Cors::new(policy);
        cors.serve(routes).incoming(listener).run().await;
    }
    #[cfg(not(feature = "warp-omnicors"))]
    warp::serve(routes).incoming(listener).run().await;
    Ok(())
}
