//! Determines whether an origin is potentially trustworthy.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::Origin;
use super::host::{HostKind, is_subdomain};

impl Origin<'_> {
    /// Returns true if an attacker on the network cannot impersonate the origin.
    ///
    /// This is the algorithm
    /// [Is origin potentially trustworthy?](https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy) of Secure
    /// Contexts. It is true for `https`, for [loopback](Self::is_loopback) hosts, and for the schemes of applications and browser
    /// extensions (`tauri`, `chrome-extension`), which the algorithm leaves to the browser. It is false for other hosts with
    /// `http`, for `ws` and `ftp`, and for `null` and `file://`.
    ///
    /// ```
    /// use omnicors_core::Origin;
    ///
    /// assert!(Origin::parse(b"https://example.com")?.is_potentially_trustworthy());
    /// assert!(Origin::parse(b"http://localhost:3000")?.is_potentially_trustworthy());
    /// assert!(!Origin::parse(b"http://example.com")?.is_potentially_trustworthy());
    /// # Ok::<(), omnicors_core::OriginError>(())
    /// ```
    pub fn is_potentially_trustworthy(&self) -> bool {
        match self.scheme_bytes() {
            b"https" => true,
            b"http" => self.is_loopback(),
            b"ws" | b"ftp" => false,
            _ => !self.is_opaque(),
        }
    }

    /// Returns true for an `http` or `https` origin on the user's own machine: `localhost`, a subdomain of it
    /// ([RFC 6761, section 6.3](https://www.rfc-editor.org/rfc/rfc6761#section-6.3)), these with a dot at the end, `127.0.0.0/8`
    /// or `[::1]`.
    ///
    /// ```
    /// use omnicors_core::Origin;
    ///
    /// assert!(Origin::parse(b"http://app.localhost:3000")?.is_loopback());
    /// assert!(!Origin::parse(b"http://192.168.1.5:3000")?.is_loopback());
    /// # Ok::<(), omnicors_core::OriginError>(())
    /// ```
    pub fn is_loopback(&self) -> bool {
        let host = self.name();
        match self.kind() {
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
                let host = host.strip_suffix('.').unwrap_or(host);
                host == "localhost" || is_subdomain(host, "localhost")
            }
            HostKind::Opaque | HostKind::None => false,
        }
    }
}
