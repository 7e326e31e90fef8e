//! Runs the cases in an engine, and compares the outcomes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use omnicors_browser::Outcome;
use omnicors_browser_tests::cases::hosts::cannot_open;
use omnicors_browser_tests::cases::{BrowserCase, BrowserCases};
use omnicors_browser_tests::prediction::{
    Addresses, FetchResult, host, observed, predict, predicted, verdicts,
};
use omnicors_browser_tests::relay::{Exchange, Relay, Route};
use omnicors_browser_tests::{Browser, Engine, page};
use serde_json::Value;

use crate::console::{self, Predicted};
use crate::servers::{Servers, runs};

pub(crate) struct Matrix {
    pub(crate) pages: Relay,
    pub(crate) others: Relay,
    pub(crate) api: Relay,
    pub(crate) all: BrowserCases,
    pub(crate) servers: Servers,
}

/// What was found in one engine.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The number of pairs of a policy and a request.
    pub(crate) pairs: usize,
    /// The number of these that are generated.
    pub(crate) generated: usize,
    /// The number of requests: a pair is sent to several servers.
    pub(crate) requests: usize,
    /// The number of pairs whose outcome the standard does not predict, but the model of the engine.
    pub(crate) deviations: usize,
    /// The number of predicted console lines that were compared.
    pub(crate) console_lines: usize,
    /// The number of these of generated pairs.
    pub(crate) generated_lines: usize,
    /// The number of predicted console lines that were not compared, for each reason.
    pub(crate) unread: BTreeMap<&'static str, usize>,
    /// The number of skipped pairs, for each reason.
    pub(crate) skipped: BTreeMap<String, usize>,
    pub(crate) disagreements: Vec<String>,
}

/// A running case: its server, and its number at the relay.
struct RunningCase<'a> {
    case: &'a BrowserCase,
    server: &'static str,
    number: usize,
}

impl RunningCase<'_> {
    fn predicted_line(&self, engine: Engine, outcome: &Outcome) -> Predicted {
        let line = outcome.console(engine.model());
        Predicted {
            alternatives: line
                .iter()
                .flat_map(|line| console::with_other_headers(line, outcome))
                .collect(),
            name: format!(
                "`{}`, in {} against {}: {:?}",
                self.case.name,
                engine.name(),
                self.server,
                self.case
            ),
            query: format!("?case={}&", self.number),
            line,
        }
    }
}

/// What a comparison without a difference has found.
struct Compared {
    /// True if the engine deviates from the standard, as the crate says.
    deviates: bool,
    /// The outcome that the crate predicts.
    outcome: Outcome,
}

/// The number of requests that a page makes in one script.
const BATCH: usize = 40;

impl Matrix {
    /// Runs all cases in one engine: opens each page once, and makes its requests in batches.
    pub(crate) async fn run(&self, engine: Engine) -> Found {
        let started = Instant::now();
        let mut found = Found::default();
        let mut by_page: BTreeMap<String, BTreeMap<bool, Vec<_>>> = BTreeMap::new();
        for case in &self.all.cases {
            if let Some(reason) = reason_to_skip(engine, case) {
                *found.skipped.entry(reason).or_default() += 1;
                continue;
            }
            found.pairs += 1;
            found.generated += usize::from(case.verdict.is_none());
            let site = if case.page.other_port {
                &self.others
            } else {
                &self.pages
            };
            let batches = by_page.entry(site.origin(&case.page.host)).or_default();
            let batch = batches.entry(case.page.sandboxed).or_default();
            let carriers = self.servers.carriers.iter();
            let servers = carriers.filter(|(server, carriers)| {
                runs(server, case) && case.cannot_carry(carriers).is_none()
            });
            batch.extend(servers.map(|(server, _)| (*server, case)));
        }
        let browser = engine.start().await;
        let mut visited = BTreeSet::new();
        for (url, batches) in by_page {
            let page = omnicors_browser::Page::new(&url).expect("the URL of a page is valid");
            let origin = page.origin().to_string();
            browser.open_as(&url, &origin).await;
            visited.insert(host(&origin));
            let addresses = Addresses {
                page: &origin,
                api: self.api.port(),
                visited: &visited,
            };
            for (sandboxed, cases) in batches {
                for batch in cases.chunks(BATCH) {
                    found.requests += batch.len();
                    self.run_batch(&browser, &addresses, sandboxed, batch, &mut found)
                        .await;
                }
            }
        }
        println!(
            "{}: {} requests for {} pairs to {} servers in {:.1} s",
            engine.name(),
            found.requests,
            found.pairs,
            self.servers.carriers.len(),
            started.elapsed().as_secs_f64(),
        );
        found
    }

