//! CORS for a platform whose customers have domains of their own: a page may read the API if its origin is in the database.
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

use std::{env, io};

use omnicors::adapters::tokio::LookupOptions;
use tokio::net::TcpListener;

use crate::tenants::{AnyError, Tenants};

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    // Prints failed lookups, at most one a second.
    tracing_subscriber::fmt().with_writer(io::stderr).init();

    let tenants = Tenants::open(env::var("DATABASE_URL").ok().as_deref()).await?;
    for origin in ["https://shop.example", "https://blog.example:8443"] {
        tenants.add(tenants::parse(origin)?).await?;
    }
    let app = app::app(&tenants, LookupOptions::new())?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("{address} (tenants in {tenants})");
    println!();
    println!("A page may read a response that has its origin in access-control-allow-origin:");
    println!("  a tenant is allowed:      curl -i {address} -H 'Origin: https://shop.example'");
    println!("  a new origin is denied:   curl -i {address} -H 'Origin: https://new.example'");
    println!("  add it and try again:     curl -i {address}/tenants -d https://new.example");
    println!(
        "  remove it:                curl -i {address}/tenants -d https://new.example -X DELETE"
    );

    axum::serve(listener, app).await?;
    Ok(())
}
