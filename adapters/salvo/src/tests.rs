//! Tests of behaviour that is specific to this adapter. The tests of all frameworks together are in the package
//! `omnicors-tests`.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use salvo::catcher::Catcher;
use salvo::conn::tcp::TcpAcceptor;
use salvo::http::header::{HeaderName, HeaderValue};
use salvo::prelude::{
    Depot, FlowCtrl, Request, Response, Router, Server, Service, StatusCode, handler,
};
use salvo_core::{Handler, async_trait};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

mod migrating;

const ALLOWED: &str = "https://allowed.example";
const DENIED: &str = "https://denied.example";

fn policy() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins([ALLOWED])
        .allow_methods(["PUT"])
}

fn cors() -> Cors {
    Cors::new(policy().build().unwrap())
}

/// A service that runs until the runtime of the test ends.
struct TestServer {
    address: std::net::SocketAddr,
}

/// A response, parsed from the bytes of the connection.
struct TestResponse {
    status: u16,
    /// Names in lower case.
    fields: Vec<(String, String)>,
    body: String,
}

impl TestServer {
    async fn new(service: impl Into<Service> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TcpAcceptor::try_from(listener).unwrap();
        tokio::spawn(Server::new(acceptor).serve(service));
        Self { address }
    }

    async fn send(&self, method: &str, path: &str, fields: &[&str]) -> TestResponse {
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nhost: api.example\r\nconnection: close\r\n");
        for field in fields {
            text.extend([field, "\r\n"]);
        }
        text.push_str("\r\n");
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut read = String::new();
        stream.read_to_string(&mut read).await.unwrap();
        let (head, body) = read.split_once("\r\n\r\n").unwrap();
        let mut head = head.split("\r\n");
        let status = head.next().unwrap().split(' ').nth(1).unwrap();
        TestResponse {
            status: status.parse().unwrap(),
            fields: head
                .map(|field| {
                    let (name, value) = field.split_once(": ").unwrap();
                    (name.to_ascii_lowercase(), value.to_owned())
                })
                .collect(),
            body: body.to_owned(),
        }
    }

    async fn get(&self, path: &str, origin: &str) -> TestResponse {
        self.send("GET", path, &[&format!("origin: {origin}")])
            .await
    }

    async fn preflight(&self, path: &str, origin: &str) -> TestResponse {
        let fields = [
            &*format!("origin: {origin}"),
            "access-control-request-method: PUT",
        ];
        self.send("OPTIONS", path, &fields).await
    }
}

impl TestResponse {
    fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.fields.iter().filter(|field| field.0 == name);
        fields.map(|field| &*field.1).collect()
    }

    fn allow_origin(&self) -> Option<&str> {
        let all = self.all("access-control-allow-origin");
        assert!(all.len() < 2, "{all:?}");
        all.first().copied()
    }
}

#[handler]
async fn hello() -> &'static str {
    "hello"
}

#[handler]
async fn ceases(response: &mut Response, control: &mut FlowCtrl) {
    response.render("ceased");
    control.cease();
}

#[handler]
async fn redirects(response: &mut Response) {
    response.status_code(StatusCode::FOUND);
}

#[handler]
async fn own_fields(response: &mut Response) {
    for (name, value) in [
        ("access-control-allow-origin", "https://own.example"),
        ("access-control-allow-origin", "https://other.example"),
        ("access-control-allow-credentials", "true"),
        ("vary", "accept-encoding"),
    ] {
        let name = HeaderName::from_static(name);
        response
            .headers_mut()
            .append(name, HeaderValue::from_static(value));
    }
    response.render("hello");
}

fn routes() -> Router {
    Router::new()
        .get(hello)
        .head(hello)
        .push(Router::with_path("ceased").get(ceases))
        .push(Router::with_path("redirected").get(redirects))
}

#[tokio::test]
async fn the_response_of_a_handler_that_ceases_or_redirects_gets_the_headers() {
    let app = TestServer::new(Service::new(routes()).hoop(cors())).await;
    for (path, status) in [("/ceased", 200), ("/redirected", 302)] {
        for (origin, allowed) in [(ALLOWED, Some(ALLOWED)), (DENIED, None)] {
            let response = app.get(path, origin).await;
            assert_eq!(response.status, status, "{path}");
            assert_eq!(response.allow_origin(), allowed, "{path}");
            assert_eq!(response.all("vary"), ["Origin"], "{path}");
        }
    }
}

