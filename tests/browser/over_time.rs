//! How long browsers remember preflights, and the effect of a policy that is replaced between two requests.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::time::{Duration, Instant};

use omnicors_browser_tests::relay::{Exchange, Relay, Route};
use omnicors_browser_tests::{Browser, Engine};
use omnicors_core::{Policy, PolicyConfig, RequestParts, evaluate};
use omnicors_tests::servers::{ActixWeb, Axum, Replaceable, Rocket, Server};
use serde_json::{Value, json};

const PAGE: &str = "localhost";
/// A host name, because Firefox forgets the first preflight that a page sends to an IP address.
const API: &str = "api.localhost";

/// The servers with a policy handle of their own adapter.
fn servers() -> [Box<dyn Server>; 3] {
    [Box::new(Axum), Box::new(ActixWeb), Box::new(Rocket)]
}

/// A page and an API, each on its own port.
struct Fixture {
    pages: Relay,
    api: Relay,
    origin: String,
}

impl Fixture {
    fn new() -> Self {
        let pages = Relay::start();
        let api = pages.on_another_port();
        let origin = pages.origin(PAGE);
        Self { pages, api, origin }
    }

    fn policy(&self, edit: impl FnOnce(PolicyConfig) -> PolicyConfig) -> Policy {
        let config = PolicyConfig::new().allow_origins([self.origin.as_str()]);
        edit(config).build().expect("a policy")
    }

    /// Returns a new address of this server, about which no engine remembers anything.
    fn case(&self, server: &Replaceable) -> usize {
        let case = self.api.new_case();
        let route = Route {
            to: server.running.address().expect("the server listens"),
            with_preflight: Vec::new(),
            with_actual: vec![("x-respond".to_owned(), "Cache-Control: no-store".to_owned())],
        };
        self.api.route(case, 0, route);
        case
    }

    /// Calls `fetch()` several times in sequence, with the same arguments.
    async fn fetch(&self, browser: &Browser, case: usize, init: &Value, times: usize) -> Fetched {
        let url = format!("{}{}", self.api.origin(API), Relay::target(case, 0));
        let script = "
            const [url, init, times] = arguments;
            const start = performance.now();
            const read = [];
            for (let i = 0; i < times; i++) read.push(await fetch(url, init).then(r => r.ok, () => false));
            return { read, milliseconds: performance.now() - start };";
        let mut got = browser
            .run_async(script, &[json!(url), init.clone(), json!(times)])
            .await;
        Fetched {
            read: serde_json::from_value(got["read"].take()).expect("a list"),
            milliseconds: got["milliseconds"].as_f64().expect("a number"),
            exchanges: self.api.take(case),
        }
    }

    /// Calls `fetch()` once under this policy, and checks the outcome against the prediction. Returns whether the page reads
    /// the response, and the methods that were sent.
    async fn fetch_under(
        &self,
        policy: &Policy,
        browser: &Browser,
        case: usize,
        init: &Value,
    ) -> (bool, String) {
        let fetched = self.fetch(browser, case, init, 1).await;
        let includes = init["credentials"] == "include";
        let is_allowed = |exchange: &Exchange| {
            let request = &exchange.request;
            let parts = RequestParts::read(policy, &request.method, &request.fields);
            let decision = evaluate(policy, &parts);
            if includes {
                decision.verdict_with_credentials().is_allowed()
            } else {
                decision.verdict().is_allowed()
            }
        };
        let predicted = fetched.exchanges.iter().all(is_allowed);
        let engine = browser.engine();
        assert_eq!(
            fetched.read,
            [predicted],
            "{engine:?}: {:?}",
            fetched.exchanges
        );
        (fetched.read[0], fetched.methods())
    }
}

/// The outcome of several calls.
struct Fetched {
    /// For each call, whether the page reads the response.
    read: Vec<bool>,
    /// The duration of all calls, by the clock of the page.
    milliseconds: f64,
    /// The requests that arrived.
    exchanges: Vec<Exchange>,
}

impl Fetched {
    fn methods(&self) -> String {
        let exchanges = self.exchanges.iter();
        let methods: Vec<_> = exchanges
            .map(|exchange| exchange.request.method.as_str())
            .collect();
        methods.join(" ")
    }
}

