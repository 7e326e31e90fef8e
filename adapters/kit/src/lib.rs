//! What every Omnicors adapter shares, for authors of adapters for web frameworks.
//!
//! An adapter translates: it reads the [request parts](omnicors_core::RequestParts) from the framework's request, asks
//! [`evaluate`](omnicors_core::evaluate) for a decision, and writes the fields of the decision in the framework's header types.
//! This crate has the parts that do not depend on the framework. It does not depend on the `http` crate; if your framework
//! uses the types of `http` 1.x, start from `omnicors-http` instead, which has the translation as well.
//!
//! # A complete adapter
//!
//! For a framework with types of its own, this is all:
//!
//! ```
//! use std::sync::Arc;
//!
//! use omnicors_adapter::omnicors_core::adapter::{RequestField, RequestFields};
//! use omnicors_adapter::omnicors_core::{
//!     Decision, RequestParts, ResponseHeaderName, ResponseHeaders, evaluate,
//! };
//! use omnicors_adapter::{ForwardHeaders, NoPreparedValues, ResponseFieldMap};
//! # use omnicors_adapter::{Policy, PolicyConfig};
//!
//! // The framework: its field values are plain strings.
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
//! // The adapter's names for the types of this crate. This framework has no value type that is cheap to clone, and so the
//! // adapter prepares no values.
//! type PreparedPolicy = omnicors_adapter::PreparedPolicy<NoPreparedValues>;
//! type Choose = dyn Fn(&Request) -> Option<Arc<PreparedPolicy>> + Send + Sync;
//! type PolicySource = omnicors_adapter::PolicySource<Choose, NoPreparedValues>;
//!
//! // 1. Say how fields are read from the framework's map. (This one has no `:authority`.)
//! impl RequestFields for HeaderMap {
//!     fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
//!         self.values_of(field.as_str()).nth(index).map(str::as_bytes)
//!     }
//! }
//!
//! // 2. Say how fields are put into the framework's map.
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
//! // 3. Keep the fields until there is a response. They must not borrow the request, which the application consumes.
//! fn fields(headers: &ResponseHeaders<'_>) -> ForwardHeaders<String> {
//!     ForwardHeaders::new(headers, |field| Some(field.value.as_str().to_owned()))
//! }
//!
//! // 4. Decide; then either run the application or respond.
//! fn serve(
//!     source: &PolicySource,
//!     request: Request,
//!     application: impl FnOnce(Request) -> Response,
//! ) -> Response {
//!     let (status, mut fields) = source.with_chosen(&request, |policy| {
//!         let Some(policy) = policy else {
//!             // The source chose no policy, and CORS does not apply to this request.
//!             return (None, ForwardHeaders::default());
//!         };
//!         let policy = policy.policy();
//!         let parts = RequestParts::read(policy, &request.method, &request.headers);
//!         match evaluate(policy, &parts) {
//!             Decision::Forward { headers } => (None, fields(&headers)),
//!             Decision::Respond { status, headers } => (Some(status), fields(&headers)),
//!         }
//!     });
//!     // The response also depends on what the policy was chosen by.
//!     fields.vary_on(source.vary_names());
//!     let mut response = match status {
//!         None => application(request),
//!         Some(status) => Response { status, headers: HeaderMap::default(), body: String::new() },
//!     };
//!     fields.apply(&mut response.headers);
//!     response
//! }
//!
//! # fn main() -> Result<(), omnicors_adapter::PolicyError> {
//! let policy = PolicyConfig::new()
//!     .allow_origins(["https://example.com"])
//!     .allow_methods(["PUT"])
//!     .build()?;
//! let source = PolicySource::from(policy);
//!
//! let ask = |method: &str, fields: &[(&str, &str)]| {
//!     let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
//!     let request = Request {
//!         method: method.to_owned(),
//!         path: "/".to_owned(),
//!         headers: HeaderMap(fields.collect()),
//!     };
//!     serve(&source, request, |request| {
//!         // The application sets a field that is the policy's.
//!         let own = ("Access-Control-Allow-Origin".to_owned(), "*".to_owned());
//!         Response { status: 200, headers: HeaderMap(vec![own]), body: format!("hello from {}", request.path) }
//!     })
//! };
//!
//! let response = ask("GET", &[("Origin", "https://example.com")]);
//! assert_eq!(response.body, "hello from /");
//! let allowed: Vec<_> = response.headers.values_of("access-control-allow-origin").collect();
//! assert_eq!(allowed, ["https://example.com"]);
//!
//! let preflight = ask(
//!     "OPTIONS",
//!     &[("Origin", "https://example.com"), ("Access-Control-Request-Method", "PUT")],
//! );
//! assert_eq!((preflight.status, preflight.body.as_str()), (204, ""));
//! assert!(preflight.headers.values_of("access-control-allow-methods").any(|value| value.contains("PUT")));
//!
//! let denied = ask("GET", &[("Origin", "https://denied.example")]);
//! assert_eq!(denied.status, 200);
//! assert!(denied.headers.values_of("access-control-allow-origin").next().is_none());
//! # Ok(())
//! # }
//! ```
//!
//! Four things are left to add: a value type that is cheap to clone ([`PreparedValues`]), a policy that is replaced while
//! serving ([`PolicyHandle`], which the source above takes already), origin lookups ([`LookupFunction`]), and events
//! ([`events::denial`]).
//!
//! # Features
//!
//! * `tokio`: [`LookupFunction`], whose timeout needs a clock.
//! * `serde`, `regex`, `public-suffix`: those of [`omnicors_core`].
//! * `tracing`: the module `events`. An event at debug for each denial, with its reason; at warn for each
//!   [warning](omnicors_core::Policy::warnings) about a policy, when it is prepared; and at warn if a policy that is replaced
//!   or chosen per request needs an origin lookup and the adapter has none.
//!
//! # Imports
//!
//! Each file imports only from those after it: `lookup`, `start_up`, `source`, `handle`, `prepared`, `events`, `fields`, `vary`,
//! `field_map`; and `http_types` and `panics`, which import from none.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "tracing")]
pub mod events;
mod field_map;
mod fields;
mod handle;
mod http_types;
#[cfg(feature = "tokio")]
mod lookup;
mod panics;
mod prepared;
mod source;
mod start_up;
mod vary;

pub use field_map::ResponseFieldMap;
pub use fields::ForwardHeaders;
pub use handle::{PolicyHandle, WeakPolicyHandle};
#[cfg(feature = "tokio")]
pub use lookup::{BoxedLookup, BoxedLookupFunction, LookupFunction, PendingLookup};
pub use panics::caught;
pub use prepared::{NoPreparedValues, PreparedPolicy, PreparedValues};
pub use source::{IntoPolicySource, PolicySource};
pub use vary::VaryNames;

pub use omnicors_core;
pub use omnicors_core::{Policy, PolicyConfig, PolicyError};
