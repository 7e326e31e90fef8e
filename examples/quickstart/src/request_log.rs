//! Records the requests of the page's frames as the API receives them.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, Method};
use axum::middleware::Next;
use axum::response::Response;
use omnicors_core::adapter::{RequestField, RequestFields as _};
use omnicors_core::{Policy, RequestKind, RequestParts};
use omnicors_tower::{PolicyHandle, PreparedPolicy, RequestHead};

/// The last requests, by their id.
pub(crate) struct RequestLog {
    handle: PolicyHandle,
    entries: Mutex<VecDeque<(String, Exchanges)>>,
}

/// The preflight and the actual request with one id, as far as they have arrived.
#[derive(Clone, Default)]
pub(crate) struct Exchanges {
    pub(crate) preflight: Option<Exchange>,
    pub(crate) actual: Option<Exchange>,
}

/// A request, its response, and the policy that decided.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) policy: Arc<PreparedPolicy>,
    pub(crate) method: Method,
    pub(crate) fields: Vec<(&'static str, Vec<u8>)>,
    pub(crate) status: u16,
    /// The names of the response's header fields.
    pub(crate) response: Vec<HeaderName>,
    pub(crate) application_ran: bool,
}

/// Marks each response of the application, as an extension.
#[derive(Clone, Copy)]
pub(crate) struct ApplicationRan;

/// The maximum number of entries. A page sends about ten requests at once.
pub(crate) const ENTRIES: usize = 256;

/// The maximum length of the fields of a request, in bytes. Longer requests are not recorded.
const MAX_LENGTH: usize = 8192;

impl RequestLog {
    pub(crate) fn new(handle: PolicyHandle) -> Self {
        Self {
            handle,
            entries: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<Exchanges> {
        let entries = self.lock();
        let (_, exchanges) = entries.iter().find(|(known, _)| known == id)?;
        Some(exchanges.clone())
    }

    fn add(&self, id: String, exchange: Exchange) {
        let mut entries = self.lock();
        let index = entries.iter().position(|(known, _)| *known == id);
        let mut exchanges = index
            .and_then(|index| entries.remove(index))
            .map(|(_, exchanges)| exchanges)
            .unwrap_or_default();
        if exchange.request(exchange.policy.policy()).kind() == RequestKind::Preflight {
            exchanges.preflight = Some(exchange);
        } else {
            exchanges.actual = Some(exchange);
        }
        entries.push_back((id, exchanges));
        if entries.len() > ENTRIES {
            entries.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, Exchanges)>> {
        // No code panics under this lock while the entries are inconsistent.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exchange {
    /// Returns the request parts that the library reads.
    pub(crate) fn request(&self, policy: &Policy) -> RequestParts<'_> {
        RequestParts::read(policy, self.method.as_str(), &self.fields)
    }

    /// Returns the value of `Origin`, if it is text.
    pub(crate) fn origin(&self) -> Option<&str> {
        let origin = self.fields.value(RequestField::Origin, 0)?;
        str::from_utf8(origin).ok()
    }
}

/// A middleware around the CORS layer that records requests and responses.
pub(crate) async fn record(
    State(log): State<Arc<RequestLog>>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let recorded = request_id(&head).map(str::to_owned).zip(cors_fields(&head));
    let method = head.method.clone();
    let policy = log.handle.load();
    // The CORS layer uses the same policy: it loads the policy before its first await, and the runtime has only one thread.
    let response = next.run(Request::from_parts(head, body)).await;
    // Recorded before the response is sent, so that the page finds the entry afterwards.
    if let Some((id, fields)) = recorded {
        let exchange = Exchange {
            policy,
            method,
            fields,
            status: response.status().as_u16(),
            response: response.headers().keys().cloned().collect(),
            application_ran: response.extensions().get::<ApplicationRan>().is_some(),
        };
        log.add(id, exchange);
    }
    response
}

/// Returns the `ID` of `?request=ID`, which the page generates.
fn request_id(head: &Parts) -> Option<&str> {
    let id = head.uri.query()?.strip_prefix("request=")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    ((1..=40).contains(&id.len()) && id.bytes().all(is_plain)).then_some(id)
}

/// Reads the fields that a decision depends on, in the same way as the CORS layer.
fn cors_fields(head: &Parts) -> Option<Vec<(&'static str, Vec<u8>)>> {
    let head = RequestHead::from(head);
    let mut fields = Vec::new();
    let mut length = 0;
    // Cookies are secret, and only say whether a denial may be due to credentials.
    for field in RequestField::ALL
        .into_iter()
        .filter(|field| *field != RequestField::Cookie)
    {
        let read = head.each_value(field, &mut |value| {
            length += value.len();
            fields.push((field.as_str(), value.to_vec()));
            if length > MAX_LENGTH {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if read.is_break() {
            return None;
        }
    }
    Some(fields)
}
