// Longer than the adapters built on it, because it holds what they share. For any framework: where a policy comes from
// (`source.rs`, `shared.rs`, `handle.rs`, `prepared.rs`), origins decided outside (`outside.rs`), what waits for a response
// (`forward.rs`) and events (`trace.rs`). For the types of http 1.x: reading a request (`request.rs`), deciding (`policy.rs`,
// `decider.rs`), writing a response (`headers.rs`).

//! CORS for servers that speak the types of the [`http`] crate: requests in, decisions onto responses.
//!
//! This is the base of the adapters whose framework speaks them, and what the author of such a server calls:
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use omnicors_http::{SharedPolicy, HttpDecision, PolicyConfig};
//!
//! // Once, at start-up:
//! let cors = SharedPolicy::new(PolicyConfig::new().allow_origins(["https://example.com"]).build()?);
//!
//! // For each request:
//! fn serve(cors: &SharedPolicy, request: Request<()>) -> Response<String> {
//!     match cors.decide(&request) {
//!         HttpDecision::Answer(response) => response.map(|()| String::new()),
//!         HttpDecision::Forward(headers) => headers.onto(application(request)),
//!     }
//! }
//!
//! fn application(_: Request<()>) -> Response<String> {
//!     Response::new("hello".to_owned())
//! }
//!
//! let request = Request::get("/").header("origin", "https://example.com").body(())?;
//! let response = serve(&cors, request);
//! assert_eq!(response.headers()["access-control-allow-origin"], "https://example.com");
//!
//! let preflight = Request::options("/")
//!     .header("origin", "https://example.com")
//!     .header("access-control-request-method", "GET")
//!     .body(())?;
//! assert_eq!(serve(&cors, preflight).status(), StatusCode::NO_CONTENT);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Header values that depend on the policy alone are made once, when it is prepared, and cloned, which copies a pointer;
//! the request's own `Origin` value is cloned for the echo.
//!
//! # Features
//!
//! * `tokio`: [`Decider`], for adapters of async frameworks, whose time-out needs a clock.
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at debug for each denial, with its reason; at warn for what the policy is
//!   [advised](omnicors_core::Policy::advice) about, when it is prepared; and at warn for a policy that
//!   [leaves origins to its caller](PolicyConfig::decide_origins_outside) in an adapter without a function that decides (at the
//!   first request, once per policy), or such a function for a policy that leaves none (when it is given).

#![forbid(unsafe_code)]

#[cfg(feature = "tokio")]
mod decider;
#[path = "../../kit/src/fields.rs"]
mod forward;
#[path = "../../kit/src/handle.rs"]
mod handle;
mod headers;
#[cfg(feature = "tokio")]
#[path = "../../kit/src/lookup.rs"]
mod outside;
mod policy;
#[path = "../../kit/src/prepared.rs"]
mod prepared;
mod request;
mod shared;
#[path = "../../kit/src/source.rs"]
mod source;
#[cfg(test)]
mod tests;
#[cfg(feature = "tracing")]
#[path = "../../kit/src/events.rs"]
pub mod trace;

#[cfg(feature = "tokio")]
pub use decider::Decider;
pub use forward::{ForwardHeaders, ResponseLines};
pub use handle::{Handle, PolicyHandle};
#[cfg(feature = "tokio")]
pub use outside::{AnyOriginDecider, OriginDecider, OriginVerdict};
pub use policy::HttpDecision;
pub use prepared::{PreparedHeaders, PreparedPolicy, PreparedValues};
pub use request::RequestHead;
pub use shared::{Shared, SharedPolicy};
pub use source::{PolicySource, Source, per_request};

pub use omnicors_core;
pub use omnicors_core::{Policy, PolicyConfig, PolicyError};
