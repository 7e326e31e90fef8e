//! CORS for [warp](https://docs.rs/warp) 0.4: for a whole server or any filter. Responses to rejections have the headers as well.
//!
//! ```no_run
//! use omnicors_warp::{Cors, PolicyConfig};
//! use warp::Filter;
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let policy = PolicyConfig::new()
//!         .allow_origins(["https://example.com"])
//!         .allow_methods(["PUT", "DELETE"])
//!         .allow_headers(["content-type"])
//!         .build()?;
//!     let cors = Cors::new(policy);
//!
//!     let hello = warp::path::end().and(warp::get()).map(|| "hello");
//!     let item = warp::path!("items" / String).and(warp::put()).map(|id| format!("{id} is replaced"));
//!
//!     // In place of `warp::serve(hello.or(item)).run(…).await`.
//!     cors.serve(hello.or(item)).run(([127, 0, 0, 1], 3000)).await?;
//!     Ok(())
//! }
//! ```
//!
//! # Three ways to apply a policy
//!
//! | call | in place of | for |
//! |---|---|---|
//! | [`Cors::serve`] | `warp::serve` | a whole server |
//! | [`Cors::service`] | [`warp::service`] | a server that you run yourself: with TLS, or with tower layers |
//! | [`Cors::wrap`] | | a part of a tree of filters, or the server of warp |
//!
//! All of them make the same responses: 404, 405 and the responses to other rejections have the headers, and a preflight gets its
//! response before a route runs. If paths need different policies, choose the policy [per path](per_path) instead of wrapping
//! some of the routes.
//!
//! `serve` and `service` decide before warp's filters run, so they cost less than `wrap`. Only with them, a [`per_request`] function
//! sees the extensions of the request.
//!
//! The server of `serve` works as that of `warp::serve`, with one exception. warp's filter
//! [`warp::addr::remote`](warp::filters::addr::remote) extracts `None`, and [`warp::log`](warp::filters::log) prints no address, because the type of the
//! address that they read is private to warp. Use [`remote_addr`] instead, or `warp::serve(cors.wrap(routes))`.
//!
//! # Choices
//!
//! * Several policies in one server: pass [`per_path`], [`per_host`] or [`per_request`] to [`Cors::new`].
//! * Replace the policy while serving: pass a [`PolicyHandle`] to [`Cors::new`].
//! * Look up origins in a database: [`Cors::lookup_origins`].
//! * Make the body of the response to a rejected request: [`Cors::on_reject`].
//! * Convert a panic of a route to a response that has the headers: add `CatchPanicLayer` of tower-http to [`warp::service`], and around
//!   it the layer of [`omnicors-tower`](https://docs.rs/omnicors-tower).
//!
//! # Features
//!
//! * `server` (default): [`Cors::serve`].
//! * `serde`, `regex`, `public-suffix`: the features of [`omnicors_core`].
//! * `tracing`: events with the target `omnicors`. A request that is rejected, or that a browser will block, is logged with its origin,
//!   the reason and what to change: at info once for each origin and reason, and at most 10 a minute; otherwise at debug. Each
//!   [warning](Policy::warnings) about a policy is logged at warn, and so is a policy that
//!   [needs an origin lookup](PolicyConfig::lookup_origins) if [`Cors`] has none.
//! * `log`: the same events for the logger of the crate `log`, unless a subscriber of `tracing` is set. This enables the feature `log`
//!   of `tracing`, so events of other crates reach the logger as well.
//! * `metrics`: the counter `omnicors_decisions_total` with the labels `decision` and `reason`, through the crate `metrics`.
//!
//! <!-- Each file imports only from those after it: `cors`, `server`, `listener`, `service`, `future`, `wrap`, `decision`, `rejection`, `request`,
//! `response`, `address`. -->

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod address;
mod cors;
mod decision;
mod future;
#[cfg(feature = "server")]
mod listener;
mod rejection;
mod request;
mod response;
#[cfg(feature = "server")]
mod server;
mod service;
#[cfg(test)]
mod tests;
mod wrap;

pub use address::remote_addr;
pub use cors::Cors;
pub use future::ResponseFuture;
#[cfg(feature = "server")]
pub use server::{BoundServer, Server};
pub use service::CorsService;

pub use omnicors_http::{
    ChoiceRequest, Guard, LookupResult, Policy, PolicyConfig, PolicyEntry, PolicyError,
    PolicyHandle, PolicySource, PreparedPolicy, Rejection, RequestHead, ShadowDifference,
    ShadowOrigin, ShadowReport, omnicors_core, per_host, per_path, per_request,
};
