use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use rocket::fairing::AdHoc;
use rocket::form::{Form, FromForm};
use rocket::http::{ContentType, Header, Status};
use rocket::local::blocking::{Client, LocalRequest, LocalResponse};
use rocket::request::{FromRequest, Outcome};
use rocket::response::stream::TextStream;
use rocket::response::{self, Responder, Response};
use rocket::{Build, Config, Request, Rocket, State, catch, catchers, get, options, post, routes};

use super::*;

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

fn config() -> Config {
    let mut config = Config::release_default();
    config.port = 0;
    config.address = Ipv4Addr::LOCALHOST.into();
    config.log_level = rocket::config::LogLevel::Off;
    config.shutdown.ctrlc = false;
    config.shutdown.signals.clear();
    config.shutdown.grace = 0;
    config.shutdown.mercy = 0;
    config
}

/// How often the application has run: a route, a request guard or a catcher of its own.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

impl Runs {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

fn count(request: &Request<'_>) {
    if let Some(runs) = request.rocket().state::<Runs>() {
        runs.count();
    }
}

struct LoggedIn;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for LoggedIn {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        count(request);
        match request.headers().get_one("authorization") {
            Some(_) => Outcome::Success(Self),
            None => Outcome::Error((Status::Unauthorized, ())),
        }
    }
}

/// A response with lines of the application's own.
struct WithLines(&'static [(&'static str, &'static str)]);

impl<'r> Responder<'r, 'static> for WithLines {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::new();
        for (name, value) in self.0 {
            response.adjoin_raw_header(*name, *value);
        }
        Ok(response)
    }
}

#[derive(FromForm)]
struct Number {
    #[allow(dead_code, reason = "it is there to be no number")]
    number: u8,
}

#[get("/")]
fn hello(runs: &State<Runs>) -> &'static str {
    runs.count();
    "hello"
}

#[get("/broken")]
fn broken() -> Status {
    Status::InternalServerError
}

#[get("/failing")]
fn failing() -> Result<(), std::io::Error> {
    Err(std::io::Error::other("failing"))
}

#[get("/panicking")]
fn panicking() {
    panic!("to be caught");
}

#[get("/stream")]
fn stream() -> TextStream![&'static str] {
    TextStream! {
        yield "a";
        yield "b";
    }
}

#[get("/vary")]
fn vary() -> WithLines {
    WithLines(&[("Vary", "Accept-Encoding"), ("vary", "accept, ORIGIN")])
}

#[get("/vary-other")]
fn vary_other() -> WithLines {
    WithLines(&[("Vary", "Accept-Encoding")])
}

#[get("/own-lines")]
fn own_lines() -> WithLines {
    WithLines(&[
        ("Access-Control-Allow-Origin", "*"),
        ("access-control-allow-origin", "https://own.example"),
        ("Access-Control-Allow-Credentials", "true"),
        ("X-Own", "stays"),
    ])
}

#[options("/<_..>", rank = 2)]
fn own_options(runs: &State<Runs>) -> WithLines {
    runs.count();
    WithLines(&[("Allow", "GET"), ("X-Own", "ran")])
}

#[post("/form", data = "<_form>")]
fn form(_form: Form<Number>) -> &'static str {
    "posted"
}

#[get("/private")]
fn private(_logged_in: LoggedIn) -> &'static str {
    "private"
}

#[options("/private", rank = 1)]
fn private_options(_logged_in: LoggedIn) {}

#[catch(401)]
fn unauthorized(request: &Request<'_>) -> &'static str {
    count(request);
    "who are you?"
}

#[catch(default)]
fn anything(request: &Request<'_>) -> &'static str {
    count(request);
    "caught"
}

fn application(runs: &Runs) -> Rocket<Build> {
    rocket::custom(config()).manage(runs.clone()).mount(
        "/",
        routes![
            hello, broken, failing, panicking, stream, vary, vary_other, own_lines, form, private
        ],
    )
}

fn client(rocket: Rocket<Build>) -> Client {
    Client::untracked(rocket).unwrap()
}

fn request<'c>(
    client: &'c Client,
    method: &str,
    path: &'static str,
    origin: &str,
) -> LocalRequest<'c> {
    client
        .req(method.parse().unwrap(), path)
        .header(Header::new("Origin", origin.to_owned()))
}

