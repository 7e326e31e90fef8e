use omnicors::adapters::salvo::Cors;
use omnicors::{Policy, PolicyConfig, PolicyError};
use salvo::prelude::{Listener as _, Router, Server, Service, TcpListener, handler};

POLICY

#[handler]
async fn hello() -> &'static str {
    "hello"
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let router = Router::new().get(hello);
    // The first hoop of the service, so that it wraps all routes.
    let app = Service::new(router).hoop(Cors::new(policy()?));

    let acceptor = TcpListener::new("127.0.0.1:3000").bind().await;
    Server::new(acceptor).serve(app).await;
    Ok(())
}
