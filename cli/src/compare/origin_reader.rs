//! Reads an origin byte by byte, and says whether the bytes so far are an origin, and of which kind.
//!
//! This is the grammar of [`Origin`](omnicors_core::Origin) as an automaton, so that a comparison of policies considers only texts that a
//! policy accepts as an origin. Only the limit of 512 bytes is not a part of it: a search stops at that length.
//!
//! The tests compare it with `Origin::parse` and `OriginPattern::matches` on all texts over a small alphabet, and on changed origins.

mod domain;
mod ipv4;
mod ipv6;
mod kinds;
mod port;
#[cfg(test)]
mod tests;

use domain::Domain;
use ipv6::Ipv6;
use port::Port;

pub(crate) use kinds::{HostKind, Lengths, Needs, OriginKind, Web};

/// The state after some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum OriginReader {
    /// In the scheme. The text, padded with zeros, if the text is the beginning of one of the [`SCHEMES`].
    Scheme(Option<[u8; 5]>),
    /// After the colon, and this number of slashes.
    Slashes(Scheme, u8),
    /// After `file://`.
    File,
    /// In the authority of another scheme.
    OpaqueHost {
        is_trustworthy: bool,
        is_empty: bool,
    },
    Domain(Web, Domain),
    /// After the `[`.
    Ipv6(Web, Ipv6),
    /// After the `]`.
    AfterIpv6(Web, bool),
    /// After the colon before the port, of a host of this kind.
    Port(Port, OriginKind),
    /// No continuation is an origin.
    Dead,
}

/// A scheme, as far as the rest of the origin depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    Web(Web),
    File,
    /// `ws` and `ftp`.
    Insecure,
    Other,
}

/// The texts that the reader distinguishes in the place of a scheme.
const SCHEMES: [&[u8]; 6] = [b"null", b"file", b"http", b"https", b"ws", b"ftp"];

impl OriginReader {
    pub(crate) const START: Self = Self::Scheme(Some([0; 5]));

    /// Returns the state after another byte.
    pub(crate) fn next(self, byte: u8) -> Self {
        match self {
            Self::Scheme(text) => scheme(text, byte),
            Self::Slashes(scheme, 0) if byte == b'/' => Self::Slashes(scheme, 1),
            Self::Slashes(scheme, 1) if byte == b'/' => match scheme {
                Scheme::Web(web) => Self::Domain(web, Domain::START),
                Scheme::File => Self::File,
                Scheme::Insecure | Scheme::Other => Self::OpaqueHost {
                    is_trustworthy: scheme == Scheme::Other,
                    is_empty: true,
                },
            },
            Self::OpaqueHost { is_trustworthy, .. }
                if byte.is_ascii_graphic() && !matches!(byte, b'/' | b'?' | b'#' | b'@') =>
            {
                Self::OpaqueHost {
                    is_trustworthy,
                    is_empty: false,
                }
            }
            Self::Domain(web, domain) => match byte {
                b'[' if domain.is_empty() => Self::Ipv6(web, Ipv6::START),
                b':' => match self.kind() {
                    Some(kind) => Self::Port(Port::START.of(web), kind),
                    None => Self::Dead,
                },
                _ => match domain.next(byte) {
                    Some(domain) => Self::Domain(web, domain),
                    None => Self::Dead,
                },
            },
            Self::Ipv6(web, address) if byte == b']' => match address.is_loopback_or_other() {
                Some(is_loopback) => Self::AfterIpv6(web, is_loopback),
                None => Self::Dead,
            },
            Self::Ipv6(web, address) => match address.next(byte) {
                Some(address) => Self::Ipv6(web, address),
                None => Self::Dead,
            },
            Self::AfterIpv6(web, _) if byte == b':' => match self.kind() {
                Some(kind) => Self::Port(Port::START.of(web), kind),
                None => Self::Dead,
            },
            Self::Port(port, kind) => match port.next(byte) {
                Some(port) => Self::Port(port, kind),
                None => Self::Dead,
            },
            Self::Slashes(..)
            | Self::OpaqueHost { .. }
            | Self::AfterIpv6(..)
            | Self::File
            | Self::Dead => Self::Dead,
        }
    }

