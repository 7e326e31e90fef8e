//! CORS decided by one pure function.
//!
//! A [`PolicyConfig`] holds the settings that a person writes; building it returns a [`Policy`], or every fault. The method and
//! the header fields of a request are [`RequestParts`]; [`evaluate`] returns a [`Decision`]: everything that the server must
//! do. Nothing else is needed, whatever the server is written with:
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
//! The rules are those of the Fetch standard, cited where they are applied. `evaluate`, and iterating over the headers of its
//! decision, allocate nothing, lock nothing, read no clock, never panic unless a predicate does, and take time bounded by the
//! length of `Origin` and of the fields that are echoed; see [`limits`].
//!
//! [`adapter`] has what only the authors of adapters for frameworks need.
//!
//! # Features
//!
//! * `serde`: [`PolicyConfig`] from and to TOML, JSON, YAML.
//! * `std`: `PolicyConfig::from_env`, from environment variables.
//! * `regex`: regular expressions for origins. Needs a target with atomic pointers, because `regex-automata` does.
//! * `public-suffix`: `https://*.co.uk` with credentials is a fault. Without the feature, [`Policy::warnings`] names the wildcards
//!   that were not checked. No other feature makes validation stricter.
//!
//! Without `std`, the crate is `no_std` and needs `alloc`, for building a policy. It needs no atomics: it also compiles for targets
//! such as `thumbv6m-none-eabi` and `msp430-none-elf`.

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
mod header;
pub mod limits;
mod method;
mod origin;
mod policy;
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
    Fault, FaultCause, FaultKind, OriginStatus, Policy, PolicyConfig, PolicyError, Setting, Warning,
};
pub use request::{LookupResult, RequestKind, RequestParts};
pub use response::{FieldValue, HeaderField, HeaderFields, ResponseHeaders};
pub use verdict::Verdict;
