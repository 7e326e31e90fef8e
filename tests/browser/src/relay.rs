//! What stands between an engine and the servers, and keeps what they say to each other.
//!
//! A page asks the relay, which hands each request on, byte for byte but for the connection's own lines, to the server that
//! its `case` is meant for, and the response back. The lines that tell the servers' application what to respond are added
//! here: a page that sent them itself would have to ask in a preflight.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use omnicors_tests::servers::OverSocket;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::{Asked, Reply, serve};
use crate::site::EMPTY_PAGE;

/// A request, and what was responded.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What the browser sent.
    pub asked: Asked,
    /// The status of the response.
    pub status: u16,
    /// The lines of the response, in order, names in lower case.
    pub lines: Vec<(String, Vec<u8>)>,
}

impl Exchange {
    /// The server ran its application.
    #[must_use]
    pub fn ran(&self) -> bool {
        self.lines.iter().any(|line| line.0 == "x-ran")
    }

    /// It is a preflight.
    #[must_use]
    pub fn is_preflight(&self) -> bool {
        self.asked.method == "OPTIONS" && self.asked.line("access-control-request-method").is_some()
    }
}

/// Where the requests of a case go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The server.
    pub to: SocketAddr,
    /// Lines added to a preflight.
    pub with_preflight: Vec<(String, String)>,
    /// Lines added to any other request.
    pub with_actual: Vec<(String, String)>,
}

/// The relay. It ends when this is dropped. A clone is the same on another port.
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
    /// Starts one.
    #[must_use]
    pub fn start() -> Self {
        Self::on_another_port_of(&Arc::default())
    }

    /// The same relay on another port too.
    #[must_use]
    pub fn on_another_port(&self) -> Self {
        Self::on_another_port_of(&self.shared)
    }

    fn on_another_port_of(shared: &Arc<Mutex<Shared>>) -> Self {
        let kept = Arc::clone(shared);
        Self {
            socket: serve(move |asked| relay(asked, Arc::clone(&kept))),
            shared: Arc::clone(shared),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.socket.address().port()
    }

    /// Its origin under this name. What is asked of it without a case is answered by an empty page.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.port())
    }

    /// The number of a new case: no two have the same, so that no cache of an engine's knows an address already.
    #[must_use]
    pub fn new_case(&self) -> usize {
        let mut shared = self.shared.lock().expect("nobody panics with it");
        let case = shared.next;
        shared.next += 1;
        case
    }

    /// Says where the requests of a case go: after as many redirects as `hop` says.
    pub fn route(&self, case: usize, hop: usize, route: Route) {
        let mut shared = self.shared.lock().expect("nobody panics with it");
        shared.routes.insert((case, hop), route);
    }

    /// Path and query to ask for.
    #[must_use]
    pub fn target(case: usize, hop: usize) -> String {
        format!("/?case={case}&hop={hop}")
    }

    /// What has been said about a case since this was last asked.
    #[must_use]
    pub fn take(&self, case: usize) -> Vec<Exchange> {
        let mut shared = self.shared.lock().expect("nobody panics with it");
        shared.exchanges.remove(&case).unwrap_or_default()
    }
}

async fn relay(asked: Asked, shared: Arc<Mutex<Shared>>) -> Vec<u8> {
    let number = |name| asked.parameter(name).and_then(|text| text.parse().ok());
    let Some(case) = number("case") else {
        return Reply::page(EMPTY_PAGE).into_bytes(asked.method == "HEAD");
    };
    let key = (case, number("hop").unwrap_or(0));
    let route = {
        let shared = shared.lock().expect("nobody panics with it");
        shared.routes.get(&key).cloned()
    };
    let route = route.unwrap_or_else(|| panic!("no case goes this way: {asked:?}"));
    let mut exchange = Exchange {
        asked,
        status: 0,
        lines: Vec::new(),
    };
    let added = if exchange.is_preflight() {
        &route.with_preflight
    } else {
        &route.with_actual
    };
    let response = hand_on(route.to, &exchange.asked.with_lines(added)).await;
    (exchange.status, exchange.lines) = head(&response);
    // Kept before the browser sees it: what a page has seen has been kept.
    let mut shared = shared.lock().expect("nobody panics with it");
    shared.exchanges.entry(case).or_default().push(exchange);
    response
}

async fn hand_on(to: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).await.expect("the server listens");
    stream.write_all(request).await.expect("the server reads");
    let mut response = Vec::new();
    // A server may close before it has read a body that it has no use for.
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
    let lines = head.headers.iter();
    (
        head.code.unwrap_or_default(),
        lines
            .map(|header| (header.name.to_ascii_lowercase(), header.value.to_vec()))
            .collect(),
    )
}
