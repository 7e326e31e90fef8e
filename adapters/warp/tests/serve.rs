//! `Cors::serve` works as `warp::serve` does: each test runs with both servers.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::future::ready;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioExecutor, TokioIo};
use omnicors_warp::{Cors, Policy, PolicyConfig, PolicyHandle, ShadowDifference, remote_addr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use warp::{Filter, Reply};

const ALLOWED: &str = "https://allowed.example";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Ours,
    Warps,
}

/// A running server.
struct Server {
    address: SocketAddr,
    /// Completes when the server has shut down.
    run: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    /// The route `/slow` has begun.
    begun: Arc<Notify>,
    /// The route `/slow` may end.
    end: Arc<Notify>,
}

impl Server {
    async fn start(kind: Kind) -> Self {
        Self::start_with(kind, cors()).await
    }

    async fn start_with(kind: Kind, cors: Cors) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap() };
        let (begun, end) = (Arc::<Notify>::default(), Arc::<Notify>::default());
        let routes = routes(Arc::clone(&begun), Arc::clone(&end));
        let run = match kind {
            Kind::Ours => {
                let server = cors.serve(routes).incoming(listener);
                tokio::spawn(server.graceful(stopped).run())
            }
            Kind::Warps => {
                let server = warp::serve(cors.wrap(routes)).incoming(listener);
                tokio::spawn(server.graceful(stopped).run())
            }
        };
        Self {
            address,
            run,
            stop,
            begun,
            end,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

fn policy() -> Policy {
    let policy = PolicyConfig::new().allow_origins([ALLOWED]);
    policy.allow_methods(["PUT"]).build().unwrap()
}

fn cors() -> Cors {
    Cors::new(policy())
}

fn routes(
    begun: Arc<Notify>,
    end: Arc<Notify>,
) -> impl Filter<Extract = (impl Reply,), Error = warp::Rejection> + Clone + Send + Sync + 'static {
    let hello = warp::path::end().map(|| "hello");
    let client = warp::path!("client")
        .and(remote_addr())
        .map(|client: Option<SocketAddr>| format!("{client:?}"));
    let slow = warp::path!("slow").then(move || {
        let (begun, end) = (Arc::clone(&begun), Arc::clone(&end));
        async move {
            begun.notify_one();
            end.notified().await;
            "late"
        }
    });
    let echo = warp::path!("echo")
        .and(warp::ext::get::<OnUpgrade>())
        .map(|upgrade: OnUpgrade| {
            tokio::spawn(async move {
                let mut stream = TokioIo::new(upgrade.await.unwrap());
                let mut sent = [0; 4];
                stream.read_exact(&mut sent).await.unwrap();
                stream.write_all(&sent).await.unwrap();
            });
            Response::builder()
                .status(StatusCode::SWITCHING_PROTOCOLS)
                .header("connection", "upgrade")
                .header("upgrade", "echo")
                .body("")
        });
    hello.or(client).or(slow).or(echo)
}

fn request(method: &str, target: String) -> Request<Empty<Bytes>> {
    let request = Request::builder().method(method).uri(target);
    let request = request.header("host", "own.example");
    let request = request.header("origin", ALLOWED);
    request.body(Empty::new()).unwrap()
}

fn preflight(target: String) -> Request<Empty<Bytes>> {
    let mut request = request("OPTIONS", target);
    let method = http::HeaderValue::from_static("PUT");
    let name = "access-control-request-method";
    request.headers_mut().insert(name, method);
    request
}

fn is_allowed<B>(response: &Response<B>) -> bool {
    let value = response.headers().get("access-control-allow-origin");
    value.is_some_and(|value| value == ALLOWED)
}

