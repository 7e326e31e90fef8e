use core::fmt;

use super::error::OriginError;
use super::host::{HostKind, ascii, parse_authority, wrong_byte};
use crate::limits;

/// The origin of a page: a scheme, a host and a port, or the opaque origin `null`.
///
/// Only the form that browsers send in the `Origin` field parses (Fetch,
/// [`Origin` header](https://fetch.spec.whatwg.org/#origin-header); HTML,
/// [serialization of an origin](https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin)).
///
/// | scheme | examples | host |
/// |---|---|---|
/// | `http`, `https` | `https://example.com`, `http://localhost:3000` | In the form of the URL standard's [host serializer](https://url.spec.whatwg.org/#concept-host-serializer): lower case, IP addresses in canonical form. The default port is omitted. |
/// | any other | `tauri://localhost`, `app://.`, `safari-web-extension://2F9A…` | Opaque: visible ASCII characters except `/`, `?`, `#` and `@`. |
/// | none, or `file` | `null`, `file://` | None: see [`is_opaque`](Self::is_opaque). |
///
/// ```
/// use omnicors_core::{Origin, OriginError};
///
/// let origin = Origin::parse(b"https://shop.example.com:8443")?;
/// assert_eq!(origin.scheme(), "https");
/// assert_eq!(origin.host(), Some("shop.example.com"));
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
    /// For schemes other than `http` and `https`, the length of everything after `://`.
    host_length: usize,
    /// `None` for the default port of the scheme.
    port: Option<u16>,
    kind: HostKind,
}

impl<'a> Origin<'a> {
    /// Parses the value of an `Origin` field.
    ///
    /// # Errors
    ///
    /// Returns an [`OriginError`] if the value is not in the form that browsers send, or is longer than [`limits::ORIGIN`].
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_core::{Origin, OriginError};
    ///
    /// let origin = Origin::parse(b"http://localhost:3000")?;
    /// assert_eq!(origin.host(), Some("localhost"));
    /// assert_eq!(Origin::parse(b"localhost:3000"), Err(OriginError::NoScheme));
    /// # Ok::<(), OriginError>(())
    /// ```
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OriginError> {
        if bytes.len() > limits::ORIGIN {
            return Err(OriginError::TooLong);
        }
        // Parsing checks every byte, so a value that parses is ASCII. Only an error needs this extra pass.
        Self::parse_bytes(bytes).map_err(|error| {
            if bytes.is_ascii() {
                error
            } else {
                OriginError::NotAscii
            }
        })
    }

    fn parse_bytes(bytes: &'a [u8]) -> Result<Self, OriginError> {
        if let Some(authority) = bytes.strip_prefix(b"https://") {
            return Self::parse_web(bytes, b"https", authority);
        }
        if let Some(authority) = bytes.strip_prefix(b"http://") {
            return Self::parse_web(bytes, b"http", authority);
        }
        Self::parse_other(bytes)
    }

    fn parse_web(
        bytes: &'a [u8],
        scheme: &'static [u8],
        authority: &'a [u8],
    ) -> Result<Self, OriginError> {
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

    /// Parses an origin whose scheme is neither `http` nor `https`, or that has none.
    fn parse_other(bytes: &'a [u8]) -> Result<Self, OriginError> {
        let origin = |scheme_length, host_length, kind| Self {
            bytes,
            scheme_length,
            host_length,
            port: None,
            kind,
        };
        match bytes {
            b"" => Err(OriginError::Empty),
            b"null" => Ok(origin(0, 0, HostKind::None)),
            b"file://" => Ok(origin("file".len(), 0, HostKind::None)),
            _ => {
                let (scheme, authority) = split_scheme(bytes)?;
                check_opaque_authority(authority)?;
                Ok(origin(scheme.len(), authority.len(), HostKind::Opaque))
            }
        }
    }

    /// Returns the whole origin.
    ///
    /// ```
    /// use omnicors_core::Origin;
    ///
    /// let origin = Origin::parse(b"https://example.com:8443")?;
    /// assert_eq!(origin.as_str(), "https://example.com:8443");
    /// # Ok::<(), omnicors_core::OriginError>(())
    /// ```
    pub fn as_str(&self) -> &'a str {
        ascii(self.bytes)
    }

