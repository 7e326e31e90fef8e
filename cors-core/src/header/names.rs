use core::fmt;

/// The name of a response header that a decision can contain.
///
/// This enum is exhaustive, so an adapter can map every name to the names of its framework.
///
/// The `Access-Control-*` headers are specified in Fetch, [HTTP responses](https://fetch.spec.whatwg.org/#http-responses).
///
/// ```
/// use omnicors_core::{PolicyConfig, RequestParts, ResponseHeaderName, evaluate};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let decision = evaluate(&policy, &RequestParts::new("GET").origin("https://example.com"));
/// let names: Vec<ResponseHeaderName> = decision.headers().iter().map(|field| field.name).collect();
/// assert_eq!(names, [ResponseHeaderName::AccessControlAllowOrigin, ResponseHeaderName::Vary]);
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResponseHeaderName {
    /// `Access-Control-Allow-Origin`.
    AccessControlAllowOrigin,
    /// `Access-Control-Allow-Credentials`.
    AccessControlAllowCredentials,
    /// `Access-Control-Allow-Methods`.
    AccessControlAllowMethods,
    /// `Access-Control-Allow-Headers`.
    AccessControlAllowHeaders,
    /// `Access-Control-Max-Age`.
    AccessControlMaxAge,
    /// `Access-Control-Allow-Private-Network`, from the draft
    /// [Private Network Access](https://wicg.github.io/private-network-access/), which browsers no longer implement.
    AccessControlAllowPrivateNetwork,
    /// `Access-Control-Expose-Headers`.
    AccessControlExposeHeaders,
    /// `Timing-Allow-Origin`: Fetch, [TAO check](https://fetch.spec.whatwg.org/#concept-tao-check).
    TimingAllowOrigin,
    /// `Cache-Control` ([RFC 9111, section 5.2](https://www.rfc-editor.org/rfc/rfc9111#section-5.2)). Its only value is `no-store`.
    CacheControl,
    /// `Retry-After` ([RFC 9110, section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)). Its only value is `1` (second).
    RetryAfter,
    /// `Vary` ([RFC 9110, section 12.5.5](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5); Fetch,
    /// [CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches)).
    Vary,
}

impl ResponseHeaderName {
    /// All names, in the order in which a decision returns them.
    ///
    /// ```
    /// use omnicors_core::ResponseHeaderName;
    ///
    /// assert!(ResponseHeaderName::ALL.contains(&ResponseHeaderName::Vary));
    /// ```
    pub const ALL: [Self; 11] = [
        Self::AccessControlAllowOrigin,
        Self::AccessControlAllowCredentials,
        Self::AccessControlAllowMethods,
        Self::AccessControlAllowHeaders,
        Self::AccessControlMaxAge,
        Self::AccessControlAllowPrivateNetwork,
        Self::AccessControlExposeHeaders,
        Self::TimingAllowOrigin,
        Self::CacheControl,
        Self::RetryAfter,
        Self::Vary,
    ];

