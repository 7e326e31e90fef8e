//! Parses hosts and ports, and recognizes host names.

use super::error::OriginError;
use super::ip;

/// The kind of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum HostKind {
    /// A host name of RFC 1123: labels of letters, digits and inner hyphens. A wildcard matches only such labels.
    HostName,
    /// A name that the URL standard allows and RFC 1123 does not: it has other characters (`_`), a `-` at the edge of a label,
    /// a trailing dot, or lengths beyond the limits of DNS.
    OtherName,
    Ip,
    /// The host and port of a scheme other than `http` and `https`, compared byte by byte.
    Opaque,
    /// No host: `null` and `file://`.
    None,
}

/// The maximum length of a host name ([RFC 1035, section 2.3.4](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4)).
pub(super) const LONGEST_HOST: usize = 253;
/// The maximum length of a label.
pub(super) const LONGEST_LABEL: usize = 63;

/// A host, its port, and its kind.
pub(super) type Authority<'a> = (&'a [u8], Option<&'a [u8]>, HostKind);

/// Parses the host and port of an `http` or `https` origin.
///
/// Accepts the hosts that the URL standard's [host parser](https://url.spec.whatwg.org/#concept-host-parser) does not change.
pub(super) fn parse_authority(authority: &[u8]) -> Result<Authority<'_>, OriginError> {
    if authority.starts_with(b"[") {
        return parse_ipv6_authority(authority);
    }
    // Fast path: almost every authority is a host name without a port.
    let (host, port, kind) = if is_host_name(authority) {
        (authority, None, kind_of_labels(authority))
    } else {
        split_authority(authority)?
    };
    let labels = host.strip_suffix(b".").unwrap_or(host);
    let dot = labels.iter().rposition(|byte| *byte == b'.');
    let last_label = dot.map_or(labels, |dot| labels.get(dot + 1..).unwrap_or_default());
    // URL standard, "ends in a number checker": https://url.spec.whatwg.org/#ends-in-a-number-checker
    // The check of the first byte is a shortcut, because all numbers begin with a digit.
    if last_label.first().is_some_and(u8::is_ascii_digit) && ip::is_number(ascii(last_label)) {
        return if ip::is_canonical_ipv4(ascii(host)) {
            Ok((host, port, HostKind::Ip))
        } else {
            Err(OriginError::Ipv4)
        };
    }
    Ok((host, port, kind))
}

/// Splits an authority that is not a plain host name.
fn split_authority(authority: &[u8]) -> Result<Authority<'_>, OriginError> {
    let end = authority.iter().position(|byte| {
        !IS_DOMAIN_BYTE
            .get(usize::from(*byte))
            .is_some_and(|is_it| *is_it)
    });
    let (host, after) = authority
        .split_at_checked(end.unwrap_or(authority.len()))
        .unwrap_or_default();
    let port = match after {
        [] => None,
        [b':', port @ ..] => Some(port),
        [byte, ..] => return Err(wrong_byte(authority, *byte)),
    };
    if host.is_empty() {
        // `::1` without brackets.
        let colons = authority.iter().filter(|byte| **byte == b':');
        return Err(match colons.count() {
            0 | 1 => OriginError::NoHost,
            _ => OriginError::Ipv6,
        });
    }
    let kind = if is_host_name(host) {
        kind_of_labels(host)
    } else {
        HostKind::OtherName
    };
    Ok((host, port, kind))
}

/// Returns the kind of a host whose labels are those of a host name.
fn kind_of_labels(host: &[u8]) -> HostKind {
    if host.len() <= LONGEST_HOST {
        HostKind::HostName
    } else {
        HostKind::OtherName
    }
}

/// The result of [`is_domain_byte`] for each ASCII byte. One lookup replaces several comparisons.
#[expect(clippy::indexing_slicing, reason = "checked at compile time")]
#[expect(clippy::cast_possible_truncation, reason = "less than 128")]
const IS_DOMAIN_BYTE: [bool; 128] = {
    let mut table = [false; 128];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = is_domain_byte(byte as u8);
        byte += 1;
    }
    table
};

