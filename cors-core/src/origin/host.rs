//! Hosts, and the port behind them.

use super::host_name::{have_lengths_of_labels, is_host_name};
use super::{OriginError, ip};

/// What a host is, as far as matching cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum HostKind {
    /// A host name of RFC 1123: labels of letters, digits and inner hyphens. What a wild card may stand for.
    HostName,
    /// A name that browsers accept and RFC 1123 does not: it has `_`, or `-` at the edge of a label.
    OtherName,
    Ip,
}

/// The most bytes that a host may have, and a label (RFC 1035, section 2.3.4).
pub(super) const LONGEST_HOST: usize = 253;
pub(super) const LONGEST_LABEL: usize = 63;

/// What a byte is to a host name: bits, since most of the time that an origin takes is spent here.
#[derive(Clone, Copy)]
struct HostByte(u8);

/// What two bytes cannot be to each other: bits again, none of which is set where all is well.
#[derive(Clone, Copy)]
struct Faults(u8);

impl Faults {
    const EMPTY_LABEL: u8 = 1;
    /// A label begins with a hyphen, which browsers accept, as they accept the next two.
    const HYPHEN_FIRST: u8 = 1 << 1;
    const HYPHEN_LAST: u8 = 1 << 2;
    const UNDERSCORE: u8 = 1 << 6;

    fn has_empty_label(self) -> bool {
        self.0 & Self::EMPTY_LABEL != 0
    }
}

impl HostByte {
    /// The lower three bits: what is wrong if the byte behind this one is of the wrong kind. The next three: what is wrong
    /// if the one before it is. Both have to agree.
    const LETTER_OR_DIGIT: Self = Self(0);
    const HYPHEN: Self = Self(Faults::HYPHEN_LAST | Faults::HYPHEN_FIRST << 3);
    const DOT: Self = Self(
        Faults::EMPTY_LABEL
            | Faults::HYPHEN_FIRST
            | (Faults::EMPTY_LABEL | Faults::HYPHEN_LAST) << 3,
    );
    const UNDERSCORE: Self = Self(Faults::UNDERSCORE);
    /// Of no host: a colon, or what is wrong.
    const NONE: Self = Self(1 << 7);

    fn of(byte: u8) -> Self {
        const OF: [HostByte; 256] = {
            let mut table = [HostByte::NONE; 256];
            let mut byte = 0_u8;
            while byte < 128 {
                // There is no `get_mut` in a constant; 256 slots have one for each byte.
                #[expect(clippy::indexing_slicing, reason = "checked when it is compiled")]
                {
                    table[byte as usize] = match byte {
                        b'a'..=b'z' | b'0'..=b'9' => HostByte::LETTER_OR_DIGIT,
                        b'-' => HostByte::HYPHEN,
                        b'_' => HostByte::UNDERSCORE,
                        b'.' => HostByte::DOT,
                        _ => HostByte::NONE,
                    };
                }
                byte += 1;
            }
            table
        };
        OF.get(usize::from(byte)).copied().unwrap_or(Self::NONE)
    }

    fn is_of_host(self) -> bool {
        self.0 & Self::NONE.0 == 0
    }

    /// What is wrong with this byte behind that one.
    fn behind(self, before: Self) -> Faults {
        Faults(before.0 & self.0 >> 3 | self.0 & Faults::UNDERSCORE)
    }
}

/// Host, port and kind of host.
pub(super) type Authority<'a> = (&'a [u8], Option<&'a [u8]>, HostKind);

/// What a host is made of, the lengths of its labels apart.
struct Labels {
    /// Where the host ends: before a port, before a byte that is of no host, or with the text.
    end: usize,
    /// What is wrong with the labels, but for what follows the last dot.
    inner: Faults,
    /// What is wrong with the end of the last label.
    last: Faults,
}

