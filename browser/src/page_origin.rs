//! The origin of a page, and how it relates to URLs.

use std::fmt;
use std::net::Ipv4Addr;

use url::{Host, Url};

/// The origin of a page, as the browser sends it in `Origin`.
///
/// Two origins are equal if they have the same scheme, host and port. Opaque origins are equal as well: each is sent as `null`.
///
/// URLs are parsed and serialized by the `url` crate, which implements the
/// [URL standard](https://url.spec.whatwg.org/#origin).
///
/// # Examples
///
/// ```
/// use omnicors_browser::Page;
///
/// let page = Page::new("HTTPS://App.Example:443/some/path?query")?;
/// assert_eq!(page.origin().to_string(), "https://app.example");
/// assert_eq!(page.origin(), Page::new("https://app.example/other")?.origin());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOrigin(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Opaque,
    /// A URL of http or https with the scheme, host and port of the page, and nothing else.
    Web(Url),
    /// The origin of a scheme that an application registers, such as `app://localhost`.
    Registered(String),
}

impl PageOrigin {
    pub(crate) const OPAQUE: Self = Self(Kind::Opaque);

    pub(crate) fn of_page(url: &Url) -> Self {
        match url.scheme() {
            "http" | "https" => {
                let mut origin = url.clone();
                // These fail only for URLs without a host.
                let _ = origin.set_username("");
                let _ = origin.set_password(None);
                origin.set_path("");
                origin.set_query(None);
                origin.set_fragment(None);
                Self(Kind::Web(origin))
            }
            // The path is the URL of the page that has made it.
            "blob" => match Url::parse(url.path()) {
                Ok(maker) if matches!(maker.scheme(), "http" | "https") => Self::of_page(&maker),
                _ => Self::OPAQUE,
            },
            "data" | "file" | "about" | "javascript" => Self::OPAQUE,
            scheme => match url
                .as_str()
                .strip_prefix(scheme)
                .and_then(|rest| rest.strip_prefix("://"))
            {
                Some(rest) => {
                    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
                    Self(Kind::Registered(format!("{scheme}://{authority}")))
                }
                None => Self::OPAQUE,
            },
        }
    }

    /// Returns true for `null`: a sandboxed frame, a `data:` URL, a local file.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::Page;
    ///
    /// assert!(Page::opaque().origin().is_opaque());
    /// ```
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        self.0 == Kind::Opaque
    }

    /// [same origin](https://html.spec.whatwg.org/multipage/browsers.html#same-origin).
    pub(crate) fn is_same_origin(&self, url: &Url) -> bool {
        matches!(&self.0, Kind::Web(page) if same_origin(page, url))
    }

    /// [same site](https://html.spec.whatwg.org/multipage/browsers.html#same-site).
    pub(crate) fn is_same_site(&self, url: &Url) -> bool {
        matches!(&self.0, Kind::Web(page) if same_site(page, url))
    }

    /// [schemelessly same site](https://html.spec.whatwg.org/multipage/browsers.html#schemelessly-same-site).
    pub(crate) fn is_schemelessly_same_site(&self, url: &Url) -> bool {
        matches!(&self.0, Kind::Web(page) if registrable_domain(page) == registrable_domain(url))
    }

    /// Returns the site, which is the key of a partition of a cache.
    pub(crate) fn site(&self) -> String {
        match &self.0 {
            Kind::Web(page) => format!("{}://{}", page.scheme(), registrable_domain(page)),
            _ => self.to_string(),
        }
    }

    pub(crate) fn is_https(&self) -> bool {
        matches!(&self.0, Kind::Web(page) if page.scheme() == "https")
    }
}

/// The serialization of an origin: `null` for an opaque one.
impl fmt::Display for PageOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Opaque => f.write_str("null"),
            Kind::Web(page) => f.write_str(&page.origin().ascii_serialization()),
            Kind::Registered(origin) => f.write_str(origin),
        }
    }
}

pub(crate) fn same_origin(left: &Url, right: &Url) -> bool {
    left.origin().is_tuple() && left.origin() == right.origin()
}

pub(crate) fn same_site(left: &Url, right: &Url) -> bool {
    left.scheme() == right.scheme() && registrable_domain(left) == registrable_domain(right)
}

/// Returns the [registrable domain](https://url.spec.whatwg.org/#host-registrable-domain) of a URL, or its host if it has none. It keeps
/// a trailing dot.
fn registrable_domain(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    let (name, dot) = match host.strip_suffix('.') {
        Some(name) => (name, 1),
        None => (host, 0),
    };
    match url.host() {
        Some(Host::Domain(_)) => psl::domain_str(name)
            .and_then(|domain| host.get(host.len().checked_sub(domain.len() + dot)?..))
            .unwrap_or(host),
        _ => host,
    }
}

