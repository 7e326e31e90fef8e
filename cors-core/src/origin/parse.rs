use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::OriginError;
use super::ip;
use crate::limits;

/// A tuple origin, parsed from the bytes of an `Origin` line: scheme, host and port.
///
/// Only the form in which browsers send an origin parses (Fetch, "Origin header"; RFC 6454, section 6.2): ASCII,
/// lower case, no default port, no path, no trailing slash or dot. Anything else is an [`OriginError`].
/// The opaque origin `null` is none of these: [`OriginError::Opaque`].
///
/// ```
/// use omnicors_core::{Origin, OriginError};
///
/// let origin = Origin::parse(b"https://shop.example.com:8443")?;
/// assert_eq!(origin.scheme(), "https");
/// assert_eq!(origin.host(), "shop.example.com");
/// assert_eq!(origin.port(), Some(8443));
///
/// assert_eq!(Origin::parse(b"https://example.com/"), Err(OriginError::Path));
/// assert_eq!(Origin::parse(b"https://example.com:443"), Err(OriginError::DefaultPort));
/// # Ok::<(), OriginError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin<'a> {
    /// ASCII.
    bytes: &'a [u8],
    scheme_length: usize,
    host_length: usize,
    /// As written: `None` where the origin has the default port of its scheme.
    port: Option<u16>,
    kind: HostKind,
}

/// What a host is, as far as matching cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum HostKind {
    /// A host name of RFC 1123: labels of letters, digits and inner hyphens. What a wild card may stand for.
    HostName,
    /// A name that browsers accept and RFC 1123 does not: it has `_`, or `-` at the edge of a label.
    OtherName,
    Ip,
}

impl<'a> Origin<'a> {
    /// Parses the bytes of an `Origin` line.
    ///
    /// # Errors
    ///
    /// An [`OriginError`] that says what is not as a browser sends it. The time taken is bounded by the length,
    /// and that by [`limits::ORIGIN`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OriginError> {
        if bytes.len() > limits::ORIGIN {
            return Err(OriginError::TooLong);
        }
        // What parses is ASCII, since each byte has been looked at: only of what does not is there a need to ask.
        Self::parse_bytes(bytes).map_err(|error| {
            if bytes.is_ascii() {
                error
            } else {
                OriginError::NotAscii
            }
        })
    }

    fn parse_bytes(bytes: &'a [u8]) -> Result<Self, OriginError> {
        let (scheme, authority) = split_scheme(bytes)?;
        let (host, port, kind) = parse_authority(authority)?;
        let port = match port {
            None => None,
            Some(port) => Some(parse_port(port, scheme)?),
        };
        Ok(Self {
            bytes,
            scheme_length: scheme.len(),
            host_length: host.len(),
            port,
            kind,
        })
    }

    /// The whole origin, as it was sent.
    pub fn as_str(&self) -> &'a str {
        ascii(self.bytes)
    }

    /// The scheme, without `://`.
    pub fn scheme(&self) -> &'a str {
        ascii(self.scheme_bytes())
    }

    /// The host: a domain, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &'a str {
        ascii(self.host_bytes())
    }

    pub(super) fn scheme_bytes(&self) -> &'a [u8] {
        self.bytes.get(..self.scheme_length).unwrap_or_default()
    }

    pub(super) fn host_bytes(&self) -> &'a [u8] {
        let start = self.scheme_length + "://".len();
        let host = start..start + self.host_length;
        self.bytes.get(host).unwrap_or_default()
    }

    /// The port as it was written, `None` for the default port of the scheme.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The port as it was written, or the default port of the scheme where it has one.
    pub fn port_or_default(&self) -> Option<u16> {
        self.port.or_else(|| default_port(self.scheme_bytes()))
    }

    /// True for an origin that a network attacker cannot take over: any scheme but `http`, `ws` and `ftp`, or a
    /// loopback host (`localhost`, a name under it as RFC 6761 has it, `127.0.0.0/8`, `[::1]`).
    ///
    /// This is Secure Contexts' "Is origin potentially trustworthy?", with a browser's own and an application's
    /// schemes (`chrome-extension`, `tauri`) counted as trustworthy.
    pub fn is_potentially_trustworthy(&self) -> bool {
        !matches!(self.scheme_bytes(), b"http" | b"ws" | b"ftp") || self.is_loopback()
    }

    /// True if the host is this machine's own: `localhost`, a name under it, `127.0.0.0/8` or `[::1]`.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        match self.kind {
            HostKind::Ip => match host
                .strip_prefix('[')
                .and_then(|host| host.strip_suffix(']'))
            {
                Some(ipv6) => ipv6
                    .parse()
                    .is_ok_and(|address: Ipv6Addr| address.is_loopback()),
                None => host
                    .parse()
                    .is_ok_and(|address: Ipv4Addr| address.is_loopback()),
            },
            HostKind::HostName | HostKind::OtherName => host
                .strip_suffix("localhost")
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
        }
    }

    /// True if `host` (the value of a `Host` line, or `:authority`) names this origin's host and port.
    pub(crate) fn is_host(&self, host: &[u8]) -> bool {
        // An application's own page (`tauri://localhost`) is none that this server has sent.
        if !matches!(self.scheme_bytes(), b"http" | b"https") {
            return false;
        }
        let host = match core::str::from_utf8(host) {
            Ok(host) if host.len() <= limits::ORIGIN => host,
            _ => return false,
        };
        // The port follows the last colon outside brackets.
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
            _ => (host, None),
        };
        let port = match port {
            None | Some("") => default_port(self.scheme_bytes()),
            Some(port) => match port.parse() {
                // A number may be parsed with a sign, which no port has.
                Ok(number) if !port.starts_with('+') => Some(number),
                _ => return false,
            },
        };
        name.eq_ignore_ascii_case(self.host()) && port == self.port_or_default()
    }

    pub(super) fn kind(&self) -> HostKind {
        self.kind
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Origin").field(&self.as_str()).finish()
    }
}

