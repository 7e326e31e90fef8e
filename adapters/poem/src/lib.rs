//! CORS for [poem](https://docs.rs/poem): a middleware that adds the headers to every response, errors included.
//!
//! ```no_run
//! use omnicors_poem::{Cors, PolicyConfig};
//! use poem::listener::TcpListener;
//! use poem::{EndpointExt, Route, Server, get, handler};
//!
//! #[handler]
//! fn hello() -> &'static str {
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
//!     let app = Route::new()
//!         .at("/", get(hello))
//!         .with(Cors::new(policy));
//!
//!     Server::new(TcpListener::bind("127.0.0.1:3000")).run(app).await?;
//!     Ok(())
//! }
//! ```
//!
//! # Where to add the middleware
//!
//! Call `.with(Cors::new(policy))` on the whole `Route`, after every other `.with`. Then all responses have the headers,
//! including 404, 405 and those that [`CatchPanic`](poem::middleware::CatchPanic) makes of a panic, and a preflight gets its
//! response before a login middleware can reject it.
//!
//! An error that an endpoint returns (`Err(poem::Error)`) has no header fields, so the middleware converts it to its response.
//! The data attached with [`set_data`](poem::Error::set_data) is kept. Middleware that catches errors, such as `catch_error`,
//! sees no error outside of this middleware: add it before `.with(Cors::new(policy))`.
//!
//! # Choices
//!
//! * Several policies in one server: pass [`per_path`], [`per_host`] or [`per_request`] to [`Cors::new`].
//! * Replace the policy while serving: pass a [`PolicyHandle`] to [`Cors::new`].
//! * Look up origins in a database: [`Cors::lookup_origins`].
//! * Make the body of the response to a rejected request: [`Cors::on_reject`].
//!
//! If a [`per_request`] function returns `None`, an error stays an error, unless the choice [varies on](PolicySource::vary_on)
//! a field: the response then needs `Vary`.
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
//! <!-- Each file imports only from those after it: `cors`, `request`. -->

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cors;
mod request;
#[cfg(test)]
mod tests;

pub use cors::{Cors, CorsEndpoint};

pub use omnicors_http::{
    ChoiceRequest, Guard, LookupResult, Policy, PolicyConfig, PolicyEntry, PolicyError,
    PolicyHandle, PolicySource, PreparedPolicy, Rejection, RequestHead, ShadowDifference,
    ShadowOrigin, ShadowReport, omnicors_core, per_host, per_path, per_request,
};
