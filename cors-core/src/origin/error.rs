use core::fmt;

/// Why some bytes are no origin in the form in which a browser sends one.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginError {
    /// There is nothing.
    Empty,
    /// Longer than [`limits::ORIGIN`](crate::limits::ORIGIN) bytes.
    TooLong,
    /// The opaque origin, `null`: it has no scheme, host or port.
    Opaque,
    /// Characters outside ASCII: an international name is sent in its ASCII form, `xn--…`.
    NotAscii,
    /// A space, a tab or a control character.
    Whitespace,
    /// No `scheme://` in front.
    NoScheme,
    /// A scheme that does not follow `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )` of RFC 3986, section 3.1.
    Scheme,
    /// `file:`, which browsers send as `null`.
    FileScheme,
    /// An upper-case letter: browsers send lower case.
    UpperCase,
    /// `user@` or `user:password@` before the host.
    UserInfo,
    /// A `/`, `?`, `#` or `\` after the host: an origin ends with its host or port.
    Path,
    /// No host at all.
    NoHost,
    /// Two dots in a row, or one in front.
    EmptyLabel,
    /// A dot at the end of the host.
    TrailingDot,
    /// A label over 63 bytes, or a host over 253.
    HostTooLong,
    /// A character that no host name has.
    HostCharacter(char),
    /// A host that ends in a number but is no IPv4 address in dotted decimals.
    Ipv4,
    /// A bracketed host that is no IPv6 address in its compressed form (RFC 5952).
    Ipv6,
    /// A port that is not 1 to 65535 in plain decimals.
    Port,
    /// The default port of the scheme, written out: browsers leave it out.
    DefaultPort,
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Empty => "it is empty",
            Self::TooLong => "it is longer than 512 bytes",
            Self::Opaque => "`null` is an opaque origin, without scheme, host or port",
            Self::NotAscii => "it is not ASCII; browsers send the ASCII form of a name (`xn--…`)",
            Self::Whitespace => "it contains a space or a control character",
            Self::NoScheme => "it has no scheme, such as `https://`",
            Self::Scheme => {
                "its scheme is not a lower-case letter followed by lower-case letters, digits, `+`, `-` or `.`"
            }
            Self::FileScheme => "pages opened from a file have the origin `null`, never `file://`",
            Self::UpperCase => "it has an upper-case letter; browsers send lower case",
            Self::UserInfo => "it contains user information (`user@`)",
            Self::Path => {
                "something follows the host; an origin has no path, query, fragment or trailing slash"
            }
            Self::NoHost => "it has no host",
            Self::EmptyLabel => "its host has an empty label",
            Self::TrailingDot => "its host ends with a dot",
            Self::HostTooLong => {
                "its host is longer than 253 bytes, or one of its labels longer than 63"
            }
            Self::HostCharacter(character) => {
                return write!(
                    f,
                    "`{}` does not belong in a host",
                    character.escape_default()
                );
            }
            Self::Ipv4 => "its host ends in a number but is no IPv4 address in dotted decimals",
            Self::Ipv6 => {
                "its host is no IPv6 address as browsers write it: shortened, in lower case, in brackets (`[::1]`)"
            }
            Self::Port => "its port is not a number from 1 to 65535 without leading zeros",
            Self::DefaultPort => {
                "it spells out the default port of its scheme; browsers leave it out"
            }
        };
        f.write_str(text)
    }
}

impl core::error::Error for OriginError {}

/// Why a text is no origin pattern.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginPatternError {
    /// What is left when the wild cards are taken away is no origin.
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
    /// A `*` in a host with an underscore or with a hyphen at the edge of a label; such hosts are listed one by one.
    WildcardHostName,
}

impl fmt::Display for OriginPatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Origin(error) => return error.fmt(f),
            Self::SeveralWildcards => {
                "a host can have one `*` only; `*.` covers any number of labels"
            }
            Self::WildcardInScheme => {
                "the scheme cannot be a wild card; list the origin once per scheme"
            }
            Self::WildcardHost => {
                "the host cannot be a wild card alone; any origin at all is written `*`"
            }
            Self::WildcardNotFirst => "a `*` can stand in the first label of the host only",
            Self::WildcardInPort => "a wild card for the port is `:*`, without digits",
            Self::WildcardInIp => "an IP address has no labels for a `*` to stand for",
            Self::WildcardHostName => {
                "a `*` covers host names of letters, digits and inner hyphens only; \
                 list an origin with `_`, or with `-` at the edge of a label, by itself"
            }
        };
        f.write_str(text)
    }
}

impl core::error::Error for OriginPatternError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Origin(error) => Some(error),
            _ => None,
        }
    }
}

impl From<OriginError> for OriginPatternError {
    fn from(error: OriginError) -> Self {
        Self::Origin(error)
    }
}
