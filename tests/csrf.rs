//! Compares the guard with other implementations of the same idea: `csrf` of tower-http, with generated requests, and the tables of the
//! tests of Go's `CrossOriginProtection`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::ready;

use futures_util::FutureExt as _;
use http::{Request, Response, StatusCode};
use omnicors_core::{Decision, Guard, Policy, PolicyConfig, RequestParts, evaluate};
use omnicors_http::RequestHead;
use omnicors_tests::effort::{self, Random};
use serde::Deserialize;
use tower::{Layer as _, Service, service_fn};
use tower_http::csrf::CsrfLayer;

const REQUESTS: u32 = 1_000_000;

const TRUSTED: &str = "https://trusted.example";

fn policy(config: PolicyConfig) -> Policy {
    let config = config.allow_origin(TRUSTED).guard(Guard::UnsafeMethods);
    config.build().expect("the policy has no faults")
}

fn runs<B>(policy: &Policy, request: &Request<B>) -> bool {
    let head = RequestHead::from(request);
    let parts = RequestParts::read(policy, head.method.as_str(), &head);
    matches!(evaluate(policy, &parts), Decision::Forward { .. })
}

/// The tables of Go's tests: see `fixtures/README.md`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tables {
    requests: Vec<GoRequest>,
    trusted_origins: Vec<GoOrigin>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GoRequest {
    name: String,
    method: String,
    host: String,
    sec_fetch_site: String,
    origin: String,
    expected_status: u16,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GoOrigin {
    name: String,
    origin: String,
    want_err: bool,
}

fn tables() -> Tables {
    serde_json::from_str(include_str!("fixtures/go_csrf.json")).expect("the fixture is valid")
}

#[test]
fn the_guard_decides_as_the_tests_of_go_expect() {
    let policy = policy(PolicyConfig::new());
    let requests = tables().requests;
    for row in &requests {
        let mut request = Request::builder()
            .method(&*row.method)
            .uri("/")
            .header("host", &row.host);
        for (name, value) in [
            ("sec-fetch-site", &row.sec_fetch_site),
            ("origin", &row.origin),
        ] {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        let request = request.body(()).expect("the fields are valid");
        let is_run = row.expected_status == 200;
        assert_eq!(runs(&policy, &request), is_run, "{}: {row:?}", row.name);
    }
    println!(
        "guard: {} requests of Go's tests, 0 differences",
        requests.len()
    );
}

#[test]
fn an_origin_can_be_listed_if_go_can_trust_it() {
    for row in tables().trusted_origins {
        let config = PolicyConfig::new().allow_origin(&row.origin);
        let built = config.guard(Guard::UnsafeMethods).build();
        assert_eq!(built.is_err(), row.want_err, "{}: {built:?}", row.name);
    }
}

/// A generated request, before it is written as one.
#[derive(Clone, Debug, Default)]
struct Generated {
    method: &'static str,
    sites: Vec<&'static str>,
    origins: Vec<&'static str>,
    hosts: Vec<&'static str>,
    authority: Option<&'static str>,
    mode: Option<&'static str>,
    upgrade: Option<&'static str>,
}

const HOSTS: [&str; 6] = [
    "shop.test",
    "Shop.test",
    "shop.test:443",
    "shop.test:8443",
    "api.test",
    "intranet.",
];

const ORIGINS: [&str; 20] = [
    TRUSTED,
    "https://a.tenants.example",
    "https://login.example",
    "https://shop.test",
    "https://Shop.test",
    "https://shop.test:443",
    "http://shop.test:443",
    "http://shop.test",
    "https://shop.test:8443",
    "https://shop.test/",
    "https://shop.test/path",
    "https://user@shop.test",
    "https://evil.example",
    "https://trusted.example:443",
    "https://Trusted.example",
    "http://intranet.",
    "tauri://shop.test",
    "null",
    "file://",
    "",
];

impl Generated {
    fn new(random: &mut Random) -> Self {
        let some = |random: &mut Random, items: &[&'static str]| {
            let count = match random.below(12) {
                0..3 => 0,
                3 => 2,
                _ => 1,
            };
            (0..count).map(|_| choose(random, items)).collect()
        };
        let methods = [
            "GET", "HEAD", "OPTIONS", "POST", "POST", "PUT", "DELETE", "TRACE", "get",
        ];
        let sites = [
            "same-origin",
            "none",
            "same-site",
            "cross-site",
            "Same-Origin",
            "",
            "other",
        ];
        let mut request = Self {
            method: choose(random, &methods),
            sites: some(random, &sites),
            origins: some(random, &ORIGINS),
            hosts: some(random, &HOSTS),
            ..Self::default()
        };
        if random.one_in(6) {
            request.authority = Some(choose(random, &HOSTS[..5]));
        }
        if random.one_in(2) {
            request.mode = Some(choose(
                random,
                &["cors", "navigate", "no-cors", "websocket"],
            ));
        }
        if random.one_in(8) {
            request.upgrade = Some(choose(
                random,
                &["websocket", "WebSocket", "h2c", "h2c, websocket"],
            ));
        }
        request
    }

    fn to_http(&self) -> Request<()> {
        let uri = match self.authority {
            Some(authority) => format!("https://{authority}/"),
            None => "/".to_owned(),
        };
        let mut request = Request::builder().method(self.method).uri(uri);
        let fields = [
            ("sec-fetch-site", &self.sites[..]),
            ("origin", &self.origins),
            ("host", &self.hosts),
            ("sec-fetch-mode", self.mode.as_slice()),
            ("upgrade", self.upgrade.as_slice()),
        ];
        for (name, values) in fields {
            for value in values {
                request = request.header(name, *value);
            }
        }
        request.body(()).expect("the fields are valid")
    }

    fn is_safe(&self) -> bool {
        matches!(self.method, "GET" | "HEAD" | "OPTIONS")
    }

    fn has_no_site(&self) -> bool {
        matches!(self.sites[..], [] | [""])
    }

    /// Returns the origin that is sent once, without its scheme.
    fn authority_of_origin(&self) -> Option<&'static str> {
        let [origin] = self.origins[..] else {
            return None;
        };
        let rest = origin.strip_prefix("https://");
        rest.or_else(|| origin.strip_prefix("http://"))
    }

    /// Returns the host as tower-http reads it: the authority or the first `Host`.
    fn host(&self) -> Option<&'static str> {
        self.authority.or(self.hosts.first().copied())
    }
}

