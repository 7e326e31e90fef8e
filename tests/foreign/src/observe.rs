//! What Chromium does with the requests of pages.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use omnicors_browser::Credentials;
use omnicors_browser_tests::page::fetch_all;
use omnicors_browser_tests::prediction::FetchResult;
use omnicors_browser_tests::site::Site;
use omnicors_browser_tests::{Browser, Engine};
use serde_json::{Value, json};

use crate::requests::{self, From, PageRequest};

/// The pages, and the browser that shows them.
#[derive(Debug)]
pub struct Pages {
    browser: Browser,
    usual: Site,
    on_another_port: Site,
}

/// What Chromium did with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The result for the page.
    pub result: FetchResult,
    /// The line in the console that says why the request was blocked.
    pub console: Option<String>,
}

impl Pages {
    /// Starts Chromium and the servers of the pages.
    pub async fn start() -> Self {
        Self {
            browser: Engine::Chromium.start().await,
            usual: Site::of_empty_pages(),
            on_another_port: Site::of_empty_pages(),
        }
    }

    /// Returns the origin of a page, before it is sandboxed.
    #[must_use]
    pub fn origin(&self, from: From) -> String {
        match from {
            From::OtherPort => self.on_another_port.origin(from.host()),
            _ => self.usual.origin(from.host()),
        }
    }

    /// Makes all requests to a server, and returns what happened, in their order.
    pub async fn observe(&self, address: SocketAddr) -> Vec<Observed> {
        let mut observed = BTreeMap::new();
        for from in From::ALL {
            let of_page = |request: &&(usize, &PageRequest)| request.1.from == from;
            let all: Vec<_> = requests::ALL.iter().enumerate().collect();
            let all: Vec<_> = all.iter().filter(of_page).copied().collect();
            self.browser.open(&self.origin(from), "/").await;
            let fetches = all.iter().map(|(number, request)| {
                let url = url(address, *number, request);
                arguments(request, &url)
            });
            let fetches: Vec<_> = fetches.collect();
            let sandboxed = from == From::Sandboxed;
            let results = fetch_all(&self.browser, &fetches, sandboxed).await;
            let lines = self.console().await;
            for ((number, request), result) in all.into_iter().zip(results) {
                let url = url(address, number, request);
                let line = lines.iter().find(|line| line.contains(&url));
                let result = FetchResult::observed(&result);
                let console = line.cloned();
                observed.insert(number, Observed { result, console });
            }
        }
        observed.into_values().collect()
    }

    /// Returns the lines about CORS since the last call.
    async fn console(&self) -> Vec<String> {
        // Printed after the lines that are already there.
        let marker = "the end of the requests";
        let script = "setTimeout(marker => { throw new Error(marker); }, 0, arguments[0])";
        self.browser.run(script, &[json!(marker)]).await;
        let lines = self.browser.console_until(marker).await;
        let lines = lines.iter().filter_map(|line| {
            let start = line.message.find("Access to ")?;
            Some(line.message.get(start..)?.to_owned())
        });
        lines.collect()
    }
}

/// Returns the URL of a request, which is different for each, so that nothing that is stored is used.
#[must_use]
pub fn url(address: SocketAddr, number: usize, request: &PageRequest) -> String {
    format!("http://{address}{}?request={number}.", request.path)
}

/// Returns the arguments of `fetch()`.
fn arguments(request: &PageRequest, url: &str) -> Value {
    json!({
        "url": url,
        "method": request.method,
        "headers": request.headers,
        "body": request.body,
        "credentials": match request.credentials {
            Credentials::Omit => "omit",
            Credentials::SameOrigin => "same-origin",
            Credentials::Include => "include",
        },
    })
}
