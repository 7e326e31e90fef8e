//! CORS for [warp](https://docs.rs/warp) 0.4: wraps any filter, and adds the headers to rejections as well.
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
//!     let routes = hello.or(item).with(warp::wrap_fn(|routes| cors.wrap(routes)));
//!
//!     warp::serve(routes).run(([127, 0, 0, 1], 3000)).await;
//!     Ok(())
//! }
//! ```
//!
//! `.with(warp::wrap_fn(|routes| cors.wrap(routes)))` is the same as `cors.wrap(routes)`. `.with(cors)` is not possible,
//! because only warp can implement its trait for wrappers.
//!
//! # What to wrap
//!
//! Wrap all routes at once, after every `.or` and `.recover`. Then all responses have the headers, including 404, 405 and the
//! responses to other rejections, and a preflight gets its response before a route runs. If paths need different policies,
//! choose the policy [per path](per_path) instead of wrapping some of the routes: see [`Cors::wrap`].
//!
//! # Choices
//!
//! * Several policies in one server: pass [`per_path`], [`per_host`] or [`per_request`] to [`Cors::new`].
//! * Replace the policy while serving: pass a [`PolicyHandle`] to [`Cors::new`].
//! * Look up origins in a database: [`Cors::lookup_origins`].
//! * Make the body of the response to a rejected request: [`Cors::on_reject`].
//!
//! # With the tower layer instead
//!
//! [`warp::service`] converts a filter to a tower service, to which you can apply the layer of
//! [`omnicors-tower`](https://docs.rs/omnicors-tower). Then a [`per_request`] function sees the extensions of the request, and
//! the header fields are not copied for it. But [`warp::addr::remote`](warp::filters::addr::remote) returns `None`, and you run
//! hyper yourself:
//!
//! ```
//! use hyper_util::rt::TokioIo;
//! use hyper_util::service::TowerToHyperService;
//! use omnicors_tower::{CorsLayer, PolicyConfig};
//! use tokio::net::TcpListener;
//! use tower_layer::Layer;
//! use warp::Filter;
//!
//! async fn run() -> Result<(), Box<dyn std::error::Error>> {
//!     let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
//!     let routes = warp::path::end().map(|| "hello");
//!     let service = TowerToHyperService::new(CorsLayer::new(policy).layer(warp::service(routes)));
//!
//!     let listener = TcpListener::bind("127.0.0.1:3000").await?;
//!     loop {
//!         let (stream, _) = listener.accept().await?;
//!         let stream = TokioIo::new(stream);
//!         let connection = hyper::server::conn::http1::Builder::new().serve_connection(stream, service.clone());
//!         tokio::spawn(connection);
//!     }
//! }
//! ```
//!
//! # Features
//!
//! * `serde`, `regex`, `public-suffix`: the features of [`omnicors_core`].
//! * `tracing`: events with the target `omnicors`. A request that is rejected, or that a browser will block, is logged with its origin,
//!   the reason and what to change: at info once for each origin and reason, and at most 10 a minute; otherwise at debug. Each
//!   [warning](Policy::warnings) about a policy is logged at warn, and so is a policy that
//!   [needs an origin lookup](PolicyConfig::lookup_origins) if [`Cors`] has none.
//! * `log`: the same events for the logger of the crate `log`, unless a subscriber of `tracing` is set. This enables the feature `log`
//!   of `tracing`, so events of other crates reach the logger as well.
//! * `metrics`: the counter `omnicors_decisions_total` with the labels `decision` and `reason`, through the crate `metrics`.
//!
//! <!-- Each file imports only from those after it: `cors`, `decision`, `request`, `response`. -->

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cors;
mod decision;
mod request;
mod response;
#[cfg(test)]
mod tests;

pub use cors::Cors;

pub use omnicors_http::{
    ChoiceRequest, Guard, LookupResult, Policy, PolicyConfig, PolicyEntry, PolicyError,
    PolicyHandle, PolicySource, PreparedPolicy, Rejection, RequestHead, ShadowDifference,
    ShadowOrigin, ShadowReport, omnicors_core, per_host, per_path, per_request,
};