async fn text(response: Response<Incoming>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test]
async fn requests_over_one_connection_of_http_1_get_their_responses() {
    for kind in [Kind::Ours, Kind::Warps] {
        let server = Server::start(kind).await;
        let stream = server.connect().await;
        let client = stream.local_addr().unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let path = String::from;

        let response = sender.send_request(request("GET", path("/"))).await;
        let response = response.unwrap();
        assert_eq!(response.version(), Version::HTTP_11);
        assert!(is_allowed(&response));
        assert_eq!(text(response).await, "hello");

        let response = sender.send_request(preflight(path("/"))).await.unwrap();
        assert_eq!(response.status(), 204);
        assert!(is_allowed(&response));

        let response = sender.send_request(request("GET", path("/missing"))).await;
        let response = response.unwrap();
        assert_eq!(response.status(), 404);
        assert!(is_allowed(&response));

        let response = sender.send_request(request("GET", path("/client"))).await;
        let body = text(response.unwrap()).await;
        assert_eq!(body, format!("Some({client})"), "{kind:?}");
    }
}

#[tokio::test]
async fn requests_over_one_connection_of_http_2_get_their_responses() {
    for kind in [Kind::Ours, Kind::Warps] {
        let server = Server::start(kind).await;
        let stream = server.connect().await;
        let client = stream.local_addr().unwrap();
        let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let target = |path| format!("http://own.example{path}");

        // The second request has its response first.
        let slow = tokio::spawn(sender.send_request(request("GET", target("/slow"))));
        server.begun.notified().await;
        let response = sender.send_request(request("GET", target("/client"))).await;
        let response = response.unwrap();
        assert_eq!(response.version(), Version::HTTP_2);
        assert!(is_allowed(&response));
        assert_eq!(text(response).await, format!("Some({client})"), "{kind:?}");
        server.end.notify_one();
        let response = slow.await.unwrap().unwrap();
        assert!(is_allowed(&response));
        assert_eq!(text(response).await, "late");

        let response = sender.send_request(preflight(target("/"))).await.unwrap();
        assert_eq!(response.status(), 204);
        assert!(is_allowed(&response));
    }
}

#[tokio::test]
async fn a_candidate_reads_the_host_of_a_request_over_http_2() {
    for kind in [Kind::Ours, Kind::Warps] {
        let handle = PolicyHandle::new(policy());
        let candidate = PolicyConfig::new().allow_origins([ALLOWED]);
        let candidate = candidate.allow_hosts(["own.example"]).build().unwrap();
        handle.shadow(candidate);
        let server = Server::start_with(kind, Cors::new(handle.clone())).await;
        let stream = TokioIo::new(server.connect().await);
        let handshake = http2::handshake(TokioExecutor::new(), stream);
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        for (host, rejected) in [("own.example", 0), ("other.example", 1)] {
            let mut request = request("GET", format!("http://{host}/"));
            request.headers_mut().remove("host");
            let response = sender.send_request(request).await.unwrap();
            assert_eq!(text(response).await, "hello");
            let report = handle.shadow_report().unwrap();
            let counted = report.count(ShadowDifference::Rejected);
            assert_eq!(counted, rejected, "{kind:?}: {host}");
            assert_eq!(report.count_differences(), rejected, "{kind:?}: {host}");
        }
    }
}

