//! CORS for [Rocket](https://rocket.rs) 0.5: a fairing for the whole server.
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
//!     rocket::build()
//!         .mount("/", routes![hello])
//!         .attach(Cors::new(policy))
//!         .launch()
//!         .await?;
//!     Ok(())
//! }
//! ```
//!
//! # Where to attach the fairing
//!
//! Attach the fairing last. Rocket calls fairings in the order in which they are attached, so no other fairing changes the
//! request after the decision or the response after it got its headers. All responses have the headers, including those of
//! catchers (404, 422, 500 after a panic).
//!
//! The fairing applies to the whole server. If you attach two, Rocket keeps the last. For several policies, choose the policy
//! [per path](per_path).
//!
//! # Choices
//!
//! * Several policies in one server: pass [`per_path`], [`per_host`] or [`per_request`] to [`Cors::new`].
//! * Replace the policy while serving: pass a [`PolicyHandle`] to [`Cors::new`].
//! * Look up origins in a database: [`Cors::lookup_origins`].
//! * Make the body of the response to a rejected request: [`Cors::on_reject`].
//!
//! # How a preflight gets its response
//!
//! A Rocket fairing cannot respond to a request. This fairing changes the method of a preflight to `CONNECT`, and mounts a
//! route for `CONNECT` on all paths that responds. Routes, request guards and catchers for `OPTIONS` do not see preflights;
//! they see all other `OPTIONS` requests. Rocket's log shows `CONNECT` for a preflight, and so do fairings that are attached
//! later.
//!
//! # Limits of Rocket
//!
//! As of Rocket 0.5.1:
//!
//! * Rocket drops header fields that are not UTF-8 before the fairing sees them. (Browsers send only ASCII in these fields.)
//!   * A request whose only `Origin` is not UTF-8 is treated as a non-CORS request. A policy with a
//!     [`guard`](PolicyConfig::guard) forwards it instead of responding with 403, unless `Sec-Fetch-Site` says that another site sent it.
//!   * If one of two `Origin` fields is not UTF-8, the other one decides. The adapters for other frameworks deny both requests.
//!   * An `OPTIONS` request whose `Access-Control-Request-Method` is not UTF-8 is not a preflight.
//! * Over HTTP/1, Rocket hides the host of an absolute request target (`GET http://api.example/ HTTP/1.1`). Whether a request
//!   is same-origin, and whether [`allow_hosts`](PolicyConfig::allow_hosts) serves it, then depends on `Host` alone, even if the
//!   target names another host. Browsers send such targets only to proxies.
//! * Rocket knows nine methods. It responds to others with 400, without running fairings, so the response has no headers.
//! * Rocket treats a form `POST` whose first field is `_method` as a request with the method named there, and so does the
//!   fairing. A browser sends no preflight for such a `POST`, so the methods that the policy allows do not block it.
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
//! <!-- Each file imports only from those after it: `cors`, `slot`, `decision`, `source`, `response`, `request`. -->

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
pub use request::RequestView;
pub use source::{
    ChoiceRequest, Choose, PolicyEntry, PolicyHandle, PolicySource, PreparedHeaders,
    PreparedPolicy, per_host, per_path, per_request,
};

pub use omnicors_adapter::omnicors_core::{LookupResult, Rejection};
pub use omnicors_adapter::{
    Guard, Policy, PolicyConfig, PolicyError, ShadowDifference, ShadowOrigin, ShadowReport,
    omnicors_core,
};