/// One pass, without a branch but for its end.
fn labels(authority: &[u8]) -> Labels {
    // As if a dot stood in front, and one behind.
    let mut before = HostByte::DOT;
    let mut inner = Faults(0);
    let mut end = 0;
    for byte in authority {
        let this = HostByte::of(*byte);
        if !this.is_of_host() {
            break;
        }
        inner.0 |= this.behind(before).0;
        before = this;
        end += 1;
    }
    Labels {
        end,
        inner,
        last: HostByte::DOT.behind(before),
    }
}

impl Labels {
    /// Those of a text that is a host name altogether, which is told faster.
    fn of_host_name(name: &[u8]) -> Self {
        Self {
            end: name.len(),
            inner: Faults(0),
            last: Faults(0),
        }
    }

    fn are_of_host_name(&self) -> bool {
        self.inner.0 | self.last.0 == 0
    }
}

pub(super) fn parse_authority(authority: &[u8]) -> Result<Authority<'_>, OriginError> {
    if authority.starts_with(b"[") {
        return parse_ipv6_authority(authority);
    }
    let labels = if is_host_name(authority) {
        Labels::of_host_name(authority)
    } else {
        labels(authority)
    };
    if labels.inner.has_empty_label() {
        return Err(OriginError::EmptyLabel);
    }
    // `end` is the place of a byte, or behind the last one, so that no range is ever missing.
    let host = authority.get(..labels.end).unwrap_or_default();
    let port = match authority.get(labels.end..).unwrap_or_default() {
        [] => None,
        [b':', port @ ..] => Some(port),
        [byte, ..] => return Err(wrong_byte(authority, *byte)),
    };
    if host.is_empty() {
        return Err(OriginError::NoHost);
    }
    if labels.last.has_empty_label() {
        return Err(if authority.contains(&b'@') {
            OriginError::UserInfo
        } else {
            OriginError::TrailingDot
        });
    }
    if host.len() > LONGEST_HOST || !have_lengths_of_labels(host) {
        return Err(OriginError::HostTooLong);
    }
    let dot = host.iter().rposition(|byte| *byte == b'.');
    let last_label = dot.map_or(host, |dot| host.get(dot + 1..).unwrap_or_default());
    // No number begins with anything else.
    if last_label.first().is_some_and(u8::is_ascii_digit) && ip::is_number(ascii(last_label)) {
        return if ip::is_canonical_ipv4(ascii(host)) {
            Ok((host, port, HostKind::Ip))
        } else {
            Err(OriginError::Ipv4)
        };
    }
    let kind = if labels.are_of_host_name() {
        HostKind::HostName
    } else {
        HostKind::OtherName
    };
    Ok((host, port, kind))
}

fn parse_ipv6_authority(authority: &[u8]) -> Result<Authority<'_>, OriginError> {
    let end = authority.iter().position(|byte| *byte == b']');
    let end = end.ok_or(OriginError::Ipv6)?;
    let (host, after) = authority.split_at_checked(end + 1).unwrap_or_default();
    if !ip::is_canonical_ipv6(ascii(authority.get(1..end).unwrap_or_default())) {
        return Err(OriginError::Ipv6);
    }
    match after {
        [] => Ok((host, None, HostKind::Ip)),
        [b':', port @ ..] => Ok((host, Some(port), HostKind::Ip)),
        [byte, ..] => Err(wrong_byte(after, *byte)),
    }
}

/// Tells the most helpful thing about a byte that belongs into no host.
pub(super) fn wrong_byte(authority: &[u8], byte: u8) -> OriginError {
    if authority.contains(&b'@') {
        return OriginError::UserInfo;
    }
    match byte {
        b'/' | b'?' | b'#' | b'\\' => OriginError::Path,
        b'A'..=b'Z' => OriginError::UpperCase,
        b'\0'..=b' ' | 0x7F => OriginError::Whitespace,
        other => OriginError::HostCharacter(char::from(other)),
    }
}

/// What has been parsed is ASCII.
pub(super) fn ascii(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}
