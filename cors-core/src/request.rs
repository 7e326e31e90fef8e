use crate::limits;
use crate::origin::Origin;

/// The method and the few header lines that CORS reads, borrowed from a request.
///
/// Values are bytes, as they came: nothing is assumed about their encoding. Built line by line:
///
/// ```
/// use omnicors_core::{RequestKind, RequestParts};
///
/// let request = RequestParts::new("OPTIONS")
///     .origin("https://example.com")
///     .request_method("PUT")
///     .request_headers("content-type");
/// assert_eq!(request.kind(), RequestKind::Preflight);
/// ```
///
/// or from all header lines of a request, of which those that CORS does not read are ignored:
///
/// ```
/// use omnicors_core::{RequestKind, RequestParts};
///
/// let lines = [("Host", "api.example"), ("Origin", "https://example.com"), ("Accept", "*/*")];
/// let request = RequestParts::from_lines("GET", lines);
/// assert_eq!(request.kind(), RequestKind::Actual);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RequestParts<'a> {
    method: &'a [u8],
    pub(crate) origin: Line<'a>,
    pub(crate) request_method: Line<'a>,
    pub(crate) request_headers: Lines<'a>,
    host: Line<'a>,
    sec_fetch_site: Line<'a>,
    pub(crate) origin_verdict: Option<bool>,
}

/// What a request is to CORS.
///
/// Exhaustive: Fetch knows no fourth kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// No `Origin` line.
    NonCors,
    /// Method exactly `OPTIONS`, with `Origin` and `Access-Control-Request-Method` (Fetch, "CORS-preflight request").
    Preflight,
    /// Any other request with `Origin`. An `OPTIONS` without `Access-Control-Request-Method` is one, and belongs to the
    /// application.
    Actual,
}

/// A header that should occur once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    Absent,
    Once(&'a [u8]),
    Repeated,
}

/// The lines of a header that is a list. Of more than [`limits::REQUEST_HEADERS_LINES`] only the number is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines<'a> {
    lines: [Option<&'a [u8]>; limits::REQUEST_HEADERS_LINES],
    /// How many there are in the request, 255 standing for all larger numbers.
    count: u8,
}

impl<'a> RequestParts<'a> {
    /// A request with this method, case-sensitive (RFC 9110, section 9.1), and no header lines yet.
    #[inline]
    pub fn new(method: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::of(method.as_ref())
    }

    #[inline]
    pub(crate) const fn of(method: &'a [u8]) -> Self {
        Self {
            method,
            origin: Line::Absent,
            request_method: Line::Absent,
            request_headers: Lines {
                lines: [None; limits::REQUEST_HEADERS_LINES],
                count: 0,
            },
            host: Line::Absent,
            sec_fetch_site: Line::Absent,
            origin_verdict: None,
        }
    }

