use core::fmt;

use crate::limits;
use crate::origin::OriginError;

/// The reason why a browser will block a response or a request: see [`Decision::verdict`](crate::Decision::verdict).
///
/// `Display` explains it, with text from the request escaped and shortened. This enum is non-exhaustive: reasons may be added in a minor
/// version.
///
/// ```
/// use omnicors_core::{Denial, PolicyConfig, RequestParts, Verdict, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
/// let request = RequestParts::new("GET").origin("https://other.example");
/// let decision = evaluate(&policy, &request);
/// assert_eq!(decision.verdict(), Verdict::Denied(Denial::OriginNotAllowed));
/// assert_eq!(Denial::OriginNotAllowed.to_string(), "the policy does not allow the origin");
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial<'a> {
    /// The request has more than one `Origin` field.
    OriginRepeated,
    /// The value of `Origin` is not an origin in the form that browsers send.
    OriginMalformed(OriginError),
    /// The origin is opaque (`null` or `file://`), and the policy does not allow opaque origins.
    OriginOpaque,
    /// The policy does not allow the origin.
    OriginNotAllowed,
    /// The [guard](crate::PolicyConfig::guard) rejects the request, although CORS would allow it, or the policy does not list the
    /// [host](crate::PolicyConfig::allow_hosts).
    Rejected,
    /// The origin is neither https nor loopback, and the policy allows credentials, so that expressions, predicates, sets and
    /// lookups are not asked about the origin.
    OriginInsecure,
    /// The policy requires an origin lookup, and none was made.
    OriginUndecided,
    /// The origin lookup did not allow the origin.
    LookupNotAllowed,
    /// The origin lookup failed.
    LookupFailed,
    /// The origin lookup timed out.
    LookupTimedOut,
    /// The origin lookup was not begun, because too many lookups are running or waiting.
    LookupNotBegun,
    /// The request has more than one `Access-Control-Request-Method` field.
    RequestMethodRepeated,
    /// The value of `Access-Control-Request-Method` is not a method, or it would be echoed and is longer than
    /// [`limits::REQUEST_METHOD`].
    RequestMethodMalformed,
    /// The policy does not allow the method.
    MethodNotAllowed(&'a [u8]),
    /// The `Access-Control-Request-Headers` fields would be echoed, and exceed [`limits::REQUEST_HEADERS_FIELDS`] or
    /// [`limits::REQUEST_HEADERS`].
    RequestHeadersTooLong,
    /// The value of `Access-Control-Request-Headers` is not a list of header names.
    RequestHeadersMalformed,
    /// The policy does not allow this header, the first such header of the request.
    HeaderNotAllowed(&'a [u8]),
    /// The request has credentials, and the policy does not allow them.
    CredentialsNotAllowed,
}

impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::OriginRepeated => "the request has more than one Origin field",
            Self::OriginMalformed(error) => {
                return write!(f, "the Origin field is malformed: {error}");
            }
            Self::OriginOpaque => "the policy does not allow opaque origins (`null`, `file://`)",
            Self::OriginNotAllowed => "the policy does not allow the origin",
            Self::Rejected => "the guard of the policy rejects the request",
            Self::OriginInsecure => {
                "the policy allows credentials, so the origin must be https or loopback"
            }
            Self::OriginUndecided => "the policy requires an origin lookup, and none was made",
            Self::LookupNotAllowed => "the origin lookup did not allow it",
            Self::LookupFailed => "the origin lookup failed",
            Self::LookupTimedOut => "the origin lookup timed out",
            Self::LookupNotBegun => {
                "the origin lookup was not begun: too many lookups are running or waiting"
            }
            Self::RequestMethodRepeated => {
                "the request has more than one Access-Control-Request-Method field"
            }
            Self::RequestMethodMalformed => {
                "the Access-Control-Request-Method field is not a valid method, or is longer than 64 bytes"
            }
            Self::MethodNotAllowed(method) => {
                return write!(f, "the policy does not allow the method {}", Shown(method));
            }
            Self::RequestHeadersTooLong => {
                let (fields, bytes) = (limits::REQUEST_HEADERS_FIELDS, limits::REQUEST_HEADERS);
                return write!(
                    f,
                    "the Access-Control-Request-Headers fields exceed the limit of {fields} fields and {bytes} bytes"
                );
            }
            Self::RequestHeadersMalformed => {
                "the Access-Control-Request-Headers field is not a list of header names"
            }
            Self::HeaderNotAllowed(name) => {
                return write!(f, "the policy does not allow the header {}", Shown(name));
            }
            Self::CredentialsNotAllowed => "the policy does not allow credentials",
        };
        f.write_str(text)
    }
}

/// A name from a request, escaped and shortened.
struct Shown<'a>(&'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 120;
        match self.0.get(..LONGEST) {
            Some(start) if start.len() < self.0.len() => write!(f, "{}…", start.escape_ascii()),
            _ => write!(f, "{}", self.0.escape_ascii()),
        }
    }
}
