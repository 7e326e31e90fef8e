//! CORS for a platform whose customers have domains of their own: a page may read the API if its origin is in the database.
//!
//! One server with SQLite:
//!
//! ```sh
//! cargo run -p example-tenants                                       # in memory
//! DATABASE_URL=sqlite:tenants.db cargo run -p example-tenants        # in a file
//! ```
//!
//! Several servers with PostgreSQL or Redis. Each follows the changes of the others:
//!
//! ```sh
//! export OMNICORS_STORE=redis://127.0.0.1:6379                       # or postgres://user:password@localhost/database
//! omnicors store init
//! cargo run -p example-tenants -- --nodes 3
//! omnicors store remove https://shop.example
//! ```

#![forbid(unsafe_code)]

mod app;
mod node;
mod tenants;
#[cfg(test)]
mod tests;

use std::{env, io};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::node::{Mode, Node};
use crate::tenants::{AnyError, Tenants};

const USAGE: &str = "usage: example-tenants [--nodes N] [--lookup]

  --nodes N   start N servers (1 by default)
  --lookup    look each origin up when it is first seen, instead of holding all origins in memory";

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    // Prints the state of the connection, and failed lookups, at most one a second.
    tracing_subscriber::fmt().with_writer(io::stderr).init();

    let (mut nodes, mut mode) = (1, Mode::Replica);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--nodes" => nodes = arguments.next().ok_or(USAGE)?.parse()?,
            "--lookup" => mode = Mode::Lookup,
            _ => return Err(USAGE.into()),
        }
    }
    let url = env::var("OMNICORS_STORE").or_else(|_| env::var("DATABASE_URL"));
    let url = url.ok();

    let tenants = Tenants::open(url.as_deref())?;
    for origin in ["https://shop.example", "https://blog.example:8443"] {
        tenants.add(tenants::parse(origin)?).await?;
    }
    let mut servers = JoinSet::new();
    let mut address = String::new();
    for _ in 0..nodes {
        let node = Node::new(tenants.clone(), mode).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        address = format!("http://{}", listener.local_addr()?);
        println!("{address} ({node})");
        let app = app::app(&node)?;
        servers.spawn(async move { axum::serve(listener, app).await });
    }
    println!();
    println!("A page may read a response that has its origin in access-control-allow-origin:");
    println!("  a tenant is allowed:      curl -i {address} -H 'Origin: https://shop.example'");
    println!("  a new origin is denied:   curl -i {address} -H 'Origin: https://new.example'");
    println!("  add it and try again:     curl -i {address}/tenants -d https://new.example");
    println!(
        "  remove it:                curl -i {address}/tenants -d https://new.example -X DELETE"
    );
    if let Some(ended) = servers.join_next().await {
        ended??;
    }
    Ok(())
}
