//! CORS for [Rocket](https://rocket.rs) 0.5: attach a fairing.
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
//! Attach it last: fairings run in the order in which they are attached, and then none changes a request after it was decided,
//! or a response after it got its headers. The fairing is for the whole server; of two, Rocket keeps the one attached last.
//! Responses of catchers have the headers as well, including 404, 422 and 500 after a panic.
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
//! # Limits of Rocket
//!
//! As of Rocket 0.5.1:
//!
//! * Rocket drops header fields that are not UTF-8 before the fairing sees them, and has no function that returns them. So a
//!   request whose only `Origin` is not UTF-8 is treated as a non-CORS request: a policy with
//!   [`refuse_disallowed_origins`](PolicyConfig::refuse_disallowed_origins) forwards it instead of responding with 403. Of two
//!   `Origin` fields, one of which is not UTF-8, the other decides; the adapters for other frameworks deny both requests. An
//!   `OPTIONS` request whose `Access-Control-Request-Method` is not UTF-8 is not a preflight. Browsers send only ASCII in these
//!   fields.
//! * Over HTTP/1, Rocket hides the host of an absolute request target (`GET http://api.example/ HTTP/1.1`). Whether a request is
//!   same-origin depends on `Host` alone, also if the target names another host. Browsers send such targets only to proxies.
//! * Rocket responds with 400 to methods other than the nine that it knows. No fairing runs, and the response has no headers.
//! * A `POST` of a form whose first field is `_method` has the method named there, for Rocket and for the fairing. No preflight
//!   precedes such a `POST`, and so the methods that a policy allows do not keep it out.
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
//! Each file imports only from those after it: `cors`, `source`, `slot`, `decision`, `response`, `request`.

#![cfg_attr(docsrs, feature(doc_cfg))]
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
pub use source::{Choose, PolicyHandle, PolicySource, PreparedPolicy, per_request};

pub use omnicors_adapter::omnicors_core::LookupResult;
pub use omnicors_adapter::{Policy, PolicyConfig, PolicyError, omnicors_core};