fn preflight<'c>(client: &'c Client, path: &'static str, origin: &str) -> LocalRequest<'c> {
    request(client, "OPTIONS", path, origin)
        .header(Header::new("Access-Control-Request-Method", "PUT"))
}

fn lines<'a>(response: &'a LocalResponse<'_>, name: &'static str) -> Vec<&'a str> {
    response.headers().get(name).collect()
}

fn allow_origin<'a>(response: &'a LocalResponse<'_>) -> Vec<&'a str> {
    lines(response, "access-control-allow-origin")
}

#[test]
fn every_response_carries_the_headers_whoever_makes_it() {
    let bare = application(&Runs::default()).attach(cors());
    let with_catchers = application(&Runs::default())
        .register("/", catchers![unauthorized, anything])
        .attach(cors());
    for rocket in [bare, with_catchers] {
        let client = client(rocket);
        for (method, path, status) in [
            ("GET", "/", 200),
            ("HEAD", "/", 200),
            ("HEAD", "/missing", 404),
            ("GET", "/broken", 500),
            ("GET", "/failing", 500),
            ("GET", "/panicking", 500),
            ("GET", "/missing", 404),
            // Rocket has no 405.
            ("GET", "/form", 404),
            ("DELETE", "/", 404),
            ("OPTIONS", "/", 404),
            ("CONNECT", "/", 404),
            ("GET", "/private", 401),
            ("GET", "/stream", 200),
        ] {
            for (origin, allowed) in [(ALLOWED, &[ALLOWED][..]), (DENIED, &[])] {
                let response = request(&client, method, path, origin).dispatch();
                assert_eq!(response.status().code, status, "{method} {path}");
                assert_eq!(allow_origin(&response), allowed, "{method} {path}");
                assert_eq!(lines(&response, "vary"), ["Origin"], "{method} {path}");
            }
        }
        let response = request(&client, "GET", "/stream", ALLOWED).dispatch();
        assert_eq!(response.into_string().unwrap(), "ab");

        let response = request(&client, "POST", "/form", ALLOWED)
            .header(ContentType::Form)
            .body("number=none")
            .dispatch();
        assert_eq!(response.status().code, 422);
        assert_eq!(allow_origin(&response), [ALLOWED]);
    }
}

#[test]
fn a_preflight_runs_nothing_of_the_application_and_another_options_does() {
    let runs = Runs::default();
    let client = client(
        application(&runs)
            .mount("/", routes![own_options, private_options])
            .register("/", catchers![unauthorized, anything])
            .attach(cors()),
    );
    for path in ["/", "/missing", "/private", "/panicking", "/a/b?c=d"] {
        let response = preflight(&client, path, ALLOWED).dispatch();
        assert_eq!(response.status().code, 204, "{path}");
        assert_eq!(allow_origin(&response), [ALLOWED]);
        assert_eq!(lines(&response, "access-control-allow-methods"), ["PUT"]);
        assert_eq!(lines(&response, "vary"), ["Origin"]);
        assert_eq!(lines(&response, "x-own"), [""; 0]);
        assert_eq!(lines(&response, "content-type"), [""; 0]);
        assert_eq!(response.into_string().unwrap_or_default(), "");

        let response = preflight(&client, path, DENIED).dispatch();
        assert_eq!(response.status().code, 403, "{path}");
        assert_eq!(allow_origin(&response), [""; 0]);
        assert_eq!(lines(&response, "vary"), ["Origin"]);
        assert_eq!(lines(&response, "content-type"), [""; 0]);
        assert_eq!(response.into_string().unwrap_or_default(), "");
        assert_eq!(runs.take(), 0, "{path}");
    }

    let response = request(&client, "OPTIONS", "/", ALLOWED).dispatch();
    assert_eq!(response.status().code, 200);
    assert_eq!(lines(&response, "x-own"), ["ran"]);
    assert_eq!(allow_origin(&response), [ALLOWED]);
    assert_eq!(runs.take(), 1);

    let response = client.options("/").dispatch();
    assert_eq!(lines(&response, "x-own"), ["ran"]);
    assert_eq!(runs.take(), 1);
}