    /// Returns the name in lower case, which HTTP/2 and HTTP/3 require and HTTP/1.1 allows.
    ///
    /// ```
    /// use omnicors_core::ResponseHeaderName;
    ///
    /// assert_eq!(ResponseHeaderName::AccessControlMaxAge.as_str(), "access-control-max-age");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessControlAllowOrigin => "access-control-allow-origin",
            Self::AccessControlAllowCredentials => "access-control-allow-credentials",
            Self::AccessControlAllowMethods => "access-control-allow-methods",
            Self::AccessControlAllowHeaders => "access-control-allow-headers",
            Self::AccessControlMaxAge => "access-control-max-age",
            Self::AccessControlAllowPrivateNetwork => "access-control-allow-private-network",
            Self::AccessControlExposeHeaders => "access-control-expose-headers",
            Self::TimingAllowOrigin => "timing-allow-origin",
            Self::CacheControl => "cache-control",
            Self::RetryAfter => "retry-after",
            Self::Vary => "vary",
        }
    }

    /// Returns the variant for a header name in any case, or `None` for other names.
    ///
    /// ```
    /// use omnicors_core::ResponseHeaderName;
    ///
    /// assert_eq!(ResponseHeaderName::named("VARY"), Some(ResponseHeaderName::Vary));
    /// assert_eq!(ResponseHeaderName::named("Content-Type"), None);
    /// ```
    #[inline]
    pub fn named(name: impl AsRef<[u8]>) -> Option<Self> {
        let name = name.as_ref();
        // Only two names share a length, so the length selects at most two candidates.
        let candidate = match name.len() {
            4 => Self::Vary,
            11 => Self::RetryAfter,
            13 => Self::CacheControl,
            19 => Self::TimingAllowOrigin,
            22 => Self::AccessControlMaxAge,
            27 => Self::AccessControlAllowOrigin,
            28 if Self::AccessControlAllowMethods.matches(name) => Self::AccessControlAllowMethods,
            28 => Self::AccessControlAllowHeaders,
            29 => Self::AccessControlExposeHeaders,
            32 => Self::AccessControlAllowCredentials,
            36 => Self::AccessControlAllowPrivateNetwork,
            _ => return None,
        };
        candidate.matches(name).then_some(candidate)
    }

    /// Returns true if `name` is this name, in any case.
    ///
    /// ```
    /// use omnicors_core::ResponseHeaderName;
    ///
    /// assert!(ResponseHeaderName::Vary.matches("VARY"));
    /// ```
    pub fn matches(self, name: impl AsRef<[u8]>) -> bool {
        self.as_str().as_bytes().eq_ignore_ascii_case(name.as_ref())
    }
}

impl fmt::Display for ResponseHeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns true if `bytes` is a token ([RFC 9110, section 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)). Methods and header
/// names are tokens.
///
/// ```
/// use omnicors_core::adapter::is_token;
///
/// assert!(is_token(b"X-Tenant"));
/// assert!(!is_token(b"X-Tenant, Origin"));
/// assert!(!is_token(b""));
/// ```
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_tchar(*byte))
}

/// Returns true for a `tchar` of RFC 9110, section 5.6.2.
///
/// This uses a table, because a hostile list has thousands of bytes.
pub(super) fn is_tchar(byte: u8) -> bool {
    const IS_TCHAR: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0_u8;
        while byte.is_ascii() {
            let is_sign = matches!(
                byte,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            );
            #[expect(clippy::indexing_slicing, reason = "checked at compile time")]
            {
                table[byte as usize] = is_sign || byte.is_ascii_alphanumeric();
            }
            byte += 1;
        }
        table
    };
    IS_TCHAR.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Returns true for a name, in lower case, that pages cannot set whatever its value: Fetch,
/// [forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header).
pub(crate) fn is_forbidden_request_header(name: &str) -> bool {
    const FORBIDDEN: [&str; 21] = [
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    ];
    FORBIDDEN.contains(&name) || name.starts_with("proxy-") || name.starts_with("sec-")
}

/// Returns true for a name that pages cannot read: Fetch,
/// [forbidden response-header name](https://fetch.spec.whatwg.org/#forbidden-response-header-name).
pub(crate) fn is_forbidden_response_header(name: &str) -> bool {
    matches!(name, "set-cookie" | "set-cookie2")
}

/// The names of the response headers that pages can read without `Access-Control-Expose-Headers`, in lower case: Fetch,
/// [CORS-safelisted response-header name](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
///
/// ```
/// use omnicors_core::adapter::SAFELISTED_RESPONSE_HEADERS;
///
/// assert!(SAFELISTED_RESPONSE_HEADERS.contains(&"content-type"));
/// assert!(!SAFELISTED_RESPONSE_HEADERS.contains(&"etag"));
/// ```
pub const SAFELISTED_RESPONSE_HEADERS: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_text_of_a_name_in_any_case_finds_it() {
        for name in ResponseHeaderName::ALL {
            let text = name.as_str();
            assert_eq!(ResponseHeaderName::named(text), Some(name));
            assert_eq!(
                ResponseHeaderName::named(text.to_ascii_uppercase()),
                Some(name)
            );
            assert_eq!(
                ResponseHeaderName::named(text.replace('a', "b")),
                None,
                "{text}"
            );
        }
        assert_eq!(ResponseHeaderName::named(""), None);
    }
}
