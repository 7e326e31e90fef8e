//! Long sequences of requests by several pages, through caches, with a poisoner among the clients.
//!
//! Between the pages and a server with a policy are the caches of the browsers (preflights and responses) and a shared cache. The
//! poisoner sends requests that no browser sends, to fill the shared cache. The browsers are those of `omnicors-browser`.
//!
//! * No page reads what the policy does not allow it to read, whatever the caches do.
//! * If the caches honor `Vary`, or the policy is static, every page reads what the policy allows it to read.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[allow(dead_code, reason = "this test uses a part")]
#[path = "oracle/generated.rs"]
mod generated;
#[path = "sequences/shared_cache.rs"]
mod shared_cache;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use omnicors::browser::{Browser, Deviation, Engine, Exchange, Mode, NetworkError, Page};
use omnicors_core::{LookupResult, Policy, RequestParts, evaluate};
use omnicors_tests::cases::lookup_result;
use omnicors_tests::effort::{self, Random};
use omnicors_tests::page_request::{PageRequest, Requested, allow_everything};
use omnicors_tests::settings::{ServerResponse, Settings, fields_of, respond};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use self::shared_cache::SharedCache;

const WORLDS: u32 = 120;
const STEPS_PER_WORLD: u64 = 250;
const PAGES: usize = 4;

/// The application tries to allow everything, and lets caches store its responses.
const APPLICATION_FIELDS: [(&str, &str); 6] = [
    ("content-type", "text/plain"),
    ("cache-control", "public, max-age=60"),
    ("etag", "\"1\""),
    ("access-control-allow-origin", "*"),
    ("access-control-allow-credentials", "true"),
    ("access-control-expose-headers", "*"),
];

/// The addresses that pages fetch. One response is stored per address.
const URLS: [&str; 3] = [
    "https://server.invalid/a",
    "https://server.invalid/b",
    "https://server.invalid/c",
];

#[test]
fn caches_and_a_poisoner_never_change_what_pages_may_read() {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&effort::seed().to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut random = Random::from_environment();
    let mut counts = Counts::default();
    for _ in 0..WORLDS * effort::times() {
        let settings = generated::settings().new_tree(&mut runner);
        let settings = settings.expect("settings are generated").current();
        let pages: Vec<PageRequest> = std::iter::repeat_with(|| {
            let page = generated::page(&settings).new_tree(&mut runner);
            page.expect("pages are generated").current()
        })
        .filter(|request| request.page().is_some())
        .take(PAGES)
        .collect();
        let requests = std::iter::repeat_with(|| {
            let page = generated::page(&settings).new_tree(&mut runner);
            page.expect("requests are generated").current()
        });
        let mut requests: Vec<PageRequest> = requests.take(12).collect();
        // Half of the requests are those that caches store.
        let plain = requests.clone().into_iter().map(|request| PageRequest {
            method: "GET".to_owned(),
            headers: Vec::new(),
            upload_listener: false,
            ..request
        });
        requests.extend(plain);
        World::new(settings, &pages, &mut random).run(&requests, &mut random, &mut counts);
    }
    counts.assert_everything_occurred();
    println!(
        "sequences: {} steps, {} read, {} blocked, {} from a cache, {} blocked by a cache that ignores Vary, 0 disagreements",
        counts.steps, counts.read, counts.blocked, counts.from_cache, counts.poisoned,
    );
}

#[derive(Default)]
struct Counts {
    steps: u64,
    read: u64,
    blocked: u64,
    from_cache: u64,
    without_preflight: u64,
    failed_lookups: u64,
    /// Blocked although the policy allows it, because a cache ignores `Vary`.
    poisoned: u64,
}

impl Counts {
    fn assert_everything_occurred(&self) {
        let share = self.steps / 1_000;
        for (what, count) in [
            ("read", self.read),
            ("blocked", self.blocked),
            ("from a cache", self.from_cache),
            ("cached preflight", self.without_preflight),
            ("failed lookup", self.failed_lookups),
            ("poisoned", self.poisoned),
        ] {
            assert!(count > share, "{what}: {count} times only");
        }
    }
}

