//! The mode of a request.

/// The [mode](https://fetch.spec.whatwg.org/#concept-request-mode) of a request.
///
/// # Examples
///
/// ```
/// use omnicors_browser::{Mode, Page};
///
/// let page = Page::new("https://app.example")?;
/// let fetch = page.fetch("https://cdn.example/logo.png").mode(Mode::NoCors);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The CORS protocol is used for other origins: the default of `fetch()`.
    #[default]
    Cors,
    /// The request is sent without the CORS protocol, and the page cannot read the response: `<img>`, `<script>`, beacons.
    NoCors,
    /// A request for another origin is an error.
    SameOrigin,
    /// A navigation: a link ([`Page::navigate`](crate::Page::navigate)) or a form ([`Page::post_form`](crate::Page::post_form)).
    Navigate,
    /// The handshake of a WebSocket: [`Page::web_socket`](crate::Page::web_socket).
    WebSocket,
}

impl Mode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Cors => "cors",
            Self::NoCors => "no-cors",
            Self::SameOrigin => "same-origin",
            Self::Navigate => "navigate",
            Self::WebSocket => "websocket",
        }
    }
}
