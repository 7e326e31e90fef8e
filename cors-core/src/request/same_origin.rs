//! Determines whether a request comes from a page of the server's own origin.

use super::fields::{RequestField, SingleField};
use super::kind::RequestKind;
use super::parts::RequestParts;
use crate::origin::Origin;

impl RequestParts<'_> {
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
        let Some(fields) = self.source() else {
            return false;
        };
        match SingleField::read(fields, RequestField::SecFetchSite) {
            SingleField::Once(site) => return matches!(site, b"same-origin" | b"none"),
            // Browsers send the field once.
            SingleField::Repeated => return false,
            SingleField::Absent => {}
        }
        let mut host = SingleField::read(fields, RequestField::Host);
        // HTTP/2 requests can have both `:authority` and `Host`. Equal values count as one field, and different values as repeated.
        if let Some(authority) = fields.value(RequestField::Authority, 0) {
            host = match host {
                SingleField::Absent => SingleField::Once(authority),
                SingleField::Once(host) if host == authority => SingleField::Once(host),
                SingleField::Once(_) | SingleField::Repeated => SingleField::Repeated,
            };
        }
        match (self.origin_field(), host) {
            (SingleField::Once(origin), SingleField::Once(host)) => {
                Origin::parse(origin).is_ok_and(|origin| origin.is_host(host))
            }
            _ => false,
        }
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
        for other in ["same-site", "cross-site", "Same-Origin", ""] {
            assert!(!is_same_origin(&[host, site(other)]), "{other}");
        }
        assert!(!is_same_origin(&[host, site("none"), site("none")]));
    }
}