/// A server with a policy, its caches and its clients.
struct World {
    server: Server,
    clients: Vec<(Page, Browser)>,
    honors_vary: bool,
}

struct Server {
    settings: Settings,
    policy: Policy,
    cache: SharedCache,
    lookups_fail: bool,
    /// Whether a lookup failed since the last step.
    lookup_failed: bool,
    /// Whether the shared cache responded since the last step.
    from_cache: bool,
}

impl World {
    fn new(settings: Settings, pages: &[PageRequest], random: &mut Random) -> Self {
        let policy = settings.build().expect("the settings are valid");
        let (browser_honors_vary, cache_honors_vary) = (!random.one_in(3), !random.one_in(3));
        let clients = pages.iter().filter_map(PageRequest::page).map(|page| {
            let browser = Browser::new(Engine::ALL[random.below(Engine::ALL.len())]);
            let browser = if browser_honors_vary {
                browser
            } else {
                browser.ignoring_vary()
            };
            (page, browser)
        });
        Self {
            clients: clients.collect(),
            honors_vary: browser_honors_vary && cache_honors_vary,
            server: Server {
                settings,
                policy,
                cache: SharedCache::new(cache_honors_vary, random.one_in(2)),
                lookups_fail: false,
                lookup_failed: false,
                from_cache: false,
            },
        }
    }

    fn run(&mut self, requests: &[PageRequest], random: &mut Random, counts: &mut Counts) {
        let mut history = Vec::new();
        for _ in 0..STEPS_PER_WORLD {
            counts.steps += 1;
            self.server.lookups_fail = random.one_in(8);
            match random.below(20) {
                0 => {
                    let time = Duration::from_secs(random.bits() % 90);
                    self.server.cache.advance(time);
                    for (_, browser) in &mut self.clients {
                        browser.advance(time);
                    }
                    history.push(format!("{time:?} pass"));
                }
                1..=4 => history.push(self.poison(random)),
                _ => {
                    let request = &requests[random.below(requests.len())];
                    let client = random.below(self.clients.len());
                    if let Err(error) = self.fetch(client, request, random, counts, &mut history) {
                        panic!(
                            "{error}\n{:#?}\nthe last steps: {:#?}",
                            self.server.settings,
                            &history[history.len().saturating_sub(12)..]
                        );
                    }
                }
            }
        }
    }

    /// Sends a request that no browser sends, to fill the shared cache.
    fn poison(&mut self, random: &mut Random) -> String {
        let origins = [
            "null",
            "https://evil.example",
            "",
            "x",
            "https://example.com/",
        ];
        let mut request = Request::builder()
            .method(random.choose(&["GET", "GET", "HEAD", "OPTIONS"]))
            .uri(random.choose(&URLS));
        for _ in 0..random.below(3) {
            let origin = if random.one_in(2) {
                let client = random.below(self.clients.len());
                self.clients[client].0.origin().to_string()
            } else {
                random.choose(&origins).to_owned()
            };
            request = request.header("origin", origin);
        }
        for (name, values) in [
            ("access-control-request-method", ["PUT", "GET"]),
            ("x-forwarded-host", ["evil.example", "server.invalid"]),
            ("sec-fetch-site", ["same-origin", "cross-site"]),
            ("if-none-match", ["\"1\"", "*"]),
        ] {
            if random.one_in(3) {
                request = request.header(name, random.choose(&values));
            }
        }
        let request = request.body(Bytes::new()).expect("the fields are valid");
        let text = format!("the poisoner sends {request:?}");
        self.server.respond(&request);
        text
    }

