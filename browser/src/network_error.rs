//! The reasons why a page gets a network error.

use std::error::Error;
use std::fmt;

use crate::method::is_misspelled_patch;

/// The reason why a fetch ended in a [network error](https://fetch.spec.whatwg.org/#concept-network-error): the page gets a
/// `TypeError` and cannot read the response.
///
/// The message says what happened. If a check failed, the message of the [`Outcome`](crate::Outcome) also says what to change on the
/// server.
///
/// # Examples
///
/// ```
/// use omnicors_browser::{CorsFailure, NetworkError};
///
/// let error = NetworkError::CorsCheck(CorsFailure::AllowOriginMissing);
/// assert!(error.to_string().contains("`Access-Control-Allow-Origin` is missing"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkError {
    /// The page cannot make the request: `fetch()` throws, for example because of an invalid URL, method or header, or the API has no such
    /// setting.
    InvalidRequest(String),
    /// The server did not respond.
    Unreachable(String),
    /// The body is a stream, and the server speaks HTTP/1.1. A preflight has been sent, but not the request.
    StreamOverHttp1,
    /// The mode is `same-origin`, and the URL has another origin.
    NotSameOrigin,
    /// The mode is `no-cors`, the URL has another origin, and the redirect mode is not `follow`.
    NoCorsRedirectMode,
    /// The URL's scheme is not http or https.
    NotHttp(String),
    /// Browsers do not connect to this port.
    BadPort(u16),
    /// A page of a secure origin, or a frame in it, asks for a URL that is not potentially trustworthy. Browsers try https for images;
    /// this crate does not.
    MixedContent,
    /// The CORS check of the preflight's response failed.
    PreflightCheck(CorsFailure),
    /// The status of the preflight's response is not in 200-299.
    PreflightStatus(u16),
    /// The value of `Access-Control-Allow-Methods` is not a list of methods. Contains the first element that is not a method.
    InvalidAllowMethods(String),
    /// The value of `Access-Control-Allow-Headers` is not a list of header names. Contains the first element that is not a header name.
    InvalidAllowHeaders(String),
    /// The preflight's response does not allow this method.
    MethodNotAllowed(String),
    /// The preflight's response does not allow this header, given in lower case.
    HeaderNotAllowed(String),
    /// The CORS check of the response failed. The server has run the request, but the page cannot read the response.
    CorsCheck(CorsFailure),
    /// `Cross-Origin-Resource-Policy` forbids a response to a no-cors request.
    ResourcePolicy(String),
    /// The response is a redirect that is not followed.
    Redirect(RedirectFailure),
    /// The status of the response to the handshake of a `WebSocket` is not 101.
    HandshakeStatus(u16),
}

/// The reason why a [CORS check](https://fetch.spec.whatwg.org/#cors-check) failed.
///
/// # Examples
///
/// ```
/// use omnicors_browser::CorsFailure;
///
/// let failure = CorsFailure::AllowOriginMismatch {
///     value: "https://admin.example".to_owned(),
///     origin: "https://app.example".to_owned(),
/// };
/// assert_eq!(
///     failure.to_string(),
///     "`Access-Control-Allow-Origin` is `https://admin.example`; it must be `https://app.example`"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorsFailure {
    /// There is no `Access-Control-Allow-Origin`.
    AllowOriginMissing,
    /// `Access-Control-Allow-Origin` is `*`, and the credentials mode is `include`.
    AllowOriginWildcardWithCredentials {
        /// The origin that would be accepted.
        origin: String,
    },
    /// `Access-Control-Allow-Origin` has more than one value.
    AllowOriginMultiple {
        /// The values, combined.
        value: String,
        /// The origin that would be accepted.
        origin: String,
    },
    /// `Access-Control-Allow-Origin` has another value.
    AllowOriginMismatch {
        /// The value.
        value: String,
        /// The origin that would be accepted.
        origin: String,
    },
    /// There is no `Access-Control-Allow-Credentials`, and the credentials mode is `include`.
    AllowCredentialsMissing,
    /// `Access-Control-Allow-Credentials` is not `true`, in lower case.
    AllowCredentialsNotTrue {
        /// The value.
        value: String,
    },
}