#[test]
fn nothing_of_a_response_leaves_that_a_later_fairing_has_led_a_preflight_to() {
    let runs = Runs::default();
    let redirect = AdHoc::on_request("redirect", |request, _| {
        Box::pin(async move { request.set_method(rocket::http::Method::Options) })
    });
    let client = client(
        application(&runs)
            .mount("/", routes![own_options])
            .attach(cors())
            .attach(redirect),
    );
    let response = preflight(&client, "/", ALLOWED).dispatch();
    assert_eq!(response.status().code, 204);
    assert_eq!(allow_origin(&response), [ALLOWED]);
    assert_eq!(lines(&response, "x-own"), [""; 0]);
}

#[test]
fn a_request_that_comes_as_connect_is_the_applications() {
    let mut route = routes![hello].remove(0);
    route.method = rocket::http::Method::Connect;
    let runs = Runs::default();
    let client = client(application(&runs).mount("/", [route]).attach(cors()));
    let response = request(&client, "CONNECT", "/", ALLOWED).dispatch();
    assert_eq!(response.into_string().unwrap(), "hello");
    assert_eq!(runs.take(), 1);
    assert_eq!(
        preflight(&client, "/", ALLOWED).dispatch().status().code,
        204
    );
    assert_eq!(runs.take(), 0);
}

#[test]
fn what_the_application_varies_on_is_kept_and_its_own_cors_lines_are_replaced() {
    let client = client(application(&Runs::default()).attach(cors()));
    let response = request(&client, "GET", "/vary", ALLOWED).dispatch();
    assert_eq!(
        lines(&response, "vary"),
        ["Accept-Encoding", "accept, ORIGIN"]
    );
    let response = request(&client, "GET", "/vary-other", ALLOWED).dispatch();
    assert_eq!(lines(&response, "vary"), ["Accept-Encoding", "Origin"]);

    for (origin, allowed) in [(ALLOWED, &[ALLOWED][..]), (DENIED, &[])] {
        let response = request(&client, "GET", "/own-lines", origin).dispatch();
        assert_eq!(allow_origin(&response), allowed);
        let credentials = lines(&response, "access-control-allow-credentials");
        assert_eq!(credentials, [""; 0]);
        assert_eq!(lines(&response, "x-own"), ["stays"]);
    }
    let response = client.get("/own-lines").dispatch();
    assert_eq!(allow_origin(&response), [""; 0]);
    assert_eq!(lines(&response, "vary"), ["Origin"]);
}

#[test]
fn a_policy_that_refuses_never_refuses_the_servers_own_pages() {
    let runs = Runs::default();
    let policy = policy().refuse_disallowed_origins(true).build().unwrap();
    let client = client(application(&runs).attach(Cors::new(policy)));
    for method in ["GET", "HEAD"] {
        let response = request(&client, method, "/", DENIED).dispatch();
        assert_eq!(response.status().code, 403);
        assert_eq!(lines(&response, "vary"), ["Origin"]);
        assert_eq!(runs.take(), 0);
    }
    let post = |lines: &[(&'static str, &'static str)]| {
        let mut post = request(&client, "POST", "/form", DENIED)
            .header(ContentType::Form)
            .body("number=1");
        for (name, value) in lines {
            post.add_header(Header::new(*name, *value));
        }
        post.dispatch().status().code
    };
    assert_eq!(post(&[]), 403);
    assert_eq!(post(&[("Host", "other.example")]), 403);
    assert_eq!(post(&[("Host", "denied.example")]), 200);
    assert_eq!(post(&[("Sec-Fetch-Site", "same-origin")]), 200);
    assert_eq!(
        post(&[("Host", "denied.example"), ("Sec-Fetch-Site", "cross-site")]),
        403
    );

    // Of HTTP/2, the host is no line.
    let mut own = request(&client, "POST", "/form", DENIED)
        .header(ContentType::Form)
        .body("number=1");
    own.inner_mut()
        .set_host(rocket::http::uri::Host::from(rocket::uri!(
            "denied.example"
        )));
    assert_eq!(own.dispatch().status().code, 200);
}

