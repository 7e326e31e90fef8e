//! Sends the requests of an audit, one at a time.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderName, HeaderValue, StatusCode};
use omnicors_browser::{Browser, Credentials, Exchange, Fetch, Page, Redirect};
use url::Url;

use super::judge::{Observed, admits};
use super::look_alikes::STRANGER;
use super::observation::{Observation, Purpose};
use super::plan;
use crate::failure::Failure;
use crate::probe::arguments::Arguments;
use crate::probe::live_server::LiveServer;
use crate::probe::report::stopped;
use crate::probe::{target, text};

/// The state of an audit.
#[derive(Debug)]
pub(super) struct Asker<'a> {
    arguments: &'a Arguments,
    url: &'a Url,
    pub(super) server: LiveServer,
    /// The scheme of strangers.
    scheme: &'static str,
    method: String,
    headers: Vec<(String, String)>,
    asks_for_another_host: bool,
    /// Makes URLs that no cache has stored, so that no cache stores a response that pages get.
    unique: String,
    next: usize,
    pub(super) observations: Vec<Observation>,
    /// Why the audit has ended before its end.
    pub(super) ended: Option<String>,
}

/// The audit ends before its end, with this note.
struct Ended(String);

impl<'a> Asker<'a> {
    pub(super) fn new(
        arguments: &'a Arguments,
        url: &'a Url,
        mut server: LiveServer,
        is_plain: bool,
        asks_for_another_host: bool,
    ) -> Result<Self, Failure> {
        server.host = Some(url.host_str().unwrap_or_default().to_owned());
        let method = target::method(arguments.method.as_deref().unwrap_or("PUT"))?;
        let headers = arguments
            .headers
            .iter()
            .map(|header| target::header(header));
        let mut headers: Vec<_> = headers.collect::<Result<_, _>>()?;
        for name in ["content-type", "authorization"] {
            if !headers
                .iter()
                .any(|(present, _)| present.eq_ignore_ascii_case(name))
            {
                headers.push(target::header(name)?);
            }
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Ok(Self {
            arguments,
            url,
            server,
            scheme: if is_plain { "http" } else { "https" },
            method: method.to_string(),
            headers,
            asks_for_another_host,
            unique: format!("{:x}{:x}", now.as_nanos(), std::process::id()),
            next: 0,
            observations: Vec::new(),
            ended: None,
        })
    }

    /// Sends the requests.
    ///
    /// # Errors
    ///
    /// Returns the failure if the server does not respond to the first request.
    pub(super) async fn ask_all(&mut self, given: Option<(&str, &Page)>) -> Result<(), Failure> {
        let asked = match self.ask_each(given).await {
            Ok(()) => self.ask_for_another_host().await,
            ended => ended,
        };
        match asked {
            Ok(()) => Ok(()),
            Err(Ended(reason)) if self.observations.is_empty() => Err(Failure::because(reason)),
            Err(Ended(reason)) => {
                self.ended = Some(reason);
                Ok(())
            }
        }
    }

    async fn ask_each(&mut self, given: Option<(&str, &Page)>) -> Result<(), Ended> {
        let stranger_origin = format!("{}://{STRANGER}", self.scheme);
        let stranger = page(&stranger_origin)?;
        let own = self.url.origin().ascii_serialization();

        self.get(Purpose::NonCors, &page(&own)?).await?;
        self.get(Purpose::Stranger, &stranger).await?;
        self.get(Purpose::Null, &Page::opaque()).await?;
        if let Some((_, given)) = given {
            self.get(Purpose::Given, given).await?;
        }
        let allows_strangers = Observed(&self.observations)
            .get(Purpose::Stranger)
            .and_then(admits);
        // If every origin is allowed, look-alikes say nothing more.
        if allows_strangers.is_none() {
            for (resemblance, origin) in plan::origins(self.url, given.map(|(origin, _)| origin)) {
                self.get(Purpose::LookAlike(resemblance), &page(&origin)?)
                    .await?;
            }
        }
        self.preflight(Purpose::StrangerPreflight, &stranger)
            .await?;
        let header = (
            HeaderName::from_static("access-control-request-private-network"),
            HeaderValue::from_static("true"),
        );
        self.server.preflight_header = Some(header);
        let asked = self.preflight(Purpose::PrivateNetwork, &stranger).await;
        self.server.preflight_header = None;
        asked?;
        let url = self.unique_url();
        let handshake = stranger.web_socket(url.as_str());
        let handshake = match &self.arguments.cookies {
            Some(cookies) => handshake.cookies(cookies),
            None => handshake,
        };
        let sent = self.send(Purpose::WebSocket, &stranger, handshake).await;
        self.unless_closed(sent)?;

        let Some(allowed) = Observed(&self.observations).allowed() else {
            return Ok(());
        };
        let is_static = allowed.allow_origin().as_deref() == Some("*");
        let page_of_allowed = page(&allowed.origin)?;
        self.preflight(Purpose::Preflight, &page_of_allowed).await?;
        let missing = self.url.join(&format!("omnicors-audit-{}", self.unique));
        if let Ok(missing) = missing {
            self.send_get(Purpose::MissingPath, &page_of_allowed, &missing)
                .await?;
        }
        // The same response for everyone cannot be mixed up.
        if !is_static && !self.arguments.exact_url {
            let other = if page_of_allowed.origin() == stranger.origin() {
                page(&format!("{}://second.{STRANGER}", self.scheme))?
            } else {
                stranger
            };
            let url = self.unique_url();
            self.send_get(Purpose::CacheAllowed, &page_of_allowed, &url)
                .await?;
            self.send_get(Purpose::CacheAllowedThenStranger, &other, &url)
                .await?;
            let url = self.unique_url();
            self.send_get(Purpose::CacheStranger, &other, &url).await?;
            self.send_get(Purpose::CacheStrangerThenAllowed, &page_of_allowed, &url)
                .await?;
        }
        Ok(())
    }

    /// Asks as a page does whose name resolves to the server, although the server does not have this name.
    async fn ask_for_another_host(&mut self) -> Result<(), Ended> {
        let mut url = self.unique_url();
        if !self.asks_for_another_host || url.set_host(Some(STRANGER)).is_err() {
            return Ok(());
        }
        let page = page(&url.origin().ascii_serialization())?;
        // The browser has no cookies for this name.
        let fetch = page.fetch(url.as_str()).redirect(Redirect::Manual);
        let host = self.server.host.replace(STRANGER.to_owned());
        let sent = self.send(Purpose::OtherHost, &page, fetch).await;
        self.server.host = host;
        self.unless_closed(sent)
    }

    /// Goes on after a request to which a server may close the connection in the place of a response.
    fn unless_closed(&mut self, sent: Result<(), Ended>) -> Result<(), Ended> {
        match sent {
            Err(_) if self.server.failure.take().is_some() => Ok(()),
            sent => sent,
        }
    }

    fn unique_url(&mut self) -> Url {
        let mut url = self.url.clone();
        url.set_fragment(None);
        if !self.arguments.exact_url {
            self.next += 1;
            let value = format!("{}-{}", self.unique, self.next);
            url.query_pairs_mut().append_pair("omnicors-audit", &value);
        }
        url
    }

    async fn get(&mut self, purpose: Purpose, page: &Page) -> Result<(), Ended> {
        let url = self.unique_url();
        self.send_get(purpose, page, &url).await
    }

    async fn send_get(&mut self, purpose: Purpose, page: &Page, url: &Url) -> Result<(), Ended> {
        let mut fetch = page
            .fetch(url.as_str())
            .redirect(Redirect::Manual)
            .credentials(Credentials::Include);
        if let Some(cookies) = &self.arguments.cookies {
            fetch = fetch.cookies(cookies);
        }
        self.send(purpose, page, fetch).await
    }

    /// Sends a preflight, and never the request that follows it.
    async fn preflight(&mut self, purpose: Purpose, page: &Page) -> Result<(), Ended> {
        let mut fetch = page
            .fetch(self.url.as_str())
            .method(&self.method)
            .redirect(Redirect::Manual)
            .credentials(Credentials::Include);
        for (name, value) in &self.headers {
            fetch = fetch.header(name, value);
        }
        self.server.only_preflights = true;
        let sent = self.send(purpose, page, fetch).await;
        self.server.only_preflights = false;
        sent
    }

    async fn send(&mut self, purpose: Purpose, page: &Page, fetch: Fetch) -> Result<(), Ended> {
        let outcome = Browser::default().send(&fetch, &mut self.server).await;
        let exchange = outcome.exchanges().first();
        let answered = exchange.and_then(|exchange| Some((exchange, exchange.response()?)));
        let sent = self.server.sent.last().cloned();
        let Some(((exchange, response), sent)) = answered.zip(sent) else {
            // The page asks for the URL of its own origin: a preflight is not needed.
            if self.server.failure.is_none()
                && self.server.stop == Some(crate::probe::live_server::Stop::PreflightOnly)
            {
                return Ok(());
            }
            return Err(Ended(self.reason(exchange)));
        };
        self.observations.push(Observation {
            purpose,
            number: self.observations.len() + 1,
            origin: page.origin().to_string(),
            fetch,
            exchange: exchange.clone(),
            response: response.clone(),
            sent,
        });
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            return Err(Ended(
                "the server responds with 429, which asks for fewer requests".to_owned(),
            ));
        }
        Ok(())
    }

    fn reason(&self, exchange: Option<&Exchange>) -> String {
        match (&self.server.failure, &self.server.stop) {
            (Some(failure), _) => format!("the server did not respond: {}", text::line(failure)),
            (None, Some(stop)) => stopped(stop),
            (None, None) => {
                let url = exchange.map_or(String::new(), |exchange| {
                    exchange.request().uri().to_string()
                });
                format!("a browser does not send this request {}", text::line(&url))
            }
        }
    }
}

fn page(origin: &str) -> Result<Page, Ended> {
    Page::new(origin).map_err(|error| Ended(format!("`{origin}` is not an origin: {error}")))
}