/// Returns true for a byte that a domain can contain in a URL: visible ASCII except upper case and the
/// [forbidden domain code points](https://url.spec.whatwg.org/#forbidden-domain-code-point).
pub(super) const fn is_domain_byte(byte: u8) -> bool {
    let is_forbidden = matches!(
        byte,
        b'#' | b'%' | b'/' | b':' | b'<' | b'>' | b'?' | b'@' | b'[' | b'\\' | b']' | b'^' | b'|'
    );
    byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && !is_forbidden
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

/// Returns the most helpful error for a byte that a host cannot contain.
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

/// Returns parsed bytes, which are ASCII, as text.
pub(super) fn ascii(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// Returns true if `name` is a subdomain of `parent`: one or more labels, a dot, and `parent`.
pub(crate) fn is_subdomain(name: &str, parent: &str) -> bool {
    let labels = name
        .strip_suffix(parent)
        .and_then(|labels| labels.strip_suffix('.'));
    labels.is_some_and(|labels| !labels.is_empty())
}

/// Splits an authority into host and port. A colon inside an IPv6 address does not begin a port.
pub(super) fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// Returns true for a host name of [RFC 1123, section 2.1](https://www.rfc-editor.org/rfc/rfc1123#section-2.1) in lower case: labels
/// of letters, digits and inner hyphens. The last label can be a number, so this is also true for IPv4 addresses.
pub(super) fn is_host_name(name: &[u8]) -> bool {
    let is_mark = |byte: Option<&u8>| matches!(byte, None | Some(b'-' | b'.'));
    if is_mark(name.first()) || is_mark(name.last()) {
        return false;
    }
    let mut rest = name;
    while let Some(&bytes) = rest.first_chunk() {
        if !is_within_host_name(bytes) {
            return false;
        }
        // Keep the last byte, because it must be compared with the byte after it.
        rest = rest.get(bytes.len() - 1..).unwrap_or_default();
    }
    // The last eight bytes overlap the previous ones. A shorter name is padded.
    let last = match name.last_chunk() {
        Some(&bytes) => bytes,
        None => padded(name),
    };
    is_within_host_name(last) && have_lengths_of_labels(name)
}

fn padded(name: &[u8]) -> [u8; 8] {
    let mut bytes = [b'a'; 8];
    for (byte, of_name) in bytes.iter_mut().zip(name) {
        *byte = *of_name;
    }
    bytes
}

/// Returns true if a host name can contain these bytes in a row: letters, digits, hyphens and dots, where the bytes before and after
/// a dot are letters or digits.
///
/// This tests eight bytes at once in one register (SWAR, "SIMD within a register"; see Hacker's Delight, section 6-1).
/// Each test returns a mask with the highest bit of every byte that passes:
///
/// ```text
/// bytes        a   p   i   .   -   x   .   c
/// dots         00  00  00  80  00  00  80  00
/// marks        00  00  00  80  80  00  80  00    dots and hyphens
/// marks >> 8   00  00  80  80  00  80  00  00    the next byte is a mark
/// dots & (marks >> 8)  00  00  00  80  …         a dot before a hyphen: not a host name
/// ```
///
/// With a loop over single bytes, a request to a policy with patterns takes an eighth more instructions.
fn is_within_host_name(bytes: [u8; 8]) -> bool {
    let bytes = EightBytes(u64::from_le_bytes(bytes));
    if !bytes.are_ascii() {
        return false;
    }
    let dots = bytes.in_range(b'.', b'.');
    let marks = bytes.in_range(b'-', b'.');
    let others = bytes.in_range(b'a', b'z') | bytes.in_range(b'0', b'9');
    // The first byte is the lowest, so a shift to the right moves the bits of each byte to the previous one.
    let following = |mask: u64| mask >> 8;
    let beside_dot = dots & following(marks) | marks & following(dots);
    marks | others == EightBytes::HIGHEST_BITS && beside_dot == 0
}

/// Eight bytes in one register. A mask has the highest bit of each byte that passes a test; in ASCII that bit is clear.
#[derive(Clone, Copy)]
struct EightBytes(u64);

impl EightBytes {
    const HIGHEST_BITS: u64 = Self::each(0x80);

    const fn each(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }

    fn are_ascii(self) -> bool {
        self.0 & Self::HIGHEST_BITS == 0
    }

    /// Returns the mask of the bytes in a range. All bytes must be ASCII: then no sum exceeds 255 and carries into the next byte.
    fn in_range(self, lowest: u8, highest: u8) -> u64 {
        let at_least = self.0 + Self::each(0x80 - lowest);
        let above = self.0 + Self::each(0x7F - highest);
        at_least & !above & Self::HIGHEST_BITS
    }
}

/// Returns true if no label is longer than [`LONGEST_LABEL`].
pub(super) fn have_lengths_of_labels(mut labels: &[u8]) -> bool {
    // Each piece is one byte longer than the longest label, so it must contain a dot. Continue after its last dot.
    while let Some((piece, _)) = labels.split_at_checked(LONGEST_LABEL + 1) {
        let Some(dot) = piece.iter().rposition(|byte| *byte == b'.') else {
            return false;
        };
        labels = labels.get(dot + 1..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    /// The rule, without optimizations.
    fn is_host_name_by_rule(name: &[u8]) -> bool {
        name.split(|byte| *byte == b'.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with(b"-")
                && !label.ends_with(b"-")
                && label
                    .iter()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        })
    }

    fn check(name: &[u8]) {
        let expected = is_host_name_by_rule(name);
        assert_eq!(is_host_name(name), expected, "{}", name.escape_ascii());
    }

    #[test]
    fn each_byte_is_classified_at_each_position() {
        let (lengths, bytes) = if cfg!(miri) { (4, 23) } else { (1, 1) };
        for length in (0..20).step_by(lengths) {
            let mut name = vec![b'a'; length];
            check(&name);
            for place in 0..length {
                for byte in (0..=255).step_by(bytes) {
                    name[place] = byte;
                    check(&name);
                }
                name[place] = b'a';
            }
        }
    }

    #[test]
    fn all_pairs_of_bytes_are_classified_at_each_position() {
        const KINDS: [u8; 4] = [b'a', b'-', b'.', b'_'];
        for length in [2, 7, 8, 9, 14, 15, 16, 17, 24] {
            for place in 0..length - 1 {
                for (first, second) in KINDS.iter().flat_map(|a| KINDS.map(|b| (*a, b))) {
                    let mut name = vec![b'x'; length];
                    name[place] = first;
                    name[place + 1] = second;
                    check(&name);
                }
            }
        }
    }

    #[test]
    fn a_label_of_a_host_name_has_at_most_63_bytes() {
        for (first, second) in [(1, 63), (63, 1), (63, 63), (64, 1), (1, 64), (62, 64)] {
            for labels in 1..4 {
                let pair = [vec![b'a'; first], vec![b'b'; second]].join(&b'.');
                let name: Vec<u8> = vec![pair; labels].join(&b'.');
                check(&name);
            }
        }
        for length in [63, 64, 65, 200] {
            check(&vec![b'a'; length]);
            check(&b"a.".repeat(length)[1..]);
        }
    }
}
