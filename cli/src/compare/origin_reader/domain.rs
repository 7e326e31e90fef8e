//! Reads a host that is not an IPv6 address.

use super::ipv4::Ipv4;
use super::kinds::{HostKind, Lengths, Needs, OriginKind, Web};

/// The longest host name, and the longest label of one.
const LONGEST_HOST: u8 = 253;
const LONGEST_LABEL: u8 = 63;

const LOCALHOST: &[u8] = b"localhost";
/// The number of letters of `localhost`.
const ALL: u8 = 9;
/// Instead of a number of letters: the host ends with `localhost.`.
const ALL_AND_DOT: u8 = 10;

/// The state after some bytes of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Domain {
    is_empty: bool,
    /// `None` if the host cannot become a host name of RFC 1123.
    name: Option<Name>,
    label: Label,
    /// The label before the last dot, if nothing follows the dot: a host may end with one dot.
    is_previous_number: bool,
    ipv4: Option<Ipv4>,
    /// The number of letters of `localhost` that the last label consists of, or [`ALL_AND_DOT`]. `None` if it is another label.
    localhost: Option<u8>,
}

/// The lengths of a host name. A host name has at most 253 bytes, and its labels at most 63.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Name {
    length: u8,
    label_length: u8,
    ends_with_hyphen: bool,
}

/// The last label, for the URL standard's [ends in a number checker](https://url.spec.whatwg.org/#ends-in-a-number-checker).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Label {
    Empty,
    Zero,
    Digits,
    /// `0x` and hexadecimal digits.
    Hex,
    Other,
}

impl Domain {
    pub(crate) const START: Self = Self {
        is_empty: true,
        name: Some(Name {
            length: 0,
            label_length: 0,
            ends_with_hyphen: false,
        }),
        label: Label::Empty,
        is_previous_number: false,
        ipv4: Some(Ipv4::START),
        localhost: Some(0),
    };

    pub(crate) fn is_empty(self) -> bool {
        self.is_empty
    }

    /// Returns false if the host cannot become a host name.
    pub(crate) fn can_be_name(self) -> bool {
        self.name.is_some()
    }

    /// Forgets what is not needed.
    pub(crate) fn simplified(self, needs: Needs) -> Self {
        Self {
            name: self
                .name
                .filter(|_| needs.names)
                .map(|name| name.simplified(needs.lengths)),
            ipv4: self.ipv4.map(|address| {
                if needs.trust {
                    address
                } else {
                    address.without_loopback()
                }
            }),
            localhost: self.localhost.filter(|_| needs.trust),
            ..self
        }
    }

    pub(crate) fn next(self, byte: u8) -> Option<Self> {
        is_domain_byte(byte).then(|| Self {
            is_empty: false,
            name: self.name.and_then(|name| name.next(byte)),
            label: self.label.next(byte),
            is_previous_number: byte == b'.' && self.label.is_number(),
            ipv4: self.ipv4.and_then(|address| address.next(byte)),
            localhost: match (self.localhost, byte) {
                (Some(ALL), b'.') => Some(ALL_AND_DOT),
                // `.localhost` is not a subdomain of `localhost`.
                (_, b'.') => (!self.is_empty).then_some(0),
                (Some(letters), byte) => {
                    let letters = letters % ALL_AND_DOT;
                    (LOCALHOST.get(usize::from(letters)) == Some(&byte)).then_some(letters + 1)
                }
                _ => None,
            },
        })
    }

    /// Returns the kind of the origin, if the bytes so far are a host.
    pub(crate) fn kind(self, web: Web) -> Option<OriginKind> {
        if self.is_empty {
            return None;
        }
        let is_ipv4 = self.label.is_number() || self.is_previous_number;
        let is_loopback = if is_ipv4 {
            self.ipv4?.is_loopback_or_other()?
        } else {
            matches!(self.localhost, Some(ALL | ALL_AND_DOT))
        };
        let is_name = !is_ipv4 && self.name.is_some_and(Name::is_complete);
        Some(OriginKind {
            host: if is_name {
                HostKind::Name
            } else {
                HostKind::OtherWeb
            },
            is_trustworthy: web == Web::Https || is_loopback,
        })
    }
}

impl Name {
    fn next(self, byte: u8) -> Option<Self> {
        if self.length == LONGEST_HOST {
            return None;
        }
        let length = self.length + 1;
        match byte {
            b'.' if self.is_complete() => Some(Self {
                length,
                label_length: 0,
                ends_with_hyphen: false,
            }),
            b'-' if self.label_length == 0 => None,
            b'a'..=b'z' | b'0'..=b'9' | b'-' if self.label_length < LONGEST_LABEL => Some(Self {
                length,
                label_length: self.label_length + 1,
                ends_with_hyphen: byte == b'-',
            }),
            _ => None,
        }
    }

    fn simplified(self, lengths: Lengths) -> Self {
        Self {
            length: match lengths {
                Lengths::Names | Lengths::All => self.length,
                Lengths::None | Lengths::Labels => 0,
            },
            label_length: match lengths {
                Lengths::Labels | Lengths::All => self.label_length,
                Lengths::None | Lengths::Names => self.label_length.min(1),
            },
            ..self
        }
    }

    /// Returns true if the last label is complete.
    fn is_complete(self) -> bool {
        self.label_length > 0 && !self.ends_with_hyphen
    }
}

impl Label {
    fn next(self, byte: u8) -> Self {
        match (self, byte) {
            (_, b'.') => Self::Empty,
            (Self::Empty, b'0') => Self::Zero,
            (Self::Empty | Self::Zero | Self::Digits, b'0'..=b'9') => Self::Digits,
            (Self::Zero, b'x') | (Self::Hex, b'0'..=b'9' | b'a'..=b'f') => Self::Hex,
            _ => Self::Other,
        }
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Zero | Self::Digits | Self::Hex)
    }
}

/// Returns true for visible ASCII except upper case and the
/// [forbidden domain code points](https://url.spec.whatwg.org/#forbidden-domain-code-point).
fn is_domain_byte(byte: u8) -> bool {
    let is_forbidden = matches!(
        byte,
        b'#' | b'%' | b'/' | b':' | b'<' | b'>' | b'?' | b'@' | b'[' | b'\\' | b']' | b'^' | b'|'
    );
    byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && !is_forbidden
}
