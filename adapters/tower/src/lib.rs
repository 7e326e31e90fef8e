// Longer than other adapters, because there are two services, with futures written by hand, so that neither is boxed: the one
// of `deciding.rs` waits for a verdict before it calls the inner service, which must be `Clone` for that; the one of
// `service.rs` asks nothing of the kind.

//! CORS for [tower](https://docs.rs/tower): a layer for axum, hyper, tonic and everything else that speaks `http` and tower.
//!
//! ```
//! use axum::{Router, routing::get};
//! use omnicors_tower::{CorsLayer, PolicyConfig};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let policy = PolicyConfig::new()
//!         .allow_origins(["https://example.com"])
//!         .allow_methods(["PUT", "DELETE"])
//!         .allow_headers(["content-type"])
//!         .build()?;
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
//! The layer goes around everything else: in axum, onto the whole `Router`, behind all `.route`s and other `.layer`s. So the
//! headers are on each response that leaves, 404 and 405 among them, and a preflight is answered before anything asks for a
//! login.
//!
//! * Replace the policy while serving: [`CorsLayer::new`] takes a [`PolicyHandle`].
//! * Choose a policy per request: it takes a [`per_request`] function.
//! * Look origins up in a database: [`CorsLayer::decide_origins`].
//!
//! A service costs no allocation of its own and no boxed future; cloning it, as hyper-util and axum do for each request,
//! copies a pointer.
//!
//! # Features
//!
//! * `tokio` (default): [`CorsLayer::decide_origins`], whose time-out needs a clock.
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at debug for each denial, with its reason; at warn for what the policy is advised about.

#![forbid(unsafe_code)]

#[cfg(feature = "tokio")]
mod deciding;
mod layer;
mod service;
#[cfg(test)]
mod tests;

#[cfg(feature = "tokio")]
pub use deciding::DecidingFuture;
pub use layer::CorsLayer;
pub use service::{CorsService, ResponseFuture};

#[cfg(feature = "tokio")]
pub use omnicors_http::OriginDecider;
pub use omnicors_http::{
    Policy, PolicyConfig, PolicyError, PolicyHandle, PolicySource, RequestHead, SharedPolicy,
    omnicors_core, per_request,
};
