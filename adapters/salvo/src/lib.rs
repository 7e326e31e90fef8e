//! CORS for [salvo](https://docs.rs/salvo): a hoop that adds the headers to every response, 404 and 405 included.
//!
//! ```no_run
//! use omnicors_salvo::{Cors, PolicyConfig};
//! use salvo::prelude::*;
//!
//! #[handler]
//! async fn hello() -> &'static str {
//!     "hello"
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let policy = PolicyConfig::new()
//!         .allow_origins(["https://example.com"])
//!         .allow_methods(["PUT", "DELETE"])
//!         .allow_headers(["content-type"])
//!         .build()?;
//!
//!     let app = Service::new(Router::new().get(hello))
//!         .hoop(Cors::new(policy));
//!
//!     let acceptor = TcpListener::new("127.0.0.1:3000").bind().await;
//!     Server::new(acceptor).serve(app).await;
//!     Ok(())
//! }
//! ```
//!
//! # Where to add the hoop
//!
//! Add it to the [`Service`](salvo_core::Service), as the first hoop. Then all responses have the headers, including 404, 405
//! and those that a later `CatchPanic` makes of a panic, and a preflight gets its response before a login hoop can reject it.
//!
//! On a [`Router`](salvo_core::Router), the hoop sees only the requests that match a route. salvo responds with 405 to a
//! preflight for a route that does not accept `OPTIONS`, and the browser blocks the request. To use the hoop there, give each
//! route an `.options(…)` handler, which is not run for preflights, or use `.goal(…)`. It is simpler to add the hoop to the
//! service, and to choose the policy [per path](per_path).
//!
//! A catcher writes its page after the hoops have run, and the headers stay on the response. If the catcher sets CORS fields or
//! `Vary` itself, they replace ours. Give such a catcher the same hoop: `Catcher::default().hoop(cors.clone())`. Then the hoop decides such a request
//! twice: it looks the origin up again, and the feature `metrics` counts two decisions.
//!
//! # Choices
//!
//! * Several policies in one server: pass [`per_path`], [`per_host`] or [`per_request`] to [`Cors::new`].
//! * Replace the policy while serving: pass a [`PolicyHandle`] to [`Cors::new`].
//! * Look up origins in a database: [`Cors::lookup_origins`], and [`Cors::assert_no_lookup_is_missing`] before the server starts.
//! * Make the body of the response to a rejected request: [`Cors::on_reject`].
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
//! <!-- Each file imports only from those after it: `cors`, `request`, `response`. -->

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cors;
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
