//! CORS for servers that use the types of the [`http`] crate.
//!
//! This is the base of the adapters for frameworks with these types. Without a framework, call it yourself:
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use omnicors_http::{HttpDecision, PolicyConfig, PreparedPolicy, decide};
//!
//! // Once, at start-up:
//! let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
//! let policy = PreparedPolicy::shared(policy);
//!
//! // For each request:
//! fn serve(policy: &PreparedPolicy, request: Request<()>) -> Response<String> {
//!     match decide(policy, &request) {
//!         HttpDecision::Respond(response) => response.map(|()| String::new()),
//!         HttpDecision::Forward(mut headers) => {
//!             let mut response = application(request);
//!             headers.apply(response.headers_mut());
//!             response
//!         }
//!     }
//! }
//!
//! fn application(_: Request<()>) -> Response<String> {
//!     Response::new("hello".to_owned())
//! }
//!
//! let request = Request::get("/").header("origin", "https://example.com").body(())?;
//! let response = serve(&policy, request);
//! assert_eq!(response.headers()["access-control-allow-origin"], "https://example.com");
//!
//! let preflight = Request::options("/")
//!     .header("origin", "https://example.com")
//!     .header("access-control-request-method", "GET")
//!     .body(())?;
//! assert_eq!(serve(&policy, preflight).status(), StatusCode::NO_CONTENT);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Field values that depend on the policy alone are made once, when the policy is prepared, and cloned, which copies a
//! pointer. The request's own `Origin` value is cloned for the echo.
//!
//! # Features
//!
//! * `tokio`: [`Decider`], for async frameworks, with origin lookups. Their timeout needs a clock.
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: an event at debug for each denial, with its reason; at warn for each
//!   [warning](omnicors_core::Policy::warnings) about a policy, when it is prepared; and at warn, once per policy, if a policy
//!   [needs an origin lookup](PolicyConfig::lookup_origins) and the server has none.
//!
//! # Imports
//!
//! Each file imports only from those after it: `decider`, `source`, `decision`, `prepared`, `response`, `request`,
//! `names`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "tokio")]
mod decider;
mod decision;
mod names;
mod prepared;
mod request;
mod response;
mod source;
#[cfg(test)]
mod tests;

#[cfg(feature = "tokio")]
pub use decider::Decider;
pub use decision::{HttpDecision, decide, decide_with_result, start_lookup};
pub use prepared::{PreparedHeaders, PreparedPolicy};
pub use request::RequestHead;
pub use response::ForwardHeaders;
pub use source::{Choose, PolicyHandle, PolicySource, decide_by_source, per_request};

pub use omnicors_adapter::{
    IntoPolicySource, Policy, PolicyConfig, PolicyError, VaryNames, omnicors_core,
};
#[cfg(feature = "tokio")]
pub use omnicors_adapter::{LookupFunction, PendingLookup};
pub use omnicors_core::LookupResult;
