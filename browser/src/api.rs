//! The APIs by which a page makes a request, and what each lets the page set.

use crate::mode::Mode;
use crate::request_header::has_safelisted_essence;

/// The API by which a page makes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// `fetch()` or `XMLHttpRequest`.
    Fetch,
    EventSource,
    Beacon,
    Form,
    Link,
    WebSocket,
    Image,
    Script,
    Font,
}

impl Api {
    fn name(self) -> &'static str {
        match self {
            Self::Fetch => "`fetch()`",
            Self::EventSource => "an `EventSource`",
            Self::Beacon => "a beacon",
            Self::Form => "a form",
            Self::Link => "a link",
            Self::WebSocket => "a `WebSocket`",
            Self::Image => "an image",
            Self::Script => "a script",
            Self::Font => "a font",
        }
    }

    /// Rejects a setting of `fetch()` and `XMLHttpRequest`.
    fn only_fetch(self, what: &str) -> Result<(), String> {
        self.only("`fetch()` and `XMLHttpRequest` do", what)
    }

    /// Rejects a setting for other requests than those of `fetch()` and `XMLHttpRequest`. `who` says which of the two have it.
    fn only(self, who: &str, what: &str) -> Result<(), String> {
        if self == Self::Fetch {
            return Ok(());
        }
        let name = self.name();
        Err(format!(
            "{name} does not let the page set {what}; only {who}"
        ))
    }

    pub(crate) fn check_method(self) -> Result<(), String> {
        self.only_fetch("the method")
    }

    /// `crossorigin` has set the mode `cors`, and `withCredentials` is a setting of an `EventSource`. Both choose between `same-origin` and
    /// `include`.
    pub(crate) fn check_credentials(self, mode: Mode, omits: bool) -> Result<(), String> {
        let name = self.name();
        match (self, mode) {
            (Self::EventSource | Self::Font, _) | (Self::Image | Self::Script, Mode::Cors)
                if omits =>
            {
                self.only("`fetch()` does", "the credentials mode `omit`")
            }
            (Self::Fetch | Self::EventSource | Self::Font, _)
            | (Self::Image | Self::Script, Mode::Cors) => Ok(()),
            (Self::Image | Self::Script, _) => Err(format!(
                "{name} without `crossorigin` always has credentials; call `crossorigin` first"
            )),
            _ => Err(format!(
                "{name} always has credentials; leave out `credentials`"
            )),
        }
    }

    pub(crate) fn check_redirect_mode(self) -> Result<(), String> {
        self.only("`fetch()` does", "the redirect mode")
    }

    pub(crate) fn check_stream(self) -> Result<(), String> {
        self.only("`fetch()` does", "a body that is a stream")
    }

    pub(crate) fn check_upload_listener(self) -> Result<(), String> {
        self.only("`XMLHttpRequest` does", "a listener of the upload")
    }

    pub(crate) fn check_body(self) -> Result<(), String> {
        match self {
            Self::Form => Ok(()),
            _ => self.only_fetch("a body"),
        }
    }

    /// The name is given in lower case.
    pub(crate) fn check_header(self, name: &[u8], value: &str) -> Result<(), String> {
        match (self, name) {
            // HTML, "announce the connection" and "reestablish the connection":
            // https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
            (Self::EventSource, b"last-event-id") => Ok(()),
            // HTML, "form submission attributes":
            // https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#attr-fs-enctype
            (Self::Form, b"content-type") => {
                if has_safelisted_essence(value) {
                    return Ok(());
                }
                Err(format!(
                    "a form has no `enctype` `{value}`; it is `application/x-www-form-urlencoded`, `multipart/form-data` or `text/plain`"
                ))
            }
            _ => {
                let name = String::from_utf8_lossy(name);
                self.only_fetch(&format!("the header `{name}`"))
            }
        }
    }

    /// Checks a mode that the page asks for, given the current one.
    pub(crate) fn check_mode(self, current: Mode, mode: Mode) -> Result<(), String> {
        match (self, mode) {
            _ if mode == current => Ok(()),
            // "Request class", constructor, step 17: https://fetch.spec.whatwg.org/#dom-request
            (_, Mode::Navigate) => {
                Err("`fetch()` does not navigate; use `Page::navigate` or `Page::post_form`".into())
            }
            // The mode "websocket" is not a value of `RequestMode`: https://fetch.spec.whatwg.org/#requestmode
            (_, Mode::WebSocket) => {
                Err("`fetch()` does not open a `WebSocket`; use `Page::web_socket`".into())
            }
            // With and without the attribute `crossorigin`.
            (Self::Image | Self::Script, Mode::Cors | Mode::NoCors) => Ok(()),
            _ => self.only("`fetch()` does", "the mode"),
        }
    }
}
