//! CORS for [warp](https://docs.rs/warp) 0.4: wraps any filter; rejections have the headers, too.
//!
//! ```
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
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//!     println!("http://{}", listener.local_addr()?);
//! # let _running =
//!     warp::serve(routes).incoming(listener).run();
//! #   Ok(())
//! # }
//! # /*
//!         .await;
//!     Ok(())
//! }
//! # */
//! ```
//!
//! `wrap_fn` is needed because warp's `Wrap` is sealed: other crates cannot make a type that `.with` takes.
//! `cors.wrap(routes)` does the same.
//!
//! Wrap all routes, last. Then a preflight gets its response before any route runs, and every response has the headers,
//! including 404, 405 and the responses to other rejections. For another policy on some paths, choose it
//! [per request](per_request) instead of wrapping some of the routes: see [`Cors::wrap`].
//!
//! # Around a whole server
//!
//! [`warp::service`] makes a tower service of a filter, and the layer of [`omnicors-tower`] fits around that. Then a
//! [`per_request`] function sees the request's extensions, and no header fields are copied for it. But warp does not know the
//! client's address ([`warp::addr::remote`](warp::filters::addr::remote) extracts `None`), and you run hyper yourself:
//!
//! ```
//! use hyper_util::rt::TokioIo;
//! use hyper_util::service::TowerToHyperService;
//! use omnicors_tower::{CorsLayer, PolicyConfig};
//! use tower_layer::Layer;
//! use warp::Filter;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
//! let routes = warp::path::end().map(|| "hello");
//! let service = TowerToHyperService::new(CorsLayer::new(policy).layer(warp::service(routes)));
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! loop {
//!     let (stream, _) = listener.accept().await?;
//!     let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone());
//!     tokio::spawn(connection);
//! }
//! # }
//! ```
//!
//! [`omnicors-tower`]: https://docs.rs/omnicors-tower
//!
//! # Features
//!
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at debug for each denial, with its reason; at warn for each warning about a policy; and at warn, once
//!   per policy, if a policy from a [`PolicyHandle`] or a [`per_request`] function
//!   [needs an origin lookup](PolicyConfig::lookup_origins) and [`Cors`] has none.
//!
//! # Imports
//!
//! Each file imports only from those after it: `cors`, `decision`, `request`, `response`.

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
    LookupResult, Policy, PolicyConfig, PolicyError, PolicyHandle, PolicySource, PreparedPolicy,
    RequestHead, omnicors_core, per_request,
};
