//! The policies and requests of the benchmark, modeled after the public benchmark of jub0bs/cors.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use omnicors_core::{Guard, Policy, PolicyConfig};

/// The origins that a policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origins {
    One,
    /// The same, and the guard checks unsafe methods. Other libraries have no guard.
    OneGuarded,
    /// Two origins of 250 bytes that differ only in the first byte of the host.
    TwoLong,
    /// Six origins and three patterns.
    Multiple,
    Many,
    HundredThousand,
    Million,
    /// A million origins, and those of `Multiple`.
    MillionAndPatterns,
    All,
}

/// The exact origins of `Origins::Multiple`.
pub(crate) const EXACT: [&str; 6] = [
    ONE,
    "https://www.example.com",
    "https://admin.example.com:8443",
    "https://example.org",
    "http://localhost:3000",
    "https://app.example.net",
];

/// The patterns of `Origins::Multiple`.
pub(crate) const PATTERNS: [&str; 3] = [
    "https://*.x.com",
    "https://preview-*.example.dev",
    "https://local.example.com:*",
];

/// The patterns as regular expressions.
pub(crate) const REGEXES: [&str; 3] = [
    r"^https://([a-z0-9_-]+\.)+x\.com$",
    r"^https://preview-[a-z0-9_-]+\.example\.dev$",
    r"^https://local\.example\.com(:[0-9]+)?$",
];

/// Returns true if one of the patterns matches, for libraries without patterns.
pub(crate) fn is_of_patterns(origin: &[u8]) -> bool {
    let Some(host) = origin.strip_prefix(b"https://") else {
        return false;
    };
    let subdomain = host.strip_suffix(b".x.com");
    let preview = host
        .strip_prefix(b"preview-")
        .and_then(|host| host.strip_suffix(b".example.dev"));
    let port = host.strip_prefix(b"local.example.com");
    subdomain.is_some_and(|labels| !labels.is_empty())
        || preview.is_some_and(|part| !part.is_empty() && !part.contains(&b'.'))
        || port.is_some_and(|port| port.is_empty() || port.starts_with(b":"))
}

const ONE: &str = "https://example.com";

pub(crate) const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "PUT", "DELETE"];

/// The allowed request headers.
pub(crate) const HEADERS: [&str; 8] = [
    "authorization",
    "content-type",
    "if-match",
    "x-api-version",
    "x-client",
    "x-request-id",
    "x-requested-with",
    "x-tenant",
];

/// The header that the application itself exposes.
pub(crate) const OLD_EXPOSED: &str = "x-old";

pub(crate) const MAX_AGE: u32 = 600;

impl Origins {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::OneGuarded => "1 and a guard",
            Self::TwoLong => "2 of 250 bytes",
            Self::Multiple => "6 and 3 patterns",
            Self::Many => "1,000",
            Self::HundredThousand => "100,000",
            Self::Million => "1,000,000",
            Self::MillionAndPatterns => "1,000,006 and 3 patterns",
            Self::All => "any (`*`)",
        }
    }

    /// Returns the exact origins.
    pub(crate) fn exact(self) -> Vec<String> {
        let owned = |origins: &[&str]| origins.iter().map(|&origin| origin.to_owned()).collect();
        match self {
            Self::One | Self::OneGuarded => owned(&[ONE]),
            Self::TwoLong => vec![long('a'), long('b')],
            Self::Multiple => owned(&EXACT),
            Self::Many => tenants(1_000),
            Self::HundredThousand => tenants(100_000),
            Self::Million => tenants(1_000_000),
            Self::MillionAndPatterns => {
                let mut origins = tenants(1_000_000);
                origins.extend(EXACT.map(str::to_owned));
                origins
            }
            Self::All => Vec::new(),
        }
    }

    pub(crate) fn has_patterns(self) -> bool {
        matches!(self, Self::Multiple | Self::MillionAndPatterns)
    }

    /// Returns true for lists that take long to build.
    pub(crate) fn is_large(self) -> bool {
        matches!(
            self,
            Self::HundredThousand | Self::Million | Self::MillionAndPatterns
        )
    }

    pub(crate) fn policy(self) -> Policy {
        let mut config = PolicyConfig::new()
            .allow_methods(["PUT", "DELETE"])
            .allow_headers(HEADERS);
        if self == Self::All {
            config = config.allow_origins(["*"]);
        } else {
            config = config.allow_origins(self.exact());
        }
        if self.has_patterns() {
            config = config.allow_origins(PATTERNS);
        }
        if self == Self::OneGuarded {
            config = config.guard(Guard::UnsafeMethods);
        }
        config.build().expect("a valid policy")
    }

    fn allowed_origin(self) -> String {
        match self {
            Self::One | Self::OneGuarded | Self::All => ONE.to_owned(),
            Self::TwoLong => long('b'),
            Self::Multiple | Self::MillionAndPatterns => "https://preview-217.example.dev".into(),
            // In the middle of the list, for libraries that compare one after the other.
            Self::Many => tenant(500),
            Self::HundredThousand => tenant(50_000),
            Self::Million => tenant(500_000),
        }
    }

    /// Returns an origin that is similar to an allowed one.
    fn denied_origin(self) -> String {
        match self {
            Self::One | Self::OneGuarded | Self::All => "https://example.net".to_owned(),
            Self::TwoLong => long('c'),
            Self::Multiple | Self::MillionAndPatterns => "https://preview-217.example.de".into(),
            Self::Many => "https://tenant-0x0.example".into(),
            Self::HundredThousand => "https://tenant-0x000.example".into(),
            Self::Million => "https://tenant-0x0000.example".into(),
        }
    }
}