    /// Forgets what is not needed.
    pub(crate) fn simplified(self, needs: Needs) -> Self {
        match self {
            Self::Domain(web, domain) => Self::Domain(web, domain.simplified(needs)),
            Self::OpaqueHost { is_empty, .. } if !needs.trust => Self::OpaqueHost {
                is_trustworthy: false,
                is_empty,
            },
            Self::Ipv6(web, address) if !needs.trust => Self::Ipv6(web, address.without_loopback()),
            Self::AfterIpv6(web, _) if !needs.trust => Self::AfterIpv6(web, false),
            Self::Port(port, kind) => {
                let host = match kind.host {
                    HostKind::Name if !needs.names => HostKind::OtherWeb,
                    host => host,
                };
                let is_trustworthy = needs.trust && kind.is_trustworthy;
                Self::Port(
                    port,
                    OriginKind {
                        host,
                        is_trustworthy,
                    },
                )
            }
            other => other,
        }
    }

    /// Returns false if no continuation is an origin whose host is a host name.
    pub(crate) fn can_have_name(self) -> bool {
        match self {
            Self::Scheme(text) => text.is_some(),
            Self::Slashes(scheme, _) => matches!(scheme, Scheme::Web(_)),
            Self::Domain(_, domain) => domain.can_be_name(),
            Self::Port(_, kind) => kind.host == HostKind::Name,
            Self::File
            | Self::OpaqueHost { .. }
            | Self::Ipv6(..)
            | Self::AfterIpv6(..)
            | Self::Dead => false,
        }
    }

    /// Returns the kind of the origin, if the bytes so far are one.
    pub(crate) fn kind(self) -> Option<OriginKind> {
        let opaque = OriginKind {
            host: HostKind::None,
            is_trustworthy: false,
        };
        match self {
            Self::Scheme(Some(text)) if &text == b"null\0" => Some(opaque),
            Self::File => Some(opaque),
            Self::OpaqueHost {
                is_trustworthy,
                is_empty: false,
            } => Some(OriginKind {
                host: HostKind::Opaque,
                is_trustworthy,
            }),
            Self::Domain(web, domain) => domain.kind(web),
            Self::AfterIpv6(web, is_loopback) => Some(OriginKind {
                host: HostKind::OtherWeb,
                is_trustworthy: web == Web::Https || is_loopback,
            }),
            Self::Port(port, kind) => port.is_valid().then_some(kind),
            Self::Scheme(_)
            | Self::Slashes(..)
            | Self::OpaqueHost { .. }
            | Self::Ipv6(..)
            | Self::Dead => None,
        }
    }
}

fn scheme(text: Option<[u8; 5]>, byte: u8) -> OriginReader {
    let is_first = text == Some([0; 5]);
    let is_valid = match byte {
        b'a'..=b'z' => true,
        b'0'..=b'9' | b'+' | b'-' | b'.' | b':' => !is_first,
        _ => false,
    };
    if !is_valid {
        return OriginReader::Dead;
    }
    let known = |text: [u8; 5]| {
        let length = text.iter().position(|byte| *byte == 0).unwrap_or(5);
        text.get(..length).map(<[u8]>::to_vec).unwrap_or_default()
    };
    if byte == b':' {
        let scheme = match text.map(known).as_deref() {
            Some(b"http") => Scheme::Web(Web::Http),
            Some(b"https") => Scheme::Web(Web::Https),
            Some(b"file") => Scheme::File,
            Some(b"ws" | b"ftp") => Scheme::Insecure,
            _ => Scheme::Other,
        };
        return OriginReader::Slashes(scheme, 0);
    }
    let longer = text.and_then(|mut text| {
        let end = text.iter_mut().find(|byte| **byte == 0)?;
        *end = byte;
        let prefix = known(text);
        let is_known = SCHEMES.iter().any(|scheme| scheme.starts_with(&prefix));
        is_known.then_some(text)
    });
    OriginReader::Scheme(longer)
}

/// Returns a number that is the same only for bytes between which the reader makes no difference.
pub(crate) fn class(byte: u8) -> u8 {
    match byte {
        // No address, no scheme that the reader knows, and no `localhost` has these letters.
        b'g' | b'j' | b'k' | b'm' | b'q' | b'r' | b'v' | b'y' | b'z' => b'z',
        b'0'..=b'9' | b'a'..=b'z' | b'-' | b'.' | b'+' | b':' | b'/' | b'[' | b']' => byte,
        b'?' | b'#' | b'@' => b'@',
        b'A'..=b'Z' | b'%' | b'<' | b'>' | b'\\' | b'^' | b'|' => b'A',
        b'!'..=b'~' => b'!',
        _ => b' ',
    }
}
