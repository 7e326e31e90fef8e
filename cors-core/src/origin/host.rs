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
    let is_edge = |byte: Option<&u8>| byte.is_some_and(|byte| is_letter_or_digit(*byte));
    is_edge(name.first())
        && is_edge(name.last())
        && are_in_host_name(name)
        && have_lengths_of_labels(name)
}

/// The number of bytes that are tested at once. The compiler tests so many with a few instructions, if the processor has 16-byte vectors.
const CHUNK: usize = 16;

/// Returns true if each byte but the last, and the byte after it, can be in a row in a host name.
fn are_in_host_name(name: &[u8]) -> bool {
    let are_pairs = |name: &[u8], start: usize| {
        let firsts = name.get(start..).and_then(<[u8]>::first_chunk);
        let seconds = name.get(start + 1..).and_then(<[u8]>::first_chunk);
        let pairs = firsts.zip(seconds);
        pairs.is_some_and(|(firsts, seconds)| are_pairs_in_host_name(firsts, seconds))
    };
    let Some(last) = name.len().checked_sub(CHUNK + 1) else {
        let mut padded = [b'a'; CHUNK + 1];
        if let Some(start) = padded.get_mut(..name.len()) {
            start.copy_from_slice(name);
        }
        return are_pairs(&padded, 0);
    };
    // The last chunk overlaps the one before it.
    let mut starts = (0..last).step_by(CHUNK);
    starts.all(|start| are_pairs(name, start)) && are_pairs(name, last)
}

/// Returns true if all first bytes are letters, digits, hyphens and dots, and a dot is only beside a letter or digit.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches, the compiler tests all bytes at once"
)]
fn are_pairs_in_host_name(firsts: &[u8; CHUNK], seconds: &[u8; CHUNK]) -> bool {
    let is_mark = |byte| matches!(byte, b'-' | b'.');
    let is_allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    let pairs = firsts.iter().zip(seconds);
    pairs.fold(true, |are_valid, (&first, &second)| {
        let is_beside_dot =
            ((first == b'.') & is_mark(second)) | (is_mark(first) & (second == b'.'));
        are_valid & is_allowed(first) & !is_beside_dot
    })
}

fn is_letter_or_digit(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9')
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
        let (lengths, bytes) = if cfg!(miri) { (18, 23) } else { (1, 1) };
        for length in (0..36).step_by(lengths) {
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
        let lengths: &[usize] = if cfg!(miri) {
            &[2, 18]
        } else {
            &[2, 7, 15, 16, 17, 18, 19, 31, 32, 33, 34, 50]
        };
        for &length in lengths {
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
