//! CORS for servers that use the types of the [`http`] crate.
//!
//! Prepare a policy at start-up, and call [`decide`] for each request:
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use omnicors_http::{HttpDecision, PolicyConfig, PreparedPolicy, decide};
//!
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
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let policy = PolicyConfig::new()
//!         .allow_origins(["https://example.com"])
//!         .build()?;
//!     let policy = PreparedPolicy::shared(policy);
//!
//!     let request = Request::get("/").header("origin", "https://example.com").body(())?;
//!     let response = serve(&policy, request);
//!     assert_eq!(response.headers()["access-control-allow-origin"], "https://example.com");
//!
//!     let preflight = Request::options("/")
//!         .header("origin", "https://example.com")
//!         .header("access-control-request-method", "GET")
//!         .body(())?;
//!     assert_eq!(serve(&policy, preflight).status(), StatusCode::NO_CONTENT);
//!     Ok(())
//! }
//! ```
//!
//! # Choices
//!
//! * Choose a policy per request: [`per_path`], [`per_host`], [`per_request`], and [`decide_by_source`].
//! * Replace the policy while serving: [`PolicyHandle`].
//! * Look up origins in a database: [`Decider::lookup_origins`], or [`start_lookup`] and [`decide_with_result`].
//! * Write an adapter for a framework that uses these types: [`Decider`] holds the policy source and the lookup.
//!
//! # Features
//!
//! * `serde`, `regex`, `public-suffix`: the features of [`omnicors_core`].
//! * `tokio`: [`Decider`]. The timeout of its origin lookup uses tokio's clock.
//! * `tracing`: events with the target `omnicors`. A request that is rejected, or that a browser will block, is logged with its origin,
//!   the reason and what to change: at info once for each origin and reason, and at most 10 a minute; otherwise at debug. Each
//!   [warning](omnicors_core::Policy::warnings) about a policy is logged at warn, and so is a policy that
//!   [needs an origin lookup](PolicyConfig::lookup_origins) if the server has none.
//! * `log`: the same events for the logger of the crate `log`, unless a subscriber of `tracing` is set. This enables the feature `log`
//!   of `tracing`, so events of other crates reach the logger as well.
//! * `metrics`: the counter `omnicors_decisions_total` with the labels `decision` and `reason`, through the crate `metrics`.
//! * `axum`: events and a choice by path have the whole path of a request, also in a layer on a nested `Router` of axum, which
//!   removes the prefix.
//!
//! <!-- Each file imports only from those after it: `decider`, `source`, `decision`, `prepared`, `response`, `request`,
//! `names`. -->

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
pub use response::{ForwardHeaders, call_on_reject};
pub use source::{
    ChoiceRequest, Choose, PolicyEntry, PolicyHandle, PolicySource, decide_by_source, per_host,
    per_path, per_request,
};

pub use omnicors_adapter::{
    Choice, Guard, HostPolicies, IntoPolicySource, OnReject, PathPolicies, Policy, PolicyConfig,
    PolicyError, RequestView, ShadowDifference, ShadowOrigin, ShadowReport, VaryNames,
    omnicors_core,
};
#[cfg(feature = "tokio")]
pub use omnicors_adapter::{LookupFunction, PendingLookup};
pub use omnicors_adapter::{caught, suggestion_for_credentials};
pub use omnicors_core::{LookupResult, Rejection};