    /// Returns the scheme, without `://`. It is empty for `null`.
    ///
    /// ```
    /// use omnicors_core::Origin;
    ///
    /// assert_eq!(Origin::parse(b"https://example.com")?.scheme(), "https");
    /// assert_eq!(Origin::parse(b"null")?.scheme(), "");
    /// # Ok::<(), omnicors_core::OriginError>(())
    /// ```
    pub fn scheme(&self) -> &'a str {
        ascii(self.scheme_bytes())
    }

    /// Returns the host of an `http` or `https` origin: a domain, an IPv4 address, or an IPv6 address in brackets.
    ///
    /// Returns `None` for other schemes, so a predicate that compares only the host does not allow `evil://example.com`. Use
    /// [`authority`](Self::authority) for these schemes.
    ///
    /// ```
    /// use omnicors_core::Origin;
    ///
    /// assert_eq!(Origin::parse(b"http://[::1]:8080")?.host(), Some("[::1]"));
    /// assert_eq!(Origin::parse(b"evil://example.com")?.host(), None);
    /// # Ok::<(), omnicors_core::OriginError>(())
    /// ```
    pub fn host(&self) -> Option<&'a str> {
        self.is_web().then(|| self.name())
    }

    /// Returns everything after `://`: the host and the port. It is empty for `null` and `file://`.
    ///
    /// ```
    /// use omnicors_core::Origin;
    ///
    /// let origin = Origin::parse(b"safari-web-extension://2F9A8C11-0000-4000-8000-000000000000")?;
    /// assert_eq!(origin.host(), None);
    /// assert_eq!(origin.authority(), "2F9A8C11-0000-4000-8000-000000000000");
    /// # Ok::<(), omnicors_core::OriginError>(())
    /// ```
    pub fn authority(&self) -> &'a str {
        let start = self.scheme_length + "://".len();
        let authority = match self.kind {
            HostKind::None => None,
            _ => self.bytes.get(start..),
        };
        ascii(authority.unwrap_or_default())
    }

    pub(super) fn scheme_bytes(&self) -> &'a [u8] {
        self.bytes.get(..self.scheme_length).unwrap_or_default()
    }

    /// Returns the host for any scheme. It is empty for `null` and `file://`.
    pub(crate) fn name(&self) -> &'a str {
        ascii(self.name_bytes())
    }

    pub(super) fn name_bytes(&self) -> &'a [u8] {
        let start = self.scheme_length + "://".len();
        let host = start..start + self.host_length;
        self.bytes.get(host).unwrap_or_default()
    }

    /// Returns the port of an `http` or `https` origin, or `None` for the default port of the scheme.
    ///
    /// Returns `None` for other schemes as well; their port is part of the [`authority`](Self::authority).
    ///
    /// ```
    /// use omnicors_core::Origin;
    ///
    /// assert_eq!(Origin::parse(b"https://example.com:8443")?.port(), Some(8443));
    /// assert_eq!(Origin::parse(b"https://example.com")?.port(), None);
    /// # Ok::<(), omnicors_core::OriginError>(())
    /// ```
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns the port of an `http` or `https` origin, including the default port. Returns `None` for other schemes.
    ///
    /// ```
    /// use omnicors_core::Origin;
    ///
    /// assert_eq!(Origin::parse(b"https://example.com")?.port_or_default(), Some(443));
    /// assert_eq!(Origin::parse(b"http://localhost:3000")?.port_or_default(), Some(3000));
    /// # Ok::<(), omnicors_core::OriginError>(())
    /// ```
    pub fn port_or_default(&self) -> Option<u16> {
        self.port.or_else(|| default_port(self.scheme_bytes()))
    }

    /// Returns true for `null` and `file://`.
    ///
    /// Many unrelated documents share these origins, such as sandboxed frames and local files. A policy asks predicates and
    /// lookups about them only if
    /// [`dangerously_allow_opaque_origins`](crate::PolicyConfig::dangerously_allow_opaque_origins) is set.
    ///
    /// ```
    /// use omnicors_core::Origin;
    ///
    /// assert!(Origin::parse(b"null")?.is_opaque());
    /// assert!(!Origin::parse(b"https://example.com")?.is_opaque());
    /// # Ok::<(), omnicors_core::OriginError>(())
    /// ```
    pub fn is_opaque(&self) -> bool {
        self.kind == HostKind::None
    }

    /// Returns true if the scheme is `http` or `https`.
    pub(crate) fn is_web(&self) -> bool {
        !matches!(self.kind, HostKind::Opaque | HostKind::None)
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

/// Returns the [default port](https://url.spec.whatwg.org/#default-port) of `http` or `https`.
pub(super) fn default_port(scheme: &[u8]) -> Option<u16> {
    match scheme {
        b"https" => Some(443),
        b"http" => Some(80),
        _ => None,
    }
}

/// Splits an origin whose scheme is neither `http` nor `https` into scheme and authority.
fn split_scheme(bytes: &[u8]) -> Result<(&[u8], &[u8]), OriginError> {
    let colon = bytes.iter().position(|byte| *byte == b':');
    let (scheme, rest) = colon
        .and_then(|colon| bytes.split_at_checked(colon))
        .ok_or(OriginError::NoScheme)?;
    if scheme == b"file" {
        return Err(OriginError::FileScheme);
    }
    let authority = rest.strip_prefix(b"://").ok_or(OriginError::NoScheme)?;
    let starts_with_letter = scheme.first().is_some_and(u8::is_ascii_lowercase);
    let is_scheme_byte = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.');
    if starts_with_letter && scheme.iter().all(is_scheme_byte) {
        return Ok((scheme, authority));
    }
    let first_other = scheme.iter().find(|byte| !byte.is_ascii_lowercase());
    Err(match first_other {
        Some(b'A'..=b'Z') => OriginError::UpperCase,
        Some(b'\0'..=b' ' | 0x7F) => OriginError::Whitespace,
        _ => OriginError::Scheme,
    })
}

/// Checks the authority of a scheme other than `http` and `https`.
fn check_opaque_authority(authority: &[u8]) -> Result<(), OriginError> {
    if authority.is_empty() {
        return Err(OriginError::NoHost);
    }
    let is_wrong =
        |byte: &u8| !byte.is_ascii_graphic() || matches!(byte, b'/' | b'?' | b'#' | b'@');
    match authority.iter().find(|byte| is_wrong(byte)) {
        None => Ok(()),
        Some(byte) => Err(wrong_byte(authority, *byte)),
    }
}

fn parse_port(port: &[u8], scheme: &[u8]) -> Result<u16, OriginError> {
    if let Some(wrong) = port.iter().find(|byte| !byte.is_ascii_digit()) {
        return Err(match wrong_byte(port, *wrong) {
            OriginError::HostCharacter(_) | OriginError::UpperCase => OriginError::Port,
            error => error,
        });
    }
    // Browsers write no leading zeros and no port 0.
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
