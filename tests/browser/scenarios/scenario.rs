//! A scenario: what a page does, in JavaScript and with `omnicors-browser`, and the server of both.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use omnicors_browser::{Browser, Fetch, Outcome, Page, ResponseType};
use omnicors_browser_tests::Engine;
use omnicors_browser_tests::origins::{Handler, Origins, Scheme, forbid_storing};

/// A scenario.
pub(crate) struct Scenario {
    /// A unique sentence.
    pub(crate) name: &'static str,
    /// The body of an async function in the page, after `common.js`.
    pub(crate) script: &'static str,
    /// Creates the server, with a state of its own for each run.
    pub(crate) server: fn() -> Handler,
    pub(crate) expected: Expected,
    /// The engines without the feature, for which the script returns `cannot`.
    pub(crate) lacking: &'static [Engine],
    /// The places that the browser visits before the page. A visit is not recorded.
    pub(crate) visits: &'static [Place],
    /// True if a number of equal requests in a row counts as one, because it depends on time.
    pub(crate) merges_repeats: bool,
}

impl Scenario {
    pub(crate) fn new(
        name: &'static str,
        script: &'static str,
        server: fn() -> Handler,
        expected: Expected,
    ) -> Self {
        Self {
            name,
            script,
            server,
            expected,
            lacking: &[],
            visits: &[],
            merges_repeats: false,
        }
    }
}

/// The expected requests and reads.
pub(crate) enum Expected {
    /// Those of `omnicors-browser`.
    Crate(fn(&mut Model<'_>)),
    /// Those of a standard, for what `omnicors-browser` does not implement.
    Listed(Listed),
}

/// Expected lines from a standard.
pub(crate) struct Listed {
    /// The section of the standard.
    pub(crate) link: &'static str,
    pub(crate) requests: &'static [&'static str],
    pub(crate) reads: &'static [&'static str],
    /// Engines that deviate from it: measured, with their requests and reads.
    pub(crate) deviating: &'static [(Engine, &'static [&'static str], &'static [&'static str])],
}

/// Places of a case: a folder in an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The origin of the page.
    App,
    /// Another site.
    Api,
    /// Another origin of the page's site.
    SameSite,
    /// A third site.
    Other,
    /// Another site, over HTTP/1.1.
    Http1,
    /// Another port of the page's host, over HTTP/1.1.
    OtherPort,
    /// http on loopback.
    PlainLoopback,
    /// http with a host name that is not on loopback.
    Plain,
}

impl Place {
    /// Every place, with its name in scripts.
    pub(crate) const ALL: [(Self, &'static str); 8] = [
        (Self::App, "app"),
        (Self::Api, "api"),
        (Self::SameSite, "sameSite"),
        (Self::Other, "other"),
        (Self::Http1, "http1"),
        (Self::OtherPort, "otherPort"),
        (Self::PlainLoopback, "plainLoopback"),
        (Self::Plain, "plain"),
    ];

    pub(crate) fn origin(self, origins: &Origins) -> String {
        let (scheme, host) = match self {
            Self::App => (Scheme::Https, "app.localhost"),
            Self::Api => (Scheme::Https, "api.localhost"),
            Self::SameSite => (Scheme::Https, "api.app.localhost"),
            Self::Other => (Scheme::Https, "other.localhost"),
            Self::Http1 => (Scheme::HttpsOverHttp1, "api.localhost"),
            Self::OtherPort => (Scheme::HttpsOverHttp1, "app.localhost"),
            Self::PlainLoopback => (Scheme::Http, "api.localhost"),
            Self::Plain => (Scheme::Http, "plain.example"),
        };
        origins.origin(scheme, host)
    }

    pub(crate) fn url(self, origins: &Origins, case: usize) -> String {
        format!("{}/{case}", self.origin(origins))
    }
}

/// The page of a scenario in `omnicors-browser`.
pub(crate) struct Model<'a> {
    pub(crate) engine: Engine,
    pub(crate) browser: Browser,
    pub(crate) reads: Vec<String>,
    pub(crate) arrived: Vec<Request<Bytes>>,
    origins: &'a Origins,
    case: usize,
    server: Handler,
}

impl<'a> Model<'a> {
    pub(crate) fn new(engine: Engine, origins: &'a Origins, case: usize, server: Handler) -> Self {
        use omnicors_browser::Engine as Model;
        let browser = Browser::new(match engine {
            Engine::Chromium => Model::Chromium,
            Engine::Firefox => Model::Firefox,
            Engine::WebKit => Model::WebKit,
        });
        Self {
            engine,
            browser,
            reads: Vec::new(),
            arrived: Vec::new(),
            origins,
            case,
            server,
        }
    }

    pub(crate) fn url(&self, place: Place, path: &str) -> String {
        place.url(self.origins, self.case) + path
    }

    /// Returns a cookie of this case.
    pub(crate) fn cookie(&self, name: &str) -> String {
        format!("{name}_{}=1", self.case)
    }

