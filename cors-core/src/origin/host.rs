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

/// Host, port and kind of host.
pub(super) type Authority<'a> = (&'a [u8], Option<&'a [u8]>, HostKind);

pub(super) fn parse_authority(authority: &[u8]) -> Result<Authority<'_>, OriginError> {
    if authority.starts_with(b"[") {
        return parse_ipv6_authority(authority);
    }
    // Nearly every authority is a host name altogether.
    let (host, port, kind) = if is_host_name(authority) {
        (authority, None, HostKind::HostName)
    } else {
        split_authority(authority)?
    };
    if host.len() > LONGEST_HOST {
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
    Ok((host, port, kind))
}

/// Of what is more than a host name, or none.
fn split_authority(authority: &[u8]) -> Result<Authority<'_>, OriginError> {
    let is_of_host = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_');
    let end = authority.iter().position(|byte| !is_of_host(byte));
    let (host, after) = authority
        .split_at_checked(end.unwrap_or(authority.len()))
        .unwrap_or_default();
    let is_host_name = is_host_name(host);
    if !is_host_name && (host.starts_with(b".") || host.windows(2).any(|pair| pair == b"..")) {
        return Err(OriginError::EmptyLabel);
    }
    let port = match after {
        [] => None,
        [b':', port @ ..] => Some(port),
        [byte, ..] => return Err(wrong_byte(authority, *byte)),
    };
    if is_host_name {
        return Ok((host, port, HostKind::HostName));
    }
    if host.is_empty() {
        return Err(OriginError::NoHost);
    }
    if host.ends_with(b".") {
        return Err(if authority.contains(&b'@') {
            OriginError::UserInfo
        } else {
            OriginError::TrailingDot
        });
    }
    if !have_lengths_of_labels(host) {
        return Err(OriginError::HostTooLong);
    }
    Ok((host, port, HostKind::OtherName))
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