    /// A request with this method and these header lines, names in any case. Lines that CORS does not read are ignored.
    pub fn from_lines<N, V>(
        method: &'a (impl AsRef<[u8]> + ?Sized),
        lines: impl IntoIterator<Item = (N, &'a V)>,
    ) -> Self
    where
        N: AsRef<[u8]>,
        V: AsRef<[u8]> + ?Sized + 'a,
    {
        let mut parts = Self::new(method);
        for (name, value) in lines {
            parts.add(name.as_ref(), value.as_ref());
        }
        parts
    }

    /// Adds a line by its name: one that CORS does not read changes nothing.
    fn add(&mut self, name: &[u8], value: &'a [u8]) {
        // By length first: nearly every line of a request is none of these.
        match name.len() {
            6 if name.eq_ignore_ascii_case(b"origin") => self.origin.add(value),
            29 if name.eq_ignore_ascii_case(b"access-control-request-method") => {
                self.request_method.add(value);
            }
            30 if name.eq_ignore_ascii_case(b"access-control-request-headers") => {
                self.request_headers.add(value);
            }
            14 if name.eq_ignore_ascii_case(b"sec-fetch-site") => self.sec_fetch_site.add(value),
            4 if name.eq_ignore_ascii_case(b"host") => self.host.add_unless_same(value),
            10 if name == b":authority" => self.host.add_unless_same(value),
            _ => {}
        }
    }

    /// Adds an `Origin` line. A second call records a repeated line, which is denied.
    #[inline]
    #[must_use]
    pub fn origin(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.origin.add(value.as_ref());
        self
    }

    /// Adds an `Access-Control-Request-Method` line. A second call records a repeated line, which is denied.
    #[inline]
    #[must_use]
    pub fn request_method(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.request_method.add(value.as_ref());
        self
    }

    /// Adds an `Access-Control-Request-Headers` line. Several, up to [`limits::REQUEST_HEADERS_LINES`], are one list.
    #[inline]
    #[must_use]
    pub fn request_headers(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.request_headers.add(value.as_ref());
        self
    }

    /// Adds the `Host` line, or `:authority`.
    ///
    /// An origin with this host and port is taken for the server's own, whatever its scheme: behind a proxy that
    /// terminates TLS a server does not know which it is reached by.
    ///
    /// Read where a policy refuses disallowed origins, so that a site's own pages never are
    /// (see [`Policy::refuses_disallowed_origins`](crate::Policy::refuses_disallowed_origins)), and for the verdict.
    #[inline]
    #[must_use]
    pub fn host(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.host.add_unless_same(value.as_ref());
        self
    }

    /// Adds the `Sec-Fetch-Site` line (Fetch Metadata, section 2.3), which no page can forge. Read where [`host`] is.
    ///
    /// [`host`]: Self::host
    #[inline]
    #[must_use]
    pub fn sec_fetch_site(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.sec_fetch_site.add(value.as_ref());
        self
    }

    /// Adds what the caller has decided about the origin, by its own means; `None` where it has not.
    ///
    /// Counts only where the policy leaves origins to its caller, and only for the origins that
    /// [`Policy::origin_to_decide`](crate::Policy::origin_to_decide) returned.
    #[inline]
    #[must_use]
    pub fn origin_verdict(mut self, allowed: impl Into<Option<bool>>) -> Self {
        self.origin_verdict = allowed.into();
        self
    }

    /// What this request is to CORS.
    #[inline]
    pub fn kind(&self) -> RequestKind {
        // Fetch, "HTTP requests" of the CORS protocol: a preflight has the method `OPTIONS`, and both lines.
        match (self.origin, self.request_method) {
            (Line::Absent, _) => RequestKind::NonCors,
            (_, Line::Once(_) | Line::Repeated) if self.method == b"OPTIONS" => {
                RequestKind::Preflight
            }
            _ => RequestKind::Actual,
        }
    }

    /// The method.
    #[inline]
    pub fn method(&self) -> &'a [u8] {
        self.method
    }

    /// True if a page of the server's own origin has sent this, or the user by hand: browsers send `Origin` with a
    /// same-origin POST, too.
    pub(crate) fn is_same_origin(&self) -> bool {
        match self.sec_fetch_site {
            // Where the browser says what it is, its word counts.
            Line::Once(site) => return matches!(site, b"same-origin" | b"none"),
            // A browser says it once.
            Line::Repeated => return false,
            Line::Absent => {}
        }
        match (self.origin, self.host) {
            (Line::Once(origin), Line::Once(host)) => {
                Origin::parse(origin).is_ok_and(|origin| origin.is_host(host))
            }
            _ => false,
        }
    }
}

impl<'a> Line<'a> {
    #[inline]
    fn add(&mut self, value: &'a [u8]) {
        *self = match self {
            Self::Absent => Self::Once(value),
            Self::Once(_) | Self::Repeated => Self::Repeated,
        };
    }

    /// HTTP/2 may bring both `:authority` and `Host`: alike, they are one.
    #[inline]
    fn add_unless_same(&mut self, value: &'a [u8]) {
        if *self != Self::Once(value) {
            self.add(value);
        }
    }

    #[inline]
    pub(crate) fn once(self) -> Option<&'a [u8]> {
        match self {
            Self::Once(value) => Some(value),
            Self::Absent | Self::Repeated => None,
        }
    }
}

