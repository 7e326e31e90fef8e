//! The server that is asked, with the limits of what is sent to it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, Version, header};
use omnicors_browser::{Server, ServerError};
use tokio::time::Instant;

use super::address_space::AddressSpace;
use super::connect_error::ConnectError;
use super::deadline::{Deadline, Limit};
use super::transport::{BodyRead, Transport};

/// The reason why a request was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A redirect leads to another host, and `--follow-hosts` is not given.
    OtherHost(Uri),
    /// The preflight has been accepted, and only the preflight was asked for.
    PreflightOnly,
    /// The time of the command is up.
    TimeIsUp(Duration),
    /// The audit has sent as many requests as it may.
    Budget(usize),
    /// The request may change something on a server that is not on loopback, and `--yes` is not given.
    Change(Method, Uri),
}

/// How a request was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// The headers that were sent besides those of the engine.
    pub(super) added: HeaderMap,
    pub(super) version: Option<Version>,
    pub(super) elapsed: Duration,
    pub(super) body: BodyRead,
}

/// Sends requests over the network, one at a time.
#[derive(Debug)]
pub(super) struct LiveServer {
    transport: Transport,
    /// The only host to which requests are sent; `None` for all hosts.
    pub(super) host: Option<String>,
    pub(super) only_preflights: bool,
    /// Whether requests that may change something are sent to servers that are not on loopback.
    pub(super) may_change: bool,
    /// Whether to warn before a request to a server that is not on loopback that nothing checks who responds.
    pub(super) warns_of_insecure: bool,
    /// Added to each preflight.
    pub(super) preflight_header: Option<(HeaderName, HeaderValue)>,
    budget: usize,
    time: Duration,
    deadline: Deadline,
    /// Of each request that was sent, in order.
    pub(super) sent: Vec<Sent>,
    pub(super) stop: Option<Stop>,
    /// The reason why there was no response.
    pub(super) failure: Option<String>,
}

impl LiveServer {
    /// `budget` is the largest number of requests, and `time` the largest time for all of them.
    pub(super) fn new(transport: Transport, budget: usize, time: Duration) -> Self {
        Self {
            transport,
            host: None,
            only_preflights: false,
            may_change: false,
            warns_of_insecure: false,
            preflight_header: None,
            budget,
            time,
            deadline: Deadline::of(Limit::Command(time)),
            sent: Vec::new(),
            stop: None,
            failure: None,
        }
    }

    fn stop(&self, request: &Request<Bytes>) -> Option<Stop> {
        let host = request.uri().host().unwrap_or_default();
        if self
            .host
            .as_ref()
            .is_some_and(|only| !only.eq_ignore_ascii_case(host))
        {
            return Some(Stop::OtherHost(request.uri().clone()));
        }
        if self.only_preflights && !is_preflight(request) {
            return Some(Stop::PreflightOnly);
        }
        if self.sent.len() >= self.budget {
            return Some(Stop::Budget(self.budget));
        }
        (Instant::now() >= self.deadline.at).then_some(Stop::TimeIsUp(self.time))
    }

    /// Returns the reason not to send a request to another machine. Warns if nothing checks who responds.
    async fn stop_at_other_machine(
        &mut self,
        request: &Request<Bytes>,
    ) -> Result<Option<Stop>, ConnectError> {
        let is_change = !request.method().is_safe() && !is_preflight(request);
        let is_stopped = is_change && !self.may_change;
        if !is_stopped && !self.warns_of_insecure {
            return Ok(None);
        }
        let space = self.transport.space(request.uri(), self.deadline).await?;
        if space == AddressSpace::Loopback {
            return Ok(None);
        }
        if is_stopped {
            let (method, url) = (request.method().clone(), request.uri().clone());
            return Ok(Some(Stop::Change(method, url)));
        }
        self.warns_of_insecure = false;
        anstream::eprintln!(
            "warning: `--insecure` does not check who responds: anyone on the way can read and change what is sent"
        );
        Ok(None)
    }

    /// Keeps the reason why there is no response.
    fn fail<T>(&mut self, reason: String) -> Result<T, ServerError> {
        self.failure = Some(reason.clone());
        Err(reason.into())
    }
}

