//! IP addresses in the form of the URL standard's [IPv4 serializer](https://url.spec.whatwg.org/#concept-ipv4-serializer) and
//! [IPv6 serializer](https://url.spec.whatwg.org/#concept-ipv6-serializer), which browsers send.

use alloc::string::String;
use core::fmt::{self, Write as _};
use core::net::{Ipv4Addr, Ipv6Addr};

/// Returns true if `host` is an IPv4 address in canonical form.
pub(super) fn is_canonical_ipv4(host: &str) -> bool {
    // `Ipv4Addr` accepts only four decimal numbers without leading zeros.
    host.parse::<Ipv4Addr>().is_ok()
}

/// Returns true if `host`, without its brackets, is an IPv6 address in canonical form.
pub(super) fn is_canonical_ipv6(host: &str) -> bool {
    let Ok(address) = host.parse::<Ipv6Addr>() else {
        return false;
    };
    let mut rest = Rest(host);
    write_ipv6(&mut rest, address).is_ok() && rest.0.is_empty()
}

/// Returns the canonical form of an IPv6 address in any valid form, without brackets.
pub(super) fn canonical_ipv6(host: &str) -> Option<String> {
    let mut canonical = String::new();
    write_ipv6(&mut canonical, host.parse().ok()?).ok()?;
    Some(canonical)
}

/// Returns the canonical form of an IPv4 address in any form that the URL standard's
/// [IPv4 parser](https://url.spec.whatwg.org/#concept-ipv4-parser) accepts: one to four parts, each decimal, octal (`0…`) or
/// hexadecimal (`0x…`). The last part fills the remaining bytes of the address.
pub(super) fn canonical_ipv4(host: &str) -> Option<String> {
    let mut parts = [0_u64; 4];
    let mut count = 0;
    for part in host.split('.') {
        *parts.get_mut(count)? = parse_ipv4_number(part)?;
        count += 1;
    }
    let (last, leading) = parts.get(..count)?.split_last()?;
    let mut address = *last;
    if address >= 1 << (8 * (4 - leading.len())) {
        return None;
    }
    for (index, part) in leading.iter().enumerate() {
        if *part > 255 {
            return None;
        }
        address += part << (8 * (3 - index));
    }
    let mut canonical = String::new();
    write!(
        canonical,
        "{}",
        Ipv4Addr::from(u32::try_from(address).ok()?)
    )
    .ok()?;
    Some(canonical)
}

/// Returns true if browsers parse a host with this last label as an IPv4 address: URL standard,
/// [ends in a number checker](https://url.spec.whatwg.org/#ends-in-a-number-checker).
pub(super) fn is_number(label: &str) -> bool {
    let all_digits = !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit());
    all_digits
        || label
            .strip_prefix("0x")
            .is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn parse_ipv4_number(part: &str) -> Option<u64> {
    // `parse` accepts a leading `+`, which an address cannot have.
    if part.contains('+') {
        return None;
    }
    if let Some(hex) = part.strip_prefix("0x") {
        return if hex.is_empty() {
            Some(0)
        } else {
            u64::from_str_radix(hex, 16).ok()
        };
    }
    match part.strip_prefix('0') {
        Some("") => Some(0),
        Some(octal) => u64::from_str_radix(octal, 8).ok(),
        None => part.parse().ok(),
    }
}

/// Writes an address as the URL standard's [IPv6 serializer](https://url.spec.whatwg.org/#concept-ipv6-serializer) does: in lower-case
/// hexadecimal, with the first longest run of two or more zero pieces compressed.
///
/// The `Display` of `Ipv6Addr` differs: it writes an IPv4-mapped address with decimal numbers.
fn write_ipv6(out: &mut impl fmt::Write, address: Ipv6Addr) -> fmt::Result {
    let pieces = address.segments();
    let (compressed, length) = longest_zero_run(pieces);
    let mut needs_colon = false;
    for (index, piece) in pieces.into_iter().enumerate() {
        if length > 1 && index >= compressed && index < compressed + length {
            if index == compressed {
                out.write_str("::")?;
                needs_colon = false;
            }
            continue;
        }
        if needs_colon {
            out.write_char(':')?;
        }
        write!(out, "{piece:x}")?;
        needs_colon = true;
    }
    Ok(())
}

fn longest_zero_run(pieces: [u16; 8]) -> (usize, usize) {
    let (mut best_start, mut best_length) = (0, 0);
    let mut length = 0;
    for (index, piece) in pieces.into_iter().enumerate() {
        length = if piece == 0 { length + 1 } else { 0 };
        if length > best_length {
            (best_start, best_length) = (index + 1 - length, length);
        }
    }
    (best_start, best_length)
}

/// Compares a text with everything that is written: removes it from the start of the text, or returns an error if it differs.
struct Rest<'a>(&'a str);

impl fmt::Write for Rest<'_> {
    fn write_str(&mut self, written: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(written).ok_or(fmt::Error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_url_standards_form_of_ipv6_is_canonical() {
        for canonical in [
            "::1",
            "::",
            "2001:db8::1",
            "1:0:0:2::3",
            "::ffff:102:304",
            "1:2:3:4:5:6:7:8",
            "1:0:2::",
        ] {
            assert!(is_canonical_ipv6(canonical), "{canonical}");
        }
        for other in [
            "0::1",
            "::0",
            "1::0",
            "::0001",
            "2001:DB8::1",
            "::ffff:1.2.3.4",
            "1::2:0:0:0:3",
            "1:2:3:4:5:6::8",
            "::1%1",
            "",
            ":::",
        ] {
            assert!(!is_canonical_ipv6(other), "{other}");
        }
    }

    #[test]
    fn ipv6_is_converted_to_its_canonical_form() {
        assert_eq!(canonical_ipv6("0:0::1").as_deref(), Some("::1"));
        assert_eq!(
            canonical_ipv6("::ffff:1.2.3.4").as_deref(),
            Some("::ffff:102:304")
        );
        assert_eq!(
            canonical_ipv6("1:0:0:2:0:0:0:3").as_deref(),
            Some("1:0:0:2::3")
        );
        // The first of two runs of the same length is compressed.
        assert_eq!(
            canonical_ipv6("1:0:0:2:3:0:0:4").as_deref(),
            Some("1::2:3:0:0:4")
        );
        assert_eq!(canonical_ipv6("nonsense"), None);
    }

    #[test]
    fn ipv4_is_converted_to_its_canonical_form() {
        assert_eq!(canonical_ipv4("127.1").as_deref(), Some("127.0.0.1"));
        assert_eq!(canonical_ipv4("0x7f.0.0.01").as_deref(), Some("127.0.0.1"));
        assert_eq!(canonical_ipv4("2130706433").as_deref(), Some("127.0.0.1"));
        assert_eq!(
            canonical_ipv4("255.0xff.0377.255").as_deref(),
            Some("255.255.255.255")
        );
        for wrong in [
            "256.0.0.1",
            "1.256.0.1",
            "1.2.3.4.5",
            "4294967296",
            "1.2.3.256",
            "1..2",
            "",
            "08.1",
            "+1.2.3.4",
            "0x+1",
        ] {
            assert_eq!(canonical_ipv4(wrong), None, "{wrong}");
        }
    }
}
