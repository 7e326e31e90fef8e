use omnicors::adapters::tokio::{PolicyFile, PolicyFileError};
use omnicors::adapters::tower::{CorsLayer, PolicyHandle};

/// Call this in an async function. A valid change of the file is in force without a restart.
fn cors() -> Result<CorsLayer, PolicyFileError> {
    let (policy, _): (PolicyHandle, _) = PolicyFile::watch("cors.toml", |outcome| match outcome {
        Ok(_) => println!("the CORS policy in force is that of the file"),
        Err(error) => eprintln!("the CORS policy in force stays: {error:#}"),
    })?;
    Ok(CorsLayer::new(policy))
}
