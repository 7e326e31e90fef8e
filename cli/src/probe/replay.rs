//! What else a browser would conclude from responses that have been received.

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{Request, Response};
use omnicors_browser::{Browser, Engine, Exchange, Fetch, Outcome, Server, ServerError};

/// A server that responds as a server did.
struct Replay<'a> {
    /// The exchanges whose responses were not used yet. The same request can get another response each time.
    exchanges: Vec<&'a Exchange>,
    /// The first request that was not sent to the server.
    missing: Option<Request<Bytes>>,
}

/// The headers on which the response of a server can depend.
const COMPARED: [HeaderName; 5] = [
    header::ORIGIN,
    header::COOKIE,
    header::AUTHORIZATION,
    header::ACCESS_CONTROL_REQUEST_METHOD,
    header::ACCESS_CONTROL_REQUEST_HEADERS,
];

impl Server<()> for Replay<'_> {
    async fn respond(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, ServerError> {
        let is_same = |sent: &Request<Bytes>| {
            let same_field =
                |name: &HeaderName| sent.headers().get(name) == request.headers().get(name);
            sent.method() == request.method()
                && sent.uri() == request.uri()
                && COMPARED.iter().all(same_field)
        };
        let found = self
            .exchanges
            .iter()
            .position(|exchange| is_same(exchange.request()));
        if let Some(response) = found.and_then(|found| self.exchanges.remove(found).response()) {
            return Ok(response.clone());
        }
        self.missing = Some(request);
        Err("it was not asked".into())
    }
}

/// What a browser would conclude.
#[derive(Debug)]
pub(super) enum Replayed {
    /// From the same responses.
    Concluded(Box<Outcome>),
    /// It would send a request that was not sent.
    Asks(Box<Request<Bytes>>),
}

impl Replayed {
    /// Returns what an engine concludes about a request of a page from responses.
    pub(super) async fn new(fetch: &Fetch, engine: Engine, exchanges: &[Exchange]) -> Self {
        let mut server = Replay {
            exchanges: exchanges.iter().collect(),
            missing: None,
        };
        let outcome = Browser::new(engine).send(fetch, &mut server).await;
        match server.missing {
            Some(request) => Self::Asks(Box::new(request)),
            None => Self::Concluded(Box::new(outcome)),
        }
    }
}