impl<'a> Lines<'a> {
    #[inline]
    fn add(&mut self, value: &'a [u8]) {
        // Each place by itself, and none by an index: so parts that are built in place need not be in memory meanwhile.
        let [first, second, third, fourth] = &mut self.lines;
        match self.count {
            0 => *first = Some(value),
            1 => *second = Some(value),
            2 => *third = Some(value),
            3 => *fourth = Some(value),
            _ => {}
        }
        self.count = self.count.saturating_add(1);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.lines.into_iter().map_while(|line| line)
    }

    pub(crate) fn nth(&self, index: usize) -> Option<&'a [u8]> {
        self.lines.get(index).copied().flatten()
    }

    pub(crate) fn len(&self) -> usize {
        self.count.into()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.iter().map(<[u8]>::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_options_without_request_method_is_an_actual_request() {
        assert_eq!(
            RequestParts::new("OPTIONS").origin("https://a.test").kind(),
            RequestKind::Actual
        );
        assert_eq!(
            RequestParts::new("options")
                .origin("https://a.test")
                .request_method("PUT")
                .kind(),
            RequestKind::Actual
        );
        assert_eq!(
            RequestParts::new("OPTIONS").request_method("PUT").kind(),
            RequestKind::NonCors
        );
        assert_eq!(
            RequestParts::new("OPTIONS")
                .origin("")
                .request_method("")
                .kind(),
            RequestKind::Preflight
        );
    }

    #[test]
    fn lines_and_setters_build_the_same_parts() {
        let lines = [
            ("ORIGIN", "https://a.test"),
            ("accept", "text/html"),
            ("Access-Control-Request-Method", "PUT"),
            ("access-control-request-headers", "a"),
            ("Access-Control-Request-Headers", "b"),
        ];
        let parts = RequestParts::from_lines("OPTIONS", lines);
        assert_eq!(parts.origin, Line::Once(b"https://a.test"));
        assert_eq!(parts.request_method, Line::Once(b"PUT"));
        assert!(parts.request_headers.iter().eq([b"a", b"b"]));
        assert_eq!(parts.kind(), RequestKind::Preflight);
    }

    #[test]
    fn the_host_is_read_from_either_name_and_the_site_from_its_own() {
        let origin = ("origin", "https://a.test");
        for line in [
            ("Host", "a.test"),
            (":authority", "a.test"),
            ("SEC-FETCH-SITE", "same-origin"),
        ] {
            let parts = RequestParts::from_lines("POST", [origin, line]);
            assert!(parts.is_same_origin(), "{line:?}");
        }
        for line in [("x-host", "a.test"), (":path", "a.test"), ("", "a.test")] {
            let parts = RequestParts::from_lines("POST", [origin, line]);
            assert!(!parts.is_same_origin(), "{line:?}");
        }
    }

    #[test]
    fn a_repeated_line_is_recorded_as_such() {
        let parts = RequestParts::new("GET")
            .origin("https://a.test")
            .origin("https://a.test");
        assert_eq!(parts.origin, Line::Repeated);
        let mut parts = RequestParts::new("OPTIONS");
        for _ in 0..10 {
            parts = parts.request_headers("a");
        }
        assert_eq!(parts.request_headers.len(), 10);
        assert_eq!(
            parts.request_headers.iter().count(),
            limits::REQUEST_HEADERS_LINES
        );
    }

    #[test]
    fn a_request_of_the_servers_own_pages_is_recognized() {
        let request = RequestParts::new("POST").origin("https://a.test:8443");
        assert!(!request.is_same_origin());
        assert!(request.host("a.test:8443").is_same_origin());
        assert!(
            request
                .host("a.test:8443")
                .host("a.test:8443")
                .is_same_origin()
        );
        assert!(!request.host("a.test:8443").host("b.test").is_same_origin());
        assert!(!request.host("a.test").is_same_origin());
        assert!(request.sec_fetch_site("same-origin").is_same_origin());
        assert!(request.sec_fetch_site("none").is_same_origin());
        for site in ["same-site", "cross-site", "Same-Origin", ""] {
            assert!(
                !request
                    .host("a.test:8443")
                    .sec_fetch_site(site)
                    .is_same_origin(),
                "{site}"
            );
        }
        assert!(
            !request
                .host("a.test:8443")
                .sec_fetch_site("none")
                .sec_fetch_site("none")
                .is_same_origin()
        );
    }
}
