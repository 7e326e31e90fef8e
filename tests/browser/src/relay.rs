//! A relay between an engine and the servers that records their exchanges.
//!
//! A page sends a request to the relay. The relay forwards it, unchanged except for the connection's own fields, to the server
//! of its `case`, and returns the response. The relay also adds the fields that control the servers' application: if the page
//! sent them itself, it would need a preflight.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use omnicors_tests::servers::OverSocket;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::{ReceivedRequest, Reply, serve};
use crate::site::EMPTY_PAGE;

/// A request and its response.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request of the browser.
    pub request: ReceivedRequest,
    /// The status of the response.
    pub status: u16,
    /// The fields of the response, in order, names in lower case.
    pub fields: Vec<(String, Vec<u8>)>,
}

impl Exchange {
    /// Returns the number of redirects before this request.
    #[must_use]
    pub fn hop(&self) -> usize {
        let hop = self.request.parameter("hop");
        hop.and_then(|hop| hop.parse().ok()).unwrap_or(0)
    }

    /// Returns true if the server ran its application.
    #[must_use]
    pub fn ran(&self) -> bool {
        self.fields.iter().any(|field| field.0 == "x-ran")
    }

    /// Returns true for a preflight.
    #[must_use]
    pub fn is_preflight(&self) -> bool {
        self.request.method == "OPTIONS"
            && self
                .request
                .field("access-control-request-method")
                .is_some()
    }
}

/// The destination of the requests of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The server.
    pub to: SocketAddr,
    /// Fields added to a preflight.
    pub with_preflight: Vec<(String, String)>,
    /// Fields added to any other request.
    pub with_actual: Vec<(String, String)>,
}

/// The relay. It stops when this is dropped. A clone listens on another port.
#[derive(Debug)]
pub struct Relay {
    socket: OverSocket,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    next: usize,
    routes: BTreeMap<(usize, usize), Route>,
    exchanges: BTreeMap<usize, Vec<Exchange>>,
}

impl Relay {
    /// Starts a relay.
    #[must_use]
    pub fn start() -> Self {
        Self::on_another_port_of(&Arc::default())
    }

    /// Starts listening on another port too, with the same routes and records.
    #[must_use]
    pub fn on_another_port(&self) -> Self {
        Self::on_another_port_of(&self.shared)
    }

    fn on_another_port_of(shared: &Arc<Mutex<Shared>>) -> Self {
        let kept = Arc::clone(shared);
        Self {
            socket: serve(move |request| relay(request, Arc::clone(&kept))),
            shared: Arc::clone(shared),
        }
    }

    /// Returns the port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.socket.address().port()
    }

    /// Returns the origin with this host name. A request without a case gets an empty page.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.port())
    }

    /// Returns the number of a new case. It is unique, so that no cache of an engine knows its address.
    #[must_use]
    pub fn new_case(&self) -> usize {
        let mut shared = self.shared.lock().expect("no holder panics");
        let case = shared.next;
        shared.next += 1;
        case
    }

    /// Sets the destination of the requests of a case after `hop` redirects.
    pub fn route(&self, case: usize, hop: usize, route: Route) {
        let mut shared = self.shared.lock().expect("no holder panics");
        shared.routes.insert((case, hop), route);
    }

    /// Returns the path and query of a case.
    #[must_use]
    pub fn target(case: usize, hop: usize) -> String {
        format!("/?case={case}&hop={hop}")
    }

    /// Returns the exchanges of a case since the last call.
    #[must_use]
    pub fn take(&self, case: usize) -> Vec<Exchange> {
        let mut shared = self.shared.lock().expect("no holder panics");
        shared.exchanges.remove(&case).unwrap_or_default()
    }
}

async fn relay(request: ReceivedRequest, shared: Arc<Mutex<Shared>>) -> Vec<u8> {
    let number = |name| request.parameter(name).and_then(|text| text.parse().ok());
    let Some(case) = number("case") else {
        return Reply::page(EMPTY_PAGE).into_bytes(request.method == "HEAD");
    };
    let key = (case, number("hop").unwrap_or(0));
    let route = {
        let shared = shared.lock().expect("no holder panics");
        shared.routes.get(&key).cloned()
    };
    let route = route.unwrap_or_else(|| panic!("no case has this route: {request:?}"));
    let mut exchange = Exchange {
        request,
        status: 0,
        fields: Vec::new(),
    };
    let added = if exchange.is_preflight() {
        &route.with_preflight
    } else {
        &route.with_actual
    };
    let response = hand_on(route.to, &exchange.request.with_headers(added)).await;
    (exchange.status, exchange.fields) = head(&response);
    // Record the exchange before the browser gets the response.
    let mut shared = shared.lock().expect("no holder panics");
    shared.exchanges.entry(case).or_default().push(exchange);
    response
}

async fn hand_on(to: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).await.expect("the server listens");
    stream.write_all(request).await.expect("the server reads");
    let mut response = Vec::new();
    // A server may close the connection before it has read an unused body.
    let ended = stream.read_to_end(&mut response).await;
    assert!(
        ended.is_ok() || !response.is_empty(),
        "no response: {ended:?}"
    );
    response
}

fn head(response: &[u8]) -> (u16, Vec<(String, Vec<u8>)>) {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let parsed = head.parse(response);
    assert!(
        matches!(parsed, Ok(httparse::Status::Complete(_))),
        "no response: {}",
        response.escape_ascii()
    );
    let fields = head.headers.iter();
    (
        head.code.unwrap_or_default(),
        fields
            .map(|header| (header.name.to_ascii_lowercase(), header.value.to_vec()))
            .collect(),
    )
}
