//! Determines whether a request comes from a page of the server's own origin.

use super::fields::{RequestField, SingleField};
use super::host::same_host;
use super::kind::RequestKind;
use super::parts::RequestParts;

impl<'a> RequestParts<'a> {
    /// Returns true if a browser performs a CORS check on the response. It does so only for cross-origin requests (Fetch,
    /// [main fetch](https://fetch.spec.whatwg.org/#concept-main-fetch)).
    pub(crate) fn is_checked_by_browsers(&self) -> bool {
        match self.kind() {
            RequestKind::NonCors => false,
            RequestKind::Preflight => true,
            RequestKind::Actual => !self.is_same_origin(),
        }
    }

    /// Returns true if the request comes from a page of the server's own origin, or directly from the user.
    ///
    /// Browsers send `Origin` with same-origin requests other than GET and HEAD as well (Fetch,
    /// [append a request `Origin` header](https://fetch.spec.whatwg.org/#append-a-request-origin-header)).
    #[cold]
    pub(crate) fn is_same_origin(&self) -> bool {
        match self.site() {
            SingleField::Once(site) => matches!(site, b"same-origin" | b"none"),
            // Browsers send the field once.
            SingleField::Repeated => false,
            SingleField::Absent => self.has_origin_of_host(),
        }
    }

    /// Returns `Sec-Fetch-Site`. An empty field says nothing, and counts as absent.
    pub(crate) fn site(&self) -> SingleField<'a> {
        match self.single(RequestField::SecFetchSite) {
            SingleField::Once(b"") => SingleField::Absent,
            site => site,
        }
    }

    /// Returns the value of `Host` or `:authority`. HTTP/2 requests can have both. Values of one host count as one field, and those of
    /// different hosts as repeated ([RFC 9113, section 8.3.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1)).
    // Not inlined into decisions that do not need it.
    #[inline(never)]
    pub(crate) fn host(&self) -> SingleField<'a> {
        let host = self.single(RequestField::Host);
        let Some(authority) = self.value(RequestField::Authority, 0) else {
            return host;
        };
        match host {
            SingleField::Absent => SingleField::Once(authority),
            SingleField::Once(host) => {
                same_host(host, authority).map_or(SingleField::Repeated, SingleField::Once)
            }
            SingleField::Repeated => SingleField::Repeated,
        }
    }

    /// Returns true if `Origin` has the host and port of the request. Compares bytes, because a browser writes both from the same URL.
    pub(crate) fn has_origin_of_host(&self) -> bool {
        let (SingleField::Once(origin), SingleField::Once(host)) =
            (self.origin_field(), self.host())
        else {
            return false;
        };
        // A page with another scheme, such as `tauri://localhost`, does not come from an HTTP server.
        let (authority, default_port) = if let Some(authority) = origin.strip_prefix(b"https://") {
            (authority, b":443".as_slice())
        } else if let Some(authority) = origin.strip_prefix(b"http://") {
            (authority, b":80".as_slice())
        } else {
            return false;
        };
        let authority = authority.strip_suffix(default_port).unwrap_or(authority);
        let host = host.strip_suffix(default_port).unwrap_or(host);
        !authority.is_empty() && authority.eq_ignore_ascii_case(host)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn a_request_from_a_page_of_the_servers_own_origin_is_recognized() {
        let is_same_origin = |fields: &[(&str, &str)]| {
            let mut all = vec![("origin", "https://a.test:8443")];
            all.extend(fields);
            RequestParts::with_fields(b"POST", &all, true).is_same_origin()
        };
        let host = ("Host", "a.test:8443");
        let authority = (":authority", "a.test:8443");
        let site = |site| ("SEC-FETCH-SITE", site);
        assert!(!is_same_origin(&[]));
        assert!(is_same_origin(&[host]));
        assert!(is_same_origin(&[authority]));
        assert!(is_same_origin(&[host, authority]));
        assert!(!is_same_origin(&[host, (":authority", "b.test")]));
        assert!(!is_same_origin(&[host, ("host", "b.test")]));
        assert!(!is_same_origin(&[("x-host", "a.test:8443")]));
        assert!(!is_same_origin(&[("host", "a.test")]));
        assert!(is_same_origin(&[site("same-origin")]));
        assert!(is_same_origin(&[site("none")]));
        assert!(is_same_origin(&[host, site("")]));
        for other in ["same-site", "cross-site", "Same-Origin", " same-origin"] {
            assert!(!is_same_origin(&[host, site(other)]), "{other}");
        }
        assert!(!is_same_origin(&[host, site("none"), site("none")]));
    }

    #[test]
    fn an_origin_is_compared_with_the_host_and_port_of_the_request() {
        for (origin, host, same) in [
            ("https://example.com", "example.com", true),
            ("https://example.com", "EXAMPLE.com:443", true),
            ("http://example.com", "example.com", true),
            ("http://example.com", "example.com:80", true),
            ("http://example.com", "example.com:443", false),
            ("https://example.com:8443", "example.com:8443", true),
            ("https://example.com:8443", "example.com", false),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://[::1]", "[::1]", true),
            ("http://intranet.", "intranet.", true),
            ("http://a_b.example", "a_b.example", true),
            ("https://example.com", "example.com.evil.test", false),
            ("https://example.com", "", false),
            ("https://", "", false),
            ("https://", ":443", false),
            ("https://example.com", "example.com:x", false),
            ("https://example.com", "example.com:+443", false),
            ("HTTPS://example.com", "example.com", false),
            ("app://shell", "shell", false),
            ("null", "null", false),
            ("", "", false),
        ] {
            let fields = [("origin", origin), ("host", host)];
            let request = RequestParts::with_fields(b"POST", &fields, true);
            assert_eq!(request.has_origin_of_host(), same, "{origin} {host}");
        }
    }
}