/// [potentially trustworthy](https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy), for http(s).
pub(crate) fn is_potentially_trustworthy(url: &Url) -> bool {
    if url.scheme() == "https" {
        return true;
    }
    match url.host() {
        Some(Host::Ipv4(address)) => {
            address.octets().first() == Ipv4Addr::LOCALHOST.octets().first()
        }
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(domain)) => {
            let domain = domain.strip_suffix('.').unwrap_or(domain);
            domain == "localhost" || domain.ends_with(".localhost")
        }
        None => false,
    }
}

/// [Port blocking](https://fetch.spec.whatwg.org/#port-blocking): returns the port if it is a bad port.
pub(crate) fn bad_port(url: &Url) -> Option<u16> {
    url.port().filter(|port| BAD_PORTS.contains(port))
}

const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_origin_of_a_page_is_serialized_as_browsers_send_it() {
        for (page, origin) in [
            ("http://127.1:8080/", "http://127.0.0.1:8080"),
            ("https://example.com./", "https://example.com."),
            ("https://bücher.example/", "https://xn--bcher-kva.example"),
            ("http://[0:0::1]/", "http://[::1]"),
            ("https://example.com:443/", "https://example.com"),
            ("file:///home/page.html", "null"),
            ("data:text/html,page", "null"),
            ("about:blank", "null"),
            // URL, "origin": https://url.spec.whatwg.org/#concept-url-origin
            ("blob:https://app.example/0-1", "https://app.example"),
            (
                "blob:http://me@app.example:8080/0-1",
                "http://app.example:8080",
            ),
            ("blob:file:///home/page.html", "null"),
            ("blob:null/0-1", "null"),
            ("blob:ftp://app.example/0-1", "null"),
            ("app://./index.html", "app://."),
            ("tauri://localhost", "tauri://localhost"),
            (
                "safari-web-extension://2F9A8C/page.html",
                "safari-web-extension://2F9A8C",
            ),
        ] {
            assert_eq!(
                PageOrigin::of_page(&url(page)).to_string(),
                origin,
                "{page}"
            );
        }
    }

    /// HTML, "same origin": the scheme, host and port decide.
    #[test]
    fn origins_are_equal_whatever_the_rest_of_the_url_is() {
        let origin = |text: &str| PageOrigin::of_page(&url(text));
        let page = origin("https://app.example/");
        for text in [
            "https://APP.example:443/a/b?c#d",
            "https://user:password@app.example",
            "blob:https://app.example/0-1",
        ] {
            assert_eq!(origin(text), page, "{text}");
        }
        for text in [
            "http://app.example",
            "https://app.example:8443",
            "https://www.app.example",
        ] {
            assert_ne!(origin(text), page, "{text}");
        }
    }

    /// Rows that were measured in browsers, and those of the standard's table of "same site".
    #[test]
    fn sites_are_schemeful_and_end_at_the_registrable_domain() {
        for (left, right, same) in [
            ("http://localhost:1", "http://localhost:2", true),
            ("http://a.localhost", "http://b.localhost", false),
            ("http://127.0.0.1", "http://localhost", false),
            ("https://example.com", "https://sub.example.com:8443", true),
            ("https://example.com", "https://sub.other.example.com", true),
            (
                "https://example.com",
                "http://non-secure.example.com",
                false,
            ),
            (
                "https://r.wildlife.example.com",
                "https://sub.example.com",
                true,
            ),
            ("https://a.co.uk", "https://b.co.uk", false),
            ("https://a.github.io", "https://b.github.io", false),
            ("https://[::1]", "https://[::2]", false),
            ("https://a.example.com.", "https://b.example.com.", true),
            ("https://a.example.com.", "https://a.example.com", false),
            ("http://localhost.", "http://localhost", false),
        ] {
            assert_eq!(same_site(&url(left), &url(right)), same, "{left} {right}");
            assert_eq!(
                PageOrigin::of_page(&url(left)).is_same_site(&url(right)),
                same
            );
        }
        assert!(!PageOrigin::OPAQUE.is_same_site(&url("https://example.com")));
    }

    #[test]
    fn loopback_and_https_are_trustworthy() {
        for (text, trustworthy) in [
            ("https://example.com", true),
            ("http://example.com", false),
            ("http://127.0.0.2:8080", true),
            ("http://128.0.0.1", false),
            ("http://[::1]", true),
            ("http://a.b.localhost.", true),
            ("http://notlocalhost", false),
        ] {
            assert_eq!(
                is_potentially_trustworthy(&url(text)),
                trustworthy,
                "{text}"
            );
        }
    }
}
