//! CORS for [poem](https://docs.rs/poem): a middleware whose headers are on every response, errors among them.
//!
//! ```
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
//! # let _running =
//!     Server::new(TcpListener::bind("127.0.0.1:3000")).run(app);
//! #   Ok(())
//! # }
//! # /*
//!         .await?;
//!     Ok(())
//! }
//! # */
//! ```
//!
//! The middleware goes around everything else: onto the whole `Route`, as the last `.with(…)`. So the headers are on each
//! response that leaves, 404, 405 and what [`CatchPanic`](poem::middleware::CatchPanic) makes of a panic among them, and a
//! preflight is answered before anything asks for a login.
//!
//! An error that an endpoint returns, `Err(poem::Error)`, has no header lines to put anything onto: it is made the response
//! that it stands for, and what was attached to it by [`set_data`](poem::Error::set_data) is attached to that. What catches
//! errors (`catch_error` and its like) therefore goes inside: before `.with(Cors::new(policy))`.
//!
//! * Replace the policy while serving: [`Cors::new`] takes a [`PolicyHandle`].
//! * Choose a policy per request: it takes a [`per_request`] function. That sees what is left of the path, where the
//!   middleware is on something nested.
//! * Look up origins in a database: [`Cors::lookup_origins`].
//!
//! # Features
//!
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at debug for each denial, with its reason; at warn for each warning about a policy.

#![forbid(unsafe_code)]

mod cors;
#[cfg(test)]
mod tests;

pub use cors::{Cors, CorsEndpoint};

pub use omnicors_http::{
    Policy, PolicyConfig, PolicyError, PolicyHandle, PolicySource, PreparedPolicy, RequestHead,
    omnicors_core, per_request,
};
