//! A store of CORS origins in Redis or Valkey that many servers share.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use omnicors_redis::RedisStore;
//! use omnicors_tokio::{OriginReplica, PolicyConfig};
//! use omnicors_tower::CorsLayer;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let store = RedisStore::from_url("redis://node:nodes-password@127.0.0.1:6379")?;
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
//! To ask Redis about each origin when it is first seen instead, use [`OriginLookup::with_store`](omnicors_tokio::OriginLookup::with_store).
//!
//! # Adding and removing origins
//!
//! ```no_run
//! use omnicors_redis::{OriginStoreWriter, RedisStore};
//! use omnicors_redis::omnicors_core::Origin;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let store = RedisStore::from_url("redis://writer:writers-password@127.0.0.1:6379")?;
//!     // Once for each set of data.
//!     store.init().await?;
//!     store.add(&[Origin::parse(b"https://tenant.example")?]).await?;
//!     Ok(())
//! }
//! ```
//!
//! Applications in other languages run [`RedisStore::SCRIPT`]. Servers that hold a copy of the set do not see members that are added
//! with `SADD` or removed with `SREM`. After an `SREM`, remove the origin again with the script or [`RedisStore`]: a removal reaches servers
//! also if the set does not have the origin. To load many origins at once, use `SADD` before [`init`](RedisStore::init).
//!
//! # Keys
//!
//! | key | type | content |
//! |---|---|---|
//! | `{omnicors}:origins` | set | the origins |
//! | `{omnicors}:changes` | stream | one entry per change, with the id `<revision>-0` and the field `add` or `remove` |
//! | `{omnicors}:revision` | string | the revision of the last change |
//! | `{omnicors}:history` | string | a random text |
//!
//! # Users
//!
//! These are exactly the permissions that a server needs, which only reads:
//!
//! ```text
//! ACL SETUSER node on >nodes-password resetchannels resetkeys %R~{omnicors}:* -@all
//!     +info +multi +exec +get +sismember +sscan +xrange +xread
//! ```
//!
//! And those of a program that adds and removes origins, and calls `init`:
//!
//! ```text
//! ACL SETUSER writer on >writers-password resetchannels resetkeys ~{omnicors}:* -@all
//!     +info +multi +exec +get +set +exists +del +sismember +sadd +srem +xadd +evalsha +script|load
//! ```
//!
//! # What happens when Redis fails
//!
//! * **A connection is lost.** The server resumes after the last change that it has seen. Redis keeps the last 100,000 changes
//!   ([`with_kept_changes`](RedisStore::with_kept_changes)); after more changes, the server reads the whole set.
//! * **Redis restarts.** Each server reads the whole set. Redis confirms a change before it is on the disk, unless you set `appendonly yes`
//!   and `appendfsync always`. If it then fails, the change is lost, and an origin that was removed is allowed again.
//! * **A replica becomes the primary.** Each server reads the whole set from it, as soon as the address of the store leads to it. A change
//!   that the replica has not received is lost. `min-replicas-to-write 1` makes it less likely: Redis then refuses changes while no replica
//!   has confirmed anything for `min-replicas-max-lag` seconds. It does not wait for replicas to confirm the change itself.
//! * **The primary is cut off from its replicas.** One of them may be promoted while servers on the other side still read from the old one.
//!   It cannot know, so these servers see its changes only until the partition ends. `min-replicas-to-write` makes the old primary refuse
//!   changes, not reads.
//! * **The address leads to a replica.** The store refuses it, because a replica may lag behind. A primary that becomes a replica returns
//!   errors from then on.
//! * **All data are lost.** Redis answers with an empty set, so the store asks for `{omnicors}:history` in each read. If it is not there,
//!   there is an error instead of a denial, until you restore the data or call [`init`](RedisStore::init).
//! * **The memory is full.** With the `maxmemory-policy` `allkeys-…`, Redis may remove the set. The store refuses to connect and to
//!   read the whole set. With `noeviction` and with `volatile-…`, Redis refuses changes, and no origin is lost.
//! * **The policy is changed later**, with `CONFIG SET maxmemory-policy allkeys-lru`. Servers that are connected continue to follow the
//!   changes, and notice the policy when they connect or read the whole set again. If Redis has removed the set meanwhile, copies keep the
//!   origins, and lookups deny them. Set the policy back, delete `{omnicors}:history`, call [`init`](RedisStore::init), and add the origins
//!   again.
//!
//! The address is that of one server. Behind Sentinel or a managed service, use a name that follows the primary. In a cluster, use that of
//! the shard that has the slot of `{omnicors}`: all keys are in one slot.
//!
//! # Features
//!
//! * `rustls`: `rediss://`, with the authorities of the operating system. If the application has not set the cryptography of rustls
//!   (`CryptoProvider::install_default`), the first connection sets that of `ring`.
//!
//! # Imports
//!
//! Each module imports only from those after it: `writer`, `store`, `session`, `server`, `changes`, `state`, `script`,
//! `keys`, `error`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod changes;
mod error;
mod keys;
mod script;
mod server;
mod session;
mod state;
mod store;
mod writer;

pub use session::RedisSession;
pub use store::RedisStore;

pub use omnicors_core;
pub use omnicors_tokio::{OriginStore, OriginStoreWriter, StoreError};
pub use redis;
