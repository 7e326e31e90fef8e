//! Sends one request and reads its response, within limits.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{self, HeaderValue};
use http::{Request, Response, Uri, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::rt::Executor;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use rustls::ClientConfig;
use tokio::runtime::Runtime;
use tokio::time::{Instant, timeout, timeout_at};

use super::address_space::AddressSpace;
use super::addresses::{Addresses, Place};
use super::connect_error::ConnectError;
use super::connector::Connector;
use super::deadline::{Deadline, Limit};
use super::transport_error;

/// No more of a body is read. What a page may read does not depend on the body.
const BODY_LIMIT: usize = 64 * 1024;

/// The time for the body after the header fields. An event stream has no end.
const BODY_TIME: Duration = Duration::from_secs(1);

/// Chromium's limit of the header fields of a response, in bytes.
const HEADER_BYTES: u32 = 256 * 1024;

/// The largest number of header fields of a response.
const HEADER_FIELDS: usize = 1_000;

/// The time limits of an exchange.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For connecting to each address.
    pub(super) connect: Duration,
    /// For the exchange as a whole, connecting included.
    pub(super) exchange: Duration,
}

/// How much of a body was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum BodyRead {
    /// All of it.
    Whole,
    /// The beginning, because it is long or because it takes long.
    Beginning,
    /// The connection ended before the body did.
    Interrupted,
}

/// A response and how it came.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) response: Response<Bytes>,
    pub(super) version: Version,
    pub(super) body: BodyRead,
}

/// Runs the connections on a runtime of their own. Otherwise a connection that is busy with what a server sends could keep the others
/// from reading the clock.
#[derive(Clone, Copy, Debug)]
struct Connections;

/// Lives until the process ends. `None` if the system cannot start a thread.
static CONNECTIONS: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(1).enable_all().build().ok()
});

impl<F> Executor<F> for Connections
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, connection: F) {
        match &*CONNECTIONS {
            Some(runtime) => drop(runtime.spawn(connection)),
            None => drop(tokio::spawn(connection)),
        }
    }
}

type HttpClient = Client<HttpsConnector<Connector>, Full<Bytes>>;

/// Sends requests with HTTP/1.1 and HTTP/2.
#[derive(Debug)]
pub(super) struct Transport {
    client: HttpClient,
    /// For requests that only HTTP/1.1 has.
    http_1_client: HttpClient,
    connector: Connector,
    addresses: Arc<Addresses>,
    /// The places that have responded over plain http: they do not speak TLS.
    plain: Vec<Place>,
    limits: Limits,
    pub(super) user_agent: HeaderValue,
}

/// Returns a client that offers these protocols to a server with TLS.
fn client(tls: &ClientConfig, connector: &Connector, protocols: &[&str]) -> HttpClient {
    let mut tls = tls.clone();
    tls.alpn_protocols = protocols.iter().map(|name| (*name).into()).collect();
    Client::builder(Connections)
        // Each exchange has a connection of its own. A server can close a connection that would be used again, and a browser then sends the
        // request once more: https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1. Here, each request is sent only once.
        .pool_max_idle_per_host(0)
        // Some servers compare names with the case that browsers use.
        .http1_title_case_headers(true)
        // Browsers accept these.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        // Browsers ignore a line without a colon, and one whose name is not valid. In Chromium, spaces before the colon do not belong to
        // the name. In Firefox, they make it invalid, so a header that every browser reads has none.
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_max_headers(HEADER_FIELDS)
        .http1_max_buf_size(HEADER_BYTES as usize)
        .http2_max_header_list_size(HEADER_BYTES)
        .build(HttpsConnector::from((connector.clone(), tls)))
}

impl Transport {
    pub(super) fn new(
        tls: &ClientConfig,
        addresses: Addresses,
        limits: Limits,
        user_agent: HeaderValue,
    ) -> Self {
        let addresses = Arc::new(addresses);
        let connector = Connector::new(Arc::clone(&addresses), limits.connect);
        Self {
            client: client(tls, &connector, &["h2", "http/1.1"]),
            http_1_client: client(tls, &connector, &["http/1.1"]),
            connector,
            addresses,
            plain: Vec::new(),
            limits,
            user_agent,
        }
    }

    /// Returns from where the host of a URL can be reached. No request is sent to another address.
    pub(super) async fn space(
        &self,
        url: &Uri,
        deadline: Deadline,
    ) -> Result<AddressSpace, ConnectError> {
        let lookup = Deadline::of(Limit::Connect(self.limits.connect));
        let place = Place::of_uri(url);
        self.addresses
            .space(&place, deadline.or_earlier(lookup))
            .await
    }

    /// Sends a request. An error says what happened and, if that is known, what to change.
    pub(super) async fn exchange(
        &mut self,
        mut request: Request<Bytes>,
        deadline: Deadline,
    ) -> Result<Received, String> {
        // The client sends the host: as `Host` in HTTP/1.1, and as `:authority` in HTTP/2.
        request.headers_mut().remove(header::HOST);
        let url = request.uri().clone();
        let place = Place::of_uri(&url);
        let deadline = deadline.or_earlier(Deadline::of(Limit::Exchange(self.limits.exchange)));
        self.connector.set_deadline(deadline);
        // Browsers open a WebSocket on a connection of its own with HTTP/1.1, for which they offer no other protocol. HTTP/2 does not
        // have `Upgrade`: https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2
        let is_upgrade = request.headers().contains_key(header::UPGRADE);
        let client = if is_upgrade {
            &self.http_1_client
        } else {
            &self.client
        };
        let response = match timeout_at(deadline.at, client.request(request.map(Full::new))).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let is_plain = self.plain.contains(&place);
                return Err(transport_error::describe(&error, &url, is_plain));
            }
            Err(_) => {
                return Err(format!(
                    "no complete header section of a response {}",
                    deadline.limit
                ));
            }
        };
        if url.scheme_str() == Some("http") && !self.plain.contains(&place) {
            self.plain.push(place);
        }
        let (parts, body) = response.into_parts();
        let limit = deadline
            .at
            .saturating_duration_since(Instant::now())
            .min(BODY_TIME);
        let mut read = BytesMut::new();
        // The bytes that were read before the time is up stay in `read`.
        let state = timeout(limit, read_body(body, &mut read))
            .await
            .unwrap_or(BodyRead::Beginning);
        let version = parts.version;
        Ok(Received {
            response: Response::from_parts(parts, read.freeze()),
            version,
            body: state,
        })
    }
}

async fn read_body(mut body: Incoming, read: &mut BytesMut) -> BodyRead {
    let is_long = usize::try_from(body.size_hint().lower()).is_ok_and(|length| length > BODY_LIMIT);
    if is_long {
        return BodyRead::Beginning;
    }
    loop {
        match body.frame().await {
            None => return BodyRead::Whole,
            Some(Err(_)) => return BodyRead::Interrupted,
            Some(Ok(frame)) => {
                let Ok(data) = frame.into_data() else {
                    continue;
                };
                let room = BODY_LIMIT - read.len();
                read.extend_from_slice(data.get(..room).unwrap_or(&data));
                if data.len() > room {
                    return BodyRead::Beginning;
                }
            }
        }
    }
}