/// A handler that counts how often it runs.
struct Counts(Arc<AtomicUsize>);

#[async_trait]
impl Handler for Counts {
    async fn handle(
        &self,
        _: &mut Request,
        _: &mut Depot,
        response: &mut Response,
        _: &mut FlowCtrl,
    ) {
        self.0.fetch_add(1, Ordering::Relaxed);
        response.render("options");
    }
}

#[tokio::test]
async fn on_a_router_an_options_request_runs_the_route_unless_it_is_a_preflight() {
    let runs = Arc::new(AtomicUsize::new(0));
    let router = Router::new().get(hello).options(Counts(Arc::clone(&runs)));
    let app = TestServer::new(Service::new(router.hoop(cors()))).await;
    assert_eq!(app.preflight("/", ALLOWED).await.status, 204);
    assert_eq!(app.preflight("/", DENIED).await.status, 403);
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    let field = format!("origin: {ALLOWED}");
    let response = app.send("OPTIONS", "/", &[&field]).await;
    assert_eq!((response.status, &*response.body), (200, "options"));
    assert_eq!(response.allow_origin(), Some(ALLOWED));
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn on_a_router_the_hoop_sees_only_requests_that_match_a_route() {
    let router = Router::new().get(hello).hoop(cors());
    let app = TestServer::new(Service::new(router)).await;
    assert_eq!(app.get("/", ALLOWED).await.allow_origin(), Some(ALLOWED));
    assert_eq!(app.get("/missing", ALLOWED).await.allow_origin(), None);
    assert_eq!(app.preflight("/", ALLOWED).await.status, 405);
    let any_method = Router::new().goal(hello).hoop(cors());
    let app = TestServer::new(Service::new(any_method)).await;
    assert_eq!(app.preflight("/", ALLOWED).await.status, 204);
}

#[handler]
async fn page_with_fields(response: &mut Response, control: &mut FlowCtrl) {
    for (name, value) in [("access-control-allow-origin", "*"), ("vary", "accept")] {
        let name = HeaderName::from_static(name);
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response.render("a page");
    control.skip_rest();
}

#[tokio::test]
async fn a_catcher_that_sets_cors_fields_needs_the_hoop() {
    let app = TestServer::new(
        Service::new(routes())
            .hoop(cors())
            .catcher(Catcher::default()),
    )
    .await;
    let response = app.get("/missing", ALLOWED).await;
    assert_eq!(response.status, 404);
    assert_eq!(response.allow_origin(), Some(ALLOWED));

    let without = Catcher::default().hoop(page_with_fields);
    let app = TestServer::new(Service::new(routes()).hoop(cors()).catcher(without)).await;
    assert_eq!(
        app.get("/missing", DENIED).await.allow_origin(),
        Some("*"),
        "the catcher's fields replace those of the hoop"
    );

    let cors = cors();
    let with = Catcher::default().hoop(cors.clone()).hoop(page_with_fields);
    let app = TestServer::new(Service::new(routes()).hoop(cors).catcher(with)).await;
    let response = app.get("/missing", ALLOWED).await;
    assert_eq!((response.status, &*response.body), (404, "a page"));
    assert_eq!(response.allow_origin(), Some(ALLOWED));
    assert_eq!(response.all("vary"), ["accept", "Origin"]);
    assert_eq!(app.get("/missing", DENIED).await.allow_origin(), None);
    assert_eq!(app.preflight("/missing", DENIED).await.body, "");
}

#[tokio::test]
async fn a_response_without_a_policy_is_not_changed() {
    let service = Service::new(routes()).hoop(Cors::new(per_request(|_| None)));
    let app = TestServer::new(service).await;
    let untouched = app.get("/", ALLOWED).await;
    assert_eq!(untouched.body, "hello");
    assert_eq!(untouched.allow_origin(), None);
    assert!(untouched.all("vary").is_empty());
}
