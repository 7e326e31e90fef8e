// Longer than other adapters, since a fairing can neither answer a request nor keep anything until there is a response:
// `cors.rs` has a route for the one, `decided.rs` a slot for the other. And Rocket's header lines are text of its own, which
// `request.rs` reads and `decided.rs` writes.

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
//! * Look origins up in a database: [`Cors::decide_origins`].
//!
//! # How a preflight is answered
//!
//! A fairing of Rocket's cannot answer a request. So the request is given the method `CONNECT` on its way to the router,
//! and the fairing mounts a route which answers that, whatever the path is. What is routed by `OPTIONS` never sees a
//! preflight, whether it is a route of the application, its request guards or a catcher; and a route of your own for
//! `OPTIONS` gets all other requests with that method. Rocket's log, and fairings attached behind this one, see `CONNECT`.
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
//! * `tracing`: an event at debug for each denial, with its reason; at warn for what the policy is advised about.

#![forbid(unsafe_code)]

mod cors;
mod decided;
mod request;
mod source;
#[cfg(test)]
mod tests;

pub use cors::Cors;
pub use source::{PolicySource, per_request};

pub use omnicors_http::{
    Policy, PolicyConfig, PolicyError, PolicyHandle, SharedPolicy, omnicors_core,
};