/// The reason why a redirect is not followed: [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch).
///
/// # Examples
///
/// ```
/// use omnicors_browser::RedirectFailure;
///
/// assert_eq!(RedirectFailure::TooMany.to_string(), "there are more than 20 redirects");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectFailure {
    /// The redirect mode is `error`.
    NotAllowed,
    /// `Location` is not a valid URL.
    InvalidLocation(String),
    /// `Location` has a scheme other than http and https.
    NotHttp(String),
    /// There are more than 20 redirects.
    TooMany,
    /// `Location` contains a user name or a password, which a CORS request must not follow.
    UserInfo,
    /// The body is a stream, which cannot be sent a second time.
    StreamBody,
    /// The response with the redirect does not allow credentials, although the request has none:
    /// [`Deviation::ChecksRedirectsForCredentials`](crate::Deviation::ChecksRedirectsForCredentials).
    CredentialsCheck(CorsFailure),
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(reason) => write!(f, "the page cannot make this request: {reason}"),
            Self::Unreachable(reason) => write!(f, "the server did not respond: {reason}"),
            Self::StreamOverHttp1 => f.write_str(
                "the body is a stream, which browsers do not send over HTTP/1.1; serve the URL over https with HTTP/2",
            ),
            Self::NotSameOrigin => {
                f.write_str("the URL has another origin, and the mode is `same-origin`")
            }
            Self::NoCorsRedirectMode => f.write_str(
                "a request with the mode `no-cors` to another origin must have the redirect mode `follow`",
            ),
            Self::NotHttp(scheme) => write!(f, "the scheme `{scheme}` is not http or https"),
            Self::BadPort(port) => write!(
                f,
                "browsers do not connect to port {port}; let the server listen on another port"
            ),
            Self::MixedContent => {
                f.write_str("an https page cannot fetch an http URL; serve the URL over https")
            }
            Self::PreflightCheck(failure) => write!(f, "the preflight failed: {failure}"),
            Self::PreflightStatus(status @ 300..=399) => write!(
                f,
                "the preflight failed: its status is {status}, and browsers do not follow a redirect of a preflight"
            ),
            Self::PreflightStatus(status) => write!(
                f,
                "the preflight failed: its status is {status}; respond to `OPTIONS` with 204, before authentication and routing"
            ),
            Self::InvalidAllowMethods(element) => write!(
                f,
                "the preflight failed: `{element}` in `Access-Control-Allow-Methods` is not a method; separate methods by commas, without quotes"
            ),
            Self::InvalidAllowHeaders(element) => write!(
                f,
                "the preflight failed: `{element}` in `Access-Control-Allow-Headers` is not a header name; separate names by commas, without quotes"
            ),
            Self::MethodNotAllowed(method) => {
                if is_misspelled_patch(method) {
                    return write!(
                        f,
                        "the preflight failed: methods are case-sensitive; write `PATCH` instead of `{method}` in the page"
                    );
                }
                write!(
                    f,
                    "the preflight failed: add `{method}` to `Access-Control-Allow-Methods`"
                )?;
                if method.bytes().any(|byte| byte.is_ascii_lowercase()) {
                    f.write_str(" as it is written here, because methods are case-sensitive")?;
                }
                Ok(())
            }
            Self::HeaderNotAllowed(name) => {
                write!(
                    f,
                    "the preflight failed: add `{name}` to `Access-Control-Allow-Headers`"
                )
            }
            Self::CorsCheck(failure) => write!(f, "the response cannot be read: {failure}"),
            Self::ResourcePolicy(value) => {
                write!(
                    f,
                    "`Cross-Origin-Resource-Policy: {value}` forbids the response to this page"
                )
            }
            Self::Redirect(failure) => write!(f, "the redirect is not followed: {failure}"),
            Self::HandshakeStatus(status) => write!(
                f,
                "the `WebSocket` does not open: the response to its handshake has the status {status}, not 101"
            ),
        }
    }
}

impl fmt::Display for CorsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The causes are many: an `Outcome` knows more, and names the probable one.
            Self::AllowOriginMissing => f.write_str("`Access-Control-Allow-Origin` is missing"),
            Self::AllowOriginWildcardWithCredentials { origin } => write!(
                f,
                "`Access-Control-Allow-Origin` is `*`; with credentials it must be `{origin}`"
            ),
            Self::AllowOriginMultiple { value, origin } => write!(
                f,
                "`Access-Control-Allow-Origin` has several values, `{value}`; send only `{origin}`, once"
            ),
            Self::AllowOriginMismatch { value, origin } => {
                write!(
                    f,
                    "`Access-Control-Allow-Origin` is `{value}`; it must be `{origin}`"
                )
            }
            Self::AllowCredentialsMissing => f.write_str(
                "`Access-Control-Allow-Credentials` is missing; with credentials it must be `true`",
            ),
            Self::AllowCredentialsNotTrue { value } => write!(
                f,
                "`Access-Control-Allow-Credentials` is `{value}`; with credentials it must be `true`"
            ),
        }
    }
}

impl fmt::Display for RedirectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed => f.write_str("the redirect mode is `error`"),
            Self::InvalidLocation(value) => write!(f, "`Location: {value}` is not a valid URL"),
            Self::NotHttp(scheme) => write!(f, "its scheme is `{scheme}`, not http or https"),
            Self::TooMany => f.write_str("there are more than 20 redirects"),
            Self::UserInfo => f.write_str("its URL contains a user name or a password"),
            Self::StreamBody => f.write_str("the body is a stream, which cannot be sent again"),
            Self::CredentialsCheck(failure) => failure.fmt(f),
        }
    }
}

impl Error for NetworkError {}
impl Error for CorsFailure {}
impl Error for RedirectFailure {}
