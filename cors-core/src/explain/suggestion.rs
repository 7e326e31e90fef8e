//! Suggests a change that allows a denied request.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use core::fmt;

use super::addition::{Addition, settings_of};
use super::near_miss::{Kind, NearMiss};
use super::nearest::nearest;
use crate::denial::Denial;
use crate::header::is_token;
use crate::limits;
use crate::method;
use crate::origin::{Origin, OriginError, canonical_pattern};
use crate::policy::{Policy, is_method_to_list, is_origin_to_list, is_request_header_to_list};
use crate::request::RequestParts;

/// A change, in the policy or in the page, that allows a denied request.
///
/// A suggested change of the policy builds, and allows only the origin of the request unless the text says otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Suggestion {
    SendOneOrigin,
    /// Send this origin, which is in the form that browsers send.
    SendCanonicalOrigin(String),
    SendOrigin,
    AllowOpaque {
        is_file: bool,
        /// The policy lists `*`, so it cannot list `null` as well.
        is_any_listed: bool,
        /// The policy is static, so it can have only one origin.
        is_static: bool,
    },
    AllowOrigin {
        addition: Addition,
        near: Option<NearMiss>,
    },
    /// A policy cannot list the origin.
    OnlyNear(NearMiss),
    LookUp,
    /// Add this origin to the data that the lookup reads.
    AddToLookup(String),
    FindLookupError,
    SpeedUpLookup,
    AllowMoreLookups,
    SendOneMethod,
    /// List the method, which is too long to be echoed.
    ListLongMethod,
    MethodInUpperCase {
        upper: &'static str,
        is_allowed: bool,
    },
    /// The method; `None` if it is too long to print.
    AllowMethod(Option<String>),
    SendOtherMethod(String),
    SendFewerHeaders,
    SendHeaderList,
    /// The name; `None` if it is too long to print.
    AllowHeader(Option<String>),
    SendOtherHeader(String),
    AllowCredentials,
}

impl Suggestion {
    /// Returns the change that allows the request, or `None` if no such change is known.
    pub(crate) fn new(
        policy: &Policy,
        request: &RequestParts<'_>,
        denial: Denial<'_>,
    ) -> Option<Self> {
        let origin = request.origin_field().once();
        Some(match denial {
            Denial::Rejected => return None,
            Denial::OriginRepeated => Self::SendOneOrigin,
            Denial::OriginMalformed(error) => malformed_origin(origin.unwrap_or_default(), error),
            Denial::OriginOpaque => Self::AllowOpaque {
                is_file: origin == Some(b"file://"),
                is_any_listed: policy.origins().is_none(),
                is_static: policy.static_origin(),
            },
            Denial::OriginNotAllowed | Denial::OriginInsecure => {
                disallowed_origin(policy, &Origin::parse(origin?).ok()?)?
            }
            Denial::OriginUndecided => Self::LookUp,
            Denial::LookupNotAllowed => {
                let origin = Origin::parse(origin?).ok()?;
                let text = origin.as_str();
                if !is_origin_to_list(text, &settings_of(policy)) {
                    return None;
                }
                Self::AddToLookup(text.to_owned())
            }
            Denial::LookupFailed => Self::FindLookupError,
            Denial::LookupTimedOut => Self::SpeedUpLookup,
            Denial::LookupNotBegun => Self::AllowMoreLookups,
            Denial::RequestMethodMalformed if policy.methods.is_any() => {
                malformed_method(request.request_method_field().once())
            }
            Denial::RequestMethodRepeated | Denial::RequestMethodMalformed => Self::SendOneMethod,
            Denial::MethodNotAllowed(method) => disallowed_method(policy, method),
            Denial::RequestHeadersTooLong => Self::SendFewerHeaders,
            Denial::RequestHeadersMalformed => Self::SendHeaderList,
            Denial::HeaderNotAllowed(name) => disallowed_header(name),
            Denial::CredentialsNotAllowed => Self::AllowCredentials,
        })
    }
}

fn disallowed_origin(policy: &Policy, origin: &Origin<'_>) -> Option<Suggestion> {
    let near = nearest(policy, origin);
    match Addition::new(policy, origin) {
        Some(addition) => Some(Suggestion::AllowOrigin { addition, near }),
        None => near.map(Suggestion::OnlyNear),
    }
}

fn malformed_origin(origin: &[u8], error: OriginError) -> Suggestion {
    let canonical = core::str::from_utf8(origin)
        .ok()
        .filter(|_| error != OriginError::TooLong)
        .and_then(canonical_pattern)
        // `canonical_pattern` can return a pattern with a wildcard, which a browser never sends.
        .filter(|text| !text.contains('*'));
    match canonical {
        Some(canonical) => Suggestion::SendCanonicalOrigin(canonical),
        None => Suggestion::SendOrigin,
    }
}

/// Returns the name if it is short enough to print. A truncated name would be a different name.
fn short(name: &[u8]) -> Option<&str> {
    const LONGEST: usize = 120;
    let name = core::str::from_utf8(name).ok();
    name.filter(|name| name.len() <= LONGEST)
}

/// In a policy, this is not a name but stands for any: see <https://fetch.spec.whatwg.org/#cors-protocol-and-credentials>.
const ANY: &str = "*";

fn malformed_method(method: Option<&[u8]>) -> Suggestion {
    if method.is_some_and(is_token) {
        Suggestion::ListLongMethod
    } else {
        Suggestion::SendOneMethod
    }
}

