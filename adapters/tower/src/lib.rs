//! CORS for [tower](https://docs.rs/tower): a layer for axum, hyper, tonic and every other server of `http` and tower services.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use omnicors_tower::{CorsLayer, PolicyConfig};
//! use tokio::net::TcpListener;
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
//!     let listener = TcpListener::bind("127.0.0.1:3000").await?;
//!     axum::serve(listener, app).await?;
//!     Ok(())
//! }
//! ```
//!
//! # Where to add the layer
//!
//! Add the layer last, so that it is outside everything else. In axum, call `.layer` on the whole `Router`, after every
//! `.route` and every other `.layer`. Then all responses have the headers, including 404 and 405, and a preflight gets its
//! response before a login layer can reject it.
//!
//! # Choices
//!
//! * Several policies in one server: pass [`per_path`], [`per_host`] or [`per_request`] to [`CorsLayer::new`].
//! * Replace the policy while serving: pass a [`PolicyHandle`] to [`CorsLayer::new`].
//! * Look up origins in a database: [`CorsLayer::lookup_origins`].
//! * Make the body of the response to a rejected request: [`CorsLayer::on_reject`].
//! * Use a response body without `Default`, such as hyper's `Incoming` in a proxy: [`CorsLayer::for_any_body`]. With both, see the second
//!   example of [`CorsLayer::on_reject`].
//!
//! The service boxes no future. [Performance](https://docs.rs/omnicors/latest/omnicors/guide/performance/) has its costs and allocations, as
//! measured.
//!
//! # Features
//!
//! * `serde`, `regex`, `public-suffix`: the features of [`omnicors_core`].
//! * `tokio` (default): [`CorsLayer::lookup_origins`]. Its timeout uses tokio's clock.
//! * `tracing`: events with the target `omnicors`. A request that is rejected, or that a browser will block, is logged with its origin,
//!   the reason and what to change: at info once for each origin and reason, and at most 10 a minute; otherwise at debug. Each
//!   [warning](Policy::warnings) about a policy is logged at warn, and so is a policy that
//!   [needs an origin lookup](PolicyConfig::lookup_origins) if the layer has none.
//! * `log`: the same events for the logger of the crate `log`, unless a subscriber of `tracing` is set. This enables the feature `log`
//!   of `tracing`, so events of other crates reach the logger as well.
//! * `metrics`: the counter `omnicors_decisions_total` with the labels `decision` and `reason`, through the crate `metrics`.
//! * `axum`: events and [`per_path`] have the whole path of a request, also in a layer on a nested `Router`, which removes the prefix.
//!
//! <!-- Each file imports only from those after it: `cors`, `on_reject`, `any_body`, `service`, `future`, `body`. -->

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod any_body;
mod body;
mod cors;
mod future;
mod on_reject;
mod service;
#[cfg(test)]
mod tests;

pub use any_body::{AnyBodyFuture, AnyBodyLayer, AnyBodyService};
pub use body::{EmptyBody, OptionalBody};
pub use cors::CorsLayer;
#[cfg(feature = "tokio")]
pub use future::LookupFuture;
pub use future::ResponseFuture;
pub use on_reject::{OnRejectFuture, OnRejectLayer, OnRejectService};
pub use service::CorsService;

#[cfg(feature = "tokio")]
pub use omnicors_http::LookupFunction;
pub use omnicors_http::{
    ChoiceRequest, Guard, LookupResult, Policy, PolicyConfig, PolicyEntry, PolicyError,
    PolicyHandle, PolicySource, PreparedPolicy, Rejection, RequestHead, ShadowDifference,
    ShadowOrigin, ShadowReport, omnicors_core, per_host, per_path, per_request,
};