fn choose(random: &mut Random, items: &[&'static str]) -> &'static str {
    items[random.below(items.len())]
}

/// A reason, whether the guard runs the requests, and which requests these are.
type Reason = (&'static str, bool, fn(&Generated) -> bool);

/// Why the guard decides otherwise than `csrf` of tower-http.
const REASONS: [Reason; 7] = [
    (
        "the handshake of a WebSocket is checked, although it is a GET",
        false,
        |it| it.is_safe() && it.upgrade.is_some_and(|upgrade| upgrade != "h2c"),
    ),
    ("repeated fields are not read as the first", false, |it| {
        !it.is_safe() && (it.sites.len() > 1 || it.origins.len() > 1)
    }),
    (
        "the host of a request with several is not known",
        false,
        |it| {
            let differs = |host: &&str| Some(*host) != it.authority;
            it.has_no_site()
                && (it.hosts.len() > 1 || it.authority.is_some() && it.hosts.iter().any(differs))
        },
    ),
    (
        "an origin has no path: with one, it is not compared with the host",
        false,
        |it| {
            it.has_no_site()
                && it
                    .authority_of_origin()
                    .is_some_and(|rest| rest.contains('/'))
        },
    ),
    ("a pattern lists the origin", true, |it| {
        it.origins == ["https://a.tenants.example"]
    }),
    ("the origin may send navigations", true, |it| {
        it.origins == ["https://login.example"] && it.mode == Some("navigate") && !it.has_no_site()
    }),
    (
        "the case and the default port of the host do not matter",
        true,
        |it| {
            let (Some(origin), Some(host)) = (it.authority_of_origin(), it.host()) else {
                return false;
            };
            let name = |text: &str| text.replace(":443", "").to_ascii_lowercase();
            it.has_no_site() && origin != host && name(origin) == name(host)
        },
    ),
];

#[test]
fn each_difference_from_csrf_of_tower_http_has_a_reason() {
    let policy = policy(
        PolicyConfig::new()
            .allow_origin("https://*.tenants.example")
            .allow_navigations_from(["https://login.example"]),
    );
    let application =
        service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(String::new()))));
    let layer = CsrfLayer::new();
    let layer = layer
        .add_trusted_origin(TRUSTED)
        .expect("the origin is valid");
    let mut csrf = layer.layer(application);

    let mut random = Random::from_environment();
    let mut differences: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut both, mut neither) = (0, 0);
    let count = REQUESTS * effort::times();
    for _ in 0..count {
        let generated = Generated::new(&mut random);
        let request = generated.to_http();
        let ours = runs(&policy, &request);
        let response = csrf.call(request).now_or_never();
        let response = response.expect("nothing waits").expect("nothing fails");
        let theirs = response.status() == StatusCode::OK;
        if ours == theirs {
            *(if ours { &mut both } else { &mut neither }) += 1;
            continue;
        }
        let mut reasons = REASONS.iter();
        let reason = reasons.find(|(_, is_run, applies)| *is_run == ours && applies(&generated));
        let (reason, ..) =
            reason.unwrap_or_else(|| panic!("the guard runs it: {ours}: {generated:#?}"));
        *differences.entry(*reason).or_default() += 1;
    }
    for (reason, ..) in REASONS {
        assert!(
            differences.contains_key(reason),
            "no request shows: {reason}"
        );
    }
    let differing: u32 = differences.values().sum();
    println!(
        "guard: {count} requests beside csrf of tower-http: both run {both}, both reject {neither}, {differing} differ for {} documented reasons",
        REASONS.len()
    );
    for (reason, count) in differences {
        println!("guard: {count} differ: {reason}");
    }
}
