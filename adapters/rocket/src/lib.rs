//! CORS for [Rocket](https://rocket.rs) 0.5: a fairing. Attaching it is all.
//!
//! ```no_run
//! use omnicors_rocket::{Cors, PolicyConfig};
//! use rocket::{get, routes};
//!
//! #[get("/")]
//! fn hello() -> &'static str {
//!     "hello"
//! }
//!
//! #[rocket::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let policy = PolicyConfig::new()
//!         .allow_origins(["https://example.com"])
//!         .allow_methods(["PUT", "DELETE"])
//!         .allow_headers(["content-type"])
//!         .build()?;
//!
//!     let rocket = rocket::build()
//!         .mount("/", routes![hello])
//!         .attach(Cors::new(policy));
//!
//!     rocket.launch().await?;
//!     Ok(())
//! }
//! ```
//!
//! Attach it last: fairings run in the order in which they are attached, so that nothing changes a request after it has been
//! decided, or a response after its headers are on. It is for the whole server, and there is one: of two, Rocket keeps the one
//! attached last. Catchers' responses carry the headers as well, 404, 422 and 500 after a panic among them.
//!
//! * Replace the policy while serving: [`Cors::new`] takes a [`PolicyHandle`].
//! * Choose a policy per request: it takes a [`per_request`] function.
//! * Look up origins in a database: [`Cors::lookup_origins`].
//!
//! # The response to a preflight
//!
//! A fairing of Rocket cannot respond to a request. So it changes the method of a preflight to `CONNECT`, and mounts a route
//! that responds to this method on all paths. No route, request guard or catcher of the application for `OPTIONS` sees a
//! preflight; your own routes for `OPTIONS` get all other requests with that method. Rocket's log, and fairings attached
//! after this one, see `CONNECT`.
//!
//! # What Rocket keeps from it
//!
//! * Header lines that are not UTF-8 are dropped before anything of this can see them. A request with such an `Origin` is
//!   one without: a browser sends none.
//! * Methods other than the nine that Rocket knows are answered with 400 before any fairing runs, and so without headers.
//! * A `POST` of a form whose first field is `_method` has the method that it says, to Rocket and to this. No preflight
//!   precedes such a `POST`: which methods a policy allows does not keep it out.
//!
//! # Features
//!
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at debug for each denial, with its reason; at warn for each warning about a policy.
//!
//! # Imports
//!
//! Each file imports only from those after it: `cors`, `source`, `slot`, `decision`, `response`, `request`.

#![forbid(unsafe_code)]

mod cors;
mod decision;
mod request;
mod response;
mod slot;
mod source;
#[cfg(test)]
mod tests;

pub use cors::Cors;
pub use source::{PolicyHandle, PolicySource, PreparedPolicy, per_request};

pub use omnicors_adapter::{Policy, PolicyConfig, PolicyError, omnicors_core};
