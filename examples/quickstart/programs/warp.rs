use omnicors::adapters::warp::Cors;
use omnicors::{Policy, PolicyConfig, PolicyError};
use warp::Filter;

POLICY

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cors = Cors::new(policy()?);
    let routes = warp::path::end().map(|| "hello");

    // In place of `warp::serve`.
    cors.serve(routes).run(([127, 0, 0, 1], 3000)).await?;
    Ok(())
}
