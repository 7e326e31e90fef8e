use omnicors::adapters::poem::Cors;
use omnicors::{Policy, PolicyConfig, PolicyError};
use poem::listener::TcpListener;
use poem::{EndpointExt as _, Route, Server, get, handler};

POLICY

#[handler]
fn hello() -> &'static str {
    "hello"
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Route::new()
        .at("/", get(hello))
        // Added last, so that it wraps all routes.
        .with(Cors::new(policy()?));

    Server::new(TcpListener::bind("127.0.0.1:3000"))
        .run(app)
        .await?;
    Ok(())
}
