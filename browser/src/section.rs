//! The section of the standard that a network error comes from.

use std::fmt;

use crate::network_error::{NetworkError, RedirectFailure};

/// A section of a web standard.
///
/// # Examples
///
/// See the example of [`NetworkError::section`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Section {
    standard: &'static str,
    title: &'static str,
    url: &'static str,
}

impl Section {
    const fn fetch(title: &'static str, url: &'static str) -> Self {
        Self {
            standard: "Fetch",
            title,
            url,
        }
    }

    /// Returns the name of the standard, such as `Fetch`.
    ///
    /// # Examples
    ///
    /// See the example of [`NetworkError::section`].
    #[must_use]
    pub fn standard(&self) -> &'static str {
        self.standard
    }

    /// Returns the title of the section.
    ///
    /// # Examples
    ///
    /// See the example of [`NetworkError::section`].
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Returns the URL of the section.
    ///
    /// # Examples
    ///
    /// See the example of [`NetworkError::section`].
    #[must_use]
    pub fn url(&self) -> &'static str {
        self.url
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, \"{}\": {}", self.standard, self.title, self.url)
    }
}

const MAIN_FETCH: Section =
    Section::fetch("Main fetch", "https://fetch.spec.whatwg.org/#main-fetch");
const PREFLIGHT: Section = Section::fetch(
    "CORS-preflight fetch",
    "https://fetch.spec.whatwg.org/#cors-preflight-fetch",
);
const CORS_CHECK: Section =
    Section::fetch("CORS check", "https://fetch.spec.whatwg.org/#cors-check");

impl NetworkError {
    /// Returns the section of the standard that has the check that failed.
    ///
    /// For an [`InvalidRequest`](Self::InvalidRequest), it is the section about `fetch()`, also if the request is not one of `fetch()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::{CorsFailure, NetworkError};
    ///
    /// let section = NetworkError::CorsCheck(CorsFailure::AllowOriginMissing).section();
    /// assert_eq!(section.standard(), "Fetch");
    /// assert_eq!(section.title(), "CORS check");
    /// assert_eq!(section.url(), "https://fetch.spec.whatwg.org/#cors-check");
    /// ```
    #[must_use]
    pub fn section(&self) -> Section {
        match self {
            Self::InvalidRequest(_) => Section::fetch(
                "Request class",
                "https://fetch.spec.whatwg.org/#request-class",
            ),
            Self::Unreachable(_) | Self::StreamOverHttp1 => Section::fetch(
                "HTTP-network fetch",
                "https://fetch.spec.whatwg.org/#http-network-fetch",
            ),
            Self::HandshakeStatus(_) => Section {
                standard: "WebSockets",
                title: "Establish a WebSocket connection",
                url: "https://websockets.spec.whatwg.org/#concept-websocket-establish",
            },
            Self::NotSameOrigin | Self::NoCorsRedirectMode => MAIN_FETCH,
            Self::NotHttp(_) => Section::fetch(
                "Scheme fetch",
                "https://fetch.spec.whatwg.org/#scheme-fetch",
            ),
            Self::BadPort(_) => Section::fetch(
                "Port blocking",
                "https://fetch.spec.whatwg.org/#port-blocking",
            ),
            Self::MixedContent => Section {
                standard: "Mixed Content",
                title: "Should fetching request be blocked as mixed content?",
                url: "https://w3c.github.io/webappsec-mixed-content/#should-block-fetch",
            },
            Self::PreflightCheck(_) | Self::CorsCheck(_) => CORS_CHECK,
            Self::PreflightStatus(_)
            | Self::InvalidAllowMethods(_)
            | Self::InvalidAllowHeaders(_)
            | Self::MethodNotAllowed(_)
            | Self::HeaderNotAllowed(_) => PREFLIGHT,
            Self::ResourcePolicy(_) => Section::fetch(
                "Cross-origin resource policy check",
                "https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check",
            ),
            // A redirect mode is looked at before the redirect is.
            Self::Redirect(RedirectFailure::NotAllowed) => {
                Section::fetch("HTTP fetch", "https://fetch.spec.whatwg.org/#http-fetch")
            }
            Self::Redirect(_) => Section::fetch(
                "HTTP-redirect fetch",
                "https://fetch.spec.whatwg.org/#http-redirect-fetch",
            ),
        }
    }
}
