//! Allowed origins in PostgreSQL, shared by all servers of a fleet: a [`PostgresStore`], which implements the traits
//! [`OriginStore`](omnicors_tokio::OriginStore) and [`OriginStoreWriter`](omnicors_tokio::OriginStoreWriter) of [`omnicors_tokio`].
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use omnicors_postgres::{OriginTable, PostgresStore};
//! use omnicors_tokio::{OriginReplica, PolicyConfig};
//! use omnicors_tower::CorsLayer;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // The origins of the active tenants, in a table that the application has already.
//!     let store = PostgresStore::from_url("postgres://cors:password@db.example/app")?
//!         .with_table(OriginTable::new("tenants", "origin").only_where("active"));
//!     // A copy of all origins in memory, which follows the changes.
//!     let tenants = OriginReplica::new(store).await?;
//!     let policy = PolicyConfig::new().allow_origins_in(tenants).build()?;
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
//! To ask PostgreSQL about each origin when it is first seen instead, use
//! [`OriginLookup::with_store`](omnicors_tokio::OriginLookup::with_store).
//!
//! # The database
//!
//! PostgreSQL 13 or later. The origins are in the table `omnicors.origin`, or in a table that your application has already:
//! see [`OriginTable`].
//!
//! 1. As the owner of the table, run the SQL of [`PostgresStore::migration`], or call [`PostgresStore::init`]. It creates the schema
//!    `omnicors` and the triggers of the table. Your application needs no rights on the schema.
//! 2. Run the SQL of [`PostgresStore::grants`], or call [`PostgresStore::grant`], for the role of the servers. They only read.
//! 3. Once a day, call [`PostgresStore::prune`], or run `SELECT omnicors.prune('7 days')`.
//!
//! # How changes are read
//!
//! The triggers record in `omnicors.change` which origins a transaction has touched. A position is a snapshot of PostgreSQL: the list of
//! the transactions that it includes. To continue after a position, a server reads the origins that were touched by transactions
//! that are not in the snapshot, looks each of them up in the table, and takes the snapshot of this one statement as the next position. So
//! transactions that commit in another order than they began are not missed, and a long transaction delays no other.
//!
//! A server reads the whole table again if the changes after its position were deleted, if a change affects more than 100,000 origins
//! or is a `TRUNCATE`, and if the database is not the one of its position: another cluster or database, another timeline because a
//! standby was promoted, tables that were created again, or a disk that was set back. A store with
//! another table or condition has positions of its own.
//!
//! A dump that is restored in another cluster contains numbers of transactions of the first one. Run [`PostgresStore::migration`] after
//! the restore: if the numbers are greater than those of the new cluster, it begins a new history, and until then, servers get an error.
//!
//! Logical replication must not copy the schema `omnicors`: its rows are about the transactions of one cluster, and the triggers of a
//! subscriber record the changes there. So publish the tables or schemas of your application (`CREATE PUBLICATION … FOR TABLE tenants`),
//! not `FOR ALL TABLES`. If rows were copied, the apply worker of the subscriber stops with a duplicate key in `omnicors.change`: publish
//! only those tables, and on the subscriber run `ALTER SUBSCRIPTION … REFRESH PUBLICATION` and [`PostgresStore::migration`].
//!
//! # Costs
//!
//! With PostgreSQL 15 on two cores, a row that is inserted, deleted, or changed in a way that matters takes 25 µs more, and each record
//! of a change 125 bytes until it is pruned. To read the changes after a position takes the server about 1 ms, with a million records
//! and a million origins. A transaction that is open for long does not make it slower.
//!
//! # Only the primary
//!
//! A standby is refused with an error, in each statement. After a failover, the previous primary must be ended, or cut off from the
//! servers, before the standby is promoted, as cluster managers do: a server cannot see which of two primaries is the right one.
//!
//! # Features
//!
//! * `rustls`: [`PostgresStore::with_tls`] and [`PostgresStore::with_tls_config`]. If neither is called, connections are not encrypted, and
//!   whoever can change what is sent on the network can allow any origin.
//!
//! # Imports
//!
//! Each module imports only from those after it: `writer`, `store`, `session`, `lookups`, `settings`, `state`, `link`, `tls`,
//! `statements`, `table`, `cursor`, `error`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cursor;
mod error;
mod link;
mod lookups;
mod session;
mod settings;
mod state;
mod statements;
mod store;
mod table;
mod tls;
mod writer;

pub use error::PostgresError;
pub use session::PostgresSession;
pub use store::PostgresStore;
pub use table::OriginTable;

pub use omnicors_tokio;
#[cfg(feature = "rustls")]
#[cfg_attr(docsrs, doc(cfg(feature = "rustls")))]
pub use rustls;
pub use tokio_postgres;