#[tokio::test]
async fn a_graceful_shutdown_waits_for_requests_and_not_for_idle_connections() {
    for kind in [Kind::Ours, Kind::Warps] {
        let server = Server::start(kind).await;
        let mut idle = server.connect().await;
        let get = b"GET / HTTP/1.1\r\nhost: own.example\r\n\r\n";
        idle.write_all(get).await.unwrap();
        let mut first = [0; 1];
        idle.read_exact(&mut first).await.unwrap();

        let busy = TokioIo::new(server.connect().await);
        let (mut sender, connection) = http1::handshake(busy).await.unwrap();
        let connection = tokio::spawn(connection);
        let late = tokio::spawn(sender.send_request(request("GET", "/slow".into())));
        server.begun.notified().await;

        server.stop.send(()).unwrap();
        let mut rest = String::new();
        idle.read_to_string(&mut rest).await.unwrap();
        assert!(rest.ends_with("\r\n\r\nhello"), "{kind:?}: {rest}");
        let refused = TcpStream::connect(server.address).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "{kind:?}");
        assert!(!server.run.is_finished(), "{kind:?}");

        server.end.notify_one();
        let response = late.await.unwrap().unwrap();
        assert!(is_allowed(&response));
        assert_eq!(text(response).await, "late");
        server.run.await.unwrap();
        connection.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_connection_can_be_upgraded() {
    for kind in [Kind::Ours, Kind::Warps] {
        let server = Server::start(kind).await;
        let stream = TokioIo::new(server.connect().await);
        let (mut sender, connection) = http1::handshake(stream).await.unwrap();
        tokio::spawn(connection.with_upgrades());
        let mut upgrade = request("GET", "/echo".into());
        for (name, value) in [("connection", "upgrade"), ("upgrade", "echo")] {
            let value = http::HeaderValue::from_static(value);
            upgrade.headers_mut().insert(name, value);
        }
        let response = sender.send_request(upgrade).await.unwrap();
        assert_eq!(response.status(), 101, "{kind:?}");
        assert!(is_allowed(&response));
        let upgraded = hyper::upgrade::on(response).await.unwrap();
        let mut stream = TokioIo::new(upgraded);
        stream.write_all(b"ping").await.unwrap();
        let mut received = String::new();
        stream.read_to_string(&mut received).await.unwrap();
        assert_eq!(received, "ping");
    }
}

#[tokio::test]
async fn an_address_that_is_in_use_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = warp::path::end().map(|| "hello");
    let error = cors().serve(routes).run(address).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let error = cors().serve(routes).bind(address).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    drop(listener);
    assert!(cors().serve(routes).bind(address).await.is_ok());
}

/// Only `warp::serve` can set the address that `warp::addr::remote` extracts. The docs of `Cors::serve` say so.
#[tokio::test]
async fn the_filter_of_warp_sees_the_address_only_in_the_server_of_warp() {
    let routes = || {
        let seen = warp::addr::remote().map(|client: Option<SocketAddr>| client.is_some());
        seen.map(|is_some: bool| is_some.to_string())
    };
    for (kind, expected) in [(Kind::Ours, "false"), (Kind::Warps, "true")] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        match kind {
            Kind::Ours => tokio::spawn(cors().serve(routes()).incoming(listener).run()),
            Kind::Warps => {
                let server = warp::serve(cors().wrap(routes())).incoming(listener);
                tokio::spawn(server.run())
            }
        };
        let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
        let (mut sender, connection) = http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let response = sender.send_request(request("GET", "/".into())).await;
        assert_eq!(text(response.unwrap()).await, expected, "{kind:?}");
    }
}

#[tokio::test]
async fn a_malformed_request_closes_its_connection_only() {
    for kind in [Kind::Ours, Kind::Warps] {
        let server = Server::start(kind).await;
        let mut malformed = server.connect().await;
        malformed
            .write_all(b"\r\nno request\r\n\r\n")
            .await
            .unwrap();
        let mut received = String::new();
        malformed.read_to_string(&mut received).await.unwrap();
        assert!(received.starts_with("HTTP/1.1 400"), "{kind:?}: {received}");

        let stream = TokioIo::new(server.connect().await);
        let (mut sender, connection) = http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let response = sender.send_request(request("GET", "/".into())).await;
        assert_eq!(text(response.unwrap()).await, "hello");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_served() {
    use tokio::net::{UnixListener, UnixStream};

    let folder = tempfile::tempdir().unwrap();
    for kind in [Kind::Ours, Kind::Warps] {
        let path = folder.path().join(format!("{kind:?}"));
        let listener = UnixListener::bind(&path).unwrap();
        let routes = remote_addr().and_then(|client: Option<SocketAddr>| {
            ready(Ok::<_, Infallible>(format!("{client:?}")))
        });
        match kind {
            Kind::Ours => tokio::spawn(cors().serve(routes).incoming(listener).run()),
            Kind::Warps => tokio::spawn(warp::serve(cors().wrap(routes)).incoming(listener).run()),
        };
        let stream = TokioIo::new(UnixStream::connect(&path).await.unwrap());
        let (mut sender, connection) = http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let response = sender.send_request(request("GET", "/".into())).await;
        let response = response.unwrap();
        assert!(is_allowed(&response));
        assert_eq!(text(response).await, "None", "{kind:?}");
    }
}
