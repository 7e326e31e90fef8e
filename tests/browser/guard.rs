//! Which requests of real pages run the application, for each mode of the guard.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use omnicors_browser_tests::site::{EMPTY_PAGE, Site};
use omnicors_browser_tests::{Browser, Engine};
use omnicors_core::{Guard, PolicyConfig};
use omnicors_tests::servers::OverSocket;
use omnicors_tower::CorsLayer;
use serde_json::json;
use tokio::time::sleep;

/// The time limit for a request on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a page does. `URL` is the address with a query of its own.
const ACTIONS: [(&str, &str); 6] = [
    (
        "form",
        "const frame = document.createElement('iframe');
         frame.name = 'form';
         const form = document.createElement('form');
         Object.assign(form, { method: 'post', action: URL, target: 'form' });
         document.body.append(frame, form);
         form.submit();",
    ),
    (
        "no-cors",
        "fetch(URL, { method: 'POST', mode: 'no-cors', body: 'x' }).catch(() => {});",
    ),
    ("beacon", "navigator.sendBeacon(URL, 'x');"),
    ("WebSocket", "new WebSocket(URL.replace('http:', 'ws:'));"),
    ("EventSource", "new EventSource(URL);"),
    ("image", "new Image().src = URL;"),
];

/// The page that sends the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    /// A page of an origin that the policy lists.
    Listed,
    /// A page of an origin in `allow_navigations_from`.
    Login,
    /// A page of an origin that the policy does not know.
    Foreign,
    /// A page of the server itself.
    Own,
    /// A page of another name that now resolves to the server: the browser believes it to be a page of the server itself.
    Rebound,
}

const SENDERS: [Sender; 5] = [
    Sender::Listed,
    Sender::Login,
    Sender::Foreign,
    Sender::Own,
    Sender::Rebound,
];

/// A policy with a guard.
#[derive(Clone, Copy, Debug)]
struct Mode {
    name: &'static str,
    guard: Guard,
    report_only: bool,
    lists_hosts: bool,
}

const MODES: [Mode; 5] = [
    Mode {
        name: "off",
        guard: Guard::Off,
        report_only: false,
        lists_hosts: true,
    },
    Mode {
        name: "unsafe-methods",
        guard: Guard::UnsafeMethods,
        report_only: false,
        lists_hosts: true,
    },
    Mode {
        name: "all",
        guard: Guard::All,
        report_only: false,
        lists_hosts: true,
    },
    Mode {
        name: "all, report only",
        guard: Guard::All,
        report_only: true,
        lists_hosts: true,
    },
    Mode {
        name: "all, without allow_hosts",
        guard: Guard::All,
        report_only: false,
        lists_hosts: false,
    },
];

/// Returns the status of the response to a request, or 200 if the application runs: the table of the documentation of the guard.
fn expected(mode: Mode, sender: Sender, action: &str) -> u16 {
    let is_checked = match mode.guard {
        Guard::Off => false,
        Guard::UnsafeMethods => matches!(action, "form" | "no-cors" | "beacon" | "WebSocket"),
        // An image is requested without CORS.
        Guard::All => action != "image",
    };
    match sender {
        _ if mode.report_only => 200,
        Sender::Rebound if mode.lists_hosts => 421,
        Sender::Login if action == "form" => 200,
        Sender::Login | Sender::Foreign if is_checked => 403,
        _ => 200,
    }
}

/// The status of each response, by query.
type Outcomes = Arc<Mutex<BTreeMap<String, u16>>>;

/// A server with a guard. It stops when this is dropped.
struct Guarded {
    socket: OverSocket,
    outcomes: Outcomes,
}

/// Put into a response by the application.
#[derive(Clone)]
struct Ran;

