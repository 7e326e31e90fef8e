//! CORS for [salvo](https://docs.rs/salvo): a hoop whose headers are on every response, 404 and 405 among them.
//!
//! ```
//! use omnicors_salvo::{Cors, PolicyConfig};
//! use salvo::prelude::*;
//!
//! #[handler]
//! async fn hello() -> &'static str {
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
//!     let app = Service::new(Router::new().get(hello))
//!         .hoop(Cors::new(policy));
//!
//!     let acceptor = TcpListener::new("127.0.0.1:0").bind().await;
//! # let _running =
//!     Server::new(acceptor).serve(app);
//! #   Ok(())
//! # }
//! # /*
//!         .await;
//!     Ok(())
//! }
//! # */
//! ```
//!
//! It goes onto the [`Service`](salvo_core::Service), as the first hoop. There it is asked about every request, before a login
//! is: so the headers are on each response that leaves, on 404, 405 and what `CatchPanic`, hooped after it, makes of a panic,
//! and a preflight is answered without any other hoop or any route being run.
//!
//! On a [`Router`](salvo_core::Router) it is asked about requests that a route takes, and about nothing else. A preflight is
//! one only where the route takes `OPTIONS`: salvo responds 405 to the others, without a hoop of a router being run, and the
//! browser denies. So give such a route `.options(…)` with any handler, which is not run for a preflight, or `.goal(…)`; or
//! choose the policy by [`per_request`] and hoop onto the service.
//!
//! A catcher writes its page after all hoops have run. The headers stay on the response; but a catcher that sets CORS lines or
//! `Vary` of its own has the last word, unless it is given the same hoop: `Catcher::default().hoop(cors.clone())`.
//!
//! * Replace the policy while serving: [`Cors::new`] takes a [`PolicyHandle`].
//! * Choose a policy per request: it takes a [`per_request`] function.
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

pub use cors::Cors;

pub use omnicors_http::{
    Policy, PolicyConfig, PolicyError, PolicyHandle, PolicySource, PreparedPolicy, RequestHead,
    omnicors_core, per_request,
};
