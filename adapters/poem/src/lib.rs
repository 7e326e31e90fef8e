//! CORS for [poem](https://docs.rs/poem): a middleware that adds the headers to every response, errors included.
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
//! Add the middleware around everything else: to the whole `Route`, as the last `.with(…)`. Then every response has the
//! headers, including 404, 405 and those that [`CatchPanic`](poem::middleware::CatchPanic) makes of a panic, and a preflight
//! gets its response before anything asks for a login.
//!
//! An error that an endpoint returns, `Err(poem::Error)`, has no header fields. So the middleware makes it the response that it
//! stands for, with the data attached by [`set_data`](poem::Error::set_data). Middleware that catches errors (`catch_error`
//! and the like) therefore goes inside: before `.with(Cors::new(policy))`.
//!
//! * Replace the policy while serving: [`Cors::new`] takes a [`PolicyHandle`].
//! * Choose a policy per request: it takes a [`per_request`] function. If the middleware is on a nested route, it sees
//!   the rest of the path. If it returns `None`, an error stays an error; but if the choice
//!   [varies on](PolicySource::vary_on) a field, the error becomes a response, because an error cannot have `Vary`.
//! * Look up origins in a database: [`Cors::lookup_origins`].
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
//! Each file imports only from those after it: `cors`, `request`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cors;
mod request;
#[cfg(test)]
mod tests;

pub use cors::{Cors, CorsEndpoint};

pub use omnicors_http::{
    LookupResult, Policy, PolicyConfig, PolicyError, PolicyHandle, PolicySource, PreparedPolicy,
    RequestHead, omnicors_core, per_request,
};
