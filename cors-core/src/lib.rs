//! A CORS policy engine for servers: one pure function decides how to handle a request.
//!
//! This crate contains all rules of Omnicors and performs no I/O. To protect an application that uses a framework, use the
//! `omnicors` crate, which has a middleware for each framework. Use this crate for a server without a framework, or to write an adapter.
//!
//! 1. Describe the policy with a [`PolicyConfig`]. Its [`build`](PolicyConfig::build) returns a [`Policy`], or all mistakes together.
//! 2. For each request, read the [`RequestParts`]: the method and the header fields that CORS needs.
//! 3. Call [`evaluate`]. It returns a [`Decision`]: forward the request to the application or respond to it, and with which headers.
//!
//! ```
//! use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};
//!
//! let policy = PolicyConfig::new()
//!     .allow_origins(["https://example.com"])
//!     .allow_methods(["PUT"])
//!     .build()?;
//!
//! // The header fields of a request, from any parser:
//! let fields = [("Origin", "https://example.com"), ("Access-Control-Request-Method", "PUT")];
//! let request = RequestParts::read(&policy, "OPTIONS", &fields);
//!
//! let mut response = String::new();
//! match evaluate(&policy, &request) {
//!     Decision::Respond { status, headers } => {
//!         response += &format!("HTTP/1.1 {status}\r\n");
//!         for field in &headers {
//!             response += &format!("{field}\r\n");
//!         }
//!     }
//!     Decision::Forward { headers: _ } => todo!("run the application, then apply the headers to its response"),
//! }
//! assert_eq!(response, "HTTP/1.1 204\r\n\
//!     access-control-allow-origin: https://example.com\r\n\
//!     access-control-allow-methods: GET, HEAD, POST, PUT\r\n\
//!     access-control-max-age: 600\r\n\
//!     vary: Origin\r\n");
//! # Ok::<(), omnicors_core::PolicyError>(())
//! ```
//!
//! To find out why a browser blocks a request, call [`Decision::verdict`], or [`Policy::explain`] for each step of the decision:
//!
//! ```
//! use omnicors_core::{PolicyConfig, RequestParts, evaluate};
//!
//! let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
//! let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("PUT");
//! let verdict = evaluate(&policy, &preflight).verdict();
//! assert_eq!(verdict.to_string(), "denied: the policy does not allow the method PUT");
//! println!("{}", policy.explain(&preflight));
//! # Ok::<(), omnicors_core::PolicyError>(())
//! ```
//!
//! # Guarantees
//!
//! The rules are those of the [Fetch standard](https://fetch.spec.whatwg.org/#http-cors-protocol). [`evaluate`] and the iteration over
//! the headers of a decision:
//!
//! * do not allocate, lock, read a clock or perform I/O;
//! * do not panic;
//! * take time bounded by the length of `Origin` and of the echoed fields, which have [`limits`].
//!
//! A [predicate](PolicyConfig::allow_origins_if) or a [set](PolicyConfig::allow_origins_in) may do any of this, whether it is yours or a
//! replica of a database.
//!
//! # Features
//!
//! * `serde`: reads a [`PolicyConfig`] from TOML, JSON, YAML and other formats, and writes it.
//! * `std`: adds `PolicyConfig::from_env`, which reads environment variables.
//! * `regex`: adds regular expressions for origins. It requires a target with atomic pointers, because `regex-automata` does.
//! * `public-suffix`: checks wildcards against the Public Suffix List. `https://*.co.uk` with credentials or a guard is then a fault.
//!   Without this feature, [`Policy::warnings`] names the wildcards that were not checked. No other feature makes validation stricter.
//!
//! Without `std`, the crate is `no_std`. It requires `alloc` to build a policy, but not atomics: it compiles for targets such as
//! `thumbv6m-none-eabi` and `msp430-none-elf`.
//!
//! The module [`adapter`] contains functions for authors of adapters.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

// Each module imports only from those below it.
pub mod adapter;
mod decision;
mod denial;
mod edit_distance;
mod evaluate;
mod explain;
mod guard;
mod header;
pub mod limits;
mod method;
mod origin;
mod policy;
mod rejection;
mod request;
mod response;
#[cfg(test)]
mod tests;
mod verdict;

pub use decision::Decision;
pub use denial::Denial;
pub use evaluate::evaluate;
pub use explain::{Explanation, Outcome, Step};
pub use header::{Operation, ResponseHeaderName};
pub use origin::{Origin, OriginError, OriginPattern, OriginPatternError, OriginSet};
pub use policy::{
    DynamicOriginSet, Fault, FaultCause, FaultKind, Guard, OriginStatus, Policy, PolicyConfig,
    PolicyError, Setting, Warning,
};
pub use rejection::Rejection;
pub use request::{LookupResult, RequestKind, RequestParts};
pub use response::{FieldValue, HeaderField, HeaderFields, ResponseHeaders};
pub use verdict::Verdict;
