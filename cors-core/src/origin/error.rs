use core::fmt;

/// An error returned when a value is not an origin in the form that browsers send.
///
/// Browsers send an origin as [Fetch](https://fetch.spec.whatwg.org/#origin-header) and
/// [HTML](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin) serialize it.
///
/// This enum is non-exhaustive: a minor version may add variants.
///
/// ```
/// use omnicors_core::{Origin, OriginError};
///
/// let error = Origin::parse(b"https://example.com/").unwrap_err();
/// assert_eq!(error, OriginError::Path);
/// assert_eq!(error.to_string(), "origin has a path, query, fragment or trailing slash; it must end after the host or port");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginError {
    /// The value is empty.
    Empty,
    /// The value is longer than [`limits::ORIGIN`](crate::limits::ORIGIN) bytes.
    TooLong,
    /// The value contains characters outside ASCII. Browsers send an international name in its ASCII form, `xn--…`
    /// (URL standard, [domain to ASCII](https://url.spec.whatwg.org/#concept-domain-to-ascii)).
    NotAscii,
    /// The value contains a space, a tab or a control character.
    Whitespace,
    /// The value does not begin with a scheme and `://`.
    NoScheme,
    /// The scheme does not match `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`
    /// ([RFC 3986, section 3.1](https://www.rfc-editor.org/rfc/rfc3986#section-3.1)).
    Scheme,
    /// The value is `file:` with a host or path. Pages opened from a file have the origin `null` or `file://`.
    FileScheme,
    /// The value contains an upper-case letter. Browsers send lower case.
    UpperCase,
    /// The value contains `user@` or `user:password@` before the host.
    UserInfo,
    /// The value has a `/`, `?`, `#` or `\` after the host. An origin ends with its host or port.
    Path,
    /// The value has no host.
    NoHost,
    /// The host contains a character that a host cannot have in a URL
    /// ([forbidden domain code point](https://url.spec.whatwg.org/#forbidden-domain-code-point)).
    HostCharacter(char),
    /// The host ends in a number but is not an IPv4 address of four decimal numbers
    /// ([ends in a number checker](https://url.spec.whatwg.org/#ends-in-a-number-checker)).
    Ipv4,
    /// The host is in brackets but is not an IPv6 address in its compressed form
    /// ([IPv6 serializer](https://url.spec.whatwg.org/#concept-ipv6-serializer)), or it is an IPv6 address without brackets.
    Ipv6,
    /// The port is not a decimal number from 1 to 65535 without leading zeros.
    Port,
    /// The port is the default port of the scheme. Browsers omit it.
    DefaultPort,
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Empty => "origin is empty",
            Self::TooLong => "origin is longer than 512 bytes",
            Self::NotAscii => {
                "origin contains characters outside ASCII; browsers send the ASCII form of a name (`xn--…`)"
            }
            Self::Whitespace => "origin contains a space or a control character",
            Self::NoScheme => "origin does not begin with a scheme, such as `https://`",
            Self::Scheme => {
                "origin has an invalid scheme; a scheme is a lower-case letter, followed by lower-case letters, digits, `+`, `-` and `.`"
            }
            Self::FileScheme => {
                "origin has a host or path after `file:`; pages opened from a file have the origin `null` or `file://`"
            }
            Self::UpperCase => "origin has an upper-case letter; browsers send lower case",
            Self::UserInfo => {
                "origin has a user name before its host (`user@`); browsers do not send it"
            }
            Self::Path => {
                "origin has a path, query, fragment or trailing slash; it must end after the host or port"
            }
            Self::NoHost => "origin has no host after its scheme",
            Self::HostCharacter(character) => {
                return write!(
                    f,
                    "origin has a `{}` in its host, which a URL cannot contain there",
                    character.escape_default()
                );
            }
            Self::Ipv4 => {
                "origin has a host that ends in a number but is not an IPv4 address of four decimal numbers (`127.0.0.1`)"
            }
            Self::Ipv6 => {
                "origin has an IPv6 address in a form that browsers do not send; they send it in brackets, compressed and in lower case \
                 (`[::1]`)"
            }
            Self::Port => {
                "origin has a port that is not a number from 1 to 65535 without leading zeros"
            }
            Self::DefaultPort => "origin contains the default port of its scheme; browsers omit it",
        };
        f.write_str(text)
    }
}

impl core::error::Error for OriginError {}

