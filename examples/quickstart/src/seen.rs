//! What the API has seen of the requests that the page made browsers send: as they came, not as anyone expects them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN,
};
use axum::http::request::Parts;
use axum::http::{HeaderName, Method};
use axum::middleware::Next;
use axum::response::Response;
use omnicors_core::{Policy, RequestKind, RequestParts};
use omnicors_tower::{PolicyHandle, PreparedPolicy};

/// The last tries, each with what has arrived of it.
pub(crate) struct Seen {
    handle: PolicyHandle,
    tries: Mutex<VecDeque<(String, Arrived)>>,
}

#[derive(Clone, Default)]
pub(crate) struct Arrived {
    pub(crate) preflight: Option<Exchange>,
    pub(crate) actual: Option<Exchange>,
}

/// A request, what became of it, and the policy that decided.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) policy: Arc<PreparedPolicy>,
    pub(crate) method: Method,
    pub(crate) lines: Vec<(HeaderName, Vec<u8>)>,
    pub(crate) status: u16,
    /// The names of the response's header lines.
    pub(crate) response: Vec<HeaderName>,
    pub(crate) application_ran: bool,
}

/// An extension that the application leaves in its response.
#[derive(Clone, Copy)]
pub(crate) struct ApplicationRan;

/// The lines that CORS reads.
const LINES: [HeaderName; 5] = [
    HOST,
    ORIGIN,
    ACCESS_CONTROL_REQUEST_METHOD,
    ACCESS_CONTROL_REQUEST_HEADERS,
    HeaderName::from_static("sec-fetch-site"),
];

/// How many tries are kept. A page sends about ten at once.
pub(crate) const TRIES: usize = 256;

/// How many bytes of one request are kept: of a longer one, nothing is.
const LONGEST: usize = 8192;

impl Seen {
    pub(crate) fn new(handle: PolicyHandle) -> Self {
        Self {
            handle,
            tries: Mutex::default(),
        }
    }

    pub(crate) fn arrived(&self, id: &str) -> Option<Arrived> {
        let tries = self.lock();
        let (_, arrived) = tries.iter().find(|(known, _)| known == id)?;
        Some(arrived.clone())
    }

    fn add(&self, id: String, exchange: Exchange) {
        let mut tries = self.lock();
        let place = tries.iter().position(|(known, _)| *known == id);
        let mut arrived = place
            .and_then(|place| tries.remove(place))
            .map(|(_, arrived)| arrived)
            .unwrap_or_default();
        if exchange.request(exchange.policy.policy()).kind() == RequestKind::Preflight {
            arrived.preflight = Some(exchange);
        } else {
            arrived.actual = Some(exchange);
        }
        tries.push_back((id, arrived));
        if tries.len() > TRIES {
            tries.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, Arrived)>> {
        // Every change to it is whole, whatever panics.
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exchange {
    /// What the library sees of the request.
    pub(crate) fn request(&self, policy: &Policy) -> RequestParts<'_> {
        RequestParts::read(policy, self.method.as_str(), &self.lines)
    }
}

/// Goes around the layer, so that it sees what arrives and what leaves.
pub(crate) async fn record(
    State(seen): State<Arc<Seen>>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let about = try_id(&head).map(str::to_owned).zip(cors_lines(&head));
    let method = head.method.clone();
    let policy = seen.handle.load();
    // The layer loads the policy before it first waits for anything: nothing comes between, on this one thread.
    let response = next.run(Request::from_parts(head, body)).await;
    // Before the response leaves: whoever has it may ask.
    if let Some((id, lines)) = about {
        let exchange = Exchange {
            policy,
            method,
            lines,
            status: response.status().as_u16(),
            response: response.headers().keys().cloned().collect(),
            application_ran: response.extensions().get::<ApplicationRan>().is_some(),
        };
        seen.add(id, exchange);
    }
    response
}

/// `ID` of `?try=ID`, which the page has made up.
fn try_id(head: &Parts) -> Option<&str> {
    let id = head.uri.query()?.strip_prefix("try=")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    ((1..=40).contains(&id.len()) && id.bytes().all(is_plain)).then_some(id)
}

fn cors_lines(head: &Parts) -> Option<Vec<(HeaderName, Vec<u8>)>> {
    let mut lines = Vec::new();
    let mut bytes = 0;
    for name in LINES {
        for value in head.headers.get_all(&name) {
            bytes += value.len();
            lines.push((name.clone(), value.as_bytes().to_vec()));
        }
    }
    (bytes <= LONGEST).then_some(lines)
}
