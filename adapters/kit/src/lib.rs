//! Building blocks for a CORS adapter for a web framework: the parts that all Omnicors adapters share.
//!
//! This crate is for authors of adapters. If you write an application, use [`omnicors`](https://docs.rs/omnicors) with the
//! feature of your framework.
//!
//! An adapter reads the [request parts](omnicors_core::RequestParts) from the framework's request, calls
//! [`evaluate`](omnicors_core::evaluate) for a decision, and applies the fields of the decision to the framework's response.
//! If the framework uses the types of `http` 1.x, start from [`omnicors-http`](https://docs.rs/omnicors-http), which
//! translates them already. This crate does not depend on `http`.
//!
//! # A complete adapter
//!
//! This is an adapter for a framework with its own types:
//!
//! ```
//! use std::sync::Arc;
//!
//! use omnicors_adapter::omnicors_core::adapter::{RequestField, RequestFields};
//! use omnicors_adapter::omnicors_core::{
//!     Decision, RequestParts, ResponseHeaderName, ResponseHeaders, evaluate,
//! };
//! use omnicors_adapter::{
//!     Choice, ForwardHeaders, PolicyConfig, PolicyError, PreparedValues, RequestView, ResponseFieldMap,
//! };
//!
//! // The framework. Its field values are strings.
//! #[derive(Default)]
//! struct HeaderMap(Vec<(String, String)>);
//!
//! struct Request {
//!     method: String,
//!     path: String,
//!     headers: HeaderMap,
//! }
//!
//! struct Response {
//!     status: u16,
//!     headers: HeaderMap,
//!     body: String,
//! }
//!
//! impl HeaderMap {
//!     fn values_of(&self, name: &str) -> impl Iterator<Item = &str> {
//!         let fields = self.0.iter().filter(move |field| field.0.eq_ignore_ascii_case(name));
//!         fields.map(|field| field.1.as_str())
//!     }
//! }
//!
//! // Aliases for the types of this crate.
//! type PreparedPolicy = omnicors_adapter::PreparedPolicy<PreparedValues<String>>;
//! type ChoiceRequest<'a> = omnicors_adapter::ChoiceRequest<'a, Request>;
//! type Choose = dyn Fn(&ChoiceRequest<'_>) -> Option<Arc<PreparedPolicy>> + Send + Sync;
//! type PolicySource = omnicors_adapter::PolicySource<Choose, PreparedValues<String>>;
//!
//! // 1. Read fields from the framework's map. (This framework does not have `:authority`.)
//! impl RequestFields for HeaderMap {
//!     fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
//!         self.values_of(field.as_str()).nth(index).map(str::as_bytes)
//!     }
//! }
//!
//! // Show the request to a choice per request.
//! impl RequestView for Request {
//!     type Extensions<'a> = ();
//!
//!     fn method(&self) -> &str {
//!         &self.method
//!     }
//!
//!     fn authority(&self) -> Option<&str> {
//!         None
//!     }
//!
//!     fn path(&self) -> &str {
//!         self.path.split('?').next().unwrap_or_default()
//!     }
//!
//!     fn query(&self) -> Option<&str> {
//!         Some(self.path.split_once('?')?.1)
//!     }
//!
//!     fn header(&self, name: &str, index: usize) -> Option<&[u8]> {
//!         self.headers.values_of(name).nth(index).map(str::as_bytes)
//!     }
//!
//!     fn extensions(&self) {}
//! }
//!
//! // 2. Add fields to the framework's map.
//! impl ResponseFieldMap for HeaderMap {
//!     type Value = String;
//!
//!     fn constant(text: &'static str) -> String {
//!         text.to_owned()
//!     }
//!
//!     fn owned(text: String) -> Option<String> {
//!         Some(text)
//!     }
//!
//!     fn bytes(value: &String) -> &[u8] {
//!         value.as_bytes()
//!     }
//!
//!     fn each_name(&self, visit: impl FnMut(&str)) {
//!         self.0.iter().map(|field| field.0.as_str()).for_each(visit);
//!     }
//!
//!     fn values(&self, name: ResponseHeaderName) -> impl Iterator<Item = &[u8]> {
//!         self.values_of(name.as_str()).map(str::as_bytes)
//!     }
//!
//!     fn remove(&mut self, name: ResponseHeaderName) {
//!         self.0.retain(|field| !name.matches(&field.0));
//!     }
//!
//!     fn insert(&mut self, name: ResponseHeaderName, value: String) -> Option<()> {
//!         self.append(name, value)
//!     }
//!
//!     fn append(&mut self, name: ResponseHeaderName, value: String) -> Option<()> {
//!         self.0.push((name.as_str().to_owned(), value));
//!         Some(())
//!     }
//! }
//!
//! // 3. Own the fields of the decision, because the application consumes the request.
//! fn fields(
//!     policy: &PreparedPolicy,
//!     request: &RequestParts<'_>,
//!     headers: &ResponseHeaders<'_>,
//! ) -> ForwardHeaders<String> {
//!     ForwardHeaders::new(headers, policy.values(), |echoed| {
//!         let (field, index) = echoed.request_field();
//!         String::from_utf8(request.value(field, index)?.to_vec()).ok()
//!     })
//! }
//!
//! // 4. Decide. Then run the application or respond.
//! fn serve(
//!     source: &PolicySource,
//!     request: Request,
//!     application: impl FnOnce(Request) -> Response,
//! ) -> Response {
//!     let Choice { policy, vary_names } = source.choose(&request);
//!     let (status, mut fields) = match policy {
//!         // The source chose no policy: bypass CORS.
//!         None => (None, ForwardHeaders::default()),
//!         Some(policy) => {
//!             let parts = RequestParts::read(policy.policy(), &request.method, &request.headers);
//!             let decision = evaluate(policy.policy(), &parts);
//!             // Events, counters and the shadow of the policy.
//!             if policy.is_observed() {
//!                 policy.observe(&parts, &decision, || request.path.as_str().into());
//!             }
//!             match decision {
//!                 Decision::Forward { headers } => (None, fields(&policy, &parts, &headers)),
//!                 Decision::Respond { status, headers } => (Some(status), fields(&policy, &parts, &headers)),
//!             }
//!         }
//!     };
//!     // The response also depends on the fields that the choice of the policy read.
//!     fields.vary_on(vary_names);
//!     let mut response = match status {
//!         None => application(request),
//!         Some(status) => Response { status, headers: HeaderMap::default(), body: String::new() },
//!     };
//!     fields.apply(&mut response.headers);
//!     response
//! }
//!
//! fn main() -> Result<(), PolicyError> {
//!     let policy = PolicyConfig::new()
//!         .allow_origins(["https://example.com"])
//!         .allow_methods(["PUT"])
//!         .build()?;
//!     let source = PolicySource::from(policy);
//!
//!     let send = |method: &str, fields: &[(&str, &str)]| {
//!         let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
//!         let request = Request {
//!             method: method.to_owned(),
//!             path: "/".to_owned(),
//!             headers: HeaderMap(fields.collect()),
//!         };
//!         serve(&source, request, |request| {
//!             // The adapter removes this field: the policy decides which CORS fields a response has.
//!             let own = ("Access-Control-Allow-Origin".to_owned(), "*".to_owned());
//!             Response { status: 200, headers: HeaderMap(vec![own]), body: format!("hello from {}", request.path) }
//!         })
//!     };
//!
//!     let response = send("GET", &[("Origin", "https://example.com")]);
//!     assert_eq!(response.body, "hello from /");
//!     let allowed: Vec<_> = response.headers.values_of("access-control-allow-origin").collect();
//!     assert_eq!(allowed, ["https://example.com"]);
//!
//!     let preflight = send(
//!         "OPTIONS",
//!         &[("Origin", "https://example.com"), ("Access-Control-Request-Method", "PUT")],
//!     );
//!     assert_eq!((preflight.status, preflight.body.as_str()), (204, ""));
//!     assert!(preflight.headers.values_of("access-control-allow-methods").any(|value| value.contains("PUT")));
//!
//!     let denied = send("GET", &[("Origin", "https://denied.example")]);
//!     assert_eq!(denied.status, 200);
//!     assert!(denied.headers.values_of("access-control-allow-origin").next().is_none());
//!     Ok(())
//! }
//! ```
//!
//! A full adapter also has:
//!
//! * Field values that are prepared once and cloned cheaply: [`PreparedValues`].
//! * A policy that is replaced while serving: [`PolicyHandle`], which the source in the example already takes.
//! * Policies for paths and hosts: [`PathPolicies`] and [`HostPolicies`].
//! * Origin lookups by an async function: [`LookupFunction`].
//! * A body for rejected requests: [`rejection_of`], [`OnReject`] and [`call_on_reject`].
//!
//! # Features
//!
//! * `serde`, `regex`, `public-suffix`: the features of [`omnicors_core`].
//! * `tokio`: [`LookupFunction`]. Its timeout uses tokio's clock.
//! * `tracing`: events with the target `omnicors`. [`PreparedPolicy::observe`] logs denials and rejections, each with its reason and a
//!   suggestion: at info once for each origin and reason, and at most 10 a minute; otherwise at debug. Adapters log at warn each
//!   [warning](omnicors_core::Policy::warnings) about a policy when it is prepared, and a policy that needs an origin lookup if
//!   the adapter has none.
//! * `log`: the same events for the logger of the crate `log`, unless a subscriber of `tracing` is set. This enables the feature `log`
//!   of `tracing`, so events of other crates reach the logger as well.
//! * `metrics`: counters of decisions by reason, through the crate `metrics`.
//!
//! <!-- Each file imports only from those after it: `lookup`, `start_up`, `source`, `choice`, `per_path`, `per_host`, `entry`, `handle`, `observe`,
//! `fields`, `prepared`, `shadow`, `counters`, `events`, `finding`, `credentials`, `on_reject`, `reason`, `second_layer`, `choice_events`, `choice_request`, `vary_cache`, `vary`,
//! `field_map`; and `http_types`, `host` and `panics`, which import from none. -->

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod choice;
#[cfg(feature = "tracing")]
mod choice_events;
mod choice_request;
#[cfg(feature = "metrics")]
mod counters;
mod credentials;
mod entry;
#[cfg(feature = "tracing")]
mod events;
mod field_map;
mod fields;
mod finding;
mod handle;
mod host;
mod http_types;
#[cfg(feature = "tokio")]
mod lookup;
mod observe;
mod on_reject;
mod panics;
mod per_host;
mod per_path;
mod prepared;
#[cfg(any(feature = "metrics", feature = "tracing"))]
mod reason;
#[cfg(feature = "tracing")]
mod second_layer;
mod shadow;
mod source;
mod start_up;
mod vary;
mod vary_cache;

pub use choice::{Choice, PolicyChoice};
pub use choice_request::{ChoiceRequest, RequestView};
pub use credentials::suggestion_for_credentials;
pub use entry::{Lookups, PolicyEntry};
pub use field_map::ResponseFieldMap;
pub use fields::ForwardHeaders;
pub use handle::{PolicyHandle, WeakPolicyHandle};
#[cfg(feature = "tokio")]
pub use lookup::{
    BoxedLookup, BoxedLookupFunction, LocalBoxedLookup, LookupFunction, PendingLookup,
};
pub use on_reject::{OnReject, call_on_reject, rejection_of};
pub use panics::caught;
pub use per_host::HostPolicies;
pub use per_path::PathPolicies;
pub use prepared::{NoPreparedValues, PreparedPolicy, PreparedValues};
pub use shadow::{ShadowDifference, ShadowOrigin, ShadowReport};
pub use source::{IntoPolicySource, PolicySource};
pub use vary::VaryNames;

pub use omnicors_core;
pub use omnicors_core::{Guard, Policy, PolicyConfig, PolicyError};
