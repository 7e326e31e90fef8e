//! CORS policies from files that are reloaded live, and origins looked up in a database, for any adapter.
//!
//! * [`PolicyFile`] reads a policy file and applies each valid change while the server runs.
//! * [`OriginLookup`] calls an async function to look up an origin, and caches the results in a bounded cache.
//!
//! # A policy in a file
//!
//! ```toml
//! # cors.toml
//! allow_origins = ["https://example.com"]
//! ```
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use omnicors_tokio::PolicyFile;
//! use omnicors_tower::{CorsLayer, PolicyHandle};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // The file is followed for as long as the server runs.
//!     let (policy, _): (PolicyHandle, _) = PolicyFile::watch("cors.toml", |outcome| match outcome {
//!         Ok(_) => println!("cors.toml is in force"),
//!         Err(error) => eprintln!("the previous CORS policy stays in force: {error:#}"),
//!     })?;
//!
//!     let app: Router = Router::new()
//!         .route("/", get(|| async { "hello" }))
//!         .layer(CorsLayer::new(policy));
//!
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     axum::serve(listener, app).await?;
//!     Ok(())
//! }
//! ```
//!
//! [`PolicyFile::watch_table`] follows a table of your application's own file. To keep the origins in a list, one per line, write
//! `allow_origins_from = "origins.txt"`.
//!
//! # Origins in a database
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use omnicors_tokio::{OriginLookup, PolicyConfig};
//! use omnicors_tower::CorsLayer;
//! use std::time::Duration;
//!
//! #[tokio::main]
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
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     axum::serve(listener, app).await?;
//!     Ok(())
//! }
//!
//! /// Asks the database.
//! async fn is_tenant(origin: String) -> Result<bool, std::io::Error> {
//!     Ok(origin == "https://tenant.example")
//! }
//! ```
//!
//! Both work with every adapter: the handle of a policy file is the adapter's `PolicyHandle`, and the lookup fits the adapter's
//! `lookup_origins`. A policy file can use a lookup as well: write `lookup_origins = true` in it.
//!
//! # Features
//!
//! * `lookup` (default): [`OriginLookup`].
//! * `store`: origins in a store that several servers share: [`OriginReplica`], [`OriginLookup::with_store`], [`OriginStore`].
//! * `filter`: [`OriginLookup::with_filtered_store`], with a filter that rules out origins before the store is asked.
//! * `store-contract`: [`store_contract`], the tests for authors of stores.
//! * `toml` (default), `json`, `yaml`: [`PolicyFile`] for files of that format. It uses a thread of its own and does not need a
//!   runtime.
//! * `regex`, `public-suffix`: the features of the same name of [`omnicors_core`].
//! * `metrics`: gauges and counters of lookups and stores, through the crate `metrics`.
//! * `tracing`: events at warn for lookups that fail, for lookups that are not begun, and for each state of a file from which no
//!   policy can be built; at info for each policy that comes into force. Clients decide how many lookups fail, so each
//!   [`OriginLookup`] emits at most one event of each kind a second. The event counts those `suppressed` before it.
//!
//! # Imports
//!
//! Each module imports only from those after it: `store_contract`, `file`, `store`, `lookup`, `clock`, `sync`, `random`, `sources`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "lookup")]
mod clock;
#[cfg(any(feature = "toml", feature = "json", feature = "yaml"))]
mod file;
#[cfg(feature = "lookup")]
mod lookup;
#[cfg(feature = "lookup")]
mod random;
#[cfg(any(
    feature = "lookup",
    feature = "toml",
    feature = "json",
    feature = "yaml"
))]
mod sources;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "store-contract")]
#[allow(clippy::panic, reason = "these are tests")]
pub mod store_contract;
#[cfg(feature = "lookup")]
mod sync;

#[cfg(any(feature = "toml", feature = "json", feature = "yaml"))]
pub use file::{
    FaultInFile, FindingInFile, PolicyFile, PolicyFileCheck, PolicyFileError, PolicyFileFaults,
    PolicyFileFormat, Problem, Reloaded, origins_in_list,
};
#[cfg(feature = "lookup")]
pub use lookup::{LookupFailure, LookupOptions, OriginLookup, WhenFailed};

#[cfg(feature = "store")]
pub use store::{
    Changes, OriginChange, OriginReplica, OriginStore, OriginStoreWriter, Position, ReplicaOptions,
    ReplicaStatus, SharedConnection, StoreConnector, StoreError, StoreSession, StoredOriginError,
    check_stored_origin,
};

#[cfg(any(feature = "toml", feature = "json", feature = "yaml"))]
pub use omnicors_adapter::{NoPreparedValues, PolicyHandle};
pub use omnicors_core;
pub use omnicors_core::{DynamicOriginSet, Guard, LookupResult, Policy, PolicyConfig, PolicyError};
