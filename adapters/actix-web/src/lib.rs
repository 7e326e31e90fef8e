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
//! Wrap last: the last `.wrap` is the outermost middleware. On the `App` it is around everything else, so that the headers
//! are on each response that leaves, 404, 405 and the errors of other middleware among them, and a preflight is answered
//! before anything asks for a login. On a `Scope` or a `Resource` it is around what that is asked: a path that matches none
//! of them gets no headers, nor does a preflight for which a guard of theirs fails. Put one around a request, not two: the
//! outer one answers preflights by its own policy, and replaces what the inner one says.
//!
//! A handler that panics takes its connection with it: actix-web catches no panic, and there is no response to put headers
//! on.
//!
//! * Replace the policy while serving: [`Cors::new`] takes a [`PolicyHandle`].
//! * Choose a policy per request: it takes a [`per_request`] function.
//! * Look up origins in a database: [`Cors::lookup_origins`].
//!
//! A request costs no boxed future, unless its origin has to be looked up.
//!
//! # Features
//!
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at debug for each denial, with its reason; at warn for each warning about a policy.
//!
//! # Imports
//!
//! Each file imports only from those after it: `cors`, `middleware`, `future`, `source`, `decision`, `prepared`, `response`,
//! `request`. The last four translate between the core and actix-web's own header types (its map, and the values of `http`
//! 0.2), as the files of these names in `omnicors-http` do for `http` 1.x.

#![forbid(unsafe_code)]

mod cors;
mod decision;
mod future;
mod middleware;
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
pub use source::{PolicyHandle, PolicySource, per_request};

pub use omnicors_adapter::{Policy, PolicyConfig, PolicyError, omnicors_core};