/// Runs a test in each engine, in parallel.
fn in_every_engine(run: impl AsyncFn(&Fixture, &Browser, &dyn Server) + Sync) {
    Engine::in_each(Engine::ALL, async |engine| {
        let fixture = Fixture::new();
        let browser = engine.start().await;
        browser.open(&fixture.pages.origin(PAGE), "/").await;
        for server in servers() {
            run(&fixture, &browser, &*server).await;
        }
    });
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn a_preflight_is_cached_for_the_max_age_of_the_policy() {
    in_every_engine(async |fixture, browser, server| {
        let engine = browser.engine();
        for (max_age, repeats_preflight) in [
            (Some(Duration::from_mins(1)), false),
            (Some(Duration::ZERO), true),
            // 5 seconds: <https://fetch.spec.whatwg.org/#cors-preflight-fetch>, step 7.9.
            (None, false),
        ] {
            let policy = fixture.policy(|config| config.allow_methods(["PUT"]).max_age(max_age));
            let server = server
                .start_replaceable(&policy)
                .expect("the server has a handle");
            let expected = if repeats_preflight {
                "OPTIONS PUT OPTIONS PUT"
            } else {
                "OPTIONS PUT PUT"
            };
            let put = json!({"method": "PUT"});
            // If the machine was too slow, the preflight may have expired, and the run proves nothing.
            let fetched = loop {
                let fetched = fixture.fetch(browser, fixture.case(&server), &put, 2).await;
                if fetched.milliseconds < SHORTEST_MEMORY {
                    break fetched;
                }
            };
            assert_eq!(fetched.read, [true, true], "{engine:?}, {max_age:?}");
            assert_eq!(fetched.methods(), expected, "{engine:?}, {max_age:?}");
        }
    });
}

/// In milliseconds. Well below the default max age of 5 seconds.
const SHORTEST_MEMORY: f64 = 4000.0;

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn the_next_request_gets_the_replaced_policy() {
    in_every_engine(async |fixture, browser, server| {
        let uncached = |config: PolicyConfig| config.max_age(Duration::ZERO);
        let open = fixture.policy(|config| uncached(config).allow_methods(["PUT"]));
        let without_put = fixture.policy(uncached);
        let with_credentials = fixture.policy(|config| uncached(config).allow_credentials(true));
        let closed = PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .build();
        let closed = closed.expect("a policy");

        let server = server
            .start_replaceable(&open)
            .expect("the server has a handle");
        let case = fixture.case(&server);
        let get = json!({});
        let put = json!({"method": "PUT"});
        let get_with_credentials = json!({"credentials": "include"});
        for (policy, init, expected) in [
            (&open, &get, (true, "GET")),
            (&closed, &get, (false, "GET")),
            (&open, &get, (true, "GET")),
            (&open, &put, (true, "OPTIONS PUT")),
            (&without_put, &put, (false, "OPTIONS")),
            (&open, &put, (true, "OPTIONS PUT")),
            (&closed, &put, (false, "OPTIONS")),
            (&open, &get_with_credentials, (false, "GET")),
            (&with_credentials, &get_with_credentials, (true, "GET")),
            (&closed, &get_with_credentials, (false, "GET")),
        ] {
            (server.replace)(policy.clone());
            let (read, methods) = fixture.fetch_under(policy, browser, case, init).await;
            assert_eq!((read, methods.as_str()), expected, "{:?}", browser.engine());
        }
    });
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn a_cached_preflight_outlives_its_policy() {
    in_every_engine(async |fixture, browser, server| {
        let engine = browser.engine();
        let open = fixture.policy(|config| config.allow_methods(["PUT"]).max_age(AN_HOUR));
        let without_put = fixture.policy(|config| config);
        let server = server
            .start_replaceable(&open)
            .expect("the server has a handle");
        let put = json!({"method": "PUT"});

        let case = fixture.case(&server);
        let first = fixture.fetch_under(&open, browser, case, &put).await;
        assert_eq!(first, (true, "OPTIONS PUT".to_owned()), "{engine:?}");
        (server.replace)(without_put.clone());
        // The cached preflight allows the method, and the actual request is not checked for it.
        let second = fixture.fetch_under(&without_put, browser, case, &put).await;
        assert_eq!(second, (true, "PUT".to_owned()), "{engine:?}");
        let elsewhere = fixture.case(&server);
        let third = fixture
            .fetch_under(&without_put, browser, elsewhere, &put)
            .await;
        assert_eq!(third, (false, "OPTIONS".to_owned()), "{engine:?}");
    });
}

/// Until the stored preflight expires, Chromium and WebKit send the requests of a withdrawn origin, and the page cannot read the responses.
/// Firefox follows the standard: a request that fails removes the stored preflight
/// (<https://fetch.spec.whatwg.org/#concept-main-fetch>, "clear cache entries").
#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn a_withdrawn_origin_sends_requests_until_the_max_age_is_over() {
    Engine::in_each(Engine::ALL, async |engine| {
        let fixture = Fixture::new();
        let browser = engine.start().await;
        browser.open(&fixture.pages.origin(PAGE), "/").await;
        let open = fixture.policy(|config| config.allow_methods(["PUT"]).max_age(MAX_AGE));
        let withdrawn = PolicyConfig::new().allow_origins(["https://example.com"]);
        let withdrawn = withdrawn.build().expect("a policy");
        let server = Axum
            .start_replaceable(&open)
            .expect("the server has a handle");
        let put = json!({"method": "PUT"});
        let case = fixture.case(&server);

        let before = Instant::now();
        let first = fixture.fetch_under(&open, &browser, case, &put).await;
        // The engine has received the response to the preflight between the two.
        let after = Instant::now();
        assert_eq!(first, (true, "OPTIONS PUT".to_owned()), "{engine:?}");
        (server.replace)(withdrawn.clone());
        let mut sent = Vec::new();
        loop {
            let begun = after.elapsed();
            let (is_read, methods) = fixture.fetch_under(&withdrawn, &browser, case, &put).await;
            assert!(!is_read, "{engine:?}");
            if methods == "OPTIONS" {
                break;
            }
            assert_eq!(methods, "PUT", "{engine:?}");
            assert!(begun < MAX_AGE, "{engine:?}: {begun:?}");
            sent.push(begun);
        }
        let asked_again = before.elapsed();
        match engine {
            Engine::Firefox => assert_eq!(sent.len(), 1, "{sent:?}"),
            Engine::Chromium | Engine::WebKit => {
                assert!(!sent.is_empty(), "{engine:?}");
                assert!(asked_again >= MAX_AGE, "{engine:?}: {asked_again:?}");
            }
        }
        let last = sent.last().copied().unwrap_or_default().as_secs_f64();
        println!(
            "browsers: {engine:?} sent a withdrawn origin's requests for {last:.1} s of a max age of {MAX_AGE:?}"
        );
    });
}

/// Longer than a request takes on a busy machine.
const MAX_AGE: Duration = Duration::from_secs(6);

const AN_HOUR: Duration = Duration::from_hours(1);
