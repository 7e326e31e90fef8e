//! Origins of https with HTTP/2, of https with HTTP/1.1, and of http, on loopback. One function serves all of them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use omnicors_tests::servers::OverSocket;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;

use crate::certificate::Certificate;

/// The function that serves a case. Real browsers call it over sockets, and `omnicors-browser` calls it directly.
pub type Handler = Box<dyn FnMut(&Request<Bytes>) -> Response<Bytes> + Send>;

/// The kinds of origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// https with HTTP/2, and with HTTP/1.1 for `WebSocket`.
    Https,
    /// https with HTTP/1.1 only.
    HttpsOverHttp1,
    /// http.
    Http,
}

/// The servers. They stop when this is dropped.
#[derive(Debug)]
pub struct Origins {
    https: OverSocket,
    https_over_http1: OverSocket,
    http: OverSocket,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    next: usize,
    cases: BTreeMap<usize, Case>,
}

struct Case {
    page: String,
    handler: Handler,
    arrived: Vec<Request<Bytes>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Origins {
    /// Starts the servers with this certificate.
    #[must_use]
    pub fn start(certificate: &Certificate) -> Self {
        let shared = Arc::default();
        let secure = |protocols: &[&str]| {
            let acceptor = TlsAcceptor::from(certificate.server(protocols));
            serve(Some(acceptor), &shared)
        };
        Self {
            https: secure(&["h2", "http/1.1"]),
            https_over_http1: secure(&["http/1.1"]),
            http: serve(None, &shared),
            shared,
        }
    }

    /// Returns an origin with this host name.
    #[must_use]
    pub fn origin(&self, scheme: Scheme, host: &str) -> String {
        let (name, socket) = match scheme {
            Scheme::Https => ("https", &self.https),
            Scheme::HttpsOverHttp1 => ("https", &self.https_over_http1),
            Scheme::Http => ("http", &self.http),
        };
        format!("{name}://{host}:{}", socket.address().port())
    }

    /// Adds a case, which has a folder of this number in every origin: `/7/page` is the page that `page` returns, and `handler`
    /// serves everything else in `/7/`, except `/7/arrived`, which has the number of requests that have arrived.
    pub fn add(&self, handler: Handler, page: impl FnOnce(usize) -> String) -> usize {
        let mut shared = self.shared.lock().expect("no holder panics");
        let number = shared.next;
        shared.next += 1;
        let case = Case {
            page: page(number),
            handler,
            arrived: Vec::new(),
        };
        shared.cases.insert(number, case);
        number
    }

    /// Returns the requests that have arrived for a case, in order, with absolute URIs. Those for its page, `visit` and `arrived`
    /// are not recorded.
    #[must_use]
    pub fn arrived(&self, case: usize) -> Vec<Request<Bytes>> {
        let shared = self.shared.lock().expect("no holder panics");
        shared.cases[&case].arrived.clone()
    }
}

fn serve(acceptor: Option<TlsAcceptor>, shared: &Arc<Mutex<Shared>>) -> OverSocket {
    let shared = Arc::clone(shared);
    OverSocket::on_tokio(|listener| async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("an option");
            let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
            tokio::spawn(async move {
                match acceptor {
                    // A browser may open connections in advance, and close them unused.
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            serve_connection(stream, "https", shared).await;
                        }
                    }
                    None => serve_connection(stream, "http", shared).await,
                }
            });
        }
    })
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    scheme: &'static str,
    shared: Arc<Mutex<Shared>>,
) {
    let service = service_fn(move |request| respond(request, scheme, Arc::clone(&shared)));
    let builder = auto::Builder::new(TokioExecutor::new());
    // An error means that the browser has closed the connection.
    let _ = builder
        .serve_connection_with_upgrades(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    request: Request<Incoming>,
    scheme: &str,
    shared: Arc<Mutex<Shared>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (mut parts, body) = request.into_parts();
    // An error means that the browser has cancelled an upload.
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    parts.uri = absolute(&parts.uri, parts.headers.get(header::HOST), scheme);
    let mut shared = shared.lock().expect("no holder panics");
    let segments: Vec<&str> = parts.uri.path().split('/').collect();
    let case = segments[1]
        .parse()
        .ok()
        .and_then(|number: usize| shared.cases.get_mut(&number));
    let mut response = match case {
        // An icon, for example.
        None => status(StatusCode::NOT_FOUND),
        Some(case) if segments[2] == "page" => {
            let mut response = Response::new(case.page.clone().into());
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response
        }
        Some(case) if segments[2] == "arrived" => {
            Response::new(case.arrived.len().to_string().into())
        }
        Some(case) => {
            let is_recorded = segments[2] != "visit";
            let request = Request::from_parts(parts, body);
            if is_recorded {
                case.arrived.push(request.clone());
            }
            (case.handler)(&request)
        }
    };
    forbid_storing(&mut response);
    Ok(response.map(Full::new))
}

/// Adds `Cache-Control: no-store`, unless the response has a `Cache-Control`. The servers do this with every response.
pub fn forbid_storing(response: &mut Response<Bytes>) {
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}

/// Returns the URI with scheme and host: in HTTP/1.1, a request has only the path.
fn absolute(uri: &Uri, host: Option<&HeaderValue>, scheme: &str) -> Uri {
    let mut parts = uri.clone().into_parts();
    if parts.authority.is_none() {
        let host = host.expect("a browser sends a host").as_bytes();
        parts.authority = Some(host.try_into().expect("a host"));
    }
    parts.scheme = Some(scheme.try_into().expect("a scheme"));
    Uri::from_parts(parts).expect("a URI")
}