fn tenants(count: usize) -> Vec<String> {
    (0..count).map(tenant).collect()
}

fn tenant(number: usize) -> String {
    format!("https://tenant-{number}.example")
}

/// Returns an origin of 250 bytes.
fn long(first: char) -> String {
    let label = "long-common-suffix".repeat(3);
    let mut origin = format!("https://{first}");
    while origin.len() + 1 + label.len() + 8 <= 250 {
        origin.extend([label.as_str(), "."]);
    }
    let rest = 250 - origin.len() - ".example".len();
    origin += &"x".repeat(rest);
    origin += ".example";
    assert_eq!(origin.len(), 250);
    origin
}

/// Returns an origin whose host has 126 labels.
fn of_126_labels() -> String {
    let origin = format!("https://{}x.com", "a.".repeat(124));
    assert_eq!(origin.split('.').count(), 126);
    origin
}

/// The kind of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    NonCors,
    Actual,
    ActualDenied,
    Preflight,
    PreflightDenied,
    /// Requests all eight headers.
    PreflightHeaders,
    /// Has 1,024 commas as the list of requested headers.
    PreflightCommas,
    /// Has a list of requested headers of 100 kB.
    PreflightLong,
    /// Has an origin of 100 kB.
    ActualLong,
    /// Has an origin whose host has 126 labels.
    ActualLabels,
    /// The application sets CORS fields and `Vary` itself.
    ActualOwnFields,
}

/// The verdict that a browser should reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Allowed,
    Denied,
    /// Not checked, because no browser sends such a request.
    Either,
}

/// A request, and the expected verdict.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) origins: Origins,
    pub(crate) request: Request,
    pub(crate) expected: Expected,
    pub(crate) method: Method,
    pub(crate) fields: HeaderMap,
}

impl Request {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NonCors => "non-CORS",
            Self::Actual => "actual, allowed",
            Self::ActualDenied => "actual, denied",
            Self::Preflight => "preflight, allowed",
            Self::PreflightDenied => "preflight, denied",
            Self::PreflightHeaders => "preflight for 8 headers",
            Self::PreflightCommas => "preflight with 1,024 commas",
            Self::PreflightLong => "preflight with 100 kB of headers",
            Self::ActualLong => "actual, origin of 100 kB",
            Self::ActualLabels => "actual, host of 126 labels",
            Self::ActualOwnFields => "actual, CORS fields of the application",
        }
    }

    fn is_preflight(self) -> bool {
        !matches!(
            self,
            Self::NonCors
                | Self::Actual
                | Self::ActualDenied
                | Self::ActualLong
                | Self::ActualLabels
                | Self::ActualOwnFields
        )
    }
}

