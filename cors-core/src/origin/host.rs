//! Hosts, and the port behind them.

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
const LONGEST_LABEL: usize = 63;

/// What a byte is to a host name.
#[derive(Clone, Copy)]
enum HostByte {
    LetterOrDigit,
    Hyphen,
    Underscore,
    Dot,
    Colon,
    Other,
}

impl HostByte {
    /// Looked up, since most of the time that an origin takes is spent here.
    fn of(byte: u8) -> Self {
        const OF: [HostByte; 256] = {
            let mut table = [HostByte::Other; 256];
            let mut byte = 0_u8;
            while byte < 128 {
                // There is no `get_mut` in a constant; 256 slots have one for each byte.
                #[expect(clippy::indexing_slicing, reason = "checked when it is compiled")]
                {
                    table[byte as usize] = match byte {
                        b'a'..=b'z' | b'0'..=b'9' => HostByte::LetterOrDigit,
                        b'-' => HostByte::Hyphen,
                        b'_' => HostByte::Underscore,
                        b'.' => HostByte::Dot,
                        b':' => HostByte::Colon,
                        _ => HostByte::Other,
                    };
                }
                byte += 1;
            }
            table
        };
        OF.get(usize::from(byte)).copied().unwrap_or(Self::Other)
    }
}

/// Host, port and kind of host.
pub(super) type Authority<'a> = (&'a [u8], Option<&'a [u8]>, HostKind);

/// What a host is made of.
struct Labels {
    /// Where the last label starts, whose length has not been looked at.
    last: usize,
    /// Where a port begins, or all ends.
    end: usize,
    is_host_name: bool,
}

/// One pass: where the labels end, whether each is one of RFC 1123, and where a port begins.
fn labels(authority: &[u8]) -> Result<Labels, OriginError> {
    let mut end = 0;
    let mut last = 0;
    let mut is_host_name = true;
    let mut follows_hyphen = false;
    while let Some(&byte) = authority.get(end) {
        let class = HostByte::of(byte);
        match class {
            HostByte::LetterOrDigit => {}
            HostByte::Hyphen => is_host_name &= end != last,
            HostByte::Underscore => is_host_name = false,
            HostByte::Dot => {
                if end == last {
                    return Err(OriginError::EmptyLabel);
                }
                if end - last > LONGEST_LABEL {
                    return Err(OriginError::HostTooLong);
                }
                is_host_name &= !follows_hyphen;
                last = end + 1;
            }
            HostByte::Colon => break,
            HostByte::Other => return Err(wrong_byte(authority, byte)),
        }
        follows_hyphen = matches!(class, HostByte::Hyphen);
        end += 1;
    }
    Ok(Labels {
        last,
        end,
        is_host_name: is_host_name && !follows_hyphen,
    })
}

/// True if these are labels of RFC 1123, whatever they say: the last of them may be a number.
pub(super) fn is_host_name(name: &[u8]) -> bool {
    labels(name).is_ok_and(|labels| {
        labels.is_host_name
            && labels.end == name.len()
            && (1..=LONGEST_LABEL).contains(&(labels.end - labels.last))
    })
}

pub(super) fn parse_authority(authority: &[u8]) -> Result<Authority<'_>, OriginError> {
    if authority.starts_with(b"[") {
        return parse_ipv6_authority(authority);
    }
    let Labels {
        last,
        end,
        is_host_name,
    } = labels(authority)?;
    // `end` is the place of a byte, or behind the last one, so that neither range is ever missing.
    let host = authority.get(..end).unwrap_or_default();
    let last_label = authority.get(last..end).unwrap_or_default();
    let port = authority.get(end + 1..);
    if host.is_empty() {
        return Err(OriginError::NoHost);
    }
    if last_label.is_empty() {
        return Err(if authority.contains(&b'@') {
            OriginError::UserInfo
        } else {
            OriginError::TrailingDot
        });
    }
    if host.len() > LONGEST_HOST || last_label.len() > LONGEST_LABEL {
        return Err(OriginError::HostTooLong);
    }
    // No number begins with anything else.
    if last_label.first().is_some_and(u8::is_ascii_digit) && ip::is_number(ascii(last_label)) {
        return if ip::is_canonical_ipv4(ascii(host)) {
            Ok((host, port, HostKind::Ip))
        } else {
            Err(OriginError::Ipv4)
        };
    }
    Ok((
        host,
        port,
        if is_host_name {
            HostKind::HostName
        } else {
            HostKind::OtherName
        },
    ))
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
