use core::fmt;

/// The name of a response header that a decision can hold.
///
/// Exhaustive: an adapter maps each of them to its framework's own names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResponseHeaderName {
    /// `Access-Control-Allow-Origin`: Fetch, "HTTP responses" of the CORS protocol.
    AccessControlAllowOrigin,
    /// `Access-Control-Allow-Credentials`: Fetch, "HTTP responses" of the CORS protocol.
    AccessControlAllowCredentials,
    /// `Access-Control-Allow-Methods`: Fetch, "HTTP responses" of the CORS protocol.
    AccessControlAllowMethods,
    /// `Access-Control-Allow-Headers`: Fetch, "HTTP responses" of the CORS protocol.
    AccessControlAllowHeaders,
    /// `Access-Control-Max-Age`: Fetch, "HTTP responses" of the CORS protocol.
    AccessControlMaxAge,
    /// `Access-Control-Allow-Private-Network`: of the Private Network Access draft, which browsers have dropped.
    AccessControlAllowPrivateNetwork,
    /// `Access-Control-Expose-Headers`: Fetch, "HTTP responses" of the CORS protocol.
    AccessControlExposeHeaders,
    /// `Timing-Allow-Origin`: Resource Timing; Fetch, "TAO check".
    TimingAllowOrigin,
    /// `Cache-Control`: RFC 9111, section 5.2. The only value is `no-store`.
    CacheControl,
    /// `Retry-After`: RFC 9110, section 10.2.3. The only value is `1`, in seconds.
    RetryAfter,
    /// `Vary`: RFC 9110, section 12.5.5; Fetch, "CORS protocol and HTTP caches".
    Vary,
}

impl ResponseHeaderName {
    /// All names, in the order in which a decision yields them.
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

    /// Returns the name in lower case, as HTTP/2 and HTTP/3 require and HTTP/1.1 allows.
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

    /// Returns the name that `name` spells, in any case, or `None` for any other name.
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
        // The length rules out most names.
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

    /// Returns true if `name` spells this name, in any case.
    pub fn matches(self, name: impl AsRef<[u8]>) -> bool {
        self.as_str().as_bytes().eq_ignore_ascii_case(name.as_ref())
    }
}

impl fmt::Display for ResponseHeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns true if this is a token (RFC 9110, section 5.6.2: `token = 1*tchar`), as every method and every header name is.
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

/// Looked up, since a hostile list has thousands of these.
pub(super) fn is_tchar(byte: u8) -> bool {
    const IS_TCHAR: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
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
            // There is no `get_mut` in a constant; 256 slots have one for each byte.
            #[expect(clippy::indexing_slicing, reason = "checked when it is compiled")]
            {
                table[byte as usize] = is_sign || byte.is_ascii_alphanumeric();
            }
            byte += 1;
        }
        table
    };
    IS_TCHAR.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Fetch, "forbidden request-header", by name alone, in lower case: a page cannot set these.
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

/// Fetch, "CORS-safelisted request-header", those by name that need no listing for any value a page would usually send.
/// (`content-type` and `range` are safelisted for a few values only, and are listed for the others.)
pub(crate) fn is_safelisted_request_header(name: &str) -> bool {
    matches!(name, "accept" | "accept-language" | "content-language")
}

/// Fetch, "forbidden response-header name": no page can read these.
pub(crate) fn is_forbidden_response_header(name: &str) -> bool {
    matches!(name, "set-cookie" | "set-cookie2")
}

/// Fetch, "CORS-safelisted response-header name": a page can read these without their being exposed.
pub(crate) fn is_safelisted_response_header(name: &str) -> bool {
    matches!(
        name,
        "cache-control"
            | "content-language"
            | "content-length"
            | "content-type"
            | "expires"
            | "last-modified"
            | "pragma"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_found_by_its_text_in_any_case_and_nothing_else_is() {
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
