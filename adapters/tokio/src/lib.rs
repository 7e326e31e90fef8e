//! What needs a runtime, for CORS in any framework: policy files reloaded live ([`PolicyFile`]), and origins looked up
//! asynchronously, behind a bounded cache ([`OriginLookup`]).
//!
//! A policy in a file:
//!
//! ```
//! use axum::{Router, routing::get};
//! use omnicors_tokio::PolicyFile;
//! use omnicors_tower::{CorsLayer, PolicyHandle};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #   let directory = tempfile::tempdir()?;
//! #   let path = directory.path().join("cors.toml");
//! #   std::fs::write(&path, "allow_origins = ['https://example.com']")?;
//! #   /*
//!     let path = "cors.toml"; // allow_origins = ["https://example.com"]
//! #   */
//!     // Followed for as long as the server runs.
//!     let (policy, _): (PolicyHandle, _) = PolicyFile::watch(path, |outcome| match outcome {
//!         Ok(_) => println!("the CORS policy in force is that of the file"),
//!         Err(error) => eprintln!("the CORS policy in force stays: {error:#}"),
//!     })?;
//!
//!     let app: Router = Router::new()
//!         .route("/", get(|| async { "hello" }))
//!         .layer(CorsLayer::new(policy));
//!
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//!     println!("http://{}", listener.local_addr()?);
//! # let _running =
//!     axum::serve(listener, app);
//! #   Ok(())
//! # }
//! # /*
//!         .await?;
//!     Ok(())
//! }
//! # */
//! ```
//!
//! [`PolicyFile::watch_table`] follows a table of your application's own file, and `allow_origins_from = "origins.txt"` in the file
//! adds a list of origins, one per line.
//!
//! Origins in a database:
//!
//! ```
//! use axum::{Router, routing::get};
//! use omnicors_tokio::{OriginLookup, PolicyConfig};
//! use omnicors_tower::CorsLayer;
//! use std::time::Duration;
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let tenants = OriginLookup::new(is_tenant);
//!     let policy = PolicyConfig::new().lookup_origins(true).build()?;
//!     let cors = CorsLayer::new(policy)
//!         .lookup_origins(Duration::from_secs(1), move |origin| tenants.clone().lookup(origin));
//!
//!     let app: Router = Router::new()
//!         .route("/", get(|| async { "hello" }))
//!         .layer(cors);
//!
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//!     println!("http://{}", listener.local_addr()?);
//! # let _running =
//!     axum::serve(listener, app);
//! #   Ok(())
//! # }
//! # /*
//!         .await?;
//!     Ok(())
//! }
//! # */
//!
//! /// Asks the database.
//! async fn is_tenant(origin: String) -> Result<bool, std::io::Error> {
//!     Ok(origin == "https://tenant.example")
//! }
//! ```
//!
//! Neither knows of a framework: the file's handle is the `PolicyHandle` of any adapter, and the lookup goes into any
//! adapter's `lookup_origins`. A policy from a file can leave origins to a lookup as well: `lookup_origins = true`.
//!
//! # Features
//!
//! * `lookup` (default): [`OriginLookup`].
//! * `toml` (default), `json`, `yaml`: [`PolicyFile`], for files of that format. It has a thread of its own, and needs no
//!   runtime.
//! * `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at warn for lookups that fail and for those that are not begun (one a second at most of each, for each
//!   [`OriginLookup`], with the number of those `suppressed` before it, because clients decide how many there are) and for each state of a file that makes no policy; at info
//!   for a policy that comes into force.
//!
//! # Imports
//!
//! Each module imports only from those after it: `file`, `lookup`, `sources`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(any(feature = "toml", feature = "json", feature = "yaml"))]
mod file;
#[cfg(feature = "lookup")]
mod lookup;
#[cfg(any(
    feature = "lookup",
    feature = "toml",
    feature = "json",
    feature = "yaml"
))]
mod sources;

#[cfg(any(feature = "toml", feature = "json", feature = "yaml"))]
pub use file::{FaultInFile, PolicyFile, PolicyFileError, PolicyFileFaults, Reloaded};
#[cfg(feature = "lookup")]
pub use lookup::{LookupFailure, LookupOptions, OriginLookup, WhenFailed};

#[cfg(any(feature = "toml", feature = "json", feature = "yaml"))]
pub use omnicors_adapter::{NoPreparedValues, PolicyHandle};
pub use omnicors_core;
pub use omnicors_core::{LookupResult, Policy, PolicyConfig, PolicyError};
