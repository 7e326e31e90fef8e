//! A page's request, to which each response is given separately.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use omnicors_browser::{
    Browser, CorsFailure, Credentials, ExchangeKind, Fetch, NetworkError, Outcome, Page,
};

pub(crate) const ORIGIN: &str = "https://example.com";

pub(crate) const MODES: [Credentials; 3] = [
    Credentials::Omit,
    Credentials::SameOrigin,
    Credentials::Include,
];

/// A GET or another request from the page at [`ORIGIN`].
pub(crate) fn request(method: &str) -> Asking {
    Asking(
        Page::new(ORIGIN)
            .unwrap()
            .fetch("https://api.invalid/")
            .method(method),
    )
}

/// A request from a page with an opaque origin.
pub(crate) fn opaque_request(method: &str) -> Asking {
    Asking(Page::opaque().fetch("https://api.invalid/").method(method))
}

pub(crate) fn with_credentials(method: &str) -> Asking {
    request(method).credentials(Credentials::Include)
}

#[derive(Clone)]
pub(crate) struct Asking(Fetch);

impl Asking {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    pub(crate) fn credentials(self, credentials: Credentials) -> Self {
        Self(self.0.credentials(credentials))
    }

    pub(crate) fn upload_listener(self) -> Self {
        Self(self.0.upload_listener())
    }

    pub(crate) fn is_valid(&self) -> bool {
        let outcome = self.send(None, None);
        !matches!(outcome.result(), Err(NetworkError::InvalidRequest(_)))
    }

    pub(crate) fn needs_preflight(&self) -> bool {
        self.sent().len() == 2
    }

    /// The method and headers of the preflight.
    pub(crate) fn preflight(&self) -> (String, Vec<(String, String)>) {
        let sent = self.sent();
        assert_eq!(sent.len(), 2, "there is no preflight");
        sent.into_iter().next().unwrap()
    }

    /// The method and headers of the actual request.
    pub(crate) fn actual(&self) -> (String, Vec<(String, String)>) {
        self.sent().pop().unwrap()
    }

    pub(crate) fn unsafe_header_names(&self) -> Vec<String> {
        if !self.needs_preflight() {
            return Vec::new();
        }
        let (_, headers) = self.preflight();
        let names = value_of(&headers, "access-control-request-headers").unwrap_or_default();
        names.split(',').map(str::to_owned).collect()
    }

    /// The conclusion from the response to the preflight.
    pub(crate) fn check_preflight(&self, response: &Response<Bytes>) -> Result<(), NetworkError> {
        assert!(self.needs_preflight(), "there is no preflight");
        self.send(Some(response), None).result().map(|_| ())
    }

    /// The conclusion from the response to the actual request.
    pub(crate) fn check(&self, response: &Response<Bytes>) -> Result<(), NetworkError> {
        self.send(None, Some(response)).result().map(|_| ())
    }

    /// The names of the headers that the page can read, sorted.
    pub(crate) fn readable_headers(&self, response: &Response<Bytes>) -> Vec<String> {
        let outcome = self.send(None, Some(response));
        let names = outcome.result().map(|read| {
            let mut names: Vec<_> = read.headers().keys().map(ToString::to_string).collect();
            names.sort();
            names
        });
        names.unwrap_or_default()
    }

    pub(crate) fn timing_allowed(&self, response: &Response<Bytes>) -> bool {
        let outcome = self.send(None, Some(response));
        outcome.assert_readable().is_timing_allowed()
    }

    /// Asserts that a preflight with this response is used for this number of seconds.
    pub(crate) fn assert_max_age(&self, response: &Response<Bytes>, seconds: u64) {
        let second = std::time::Duration::from_secs(1);
        let mut browser = Browser::default();
        let mut server = |request: Request<Bytes>| match kind(&request) {
            ExchangeKind::Preflight => response.clone(),
            _ => allow_everything(request.headers()),
        };
        let mut count =
            |browser: &mut Browser| browser.send_now(&self.0, &mut server).exchanges().len();
        assert_eq!(count(&mut browser), 2);
        if let Some(before) = seconds.checked_sub(1) {
            browser.advance(second * u32::try_from(before.min(1 << 30)).unwrap());
            assert_eq!(
                count(&mut browser),
                1,
                "kept for less than {seconds} s: {response:?}"
            );
            browser.advance(second);
        }
        let expected = if seconds == u64::MAX { 1 } else { 2 };
        assert_eq!(
            count(&mut browser),
            expected,
            "kept for another time than {seconds} s: {response:?}"
        );
    }

    fn sent(&self) -> Vec<(String, Vec<(String, String)>)> {
        let outcome = self.send(None, None);
        outcome.assert_readable();
        let exchanges = outcome.exchanges().iter();
        exchanges
            .map(|exchange| {
                let request = exchange.request();
                let headers = request.headers().iter();
                let headers = headers.map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.to_string(), value)
                });
                let of_network = ["content-length", "host"];
                let is_checked = |(name, _): &(String, String)| {
                    !of_network.contains(&name.as_str()) && !name.starts_with("sec-fetch-")
                };
                (
                    request.method().to_string(),
                    headers.filter(is_checked).collect(),
                )
            })
            .collect()
    }

    /// Sends the request. A response that is not given allows everything.
    fn send(
        &self,
        preflight: Option<&Response<Bytes>>,
        actual: Option<&Response<Bytes>>,
    ) -> Outcome {
        self.0.send_now(&mut |request: Request<Bytes>| {
            let given = match kind(&request) {
                ExchangeKind::Preflight => preflight,
                _ => actual,
            };
            given
                .cloned()
                .unwrap_or_else(|| allow_everything(request.headers()))
        })
    }
}

fn kind(request: &Request<Bytes>) -> ExchangeKind {
    if request
        .headers()
        .contains_key("access-control-request-method")
    {
        ExchangeKind::Preflight
    } else {
        ExchangeKind::Actual
    }
}

fn allow_everything(request: &HeaderMap) -> Response<Bytes> {
    let mut response = Response::builder()
        .header("access-control-allow-credentials", "true")
        .header("access-control-max-age", "0");
    for (asked, answer) in [
        ("origin", "access-control-allow-origin"),
        (
            "access-control-request-method",
            "access-control-allow-methods",
        ),
        (
            "access-control-request-headers",
            "access-control-allow-headers",
        ),
    ] {
        if let Some(value) = request.get(asked) {
            response = response.header(answer, value);
        }
    }
    response.body(Bytes::new()).unwrap()
}

pub(crate) fn value_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|header| header.0 == name);
    header.map(|(_, value)| value.as_str())
}

/// A response that allows the page with credentials, with more headers.
pub(crate) fn allow(headers: &[(&str, &str)]) -> Response<Bytes> {
    let origin = [
        ("Access-Control-Allow-Origin", ORIGIN),
        ("Access-Control-Allow-Credentials", "true"),
    ];
    super::respond(204, &[&origin[..], headers].concat())
}

pub(crate) fn allow_origin(value: &str) -> Response<Bytes> {
    super::respond(200, &[("Access-Control-Allow-Origin", value)])
}

pub(crate) fn mismatch(value: &str) -> CorsFailure {
    CorsFailure::AllowOriginMismatch {
        value: value.to_owned(),
        origin: ORIGIN.to_owned(),
    }
}

pub(crate) fn wildcard_with_credentials() -> CorsFailure {
    CorsFailure::AllowOriginWildcardWithCredentials {
        origin: ORIGIN.to_owned(),
    }
}
