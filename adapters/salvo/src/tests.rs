use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{FutureExt as _, stream};
use salvo::catcher::Catcher;
use salvo::conn::tcp::TcpAcceptor;
use salvo::http::header::{HeaderName, HeaderValue};
use salvo::prelude::{
    CatchPanic, Depot, FlowCtrl, Request, Response, Router, Server, Service, StatusCode,
    StatusError, handler,
};
use salvo_core::{Handler, async_trait};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

mod their_own;

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

/// A service that listens, until the runtime of the test ends.
struct Running {
    address: std::net::SocketAddr,
}

/// What came over the wire.
struct Answer {
    status: u16,
    /// Names in lower case.
    lines: Vec<(String, String)>,
    body: String,
}

impl Running {
    async fn new(service: impl Into<Service> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TcpAcceptor::try_from(listener).unwrap();
        tokio::spawn(Server::new(acceptor).serve(service));
        Self { address }
    }

    async fn ask(&self, method: &str, path: &str, lines: &[&str]) -> Answer {
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        self.ask_bytes(method, path, &lines).await
    }

    async fn ask_bytes(&self, method: &str, path: &str, lines: &[&[u8]]) -> Answer {
        let mut text = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n").into_bytes();
        if !lines.iter().any(|line| line.starts_with(b"host:")) {
            text.extend_from_slice(b"host: api.example\r\n");
        }
        for line in lines {
            text.extend_from_slice(line);
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(b"\r\n");
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(&text).await.unwrap();
        let mut read = Vec::new();
        stream.read_to_end(&mut read).await.unwrap();
        let read = String::from_utf8(read).unwrap();
        let (head, body) = read.split_once("\r\n\r\n").unwrap();
        let mut head = head.split("\r\n");
        let status = head.next().unwrap().split(' ').nth(1).unwrap();
        Answer {
            status: status.parse().unwrap(),
            lines: head
                .map(|line| {
                    let (name, value) = line.split_once(": ").unwrap();
                    (name.to_ascii_lowercase(), value.to_owned())
                })
                .collect(),
            body: body.to_owned(),
        }
    }

    async fn get(&self, path: &str, origin: &str) -> Answer {
        self.ask("GET", path, &[&format!("origin: {origin}")]).await
    }

    async fn preflight(&self, path: &str, origin: &str) -> Answer {
        let lines = [
            &*format!("origin: {origin}"),
            "access-control-request-method: PUT",
        ];
        self.ask("OPTIONS", path, &lines).await
    }
}

impl Answer {
    fn all(&self, name: &str) -> Vec<&str> {
        let lines = self.lines.iter().filter(|line| line.0 == name);
        lines.map(|line| &*line.1).collect()
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
async fn broken(response: &mut Response) {
    response.status_code(StatusCode::INTERNAL_SERVER_ERROR);
}

#[handler]
async fn fails() -> Result<(), StatusError> {
    Err(StatusError::conflict().brief("not so"))
}

#[handler]
async fn panics() -> &'static str {
    assert!(std::hint::black_box(false), "as meant");
    "never"
}

#[handler]
async fn streams(response: &mut Response) {
    response.stream(stream::iter(["a", "b"].map(Ok::<_, std::io::Error>)));
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
async fn own_lines(response: &mut Response) {
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
        .push(Router::with_path("broken").get(broken))
        .push(Router::with_path("error").get(fails))
        .push(Router::with_path("panic").get(panics))
        .push(Router::with_path("form").post(hello))
        .push(Router::with_path("stream").get(streams))
        .push(Router::with_path("ceased").get(ceases))
        .push(Router::with_path("redirected").get(redirects))
}

#[tokio::test]
async fn every_response_of_a_service_carries_the_headers() {
    let service = Service::new(routes()).hoop(cors()).hoop(CatchPanic::new());
    let app = Running::new(service).await;
    for (method, path, status) in [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/broken", 500),
        ("GET", "/error", 409),
        ("GET", "/panic", 500),
        ("GET", "/missing", 404),
        ("HEAD", "/missing", 404),
        ("GET", "/form", 405),
        ("GET", "/stream", 200),
        ("GET", "/ceased", 200),
        ("GET", "/redirected", 302),
        ("OPTIONS", "/", 405),
    ] {
        for (origin, allowed) in [(ALLOWED, Some(ALLOWED)), (DENIED, None)] {
            let line = format!("origin: {origin}");
            let answer = app.ask(method, path, &[&line]).await;
            assert_eq!(answer.status, status, "{method} {path}");
            assert_eq!(answer.allow_origin(), allowed, "{method} {path}");
            assert_eq!(answer.all("vary"), ["Origin"], "{method} {path}");
        }
    }
    for path in ["/", "/missing", "/form"] {
        let answer = app.preflight(path, ALLOWED).await;
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.allow_origin(), Some(ALLOWED), "{path}");
        assert_eq!(
            answer.all("access-control-allow-methods"),
            ["PUT"],
            "{path}"
        );
        let answer = app.preflight(path, DENIED).await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(answer.body, "", "no catcher writes a page into it");
        assert_eq!(answer.allow_origin(), None, "{path}");
    }
    let streamed = app.get("/stream", ALLOWED).await.body;
    assert!(streamed.contains('a') && streamed.contains('b'));
    assert!(app.get("/error", ALLOWED).await.body.contains("not so"));
}

#[tokio::test]
async fn the_applications_own_lines_are_replaced_and_its_vary_is_kept() {
    let app = Running::new(Service::new(Router::new().get(own_lines)).hoop(cors())).await;
    for (origin, allowed) in [(ALLOWED, Some(ALLOWED)), (DENIED, None)] {
        let answer = app.get("/", origin).await;
        assert_eq!(answer.allow_origin(), allowed);
        assert!(answer.all("access-control-allow-credentials").is_empty());
        assert_eq!(answer.all("vary"), ["accept-encoding", "Origin"]);
    }
}

/// Counts, and says how often it was run in the body.
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
async fn a_preflight_runs_no_options_route_and_a_plain_options_request_does() {
    let runs = Arc::new(AtomicUsize::new(0));
    let router = || Router::new().get(hello).options(Counts(Arc::clone(&runs)));
    for app in [
        Service::new(router()).hoop(cors()),
        Service::new(router().hoop(cors())),
    ] {
        let app = Running::new(app).await;
        runs.store(0, Ordering::Relaxed);
        assert_eq!(app.preflight("/", ALLOWED).await.status, 204);
        assert_eq!(app.preflight("/", DENIED).await.status, 403);
        assert_eq!(runs.load(Ordering::Relaxed), 0);
        let line = format!("origin: {ALLOWED}");
        let answer = app.ask("OPTIONS", "/", &[&line]).await;
        assert_eq!((answer.status, &*answer.body), (200, "options"));
        assert_eq!(answer.allow_origin(), Some(ALLOWED));
        let line = "access-control-request-method: PUT";
        assert_eq!(app.ask("OPTIONS", "/", &[line]).await.status, 200);
        assert_eq!(runs.load(Ordering::Relaxed), 2);
    }
}

#[tokio::test]
async fn on_a_router_it_is_asked_about_what_a_route_takes_and_nothing_else() {
    let router = Router::new().get(hello).hoop(cors());
    let app = Running::new(Service::new(router)).await;
    assert_eq!(app.get("/", ALLOWED).await.allow_origin(), Some(ALLOWED));
    assert_eq!(app.get("/missing", ALLOWED).await.allow_origin(), None);
    assert_eq!(app.preflight("/", ALLOWED).await.status, 405);
    let any_method = Router::new().goal(hello).hoop(cors());
    let app = Running::new(Service::new(any_method)).await;
    assert_eq!(app.preflight("/", ALLOWED).await.status, 204);
}

#[handler]
async fn asks_for_a_login(request: &mut Request, response: &mut Response, control: &mut FlowCtrl) {
    if !request.headers().contains_key("authorization") {
        response.status_code(StatusCode::UNAUTHORIZED);
        control.skip_rest();
    }
}

#[tokio::test]
async fn a_preflight_needs_no_login_and_the_refusal_of_one_can_be_read() {
    let service = Service::new(routes()).hoop(cors()).hoop(asks_for_a_login);
    let app = Running::new(service).await;
    assert_eq!(app.preflight("/", ALLOWED).await.status, 204);
    let answer = app.get("/", ALLOWED).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.allow_origin(), Some(ALLOWED));
}

#[handler]
async fn page_with_lines(response: &mut Response, control: &mut FlowCtrl) {
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
async fn a_catcher_keeps_the_headers_and_one_with_lines_of_its_own_is_given_the_hoop() {
    let app = Running::new(
        Service::new(routes())
            .hoop(cors())
            .catcher(Catcher::default()),
    )
    .await;
    let answer = app.get("/missing", ALLOWED).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.allow_origin(), Some(ALLOWED));

    let without = Catcher::default().hoop(page_with_lines);
    let app = Running::new(Service::new(routes()).hoop(cors()).catcher(without)).await;
    assert_eq!(
        app.get("/missing", DENIED).await.allow_origin(),
        Some("*"),
        "it has the last word"
    );

    let cors = cors();
    let with = Catcher::default().hoop(cors.clone()).hoop(page_with_lines);
    let app = Running::new(Service::new(routes()).hoop(cors).catcher(with)).await;
    let answer = app.get("/missing", ALLOWED).await;
    assert_eq!((answer.status, &*answer.body), (404, "a page"));
    assert_eq!(answer.allow_origin(), Some(ALLOWED));
    assert_eq!(answer.all("vary"), ["accept", "Origin"]);
    assert_eq!(app.get("/missing", DENIED).await.allow_origin(), None);
    assert_eq!(app.preflight("/missing", DENIED).await.body, "");
}

#[tokio::test]
async fn a_sites_own_pages_are_never_refused() {
    let policy = policy().refuse_disallowed_origins(true).build().unwrap();
    let router = Router::new().post(hello);
    let app = Running::new(Service::new(router).hoop(Cors::new(policy))).await;
    let ask = async |host| {
        let lines = ["origin: https://own.example", host, "content-length: 0"];
        app.ask("POST", "/", &lines).await
    };
    assert_eq!(ask("host: own.example").await.status, 200);
    let refused = ask("host: api.example").await;
    assert_eq!((refused.status, &*refused.body), (403, ""));
}

#[tokio::test]
async fn a_replaced_policy_counts_from_the_next_request_on() {
    let handle = PolicyHandle::new(policy().build().unwrap());
    let app = Running::new(Service::new(routes()).hoop(Cors::new(handle.clone()))).await;
    assert_eq!(app.get("/", ALLOWED).await.allow_origin(), Some(ALLOWED));
    let new = PolicyConfig::new().allow_origins([DENIED]);
    handle.replace(new.build().unwrap());
    assert_eq!(app.get("/", ALLOWED).await.allow_origin(), None);
    assert_eq!(app.get("/", DENIED).await.allow_origin(), Some(DENIED));
}

#[tokio::test]
async fn a_policy_is_chosen_per_request_or_none_at_all() {
    let public = SharedPolicy::new(PolicyConfig::public_read_only().build().unwrap());
    let private = SharedPolicy::new(policy().build().unwrap());
    let source = per_request(move |request| match request.uri.path() {
        "/public" => Some(public.clone()),
        "/none" => None,
        _ => Some(private.clone()),
    });
    let router = Router::with_path("{any}").get(hello);
    let app = Running::new(Service::new(router).hoop(Cors::new(source))).await;
    assert_eq!(app.get("/public", DENIED).await.allow_origin(), Some("*"));
    assert_eq!(
        app.get("/private", ALLOWED).await.allow_origin(),
        Some(ALLOWED)
    );
    assert_eq!(app.get("/private", DENIED).await.allow_origin(), None);
    let untouched = app.get("/none", ALLOWED).await;
    assert_eq!(untouched.body, "hello");
    assert_eq!(untouched.allow_origin(), None);
    assert!(untouched.all("vary").is_empty());
}

#[tokio::test]
async fn what_is_not_decided_in_time_is_denied() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let decide = move |origin: String| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            match &*origin {
                "https://quick.example" => true,
                "https://hanging.example" => std::future::pending().await,
                _ => false,
            }
        }
    };
    let policy = policy().decide_origins_outside(true).build().unwrap();
    let limit = Duration::from_millis(500);
    let cors = Cors::new(policy).decide_origins(limit, decide);
    let app = Running::new(Service::new(routes()).hoop(cors)).await;
    for (origin, allowed, times) in [
        ("https://quick.example", true, 1),
        ("https://hanging.example", false, 1),
        ("https://other.example", false, 1),
        (ALLOWED, true, 0),
        ("null", false, 0),
        ("https://malformed.example/", false, 0),
    ] {
        for is_preflight in [true, false] {
            asked.store(0, Ordering::Relaxed);
            let answer = if is_preflight {
                app.preflight("/", origin).await
            } else {
                app.get("/", origin).await
            };
            assert_eq!(answer.allow_origin(), allowed.then_some(origin), "{origin}");
            assert_eq!(asked.load(Ordering::Relaxed), times, "{origin}");
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_denied_and_break_nothing() {
    let policy = PolicyConfig::new().allow_origins(["https://*.example"]);
    let app = Service::new(routes()).hoop(Cors::new(policy.build().unwrap()));
    let app = Running::new(app).await;
    for (method, status) in [("GET", 200), ("OPTIONS", 403)] {
        let lines = [
            &b"origin: https://a\xFF.example"[..],
            b"access-control-request-method: PUT",
        ];
        let answer = app.ask_bytes(method, "/", &lines).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.allow_origin(), None);
    }
}