    pub(crate) fn page(&self) -> Page {
        Page::new(&self.url(Place::App, "/page")).expect("a URL")
    }

    /// Prepares a fetch of the page.
    pub(crate) fn fetch(&self, place: Place, path: &str) -> Fetch {
        self.page().fetch(&self.url(place, path))
    }

    /// Sends a request, and returns the outcome.
    pub(crate) fn send(&mut self, fetch: &Fetch) -> Outcome {
        let (server, arrived) = (&mut self.server, &mut self.arrived);
        let stores = self.engine != Engine::WebKit;
        let mut server = |request: Request<Bytes>| -> Response<Bytes> {
            arrived.push(request.clone());
            let mut response = server(&request);
            if !stores {
                // The sessions of WebKitGTK's driver are ephemeral, and store no responses.
                response.headers_mut().remove(http::header::CACHE_CONTROL);
            }
            forbid_storing(&mut response);
            response
        };
        self.browser.send_now(fetch, &mut server)
    }

    /// Sends a request, and records what the page can read.
    pub(crate) fn read(&mut self, fetch: &Fetch) {
        let outcome = self.send(fetch);
        self.reads.push(describe(&outcome));
    }
}

/// Returns the outcome as `get` in `common.js` does.
pub(crate) fn describe(outcome: &Outcome) -> String {
    let Ok(response) = outcome.result() else {
        return "TypeError".to_owned();
    };
    let kind = match response.response_type() {
        ResponseType::Basic => "basic",
        ResponseType::Cors => "cors",
        ResponseType::Opaque => "opaque",
        ResponseType::OpaqueRedirect => "opaqueredirect",
        other => panic!("{other:?} is new"),
    };
    let mut names: Vec<&str> = response
        .headers()
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    names.retain(|name| !["content-length", "date"].contains(name));
    names.sort_unstable();
    let redirected = if response.is_redirected() {
        " redirected"
    } else {
        ""
    };
    let body = String::from_utf8_lossy(response.body());
    format!(
        "{kind} {} [{}]{redirected} {body}",
        response.status(),
        names.join(",")
    )
}

/// Returns a request as one line: method, URL without port and case, and the fields that are compared.
pub(crate) fn line(request: &Request<Bytes>, case: usize) -> String {
    const FIELDS: [(&str, &str); 9] = [
        ("origin", "Origin"),
        ("access-control-request-method", "Request-Method"),
        ("access-control-request-headers", "Request-Headers"),
        ("sec-fetch-site", "Site"),
        ("sec-fetch-mode", "Mode"),
        ("sec-fetch-dest", "Dest"),
        ("authorization", "Authorization"),
        ("if-none-match", "If-None-Match"),
        ("range", "Range"),
    ];
    let uri = request.uri();
    let path = uri.path_and_query().map_or("", |target| target.as_str());
    let path = path.strip_prefix(&format!("/{case}")).unwrap_or(path);
    let (scheme, host) = (
        uri.scheme_str().unwrap_or_default(),
        uri.host().unwrap_or_default(),
    );
    let mut line = format!("{} {scheme}://{host}{path}", request.method());
    for (name, shown) in FIELDS {
        for value in request.headers().get_all(name) {
            let value = without_port(&String::from_utf8_lossy(value.as_bytes()));
            line.extend([" ", shown, "=", &value]);
        }
    }
    let cookies = cookies(request.headers(), case);
    if !cookies.is_empty() {
        line.extend([" Cookie=", &cookies.join("+")]);
    }
    line
}

/// Returns an origin without its port, which changes with each run.
fn without_port(value: &str) -> String {
    match value.rsplit_once(':') {
        Some((start, end)) if start.contains("://") && end.parse::<u16>().is_ok() => {
            start.to_owned()
        }
        _ => value.to_owned(),
    }
}

/// Returns the names of the cookies of this case, without its number, sorted. A browser keeps the cookies of other cases.
fn cookies(headers: &HeaderMap, case: usize) -> Vec<String> {
    let values = headers.get_all(http::header::COOKIE).iter();
    let texts: Vec<&str> = values.map(|value| value.to_str().expect("text")).collect();
    let pairs = texts
        .iter()
        .flat_map(|text| text.split("; "))
        .filter_map(|pair| pair.split_once('='));
    let suffix = format!("_{case}");
    let mut names: Vec<String> = pairs
        .filter_map(|(name, _)| Some(name.strip_suffix(&suffix)?.to_owned()))
        .collect();
    names.sort_unstable();
    names
}

/// Returns a response with these fields and this body.
pub(crate) fn reply(
    status: u16,
    fields: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut response = Response::builder().status(status);
    for (name, value) in fields {
        response = response.header(*name, *value);
    }
    response.body(body.into()).expect("a response")
}

/// Returns the path of a request, without its case.
pub(crate) fn path(request: &Request<Bytes>) -> &str {
    request
        .uri()
        .path()
        .splitn(3, '/')
        .nth(2)
        .unwrap_or_default()
}

/// Returns the value of a request's field, or an empty text.
pub(crate) fn field<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().expect("text"))
}
