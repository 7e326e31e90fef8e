use core::fmt;

use crate::limits;
use crate::origin::OriginError;

/// Why a browser will deny a request.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial<'a> {
    /// The request has more than one `Origin` field.
    OriginRepeated,
    /// The `Origin` value is not an origin in the form in which a browser sends one.
    OriginMalformed(OriginError),
    /// The origin is opaque (`null` or `file://`), and the policy does not allow that.
    OriginOpaque,
    /// The policy does not allow the origin, and does not leave it to a lookup.
    OriginNotAllowed,
    /// The policy allows credentials. Expressions, predicates and lookups are then not asked about an origin that is neither
    /// https nor loopback.
    OriginInsecure,
    /// The policy leaves the origin to a lookup, and none was made.
    OriginUndecided,
    /// The policy leaves the origin to a lookup, which did not allow it.
    LookupNotAllowed,
    /// The policy leaves the origin to a lookup, which failed.
    LookupFailed,
    /// The policy leaves the origin to a lookup, which timed out.
    LookupTimedOut,
    /// The policy leaves the origin to a lookup, which was not begun, because too many others run or wait.
    LookupNotBegun,
    /// The request has more than one `Access-Control-Request-Method` field.
    RequestMethodRepeated,
    /// The `Access-Control-Request-Method` value is not a method, or is longer than [`limits::REQUEST_METHOD`] and would have
    /// to be echoed.
    RequestMethodMalformed,
    /// The policy does not list the method.
    MethodNotAllowed(&'a [u8]),
    /// The request has more `Access-Control-Request-Headers` fields, or longer ones, than the [`limits`] allow.
    RequestHeadersTooLong,
    /// The `Access-Control-Request-Headers` value is not a list of header names.
    RequestHeadersMalformed,
    /// The policy does not list this header, the first such one of the request.
    HeaderNotAllowed(&'a [u8]),
    /// The request is made with credentials, and the policy does not allow them.
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

/// The start of a name, escaped: a request can have a very long one.
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
