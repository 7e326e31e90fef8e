//! CORS for [salvo](https://docs.rs/salvo): a hoop that adds the headers to every response, 404 and 405 included.
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
//! Add it to the [`Service`](salvo_core::Service), as the first hoop. There it sees every request, before anything asks for a
//! login. So every response has the headers, including 404, 405 and those that `CatchPanic`, hooped after it, makes of a panic;
//! and a preflight gets its response without running any other hoop or any route.
//!
//! On a [`Router`](salvo_core::Router) it sees only the requests that a route takes. A preflight is one of these only if the
//! route takes `OPTIONS`. To others, salvo responds with 405 without running the hoops of the router, and the browser blocks
//! the request. So give such a route `.options(…)` with any handler, which is not run for a preflight, or `.goal(…)`; or
//! choose the policy by [`per_request`] and add the hoop to the service.
//!
//! A catcher writes its page after all hoops have run. The headers stay on the response; but if the catcher sets CORS fields or
//! `Vary` of its own, these are what is sent, unless it is given the same hoop: `Catcher::default().hoop(cors.clone())`.
//!
//! * Replace the policy while serving: [`Cors::new`] takes a [`PolicyHandle`].
//! * Choose a policy per request: it takes a [`per_request`] function.
//! * Look up origins in a database: [`Cors::lookup_origins`].
//!
//! # Features
//!
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at debug for each denial, with its reason; at warn for each warning about a policy; and at warn, once
//!   per policy, if a policy [needs an origin lookup](PolicyConfig::lookup_origins) and [`Cors`] has none.
//!
//! # Imports
//!
//! Each file imports only from those after it: `cors`, `request`, `response`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cors;
mod request;
mod response;
#[cfg(test)]
mod tests;

pub use cors::Cors;

pub use omnicors_http::{
    LookupResult, Policy, PolicyConfig, PolicyError, PolicyHandle, PolicySource, PreparedPolicy,
    RequestHead, omnicors_core, per_request,
};