    async fn run_batch(
        &self,
        browser: &Browser,
        addresses: &Addresses<'_>,
        sandboxed: bool,
        batch: &[(&'static str, &BrowserCase)],
        found: &mut Found,
    ) {
        let origin = addresses.page;
        let batch: Vec<RunningCase<'_>> = batch
            .iter()
            .map(|(server, case)| self.send(server, case, addresses))
            .collect();
        let arguments: Vec<_> = batch
            .iter()
            .map(|running| {
                let url = addresses.url(running.case, running.number, 0);
                page::fetch_arguments(running.case, &url)
            })
            .collect();
        let results = page::fetch_all(browser, &arguments, sandboxed).await;
        let mut lines = Vec::new();
        let (mut predicted_lines, mut of_generated) = (0, 0);
        for (running, result) in batch.iter().zip(results) {
            let compared = self.compare(browser.engine(), running, addresses, &result);
            match compared {
                Ok(compared) => {
                    found.deviations += usize::from(compared.deviates);
                    let line = running.predicted_line(browser.engine(), &compared.outcome);
                    if line.line.is_some() {
                        predicted_lines += 1;
                        of_generated += usize::from(running.case.verdict.is_none());
                    }
                    lines.push(line);
                }
                Err(difference) => found.disagreements.push(format!(
                    "`{}`, in {} from {origin} against {}: {difference}\n  {:?}\n  policy {:?}\n  {result}",
                    running.case.name,
                    browser.engine().name(),
                    running.server,
                    running.case,
                    self.all.policies[&running.case.policy],
                )),
            }
        }
        if let Some(reason) = console::unreadable(browser.engine(), sandboxed) {
            // The crate predicts no lines of WebKit.
            *found.unread.entry(reason).or_default() += predicted_lines;
        } else {
            found.console_lines += predicted_lines;
            found.generated_lines += of_generated;
            let differences = console::compare(browser, &lines).await;
            found.disagreements.extend(differences);
        }
    }

    /// Sets the routes of a case, and returns the running case.
    fn send<'a>(
        &self,
        server: &'static str,
        case: &'a BrowserCase,
        addresses: &Addresses<'_>,
    ) -> RunningCase<'a> {
        let number = self.api.new_case();
        for (index, (hop, policy)) in case.hops.iter().zip(case.policies()).enumerate() {
            let respond = |field: &String| ("x-respond".to_owned(), field.clone());
            let mut with_actual: Vec<(String, String)> = Vec::new();
            if let Some(status) = hop.redirect {
                let location = addresses.url(case, number, index + 1);
                with_actual.push(respond(&format!("Location: {location}")));
                with_actual.push(("x-respond-status".to_owned(), status.to_string()));
            } else {
                with_actual.extend(case.response.iter().map(respond));
                with_actual.extend(HEADERS_TO_READ.map(|field| respond(&field.to_owned())));
                with_actual.push(("x-respond-status".to_owned(), case.status.to_string()));
            }
            let route = Route {
                to: self.servers.addresses[&(server, policy.to_owned())],
                with_preflight: case.preflight_response.iter().map(respond).collect(),
                with_actual,
            };
            self.api.route(number, index, route);
        }
        RunningCase {
            case,
            server,
            number,
        }
    }

    /// Compares what the engine did with the predictions.
    fn compare(
        &self,
        engine: Engine,
        running: &RunningCase<'_>,
        addresses: &Addresses<'_>,
        result: &Value,
    ) -> Result<Compared, String> {
        let (case, number) = (running.case, running.number);
        let exchanges = self.api.take(number);
        let outcome = predict(engine.model(), case, number, addresses, &exchanges);
        let expected = predicted(case, &outcome);
        let got = observed(case, &exchanges, result);
        if expected != got {
            let responses = responses(&exchanges);
            return Err(format!(
                "\n  expected\n{expected}\n  got\n{got}\n  responses\n{responses}"
            ));
        }
        let policies = &self.all.policies;
        let verdicts = verdicts(engine, case, policies, addresses, &outcome, &exchanges)?;
        check_expectations(case, &verdicts, &got.result)?;
        let standard = omnicors_browser::Engine::Standard;
        let standard = predict(standard, case, number, addresses, &exchanges);
        Ok(Compared {
            deviates: predicted(case, &standard) != expected,
            outcome,
        })
    }
}

/// Prints a line for each response: its status, and its fields that decide about the next request.
fn responses(exchanges: &[Exchange]) -> String {
    let is_shown = |name: &str| name.starts_with("access-control-") || name == "location";
    let line = |exchange: &Exchange| {
        let fields = exchange.fields.iter().filter(|field| is_shown(&field.0));
        let fields = fields.map(|(name, value)| format!(", {name}: {}", value.escape_ascii()));
        format!("    {}{}", exchange.status, fields.collect::<String>())
    };
    let lines: Vec<String> = exchanges.iter().map(line).collect();
    lines.join("\n")
}

/// Returns the reason why the engine cannot run this case, if there is one.
fn reason_to_skip(engine: Engine, case: &BrowserCase) -> Option<String> {
    let hops = case.hops.iter().map(|hop| &hop.host);
    let mut hosts = hops.chain([&case.page.host]);
    hosts.find_map(|host| {
        let reason = cannot_open(engine, host)?;
        Some(format!("{host}: {reason}"))
    })
}

/// The fields of each response, some readable and some not.
const HEADERS_TO_READ: [&str; 4] = [
    "X-Total: 3",
    "X-Request-Id: 7",
    "Cache-Control: no-store",
    "Content-Language: en",
];

/// Compares an outcome with the expectations that the case states.
fn check_expectations(
    case: &BrowserCase,
    verdicts: &[String],
    result: &FetchResult,
) -> Result<(), String> {
    let mut denials = verdicts.iter().filter(|verdict| *verdict != "allowed");
    let conclusion = denials.next().map_or("allowed", String::as_str);
    if let Some(expected) = &case.verdict
        && expected != conclusion
    {
        return Err(format!(
            "the case expects {expected}, but the verdicts are {verdicts:?}"
        ));
    }
    if let (Some(readable), FetchResult::Response { headers, .. }) = (&case.readable, result) {
        let own = headers.keys().map(String::as_str);
        let own: BTreeSet<_> = own.filter(|name| TO_READ.contains(name)).collect();
        if own != readable.iter().map(String::as_str).collect() {
            return Err(format!(
                "the case expects {readable:?} to be readable, but {own:?} are"
            ));
        }
    }
    Ok(())
}

/// The names that `readable` of a case may contain.
const TO_READ: [&str; 2] = ["x-total", "x-request-id"];