impl AsRef<str> for Origin<'_> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<'a> TryFrom<&'a str> for Origin<'a> {
    type Error = OriginError;

    fn try_from(text: &'a str) -> Result<Self, OriginError> {
        Self::parse(text.as_bytes())
    }
}

/// What has been parsed is ASCII.
fn ascii(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// URL standard, "default port" of the special schemes.
pub(super) fn default_port(scheme: &[u8]) -> Option<u16> {
    match scheme {
        b"https" | b"wss" => Some(443),
        b"http" | b"ws" => Some(80),
        b"ftp" => Some(21),
        _ => None,
    }
}

fn split_scheme(bytes: &[u8]) -> Result<(&[u8], &[u8]), OriginError> {
    // What nearly every request has, told without a search.
    if let Some(authority) = bytes.strip_prefix(b"https://") {
        return Ok((b"https", authority));
    }
    if let Some(authority) = bytes.strip_prefix(b"http://") {
        return Ok((b"http", authority));
    }
    split_other_scheme(bytes)
}

fn split_other_scheme(bytes: &[u8]) -> Result<(&[u8], &[u8]), OriginError> {
    if bytes.is_empty() {
        return Err(OriginError::Empty);
    }
    if bytes == b"null" {
        return Err(OriginError::Opaque);
    }
    let colon = bytes.iter().position(|byte| *byte == b':');
    let (scheme, rest) = colon
        .and_then(|colon| bytes.split_at_checked(colon))
        .ok_or(OriginError::NoScheme)?;
    if scheme == b"file" {
        return Err(OriginError::FileScheme);
    }
    let authority = rest.strip_prefix(b"://").ok_or(OriginError::NoScheme)?;
    let starts_with_letter = scheme.first().is_some_and(u8::is_ascii_lowercase);
    let is_of_scheme = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.');
    if starts_with_letter && scheme.iter().all(is_of_scheme) {
        return Ok((scheme, authority));
    }
    let first_other = scheme.iter().find(|byte| !byte.is_ascii_lowercase());
    Err(match first_other {
        Some(b'A'..=b'Z') => OriginError::UpperCase,
        Some(b'\0'..=b' ' | 0x7F) => OriginError::Whitespace,
        _ => OriginError::Scheme,
    })
}

/// Host, port and kind of host.
type Authority<'a> = (&'a [u8], Option<&'a [u8]>, HostKind);

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

/// The most bytes that a host may have, and a label (RFC 1035, section 2.3.4).
pub(super) const LONGEST_HOST: usize = 253;
const LONGEST_LABEL: usize = 63;

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

fn parse_authority(authority: &[u8]) -> Result<Authority<'_>, OriginError> {
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

fn parse_port(port: &[u8], scheme: &[u8]) -> Result<u16, OriginError> {
    if let Some(wrong) = port.iter().find(|byte| !byte.is_ascii_digit()) {
        return Err(match wrong_byte(port, *wrong) {
            OriginError::HostCharacter(_) | OriginError::UpperCase => OriginError::Port,
            error => error,
        });
    }
    // Leading zeros, and with them port 0, are not what a browser writes.
    let number = match ascii(port).parse() {
        Ok(number) if !port.starts_with(b"0") => number,
        _ => return Err(OriginError::Port),
    };
    if default_port(scheme) == Some(number) {
        Err(OriginError::DefaultPort)
    } else {
        Ok(number)
    }
}

/// Tells the most helpful thing about a byte that belongs into no host.
fn wrong_byte(authority: &[u8], byte: u8) -> OriginError {
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

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn an_origin_as_browsers_send_it_parses() {
        for (text, scheme, host, port) in [
            ("https://example.com", "https", "example.com", None),
            ("http://localhost:3000", "http", "localhost", Some(3000)),
            ("http://[::1]:8080", "http", "[::1]", Some(8080)),
            ("http://127.0.0.1", "http", "127.0.0.1", None),
            ("https://a_b.-c-.example", "https", "a_b.-c-.example", None),
            (
                "https://xn--mnchen-3ya.example",
                "https",
                "xn--mnchen-3ya.example",
                None,
            ),
            (
                "chrome-extension://abcdefghijklmnop",
                "chrome-extension",
                "abcdefghijklmnop",
                None,
            ),
            ("capacitor://localhost", "capacitor", "localhost", None),
            ("https://example.com:80", "https", "example.com", Some(80)),
        ] {
            let origin = Origin::parse(text.as_bytes()).unwrap();
            assert_eq!(
                (origin.scheme(), origin.host(), origin.port()),
                (scheme, host, port)
            );
            assert_eq!(format!("{origin}"), text);
        }
    }

    #[test]
    fn what_no_browser_sends_does_not_parse() {
        for (text, error) in [
            ("", OriginError::Empty),
            ("null", OriginError::Opaque),
            ("NULL", OriginError::NoScheme),
            ("example.com", OriginError::NoScheme),
            ("https:/example.com", OriginError::NoScheme),
            ("https://", OriginError::NoHost),
            ("https://:8080", OriginError::NoHost),
            ("://example.com", OriginError::Scheme),
            ("1http://example.com", OriginError::Scheme),
            ("HTTPS://example.com", OriginError::UpperCase),
            ("https://Example.com", OriginError::UpperCase),
            (" https://example.com", OriginError::Whitespace),
            ("https://example.com ", OriginError::Whitespace),
            ("https://exa\tmple.com", OriginError::Whitespace),
            ("https://example.com\r\nX: y", OriginError::Whitespace),
            ("https://example.com/", OriginError::Path),
            ("https://example.com/path", OriginError::Path),
            ("https://example.com:8443/", OriginError::Path),
            ("https://example.com?", OriginError::Path),
            ("https://example.com#", OriginError::Path),
            ("https://example.com.", OriginError::TrailingDot),
            ("https://example.com.:8080", OriginError::TrailingDot),
            ("https://.example.com", OriginError::EmptyLabel),
            ("https://a..example.com", OriginError::EmptyLabel),
            ("https://user@example.com", OriginError::UserInfo),
            ("https://user:pass@example.com", OriginError::UserInfo),
            ("https://example.com@evil.test", OriginError::UserInfo),
            (
                "https://evil.test`.example.com",
                OriginError::HostCharacter('`'),
            ),
            ("https://a,b", OriginError::HostCharacter(',')),
            ("https://*.example.com", OriginError::HostCharacter('*')),
            (
                "https://example.com, https://a.test",
                OriginError::HostCharacter(','),
            ),
            ("https://1.2.3", OriginError::Ipv4),
            ("https://1.2.3.04", OriginError::Ipv4),
            ("https://example.0x1", OriginError::Ipv4),
            ("https://256.1.1.1", OriginError::Ipv4),
            ("http://[0:0::1]", OriginError::Ipv6),
            ("http://[::1", OriginError::Ipv6),
            ("http://[::1]a", OriginError::HostCharacter('a')),
            ("http://[[::1]]", OriginError::Ipv6),
            ("http://[[::1]", OriginError::Ipv6),
            ("https://example.com:", OriginError::Port),
            ("https://example.com:0", OriginError::Port),
            ("https://example.com:08443", OriginError::Port),
            ("https://example.com:65536", OriginError::Port),
            ("https://example.com:8x", OriginError::Port),
            ("https://example.com:443", OriginError::DefaultPort),
            ("http://example.com:80", OriginError::DefaultPort),
            ("file:///home", OriginError::FileScheme),
            ("file:/home", OriginError::FileScheme),
            ("file:", OriginError::FileScheme),
            ("https://münchen.example", OriginError::NotAscii),
        ] {
            assert_eq!(Origin::parse(text.as_bytes()), Err(error), "{text}");
        }
        assert_eq!(
            Origin::parse(b"https://example.com\xFF"),
            Err(OriginError::NotAscii)
        );
        assert_eq!(Origin::parse(&[b'a'; 513]), Err(OriginError::TooLong));
    }

    #[test]
    fn a_host_and_its_labels_have_the_lengths_of_dns() {
        let label = "a".repeat(63);
        assert!(Origin::parse(format!("https://{label}.com").as_bytes()).is_ok());
        assert_eq!(
            Origin::parse(format!("https://a{label}.com").as_bytes()),
            Err(OriginError::HostTooLong)
        );
        assert_eq!(
            Origin::parse(format!("https://com.a{label}").as_bytes()),
            Err(OriginError::HostTooLong)
        );
        let host = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        assert_eq!(host.len(), 253);
        assert!(Origin::parse(format!("https://{host}").as_bytes()).is_ok());
        assert_eq!(
            Origin::parse(format!("https://{host}a").as_bytes()),
            Err(OriginError::HostTooLong)
        );
    }

    #[test]
    fn loopback_hosts_are_trustworthy_without_tls() {
        for yes in [
            "http://localhost:3000",
            "http://a.localhost",
            "http://127.8.0.1",
            "http://[::1]:1",
            "https://a.test",
            "tauri://localhost",
        ] {
            assert!(
                Origin::parse(yes.as_bytes())
                    .unwrap()
                    .is_potentially_trustworthy(),
                "{yes}"
            );
        }
        for no in [
            "http://example.com",
            "http://notlocalhost",
            "http://localhost.evil.test",
            "http://128.0.0.1",
            "ws://a.test",
        ] {
            assert!(
                !Origin::parse(no.as_bytes())
                    .unwrap()
                    .is_potentially_trustworthy(),
                "{no}"
            );
        }
    }

    #[test]
    fn a_host_line_names_the_origin_by_host_and_port() {
        for (origin, host, same) in [
            ("https://example.com", "example.com", true),
            ("https://example.com", "EXAMPLE.com:443", true),
            ("http://example.com", "example.com", true),
            ("http://example.com", "example.com:443", false),
            ("https://example.com:8443", "example.com:8443", true),
            ("https://example.com:8443", "example.com", false),
            ("http://[::1]:80", "[::1]", false),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://[::1]", "[::1]", true),
            ("https://example.com", "example.com.evil.test", false),
            ("https://example.com", "", false),
            ("https://example.com", "example.com:", true),
            ("https://example.com", "example.com:x", false),
            ("https://example.com", "example.com:+443", false),
            ("app://shell", "shell:x", false),
            ("app://shell", "shell", false),
        ] {
            if let Ok(origin) = Origin::parse(origin.as_bytes()) {
                assert_eq!(origin.is_host(host.as_bytes()), same, "{origin} {host}");
            }
        }
    }
}
