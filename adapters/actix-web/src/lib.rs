// Longer than other adapters, for two reasons. actix-web has header types of its own (its map, and the values of http 0.2):
// `decided.rs`, `headers.rs` and `prepared.rs` do for these what the files of that name, `policy.rs` and `request.rs` of omnicors-http do for those of
// http 1.x. (One generic over both maps would save little: the trait that it needs, and its two implementations, are about as
// long as this copy.) And the future is written by hand, so that it is not boxed, in `middleware.rs`.

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
//! * Look origins up in a database: [`Cors::decide_origins`].
//!
//! A request costs no boxed future, unless its origin has to be looked up.
//!
//! # Features
//!
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at debug for each denial, with its reason; at warn for what the policy is advised about.

#![forbid(unsafe_code)]

mod cors;
mod decided;
mod headers;
mod middleware;
mod prepared;
mod source;
#[cfg(test)]
mod tests;

pub use cors::Cors;
pub use middleware::{CorsFuture, CorsMiddleware};
pub use prepared::PreparedHeaders;
pub use source::{PolicyHandle, PolicySource, PreparedPolicy, SharedPolicy, per_request};

pub use omnicors_http::omnicors_core;
pub use omnicors_http::{Policy, PolicyConfig, PolicyError};