#[test]
fn a_repeated_origin_is_denied() {
    let client = client(application(&Runs::default()).attach(cors()));
    let twice = |request: LocalRequest<'_>| {
        let mut request = request;
        request.add_header(Header::new("origin", ALLOWED));
        let response = request.dispatch();
        assert_eq!(allow_origin(&response), [""; 0]);
        response.status().code
    };
    assert_eq!(twice(request(&client, "GET", "/", ALLOWED)), 200);
    assert_eq!(twice(preflight(&client, "/", ALLOWED)), 403);
}

#[test]
fn a_replaced_policy_counts_from_the_next_request_on_even_of_a_clone() {
    let handle = PolicyHandle::new(policy().build().unwrap());
    let client = client(application(&Runs::default()).attach(Cors::new(handle.clone())));
    let old = request(&client, "GET", "/", ALLOWED);
    let denied = preflight(&client, "/", "https://new.example");
    assert_eq!(allow_origin(&old.clone().dispatch()), [ALLOWED]);
    assert_eq!(denied.clone().dispatch().status().code, 403);
    let new = PolicyConfig::new().allow_origins(["https://new.example"]);
    handle.replace(new.build().unwrap());
    assert_eq!(allow_origin(&old.dispatch()), [""; 0]);
    assert_eq!(denied.dispatch().status().code, 204);
}

#[test]
fn a_request_is_answered_by_the_policy_that_it_was_decided_by() {
    let handle = PolicyHandle::new(policy().build().unwrap());
    let in_between = {
        let handle = handle.clone();
        AdHoc::on_request("replaces the policy", move |_, _| {
            let new = PolicyConfig::new().allow_origins(["https://new.example"]);
            handle.replace(new.build().unwrap());
            Box::pin(async {})
        })
    };
    let rocket = application(&Runs::default())
        .attach(Cors::new(handle))
        .attach(in_between);
    let client = client(rocket);
    let ask = || {
        let response = request(&client, "GET", "/", ALLOWED).dispatch();
        allow_origin(&response).len()
    };
    assert_eq!(ask(), 1, "decided before");
    assert_eq!(ask(), 0, "decided after");
}