impl Case {
    pub(crate) fn new(origins: Origins, request: Request) -> Self {
        let mut fields = HeaderMap::new();
        let mut insert = |name: HeaderName, value: &str| {
            let value = HeaderValue::from_str(value).expect("a header value");
            fields.insert(name, value);
        };
        insert(header::HOST, "api.example");
        insert(header::ACCEPT, "*/*");
        match request {
            Request::NonCors => {}
            Request::ActualDenied | Request::PreflightDenied => {
                insert(header::ORIGIN, &origins.denied_origin());
            }
            Request::ActualLong => {
                insert(header::ORIGIN, &format!("https://{}", "a".repeat(100_000)));
            }
            Request::ActualLabels => insert(header::ORIGIN, &of_126_labels()),
            _ => insert(header::ORIGIN, &origins.allowed_origin()),
        }
        if request.is_preflight() {
            insert(header::ACCESS_CONTROL_REQUEST_METHOD, "PUT");
            let names = match request {
                Request::PreflightHeaders => HEADERS.join(","),
                Request::PreflightCommas => ",".repeat(1_024),
                Request::PreflightLong => "x-a,".repeat(25_000) + "x-b",
                _ => "content-type".to_owned(),
            };
            insert(header::ACCESS_CONTROL_REQUEST_HEADERS, &names);
        }
        let expected = match request {
            Request::ActualDenied | Request::PreflightDenied | Request::ActualLong => {
                Expected::Denied
            }
            Request::ActualLabels if !origins.has_patterns() => Expected::Denied,
            Request::PreflightCommas | Request::PreflightLong => Expected::Either,
            _ => Expected::Allowed,
        };
        Self {
            origins,
            request,
            expected,
            method: if request.is_preflight() {
                Method::OPTIONS
            } else {
                Method::GET
            },
            fields,
        }
    }

    pub(crate) fn is_preflight(&self) -> bool {
        self.request.is_preflight()
    }

    /// Returns the fields that the application sets.
    pub(crate) fn own_fields(&self) -> &'static [(&'static str, &'static str)] {
        const OWN: [(&str, &str); 3] = [
            ("access-control-allow-origin", "https://old.example"),
            ("access-control-expose-headers", OLD_EXPOSED),
            ("vary", "accept-encoding"),
        ];
        match self.request {
            Request::ActualOwnFields => &OWN,
            _ => &[],
        }
    }

    /// Returns the value of a field. No request has two fields with the same name.
    pub(crate) fn field(&self, name: &HeaderName) -> Option<&[u8]> {
        self.fields.get(name).map(HeaderValue::as_bytes)
    }
}

/// Returns the cases with a guard. They are only counted.
pub(crate) fn guarded() -> impl Iterator<Item = Case> {
    let requests = [
        Request::NonCors,
        Request::Actual,
        Request::ActualDenied,
        Request::Preflight,
    ];
    requests
        .into_iter()
        .map(|request| Case::new(Origins::OneGuarded, request))
}

/// Returns all other cases: each policy and each request, but not each combination.
pub(crate) fn all() -> Vec<Case> {
    use Origins as O;
    use Request as R;
    let chosen: [(O, &[R]); 8] = [
        (
            O::One,
            &[
                R::NonCors,
                R::Actual,
                R::ActualDenied,
                R::Preflight,
                R::PreflightDenied,
                R::PreflightHeaders,
                R::PreflightCommas,
                R::PreflightLong,
                R::ActualLong,
                R::ActualOwnFields,
            ],
        ),
        (O::TwoLong, &[R::Actual, R::ActualDenied]),
        (
            O::Multiple,
            &[R::Actual, R::ActualDenied, R::Preflight, R::ActualLabels],
        ),
        (O::Many, &[R::Actual, R::ActualDenied, R::Preflight]),
        (O::HundredThousand, &[R::Actual, R::ActualDenied]),
        (O::Million, &[R::Actual, R::ActualDenied]),
        (O::MillionAndPatterns, &[R::Actual, R::ActualDenied]),
        (O::All, &[R::NonCors, R::Actual, R::Preflight]),
    ];
    let cases = chosen.iter().flat_map(|(origins, requests)| {
        requests.iter().map(|request| Case::new(*origins, *request))
    });
    cases.collect()
}
