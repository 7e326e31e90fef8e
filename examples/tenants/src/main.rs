//! CORS for a platform whose customers bring their own domains: a page may read what the platform serves if its origin is
//! in the database.
//!
//! ```sh
//! cargo run -p example-tenants                                       # SQLite, in memory
//! DATABASE_URL=sqlite:tenants.db cargo run -p example-tenants        # SQLite, in a file
//! DATABASE_URL=postgres://user:password@localhost/database cargo run -p example-tenants
//! ```

#![forbid(unsafe_code)]

mod app;
mod tenants;
#[cfg(test)]
mod tests;

use std::env;

use omnicors_tokio::LookupOptions;
use tokio::net::TcpListener;

use crate::tenants::{AnyError, Tenants};

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let tenants = Tenants::open(env::var("DATABASE_URL").ok().as_deref()).await?;
    for origin in ["https://shop.example", "https://blog.example:8443"] {
        tenants.add(tenants::parse(origin)?).await?;
    }
    let options = LookupOptions::new()
        .on_failure(|origin, failure| eprintln!("denied for now, {origin}: {failure}"));
    let app = app::app(&tenants, options)?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("{address}, the tenants are in {tenants}");
    println!("a tenant's page may read:   curl -i {address}/ -H 'Origin: https://shop.example'");
    println!("another's may not:          curl -i {address}/ -H 'Origin: https://new.example'");
    println!("now it may, at once:        curl -i {address}/tenants -d https://new.example");
    println!(
        "and no more:                curl -i {address}/tenants -d https://new.example -X DELETE"
    );

    axum::serve(listener, app).await?;
    Ok(())
}
