//! CORS decided by one pure function.
//!
//! A [`PolicyConfig`] is what a person writes; building it finds every fault, or makes a [`Policy`]. A request is seen as
//! [`RequestParts`]; [`evaluate`] makes a [`Decision`] of the two: everything that the server must do. Nothing else is
//! needed, whatever the server is written with:
//!
//! ```
//! use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};
//!
//! let policy = PolicyConfig::new()
//!     .allow_origins(["https://example.com"])
//!     .allow_methods(["PUT"])
//!     .build()?;
//!
//! // What came in, from whatever parser:
//! let lines = [("origin", "https://example.com"), ("access-control-request-method", "PUT")];
//! let request = RequestParts::from_lines("OPTIONS", lines);
//!
//! let mut response = String::new();
//! match evaluate(&policy, &request) {
//!     Decision::Answer { status, headers } => {
//!         response += &format!("HTTP/1.1 {status}\r\n");
//!         for line in headers {
//!             response += &format!("{line}\r\n");
//!         }
//!     }
//!     Decision::Forward { headers: _ } => todo!("run the application, then apply the headers to its response"),
//! }
//! assert_eq!(response, "HTTP/1.1 204\r\n\
//!     access-control-allow-origin: https://example.com\r\n\
//!     access-control-allow-methods: PUT\r\n\
//!     access-control-max-age: 600\r\n\
//!     vary: Origin\r\n");
//! # Ok::<(), omnicors_core::PolicyError>(())
//! ```
//!
//! The rules are those of the Fetch standard, cited where they are applied. `evaluate`, and walking the headers of its
//! decision, allocate nothing, lock nothing, read no clock, never panic, and take time bounded by the length of the
//! `Origin` line; see [`limits`] for how long that, and the rest, may be.
//!
//! # Features
//!
//! * `serde`: [`PolicyConfig`] from and to TOML, JSON, YAML.
//! * `regex`: regular expressions for origins.
//! * `public-suffix`: refuses `https://*.co.uk` with credentials.
//!
//! The crate is `no_std` and needs `alloc`, for building a policy.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod decision;
mod explain;
mod header;
pub mod limits;
mod method;
mod origin;
mod policy;
mod request;
mod response;
mod vary;

pub use decision::{Decision, Denial, Verdict};
pub use explain::{Explanation, Outcome, Step};
pub use header::ResponseHeaderName;
pub use origin::{Origin, OriginError, OriginPattern, OriginPatternError, OriginSet};
pub use policy::{Advice, Fault, FaultCause, FaultKind, Policy, PolicyConfig, PolicyError};
pub use request::{RequestKind, RequestParts};
pub use response::{
    ConstantLines, EchoedLine, HeaderLine, LineValue, Operation, ResponseHeaders,
    ResponseHeadersIter,
};
pub use vary::missing_from_vary;

use response::Finding;

/// Decides about a request: what the server must do with it, and which headers its response gets.
///
/// The whole of the rules, in one table; "allowed" and "denied" are about the origin.
///
/// | request | origin | decision | headers |
/// |---|---|---|---|
/// | non-CORS | - | Forward | any origin, without credentials: `Allow-Origin: *`, `Expose-Headers`; else `Vary: Origin` |
/// | actual | allowed | Forward | `Allow-Origin`, `Allow-Credentials`, `Expose-Headers`, `Timing-Allow-Origin`; `Vary: Origin` unless `*` |
/// | actual | denied | Forward | `Vary: Origin` |
/// | actual | denied, and the policy refuses those | Answer 403 | `Vary: Origin` |
/// | preflight | allowed | Answer 204 | `Allow-Origin`, `Allow-Credentials`, `Allow-Methods`, `Allow-Headers`, `Max-Age`, `Allow-Private-Network`; `Vary` |
/// | preflight | denied | Answer 403 | `Vary` |
///
/// The answer to a preflight states all that is allowed, whether or not this request asks for more: the browser enforces
/// it, keeps one answer for many requests, and names in its console the very method or header that is missing.
///
/// Fetch: "HTTP requests" and "HTTP responses" of the CORS protocol, "CORS protocol and HTTP caches".
#[must_use]
#[inline]
pub fn evaluate<'a>(policy: &'a Policy, request: &'a RequestParts<'a>) -> Decision<'a> {
    const FORBIDDEN: u16 = 403;
    let mut finding = policy.find(request);
    let kind = request.kind();
    let is_allowed_preflight = kind == RequestKind::Preflight && finding == Finding::Allowed;
    if is_allowed_preflight
        && !policy.allows_anyone()
        && decision::preflight_beyond_limits(request).is_some()
    {
        finding = Finding::Denied;
    }
    let headers = ResponseHeaders::new(policy, request, kind, finding);
    match kind {
        RequestKind::Preflight if policy.forward_preflights => Decision::Forward { headers },
        RequestKind::Preflight if finding == Finding::Denied => Decision::Answer {
            status: FORBIDDEN,
            headers,
        },
        RequestKind::Preflight => Decision::Answer {
            status: policy.preflight_status,
            headers,
        },
        RequestKind::Actual
            if finding == Finding::Denied
                && policy.refuses_disallowed_origins()
                && !request.is_same_origin() =>
        {
            Decision::Answer {
                status: FORBIDDEN,
                headers,
            }
        }
        RequestKind::Actual | RequestKind::NonCors => Decision::Forward { headers },
    }
}

#[cfg(test)]
mod tests;
