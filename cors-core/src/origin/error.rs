use core::fmt;

/// Why bytes are not an origin in the form in which a browser sends one.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginError {
    /// The value is empty.
    Empty,
    /// Longer than [`limits::ORIGIN`](crate::limits::ORIGIN) bytes.
    TooLong,
    /// Characters outside ASCII: an international name is sent in its ASCII form, `xn--…`.
    NotAscii,
    /// A space, a tab or a control character.
    Whitespace,
    /// No `scheme://` in front.
    NoScheme,
    /// A scheme that does not follow `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )` of RFC 3986, section 3.1.
    Scheme,
    /// `file:` with a host or path: pages opened from a file have the origin `null` or `file://`.
    FileScheme,
    /// An upper-case letter: browsers send lower case.
    UpperCase,
    /// `user@` or `user:password@` before the host.
    UserInfo,
    /// A `/`, `?`, `#` or `\` after the host: an origin ends with its host or port.
    Path,
    /// No host at all.
    NoHost,
    /// A character that no host has in a URL.
    HostCharacter(char),
    /// A host that ends in a number but is not an IPv4 address in dotted decimals.
    Ipv4,
    /// A bracketed host that is not an IPv6 address in its compressed form (RFC 5952), or such an address without brackets.
    Ipv6,
    /// A port that is not 1 to 65535 in plain decimals.
    Port,
    /// The default port of the scheme, written out: browsers leave it out.
    DefaultPort,
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Empty => "origin is empty",
            Self::TooLong => "origin is longer than 512 bytes",
            Self::NotAscii => {
                "origin is not ASCII; browsers send the ASCII form of a name (`xn--…`)"
            }
            Self::Whitespace => "origin contains a space or a control character",
            Self::NoScheme => "origin has no scheme, such as `https://`",
            Self::Scheme => {
                "origin has an invalid scheme; a scheme is a lower-case letter, followed by lower-case letters, digits, `+`, `-` or `.`"
            }
            Self::FileScheme => {
                "origin has a host or path after `file:`; pages opened from a file have the origin `null` or `file://`"
            }
            Self::UpperCase => "origin has an upper-case letter; browsers send lower case",
            Self::UserInfo => "origin contains user information (`user@`)",
            Self::Path => "origin has a path, query, fragment or trailing slash",
            Self::NoHost => "origin has no host",
            Self::HostCharacter(character) => {
                return write!(f, "origin has `{}` in its host", character.escape_default());
            }
            Self::Ipv4 => {
                "origin has a host that ends in a number but is not an IPv4 address in dotted decimals"
            }
            Self::Ipv6 => {
                "origin has an IPv6 address that is not as browsers write it: in brackets, shortened and in lower case (`[::1]`)"
            }
            Self::Port => {
                "origin has a port that is not a number from 1 to 65535 without leading zeros"
            }
            Self::DefaultPort => "origin has the default port of its scheme; browsers leave it out",
        };
        f.write_str(text)
    }
}

impl core::error::Error for OriginError {}

/// Why a text is not an origin pattern.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginPatternError {
    /// Without its wildcards, the text is not an origin.
    Origin(OriginError),
    /// More than one `*` in the host.
    SeveralWildcards,
    /// A `*` in the scheme.
    WildcardInScheme,
    /// The host is nothing but a `*`.
    WildcardHost,
    /// A `*` in a label other than the first.
    WildcardNotFirst,
    /// A `*` in the port beside digits.
    WildcardInPort,
    /// A `*` in front of, or inside, an IP address.
    WildcardInIp,
    /// A `*` in a host with characters other than letters, digits, inner hyphens and dots, or with a dot at its end; such hosts are
    /// listed one by one.
    WildcardHostName,
    /// A `*` in a host, or a label, that is so long that nothing can stand for the `*`.
    WildcardTooLong,
    /// A `*` beside other characters in the host, or in the port, of a scheme other than http and https.
    WildcardInOpaqueHost,
    /// A scheme of which no page has an origin, such as `wss`, `ftp` or `blob`.
    SchemeWithoutPages,
    /// A scheme that differs from http or https by one letter.
    MisspelledScheme,
    /// Two dots in a row in the host, or one in front: no name server knows such a host.
    EmptyLabel,
    /// A label that begins with `xn--` but is not the encoding of an international name.
    Punycode,
    /// A range of addresses, such as `192.168.1.0/24`.
    AddressRange,
    /// A regular expression.
    Regex,
    /// A placeholder that was not replaced, such as `${HOST}`.
    Placeholder,
    /// Quotation marks around the origin, or a separator after it.
    Quoted,
    /// More than one origin in one text.
    Several,
    /// A character that separates items of a list.
    Delimiter(char),
}

impl fmt::Display for OriginPatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Origin(error) => return error.fmt(f),
            Self::SeveralWildcards => {
                "pattern has more than one `*` in its host; `*.` stands for any number of labels"
            }
            Self::WildcardInScheme => {
                "pattern has a `*` in its scheme; list the origin once per scheme"
            }
            Self::WildcardHost => {
                "pattern has a `*` as its whole host; list the hosts, as in `https://*.example.com`, or `*` for any origin"
            }
            Self::WildcardNotFirst => "pattern has a `*` outside the first label of its host",
            Self::WildcardInPort => {
                "pattern has a `*` beside digits in its port; any port is written `:*`"
            }
            Self::WildcardInIp => {
                "pattern has a `*` in an IP address, which has no labels; list each address"
            }
            Self::WildcardHostName => {
                "pattern has a `*` in a host with other characters than letters, digits, dots and inner hyphens, or with a dot at its \
                 end; list such origins one by one"
            }
            Self::WildcardTooLong => {
                "pattern has a `*` in a host that has no room for it: a host name has at most 253 bytes, and a label 63"
            }
            Self::WildcardInOpaqueHost => {
                "pattern has a `*` in the host or port of a scheme other than http and https, where only the whole host can be a `*`, \
                 as in `moz-extension://*`; list such origins one by one"
            }
            Self::SchemeWithoutPages => {
                "no page has an origin with this scheme; list the origin of the page that sends the request, such as \
                 `https://example.com`"
            }
            Self::MisspelledScheme => "pattern has a misspelled scheme",
            Self::EmptyLabel => "pattern has an empty label in its host",
            Self::Punycode => {
                "pattern has a label that begins with `xn--` but is not an encoded international name, so that no page has this origin"
            }
            Self::AddressRange => {
                "this is a range of addresses; list each origin, or decide in code with `allow_origins_if`"
            }
            Self::Regex => {
                "this is a regular expression; write it in allow_origin_regexes, or write a pattern such as `https://*.example.com`"
            }
            Self::Placeholder => "this contains a placeholder that was not replaced",
            Self::Quoted => "pattern has quotation marks around it, or a separator at its end",
            Self::Several => "this is more than one origin",
            Self::Delimiter(character) => {
                return write!(
                    f,
                    "pattern has a `{}` in its host",
                    character.escape_default()
                );
            }
        };
        f.write_str(text)
    }
}

/// `Display` prints the inner error, so `source` does not return it again.
impl core::error::Error for OriginPatternError {}

impl From<OriginError> for OriginPatternError {
    fn from(error: OriginError) -> Self {
        Self::Origin(error)
    }
}
