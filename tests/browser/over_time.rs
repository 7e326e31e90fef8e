//! What a browser remembers of a preflight, and what it makes of a policy that is replaced between two of its requests.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "to panic is how a test fails"
)]

use std::time::Duration;

use omnicors_browser_tests::relay::{Exchange, Relay, Route};
use omnicors_browser_tests::{Browser, Engine};
use omnicors_core::{Policy, PolicyConfig, RequestParts, evaluate};
use omnicors_tests::servers::{ActixWeb, Axum, Replaceable, Rocket, Server};
use serde_json::{Value, json};

const PAGE: &str = "localhost";
/// A name and no address: Firefox forgets the first preflight that a page sends to an address.
const API: &str = "api.localhost";

/// The servers whose policy can be replaced by a handle of their own adapter.
fn servers() -> [Box<dyn Server>; 3] {
    [Box::new(Axum), Box::new(ActixWeb), Box::new(Rocket)]
}

/// A page and an API, each on a port of its own.
struct Stage {
    pages: Relay,
    api: Relay,
    origin: String,
}

impl Stage {
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

    /// A new address of this server, of which no engine remembers anything.
    fn case(&self, server: &Replaceable) -> usize {
        let case = self.api.new_case();
        let route = Route {
            to: server.running.address().expect("it listens"),
            with_preflight: Vec::new(),
            with_actual: vec![("x-respond".to_owned(), "Cache-Control: no-store".to_owned())],
        };
        self.api.route(case, 0, route);
        case
    }

    /// Calls `fetch()` with the same arguments as many times, one after the other.
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

    /// Calls it once, while this policy is in force, which has to predict what comes of it. Returns whether the page reads
    /// the response, and what was sent.
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
            let asked = &exchange.asked;
            let parts = RequestParts::read(policy, &asked.method, &asked.lines);
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

/// What has come of some calls.
struct Fetched {
    /// Of each call, whether the page reads the response.
    read: Vec<bool>,
    /// How long they took together, by the page's clock.
    milliseconds: f64,
    /// The requests that have arrived.
    exchanges: Vec<Exchange>,
}

impl Fetched {
    fn methods(&self) -> String {
        let exchanges = self.exchanges.iter();
        let methods: Vec<_> = exchanges
            .map(|exchange| exchange.asked.method.as_str())
            .collect();
        methods.join(" ")
    }
}

/// Runs this in each engine, one beside the other.
fn in_every_engine(run: impl AsyncFn(&Stage, &Browser, &dyn Server) + Sync) {
    Engine::in_each(Engine::ALL, async |engine| {
        let stage = Stage::new();
        let browser = engine.start().await;
        browser.open(&stage.pages.origin(PAGE), "/").await;
        for server in servers() {
            run(&stage, &browser, &*server).await;
        }
    });
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn a_preflight_is_remembered_for_as_long_as_the_policy_says() {
    in_every_engine(async |stage, browser, server| {
        let engine = browser.engine();
        for (max_age, asks_again) in [
            (Some(Duration::from_mins(1)), false),
            (Some(Duration::ZERO), true),
            // For 5 seconds (Fetch, "CORS-preflight fetch", step 7.9).
            (None, false),
        ] {
            let policy = stage.policy(|config| config.allow_methods(["PUT"]).max_age(max_age));
            let server = server
                .start_replaceable(&policy)
                .expect("it takes a handle");
            let expected = if asks_again {
                "OPTIONS PUT OPTIONS PUT"
            } else {
                "OPTIONS PUT PUT"
            };
            let put = json!({"method": "PUT"});
            // On a machine that has stood still in between, what was remembered may be forgotten: that says nothing.
            let fetched = loop {
                let fetched = stage.fetch(browser, stage.case(&server), &put, 2).await;
                if fetched.milliseconds < SHORTEST_MEMORY {
                    break fetched;
                }
            };
            assert_eq!(fetched.read, [true, true], "{engine:?}, {max_age:?}");
            assert_eq!(fetched.methods(), expected, "{engine:?}, {max_age:?}");
        }
    });
}

/// In milliseconds: well below the 5 seconds of a preflight whose answer does not say.
const SHORTEST_MEMORY: f64 = 4000.0;

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn a_policy_that_is_replaced_is_what_the_next_request_meets() {
    in_every_engine(async |stage, browser, server| {
        let uncached = |config: PolicyConfig| config.max_age(Duration::ZERO);
        let open = stage.policy(|config| uncached(config).allow_methods(["PUT"]));
        let without_put = stage.policy(uncached);
        let with_credentials = stage.policy(|config| uncached(config).allow_credentials(true));
        let closed = PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .build();
        let closed = closed.expect("a policy");

        let server = server.start_replaceable(&open).expect("it takes a handle");
        let case = stage.case(&server);
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
            let (read, methods) = stage.fetch_under(policy, browser, case, init).await;
            assert_eq!((read, methods.as_str()), expected, "{:?}", browser.engine());
        }
    });
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn a_remembered_preflight_outlives_the_policy_that_answered_it() {
    in_every_engine(async |stage, browser, server| {
        let engine = browser.engine();
        let open = stage.policy(|config| config.allow_methods(["PUT"]).max_age(AN_HOUR));
        let without_put = stage.policy(|config| config);
        let server = server.start_replaceable(&open).expect("it takes a handle");
        let put = json!({"method": "PUT"});

        let case = stage.case(&server);
        let first = stage.fetch_under(&open, browser, case, &put).await;
        assert_eq!(first, (true, "OPTIONS PUT".to_owned()), "{engine:?}");
        (server.replace)(without_put.clone());
        // What is remembered is not asked again, and an actual request is not judged by its method.
        let second = stage.fetch_under(&without_put, browser, case, &put).await;
        assert_eq!(second, (true, "PUT".to_owned()), "{engine:?}");
        let elsewhere = stage.case(&server);
        let third = stage
            .fetch_under(&without_put, browser, elsewhere, &put)
            .await;
        assert_eq!(third, (false, "OPTIONS".to_owned()), "{engine:?}");
    });
}

const AN_HOUR: Duration = Duration::from_hours(1);
