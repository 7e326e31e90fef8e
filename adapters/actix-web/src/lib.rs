//! CORS for [actix-web](https://docs.rs/actix-web): a middleware for `App`, `Scope` and `Resource`.
//!
//! ```
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
//!     // Once; each worker gets a clone, and all share the one policy.
//!     let cors = Cors::new(policy);
//!     let server = HttpServer::new(move || {
//!         App::new()
//!             .route("/", web::get().to(async || "hello"))
//!             .wrap(cors.clone())
//!     })
//!     .bind(("127.0.0.1", 0))?;
//!
//!     println!("{:?}", server.addrs());
//! # let _running =
//!     server.run();
//! #   Ok(())
//! # }
//! # /*
//!         .await?;
//!     Ok(())
//! }
//! # */
//! ```
//!
//! Wrap last: the last `.wrap` is the outermost middleware. On the `App` it is around everything else. Then every response has
//! the headers, including 404, 405 and the errors of other middleware, and a preflight gets its response before anything asks
//! for a login. On a `Scope` or a `Resource` it sees only the requests that reach it: a path that matches none of them gets no
//! headers, nor does a preflight for which one of their guards fails. Do not nest two: the outer one responds to preflights by
//! its own policy, and replaces the headers of the inner one.
//!
//! If a handler panics, actix-web closes the connection, and there is no response that could have headers.
//!
//! * Replace the policy while serving: [`Cors::new`] takes a [`PolicyHandle`].
//! * Choose a policy per request: it takes a [`per_request`] function.
//! * Look up origins in a database: [`Cors::lookup_origins`].
//!
//! Only a request whose origin is looked up costs a boxed future.
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
//! Each file imports only from those after it: `cors`, `middleware`, `future`, `source`, `decision`, `prepared`, `response`,
//! `request`, `names`. The last five translate between the core and actix-web's own header types (its map, and the values of `http`
//! 0.2), as the files of these names in `omnicors-http` do for `http` 1.x.

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
pub use source::{Choose, PolicyHandle, PolicySource, per_request};

pub use omnicors_adapter::omnicors_core::LookupResult;
pub use omnicors_adapter::{Policy, PolicyConfig, PolicyError, omnicors_core};