#[test]
fn a_policy_is_chosen_per_request_or_none_at_all() {
    let public = SharedPolicy::new(PolicyConfig::public_read_only().build().unwrap());
    let private = SharedPolicy::new(policy().build().unwrap());
    let source = per_request(move |request| match request.uri().path().as_str() {
        "/" => Some(public.clone()),
        "/own-lines" => None,
        _ => Some(private.clone()),
    });
    let client = client(application(&Runs::default()).attach(Cors::new(source)));
    let answer = |path, origin: &str| -> Vec<String> {
        let response = request(&client, "GET", path, origin).dispatch();
        allow_origin(&response)
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(answer("/", DENIED), ["*"]);
    assert_eq!(answer("/vary", ALLOWED), [ALLOWED]);
    assert_eq!(answer("/vary", DENIED), [""; 0]);
    assert_eq!(answer("/own-lines", ALLOWED), ["*", "https://own.example"]);
    let response = preflight(&client, "/own-lines", ALLOWED).dispatch();
    assert_eq!(response.status().code, 404);
}

#[test]
fn what_is_not_decided_in_time_is_denied() {
    let asked = Runs::default();
    let counted = asked.clone();
    let policy = policy().decide_origins_outside(true).build().unwrap();
    let undecided = Cors::new(policy);
    let decided =
        undecided
            .clone()
            .decide_origins(Duration::from_millis(50), move |origin: String| {
                counted.count();
                async move {
                    if origin == "https://hanging.example" {
                        std::future::pending::<()>().await;
                    }
                    rocket::tokio::task::yield_now().await;
                    origin == "https://tenant.example"
                }
            });
    let client = client(
        application(&Runs::default())
            .attach(undecided)
            .attach(decided),
    );
    for (origin, allowed, times) in [
        ("https://tenant.example", true, 1),
        ("https://hanging.example", false, 1),
        (DENIED, false, 1),
        (ALLOWED, true, 0),
        ("null", false, 0),
        ("https://malformed.example/", false, 0),
    ] {
        for ask in [
            preflight(&client, "/", origin),
            request(&client, "GET", "/", origin),
        ] {
            let response = ask.dispatch();
            let expected = allowed.then_some(origin);
            assert_eq!(
                allow_origin(&response),
                Vec::from_iter(expected),
                "{origin}"
            );
            assert_eq!(asked.take(), times, "{origin}");
        }
    }
}

#[test]
fn without_a_decider_an_undecided_origin_is_denied() {
    let policy = policy().decide_origins_outside(true).build().unwrap();
    let client = client(application(&Runs::default()).attach(Cors::new(policy)));
    let response = request(&client, "GET", "/", "https://tenant.example").dispatch();
    assert_eq!(allow_origin(&response), [""; 0]);
}

#[test]
fn of_two_the_one_attached_last_is_the_one() {
    let other = PolicyConfig::new().allow_origins(["https://other.example"]);
    let rocket = application(&Runs::default())
        .attach(Cors::new(other.build().unwrap()))
        .attach(cors());
    let client = client(rocket);
    let response = request(&client, "GET", "/", ALLOWED).dispatch();
    assert_eq!(allow_origin(&response), [ALLOWED]);
    let response = request(&client, "GET", "/", "https://other.example").dispatch();
    assert_eq!(allow_origin(&response), [""; 0]);
}

#[test]
fn cloning_copies_no_policy() {
    let cors = cors();
    let clone = cors.clone();
    let client = client(application(&Runs::default()));
    let request = client.get("/");
    let [one, other] = [cors, clone].map(|cors| cors.source.choose(request.inner()).unwrap());
    assert!(std::ptr::eq(one.policy(), other.policy()));
}

/// Runs a server on a port of its own, while `ask` asks it.
fn serve(rocket: Rocket<Build>, ask: impl FnOnce(SocketAddr)) {
    let (sender, receiver) = mpsc::channel();
    let rocket = rocket.attach(AdHoc::on_liftoff("tells where", move |rocket| {
        let address = SocketAddr::from((rocket.config().address, rocket.config().port));
        let _ = sender.send((address, rocket.shutdown()));
        Box::pin(async {})
    }));
    let server = std::thread::spawn(move || drop(rocket::execute(rocket.launch()).unwrap()));
    let (address, shutdown) = receiver.recv().unwrap();
    ask(address);
    shutdown.notify();
    server.join().unwrap();
}

fn send(address: SocketAddr, head: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(head).unwrap();
    stream
        .write_all(b"\r\nHost: api.test\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut received = Vec::new();
    stream.read_to_end(&mut received).unwrap();
    String::from_utf8(received).unwrap().to_ascii_lowercase()
}

#[test]
fn what_rocket_does_not_carry_is_none_of_ours() {
    let runs = Runs::default();
    let rocket = application(&runs)
        .mount("/", routes![own_options])
        .attach(cors());
    serve(rocket, |address| {
        let head = b"GET / HTTP/1.1\r\nOrigin: https://allowed.example";
        let response = send(address, head);
        assert!(response.contains("access-control-allow-origin: https://allowed.example\r\n"));

        // The line is dropped: as if it were not there.
        let head = b"GET / HTTP/1.1\r\nOrigin: https://allowed.example\xFF";
        let response = send(address, head);
        assert!(response.starts_with("http/1.1 200 "), "{response}");
        assert!(!response.contains("access-control"), "{response}");
        assert!(response.contains("\r\nvary: origin\r\n"), "{response}");

        for method in ["options", "QUERY", "PROPFIND"] {
            let head = format!("{method} / HTTP/1.1\r\nOrigin: https://allowed.example");
            let response = send(address, head.as_bytes());
            assert!(response.starts_with("http/1.1 400 "), "{response}");
            assert!(!response.contains("access-control"), "{response}");
        }

        runs.take();
        let lines = "Origin: https://allowed.example\r\nAccess-Control-Request-Method: PUT";
        for target in ["/", "/a?b", "*", "http://api.test/", "//", "/%FF", "/../x"] {
            let head = format!("OPTIONS {target} HTTP/1.1\r\n{lines}");
            let response = send(address, head.as_bytes());
            assert!(
                response.starts_with("http/1.1 204 "),
                "{target}: {response}"
            );
            assert!(response.contains("access-control-allow-methods: put\r\n"));
            assert!(response.ends_with("\r\n\r\n"), "{response}");
            assert!(!response.contains("content-length"), "{response}");
            assert!(!response.contains("transfer-encoding"), "{response}");
        }
        assert_eq!(runs.take(), 0);
    });
}