impl Server<()> for LiveServer {
    async fn respond(
        &mut self,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>, ServerError> {
        self.stop = self.stop(&request);
        if self.stop.is_none() {
            self.stop = match self.stop_at_other_machine(&request).await {
                Ok(stop) => stop,
                Err(error) => return self.fail(error.to_string()),
            };
        }
        if self.stop.is_some() {
            return Err("it was not asked".into());
        }
        let mut added = HeaderMap::new();
        if !request.headers().contains_key(header::USER_AGENT) {
            added.insert(header::USER_AGENT, self.transport.user_agent.clone());
        }
        if let Some((name, value)) = &self.preflight_header
            && is_preflight(&request)
        {
            added.insert(name, value.clone());
        }
        request.headers_mut().extend(added.clone());
        let begin = Instant::now();
        let result = self.transport.exchange(request, self.deadline).await;
        let (version, body) = match &result {
            Ok(received) => (Some(received.version), received.body),
            Err(_) => (None, BodyRead::Interrupted),
        };
        self.sent.push(Sent {
            added,
            version,
            elapsed: begin.elapsed(),
            body,
        });
        match result {
            Ok(received) => Ok(received.response),
            Err(error) => self.fail(error),
        }
    }
}

/// Returns true for a [CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request). A page cannot send one, because
/// it cannot set the header.
pub(super) fn is_preflight(request: &Request<Bytes>) -> bool {
    request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::any;
    use tokio::net::TcpListener;

    use super::*;
    use crate::probe::addresses::Addresses;
    use crate::probe::tls;
    use crate::probe::transport::Limits;

    /// Returns a server that reaches an address of another machine as well, at `api.example`.
    async fn server(budget: usize) -> (LiveServer, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().fallback(any(|| async { "hello" }));
        tokio::spawn(async { axum::serve(listener, router).await });
        let limits = Limits {
            connect: Duration::from_millis(100),
            exchange: Duration::from_secs(5),
        };
        let tls = tls::config(&[], false, false).unwrap();
        let user_agent = HeaderValue::from_static("test");
        // An address for documentation: https://www.rfc-editor.org/rfc/rfc5737
        let addresses = Addresses::new(&["api.example:80:192.0.2.1".to_owned()]).unwrap();
        let transport = Transport::new(&tls, addresses, limits, user_agent);
        (
            LiveServer::new(transport, budget, Duration::from_secs(10)),
            url,
        )
    }

    #[tokio::test]
    async fn no_more_requests_than_the_budget_are_sent() {
        let (mut server, url) = server(2).await;
        for expected in [true, true, false, false] {
            let request = Request::get(&url).body(Bytes::new()).unwrap();
            assert_eq!(server.respond(request).await.is_ok(), expected);
        }
        assert_eq!(server.sent.len(), 2);
        assert_eq!(server.stop, Some(Stop::Budget(2)));
    }

    #[tokio::test]
    async fn nothing_is_sent_after_the_time_is_up() {
        let (mut server, url) = server(2).await;
        server.deadline.at = Instant::now();
        let request = Request::get(&url).body(Bytes::new()).unwrap();
        server.respond(request).await.unwrap_err();
        assert_eq!(server.stop, Some(Stop::TimeIsUp(Duration::from_secs(10))));
        assert!(server.sent.is_empty());
    }

    #[tokio::test]
    async fn a_change_on_another_machine_is_not_sent() {
        let (mut server, loopback) = server(20).await;
        let other = "http://api.example/";
        let request = |method: &str, url: &str| Request::builder().method(method).uri(url);
        for (method, url, is_sent) in [
            ("POST", &*loopback, true),
            ("POST", other, false),
            ("PUT", other, false),
            ("DELETE", other, false),
            ("PURGE", other, false),
            ("GET", other, true),
            ("HEAD", other, true),
            ("OPTIONS", other, true),
        ] {
            let asked = request(method, url).body(Bytes::new()).unwrap();
            let number = server.sent.len();
            let _ = server.respond(asked).await;
            assert_eq!(server.sent.len() > number, is_sent, "{method} {url}");
            let uri = Uri::try_from(url).unwrap();
            let stop = Stop::Change(Method::try_from(method).unwrap(), uri);
            assert_eq!(server.stop, (!is_sent).then_some(stop));
        }
        let preflight = request("OPTIONS", other).header("access-control-request-method", "PUT");
        let number = server.sent.len();
        let _ = server.respond(preflight.body(Bytes::new()).unwrap()).await;
        assert_eq!(server.sent.len(), number + 1);

        server.may_change = true;
        let _ = server
            .respond(request("PUT", other).body(Bytes::new()).unwrap())
            .await;
        assert_eq!(server.sent.len(), number + 2);
    }

    #[tokio::test]
    async fn a_change_is_not_sent_to_a_host_whose_address_is_not_known() {
        let (mut server, _) = server(2).await;
        // https://www.rfc-editor.org/rfc/rfc6761#section-6.4
        let request = Request::post("http://api.invalid/").body(Bytes::new());
        server.respond(request.unwrap()).await.unwrap_err();
        assert!(server.sent.is_empty());
        let failure = server.failure.unwrap();
        assert!(
            failure.contains("address of `api.invalid` is not known"),
            "{failure}"
        );
    }
}