impl Guarded {
    fn start(mode: Mode, pages: &Site) -> Self {
        let config = PolicyConfig::new()
            .allow_origin(pages.origin("app.localhost"))
            .guard(mode.guard)
            .guard_report_only(mode.report_only);
        let config = if mode.guard == Guard::Off {
            config
        } else {
            config.allow_navigations_from([pages.origin("login.localhost")])
        };
        let config = if mode.lists_hosts {
            config.allow_hosts(["api.localhost"])
        } else {
            config
        };
        let policy = config.build().expect("the policy has no faults");
        let outcomes = Outcomes::default();
        let kept = Arc::clone(&outcomes);
        let keep = from_fn(move |request: Request, next: Next| {
            let kept = Arc::clone(&kept);
            async move {
                let query = request.uri().query().unwrap_or_default().to_owned();
                let response = next.run(request).await;
                let has_run = response.extensions().get::<Ran>().is_some();
                let status = response.status().as_u16();
                assert!(has_run == (status == 200), "{query}: {status}");
                kept.lock().expect("no holder panics").insert(query, status);
                response
            }
        });
        let application: Router = Router::new()
            .fallback(async || -> Response {
                let mut response = "ran".into_response();
                response.extensions_mut().insert(Ran);
                response
            })
            .layer(CorsLayer::new(policy))
            .layer(keep);
        // A rebound page comes from a server of the attacker, which has the same port.
        let router = application.route("/page", get(async || Html(EMPTY_PAGE)));
        let socket = OverSocket::on_tokio(|listener| async {
            let served = axum::serve(listener, router).await;
            served.expect("the server runs until it is dropped");
        });
        Self { socket, outcomes }
    }

    fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.socket.address().port())
    }

    /// Returns the status of the response to the request with this query.
    async fn outcome(&self, query: &str) -> Option<u16> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let found = self
                .outcomes
                .lock()
                .expect("no holder panics")
                .get(query)
                .copied();
            if found.is_some() {
                return found;
            }
            sleep(Duration::from_millis(5)).await;
        }
        None
    }
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn the_guard_runs_the_requests_of_the_pages_that_it_should() {
    let found = Engine::in_each(Engine::ALL, async |engine| {
        let pages = Site::of_empty_pages();
        let browser = engine.start().await;
        let mut faults = Vec::new();
        let mut counts = [0, 0];
        for mode in MODES {
            let server = Guarded::start(mode, &pages);
            for sender in SENDERS {
                for (action, status) in statuses(&browser, &server, &pages, sender).await {
                    let expected = expected(mode, sender, action);
                    counts[usize::from(expected == 200)] += 1;
                    if status != Some(expected) {
                        faults.push(format!(
                            "{}: {action} of {sender:?}, guard {}: {status:?} instead of {expected}",
                            engine.name(),
                            mode.name
                        ));
                    }
                }
            }
        }
        (counts, faults)
    });
    let faults: Vec<_> = found.iter().flat_map(|found| found.1.clone()).collect();
    let names = Engine::ALL.map(Engine::name).join(", ");
    let [[rejected, run], ..] = found.map(|found| found.0);
    println!(
        "guard: {run} requests run and {rejected} rejected x {names}: {} differences",
        faults.len()
    );
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Lets a page do everything, and returns the statuses.
async fn statuses(
    browser: &Browser,
    server: &Guarded,
    pages: &Site,
    sender: Sender,
) -> Vec<(&'static str, Option<u16>)> {
    let (origin, path, host) = match sender {
        Sender::Listed => (pages.origin("app.localhost"), "/", "api.localhost"),
        Sender::Login => (pages.origin("login.localhost"), "/", "api.localhost"),
        Sender::Foreign => (pages.origin("evil.localhost"), "/", "api.localhost"),
        Sender::Own => (server.origin("api.localhost"), "/page", "api.localhost"),
        Sender::Rebound => (
            server.origin("rebound.localhost"),
            "/page",
            "rebound.localhost",
        ),
    };
    browser.open(&origin, path).await;
    let mut statuses = Vec::new();
    for (action, script) in ACTIONS {
        let query = format!("{sender:?}-{action}");
        let url = format!("{}/api?{query}", server.origin(host));
        let script = format!("const URL = arguments[0]; {script}");
        browser.run(&script, &[json!(url)]).await;
        statuses.push((action, server.outcome(&query).await));
    }
    statuses
}
