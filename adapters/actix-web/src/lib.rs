//! CORS for [actix-web](https://docs.rs/actix-web): a middleware for `App`, `Scope` and `Resource`.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use omnicors_actix_web::{Cors, PolicyConfig};
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let policy = PolicyConfig::new()
//!         .allow_origins(["https://example.com"])
//!         .allow_methods(["PUT", "DELETE"])
//!         .allow_headers(["content-type"])
//!         .build()?;
//!
//!     // Create it outside the closure, so that all workers share one policy.
//!     let cors = Cors::new(policy);
//!     HttpServer::new(move || {
//!         App::new()
//!             .route("/", web::get().to(async || "hello"))
//!             .wrap(cors.clone())
//!     })
//!     .bind(("127.0.0.1", 3000))?
//!     .run()
//!     .await?;
//!     Ok(())
//! }
//! ```
//!
//! # Where to add the middleware
//!
//! Call `.wrap` on the `App`, after every other `.wrap`: the last one is outermost. Then all responses have the headers,
//! including 404, 405 and the errors of other middleware, and a preflight gets its response before a login middleware can
//! reject it.
//!
//! On a `Scope` or a `Resource`, the middleware sees only the requests that reach it. A path that matches no resource gets no
//! headers, and neither does a preflight that a guard of the scope or resource rejects.
//!
//! Do not nest two of them. The outer one responds to preflights and replaces the headers of the inner one.
//!
//! If a handler panics, actix-web closes the connection without a response.
//!
//! # Choices
//!
//! * Several policies in one server: pass [`per_path`], [`per_host`] or [`per_request`] to [`Cors::new`].
//! * Replace the policy while serving: pass a [`PolicyHandle`] to [`Cors::new`].
//! * Look up origins in a database: [`Cors::lookup_origins`].
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
//! <!-- Each file imports only from those after it: `cors`, `middleware`, `future`, `source`, `decision`, `prepared`, `response`,
//! `request`, `names`. The last five translate between the core and the header types of actix-web, as the files with these names
//! in `omnicors-http` do for `http` 1.x. -->

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cors;
mod decision;
mod future;
mod middleware;
mod names;
mod prepared;
mod request;
mod response;
mod source;
#[cfg(test)]
mod tests;

pub use cors::Cors;
pub use future::CorsFuture;
pub use middleware::CorsMiddleware;
pub use prepared::{PreparedHeaders, PreparedPolicy};
pub use request::RequestView;
pub use source::{
    ChoiceRequest, Choose, PolicyEntry, PolicyHandle, PolicySource, per_host, per_path, per_request,
};

pub use omnicors_adapter::omnicors_core::{LookupResult, Rejection};
pub use omnicors_adapter::{
    Guard, Policy, PolicyConfig, PolicyError, ShadowDifference, ShadowOrigin, ShadowReport,
    omnicors_core,
};