    fn fetch(
        &mut self,
        client: usize,
        request: &PageRequest,
        random: &mut Random,
        counts: &mut Counts,
        history: &mut Vec<String>,
    ) -> Result<(), String> {
        let Self {
            server,
            clients,
            honors_vary,
        } = self;
        let (page, browser) = &mut clients[client];
        let url = random.choose(&URLS);
        let is_image = random.one_in(5);
        let fetch = if is_image {
            page.fetch(url).mode(Mode::NoCors)
        } else {
            request.fetch(page, url)
        };
        (server.lookup_failed, server.from_cache) = (false, false);
        let outcome = browser.send_now(&fetch, &mut |request| server.respond(&request));
        history.push(format!("{}: {outcome}", page.origin()));
        if is_image || matches!(outcome.result(), Err(NetworkError::InvalidRequest(_))) {
            return Ok(());
        }

        let from_cache =
            server.from_cache || outcome.exchanges().iter().any(Exchange::is_from_cache);
        counts.from_cache += u64::from(from_cache);
        counts.failed_lookups += u64::from(server.lookup_failed);
        let read = outcome.result().is_ok();
        let allowed = server.allows(page, request, browser.engine());
        let cached_preflight = !["GET", "HEAD", "POST"].contains(&request.method.as_str())
            && outcome.exchanges().len() == 1;
        counts.without_preflight += u64::from(cached_preflight);
        if read {
            counts.read += 1;
        } else {
            counts.blocked += 1;
        }
        if read && !allowed {
            return Err(format!(
                "the policy does not allow this\n{request:#?}\n{outcome}"
            ));
        }
        if read || !allowed || server.lookup_failed {
            return Ok(());
        }
        if *honors_vary || server.policy.is_static() {
            return Err(format!("the policy allows this\n{request:#?}\n{outcome}"));
        }
        counts.poisoned += 1;
        Ok(())
    }
}

impl Server {
    fn allows(&self, page: &Page, request: &PageRequest, engine: Engine) -> bool {
        let origin = page.origin().to_string();
        let settings = &self.settings;
        // The preflight that the request has if no cache holds it.
        let fetch = request.fetch(page, URLS[0]);
        let sent = Browser::new(engine).send_now(&fetch, &mut |request: Request<Bytes>| {
            allow_everything(&origin, request.headers())
        });
        let asked = sent.exchanges().first().map(Exchange::request);
        let asked = asked.and_then(|request| Requested::of(request.headers()));
        let covers_authorization = engine.has(Deviation::WildcardCoversAuthorization)
            && settings.headers.iter().any(|name| name == "*");
        let is_allowed = |asked: &Requested| {
            let mut denied = settings.denied_headers(&origin, &asked.names());
            denied.retain(|name| !(covers_authorization && *name == "authorization"));
            settings.allows_method(&origin, &asked.method) && denied.is_empty()
        };
        settings.allows_response(&origin, request.credentials)
            && asked.as_ref().is_none_or(is_allowed)
    }

    /// Responds through the shared cache.
    fn respond(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        if let Some(stored) = self.cache.lookup(request) {
            self.from_cache = true;
            return stored;
        }
        let response = self.respond_from_origin(request).to_http();
        self.cache.store(request, &response);
        response
    }

    fn respond_from_origin(&mut self, request: &Request<Bytes>) -> ServerResponse {
        let fields = fields_of(request.headers());
        let mut parts = RequestParts::read(&self.policy, request.method().as_str(), &fields);
        if let Some(origin) = self.policy.origin_to_look_up(&parts) {
            let result = if self.lookups_fail {
                self.lookup_failed = true;
                LookupResult::Failed
            } else {
                lookup_result(origin.as_str())
            };
            parts = parts.lookup_result(result);
        }
        let is_current = request
            .headers()
            .get("if-none-match")
            .is_some_and(|value| value == "\"1\"");
        let status = if is_current { 304 } else { 200 };
        respond(&evaluate(&self.policy, &parts), status, &APPLICATION_FIELDS)
    }
}