/// An error returned when a text is not a valid [`OriginPattern`](crate::OriginPattern).
///
/// This enum is non-exhaustive: a minor version may add variants.
///
/// ```
/// use omnicors_core::{OriginPattern, OriginPatternError};
///
/// let error = OriginPattern::parse("https://api.*.example.com").unwrap_err();
/// assert_eq!(error, OriginPatternError::WildcardNotFirst);
/// assert_eq!(
///     error.to_string(),
///     "pattern has a `*` outside the first label of its host; write it in the first label, as in `https://*.example.com`"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginPatternError {
    /// The text without its wildcards is not a valid origin.
    Origin(OriginError),
    /// The host contains more than one `*`.
    SeveralWildcards,
    /// The scheme contains a `*`.
    WildcardInScheme,
    /// The whole host is a `*`.
    WildcardHost,
    /// A label other than the first contains a `*`.
    WildcardNotFirst,
    /// The port contains a `*` and other characters.
    WildcardInPort,
    /// An IP address contains a `*` or follows one.
    WildcardInIp,
    /// The host contains a `*` and characters other than letters, digits, inner hyphens and dots, or it ends with a dot. List such
    /// hosts one by one.
    WildcardHostName,
    /// The host, or a label, is so long that it has no room for a character in place of the `*`.
    WildcardTooLong,
    /// The scheme is neither `http` nor `https`, and a `*` is only a part of what follows `://`.
    WildcardInOpaqueHost,
    /// No page has an origin with this scheme, such as `wss`, `ftp` or `blob`.
    SchemeWithoutPages,
    /// The scheme differs from `http` or `https` by one letter.
    MisspelledScheme,
    /// The host begins with a dot or contains two dots in a row. DNS has no such names.
    EmptyLabel,
    /// A label begins with `xn--` but is not a valid Punycode encoding
    /// ([RFC 3492](https://www.rfc-editor.org/rfc/rfc3492)).
    Punycode,
    /// The text is a range of IP addresses, such as `192.168.1.0/24`.
    AddressRange,
    /// The text is a regular expression.
    Regex,
    /// The text contains a placeholder that was not replaced, such as `${HOST}`.
    Placeholder,
    /// The text contains quotation marks or brackets around the origin, or a comma or semicolon after it.
    Quoted,
    /// The text contains more than one origin.
    Several,
    /// The host contains a character that separates items of a list, such as a comma.
    Delimiter(char),
}

impl fmt::Display for OriginPatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Origin(error) => return error.fmt(f),
            Self::SeveralWildcards => {
                "pattern has more than one `*` in its host; one leading `*.` matches any number of labels"
            }
            Self::WildcardInScheme => {
                "pattern has a `*` in its scheme; list the origin once for each scheme"
            }
            Self::WildcardHost => {
                "pattern has only a `*` as its host; list each domain (`https://*.example.com`), or allow any origin with `*`"
            }
            Self::WildcardNotFirst => {
                "pattern has a `*` outside the first label of its host; write it in the first label, as in `https://*.example.com`"
            }
            Self::WildcardInPort => {
                "pattern has a `*` and other characters in its port; write `:*` for any port"
            }
            Self::WildcardInIp => {
                "pattern has a `*` in an IP address; a `*` works only in domain names, so list each address"
            }
            Self::WildcardHostName => {
                "pattern has a `*` in a host that contains characters other than letters, digits, dots and inner hyphens, or that \
                 ends with a dot; list such origins one by one"
            }
            Self::WildcardTooLong => {
                "pattern is so long that nothing fits in place of its `*`; a host name has at most 253 bytes, and a label 63"
            }
            Self::WildcardInOpaqueHost => {
                "pattern has a `*` in a part of its host or port, which works only for http and https; list such origins one by one, \
                 or allow every host of the scheme, as in `moz-extension://*`"
            }
            Self::SchemeWithoutPages => {
                "no page has an origin with this scheme; list the origin of the page that sends the request, such as \
                 `https://example.com`"
            }
            Self::MisspelledScheme => {
                "pattern has a scheme that looks like a misspelled `http` or `https`"
            }
            Self::EmptyLabel => {
                "pattern has an empty label in its host: a dot at the beginning, or two dots in a row"
            }
            Self::Punycode => {
                "pattern has a label that begins with `xn--` but is not valid Punycode; no page has this origin"
            }
            Self::AddressRange => {
                "pattern is a range of IP addresses; list each origin, or decide in code with `allow_origins_if`"
            }
            Self::Regex => {
                "pattern is a regular expression; move it to allow_origin_regexes, or write a pattern such as `https://*.example.com`"
            }
            Self::Placeholder => "pattern contains a placeholder that was not replaced",
            Self::Quoted => {
                "pattern has quotation marks or brackets around it, or a comma or semicolon after it"
            }
            Self::Several => "pattern contains more than one origin",
            Self::Delimiter(character) => {
                return write!(
                    f,
                    "pattern has a `{}` in its host, which separates items of a list",
                    character.escape_default()
                );
            }
        };
        f.write_str(text)
    }
}

// `Display` prints the inner error, so `source` does not return it again.
impl core::error::Error for OriginPatternError {}

impl From<OriginError> for OriginPatternError {
    fn from(error: OriginError) -> Self {
        Self::Origin(error)
    }
}
