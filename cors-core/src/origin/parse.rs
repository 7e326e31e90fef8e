use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::error::OriginError;
use super::host::{HostKind, ascii, is_subdomain, parse_authority, split_port, wrong_byte};
use crate::limits;

/// A tuple origin, parsed from the value of an `Origin` field: scheme, host and port.
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

impl<'a> Origin<'a> {
    /// Parses the value of an `Origin` field.
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

    /// Returns true for an origin that a network attacker cannot take over: any scheme but `http`, `ws` and `ftp`, or a
    /// loopback host (`localhost`, a name under it as RFC 6761 has it, `127.0.0.0/8`, `[::1]`).
    ///
    /// This is Secure Contexts' "Is origin potentially trustworthy?", with a browser's own and an application's
    /// schemes (`chrome-extension`, `tauri`) counted as trustworthy.
    pub fn is_potentially_trustworthy(&self) -> bool {
        !matches!(self.scheme_bytes(), b"http" | b"ws" | b"ftp") || self.is_loopback()
    }

    /// Returns true if the host is this machine's own: `localhost`, a name under it, `127.0.0.0/8` or `[::1]`.
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
            HostKind::HostName | HostKind::OtherName => {
                host == "localhost" || is_subdomain(host, "localhost")
            }
        }
    }

    /// Returns true if `host` (the value of a `Host` field, or `:authority`) names this origin's host and port.
    pub(crate) fn is_host(&self, host: &[u8]) -> bool {
        // An application's own page (`tauri://localhost`) is none that this server has sent.
        if !matches!(self.scheme_bytes(), b"http" | b"https") {
            return false;
        }
        let host = match core::str::from_utf8(host) {
            Ok(host) if host.len() <= limits::ORIGIN => host,
            _ => return false,
        };
        let (name, port) = split_port(host);
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

impl<'a> TryFrom<&'a [u8]> for Origin<'a> {
    type Error = OriginError;

    fn try_from(bytes: &'a [u8]) -> Result<Self, OriginError> {
        Self::parse(bytes)
    }
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

#[cfg(test)]
mod tests;