fn disallowed_method(policy: &Policy, method: &[u8]) -> Suggestion {
    let Some(method) = short(method) else {
        return Suggestion::AllowMethod(None);
    };
    if let Some(upper) = method::in_upper_case(method) {
        let bytes = upper.as_bytes();
        let is_allowed = method::is_safelisted(bytes) || policy.methods.contains(bytes);
        return Suggestion::MethodInUpperCase { upper, is_allowed };
    }
    if method != ANY && is_method_to_list(method) {
        Suggestion::AllowMethod(Some(method.to_owned()))
    } else {
        Suggestion::SendOtherMethod(method.to_owned())
    }
}

fn disallowed_header(name: &[u8]) -> Suggestion {
    let Some(name) = short(name).map(str::to_ascii_lowercase) else {
        return Suggestion::AllowHeader(None);
    };
    if name != ANY && is_request_header_to_list(&name) {
        Suggestion::AllowHeader(Some(name))
    } else {
        Suggestion::SendOtherHeader(name)
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::SendOneOrigin => "send one Origin field; check whether a proxy adds a second one",
            Self::SendCanonicalOrigin(origin) => {
                return write!(
                    f,
                    "send the origin in the form that browsers use: `{origin}`"
                );
            }
            Self::SendOrigin => {
                "send an origin in the form that browsers use, such as `https://example.com`"
            }
            Self::AllowOpaque {
                is_file,
                is_any_listed,
                is_static,
            } => return write_opaque(f, *is_file, *is_any_listed, *is_static),
            Self::AllowOrigin { addition, near } => {
                return match near {
                    None => write!(f, "{addition}"),
                    Some(near) if matches!(near.kind, Kind::LookAlike { .. }) => {
                        write!(f, "{near}; if it is yours, {addition}")
                    }
                    Some(near) => write!(f, "{addition}; {near}"),
                };
            }
            Self::OnlyNear(near) => return write!(f, "{near}"),
            Self::LookUp => {
                "look up the origin: call `lookup_origins` on the adapter, or set `RequestParts::lookup_result`"
            }
            Self::AddToLookup(origin) => {
                return write!(
                    f,
                    "if you trust this site, add `{origin}` to the data that the lookup reads"
                );
            }
            Self::FindLookupError => "check the server log for the error of the lookup",
            Self::SpeedUpLookup => {
                "make the lookup faster, or raise its timeout (the first argument of `lookup_origins`)"
            }
            Self::AllowMoreLookups => {
                "raise the limit on concurrent lookups, if the origin store can handle more"
            }
            Self::SendOneMethod => {
                "send one Access-Control-Request-Method field with one method, as browsers do"
            }
            Self::ListLongMethod => "list the method in allow_methods instead of `*`",
            Self::MethodInUpperCase {
                upper,
                is_allowed: true,
            } => {
                return write!(f, "write `{upper}` in the page; methods are case-sensitive");
            }
            Self::MethodInUpperCase {
                upper,
                is_allowed: false,
            } => {
                return write!(
                    f,
                    "write `{upper}` in the page, because methods are case-sensitive, and add `{upper}` to allow_methods"
                );
            }
            Self::AllowMethod(Some(method)) => {
                return write!(f, "add `{method}` to allow_methods");
            }
            Self::AllowMethod(None) => "add the method to allow_methods",
            Self::SendOtherMethod(method) if method == ANY => {
                "use another method in the page; in a policy, `*` stands for any method"
            }
            Self::SendOtherMethod(method) => {
                return write!(
                    f,
                    "use another method in the page; a policy cannot list `{method}`"
                );
            }
            Self::SendFewerHeaders => {
                return write!(
                    f,
                    "send fewer header names: at most {} bytes in {} fields",
                    limits::REQUEST_HEADERS,
                    limits::REQUEST_HEADERS_FIELDS
                );
            }
            Self::SendHeaderList => "send a list of header names, as browsers do",
            Self::AllowHeader(Some(name)) => return write!(f, "add `{name}` to allow_headers"),
            Self::AllowHeader(None) => "add the header to allow_headers",
            Self::SendOtherHeader(name) if name == ANY => {
                "do not set the header in the page; in a policy, `*` stands for any header"
            }
            Self::SendOtherHeader(name) => {
                return write!(
                    f,
                    "do not set the header in the page; a policy cannot list `{name}`"
                );
            }
            Self::AllowCredentials => {
                "set allow_credentials in the policy, or send the request without credentials"
            }
        };
        f.write_str(text)
    }
}

fn write_opaque(
    f: &mut fmt::Formatter<'_>,
    is_file: bool,
    is_any_listed: bool,
    is_static: bool,
) -> fmt::Result {
    let (origin, who) = if is_file {
        ("file://", "every file that a visitor opens")
    } else {
        ("null", "any site")
    };
    f.write_str("open the page from a server instead of a file or a sandboxed frame; or ")?;
    if is_any_listed {
        return write!(
            f,
            "set dangerously_allow_opaque_origins, which lets {who} send the origin `{origin}`"
        );
    }
    if is_static {
        f.write_str("remove static_origin and ")?;
    }
    write!(
        f,
        "add `{origin}` to allow_origins and set dangerously_allow_opaque_origins, which lets {who} send this origin"
    )
}

#[cfg(test)]
mod tests;
