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
//! Add the layer last, around everything else: in axum, to the whole `Router`, after all `.route`s and other `.layer`s. Then
//! every response has the headers, 404 and 405 included, and a preflight gets its response before anything asks for a login.
//!
//! * Replace the policy while serving: [`CorsLayer::new`] takes a [`PolicyHandle`].
//! * Choose a policy per request: it takes a [`per_request`] function.
//! * Look up origins in a database: [`CorsLayer::lookup_origins`].
//! * Pass on responses whose body has no `Default`, such as hyper's `Incoming` in a proxy: [`CorsLayer::for_any_body`].
//!
//! A service allocates only for the response to a preflight, and boxes no future. Cloning it, as hyper-util and axum do for each request, copies
//! a pointer.
//!
//! # Features
//!
//! * `tokio` (default): [`CorsLayer::lookup_origins`], whose timeout needs a clock.
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at debug for each denial, with its reason; at warn for each warning about a policy; and at warn, once
//!   per policy, if a policy from a [`PolicyHandle`] or a [`per_request`] function
//!   [needs an origin lookup](PolicyConfig::lookup_origins) and the layer has none.
//!
//! # Imports
//!
//! Each file imports only from those after it: `cors`, `any_body`, `service`, `future`, `body`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod any_body;
mod body;
mod cors;
mod future;
mod service;
#[cfg(test)]
mod tests;

pub use any_body::{AnyBodyFuture, AnyBodyLayer, AnyBodyService};
pub use body::{EmptyBody, OptionalBody};
pub use cors::CorsLayer;
#[cfg(feature = "tokio")]
pub use future::LookupFuture;
pub use future::ResponseFuture;
pub use service::CorsService;

#[cfg(feature = "tokio")]
pub use omnicors_http::LookupFunction;
pub use omnicors_http::{
    LookupResult, Policy, PolicyConfig, PolicyError, PolicyHandle, PolicySource, PreparedPolicy,
    RequestHead, omnicors_core, per_request,
};
