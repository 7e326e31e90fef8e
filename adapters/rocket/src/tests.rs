//! Tests of behaviour that is specific to this adapter. The tests of all frameworks together are in the package
//! `omnicors-tests`.

mod sockets;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rocket::fairing::AdHoc;
use rocket::form::{Form, FromForm};
use rocket::http::{ContentType, Header, Status};
use rocket::local::blocking::{Client, LocalRequest, LocalResponse};
use rocket::request::{FromRequest, Outcome};
use rocket::response::{self, Responder, Response};
use rocket::{Build, Config, Request, Rocket, State, get, options, post, routes};

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

/// Counts how often the application has run.
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

/// A request guard that always fails.
struct Rejects;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Rejects {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Error((Status::Unauthorized, ()))
    }
}

/// A response with header fields of the application.
struct WithFields(&'static [(&'static str, &'static str)]);

impl<'r> Responder<'r, 'static> for WithFields {
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
    #[allow(dead_code, reason = "the tests post a value that is not a number")]
    number: u8,
}

#[get("/")]
fn hello(runs: &State<Runs>) -> &'static str {
    runs.count();
    "hello"
}

#[get("/panicking")]
fn panicking() {
    panic!("caught by Rocket");
}

#[get("/own-fields")]
fn own_fields() -> WithFields {
    WithFields(&[
        ("Access-Control-Allow-Origin", "*"),
        ("access-control-allow-origin", "https://own.example"),
    ])
}

#[options("/<_..>", rank = 2)]
fn own_options(runs: &State<Runs>) -> WithFields {
    runs.count();
    WithFields(&[("Allow", "GET"), ("X-Own", "ran")])
}

#[post("/form", data = "<_form>")]
fn form(_form: Form<Number>) -> &'static str {
    "posted"
}

#[get("/private")]
fn private(_guard: Rejects) -> &'static str {
    "private"
}

fn application(runs: &Runs) -> Rocket<Build> {
    rocket::custom(config())
        .manage(runs.clone())
        .mount("/", routes![hello, panicking, own_fields, form, private])
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

fn values<'a>(response: &'a LocalResponse<'_>, name: &'static str) -> Vec<&'a str> {
    response.headers().get(name).collect()
}

fn allow_origin<'a>(response: &'a LocalResponse<'_>) -> Vec<&'a str> {
    values(response, "access-control-allow-origin")
}

#[test]
fn responses_of_catchers_have_the_headers() {
    let client = client(application(&Runs::default()).attach(cors()));
    for (method, path, status) in [
        ("GET", "/missing", 404),
        ("HEAD", "/missing", 404),
        ("CONNECT", "/", 404),
        ("GET", "/panicking", 500),
        ("GET", "/private", 401),
        ("POST", "/form", 422),
    ] {
        for (origin, allowed) in [(ALLOWED, &[ALLOWED][..]), (DENIED, &[])] {
            let request = request(&client, method, path, origin).header(ContentType::Form);
            let response = request.body("number=none").dispatch();
            assert_eq!(response.status().code, status, "{method} {path}");
            assert_eq!(allow_origin(&response), allowed, "{method} {path}");
            assert_eq!(values(&response, "vary"), ["Origin"], "{method} {path}");
        }
    }
}

#[test]
fn a_response_to_a_preflight_that_a_later_fairing_caused_is_replaced() {
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
    assert_eq!(values(&response, "x-own"), [""; 0]);
}

#[test]
fn a_connect_request_goes_to_the_application() {
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
fn a_same_origin_request_is_recognized_by_the_authority_of_http_2() {
    let policy = policy().guard(Guard::All).build().unwrap();
    let client = client(application(&Runs::default()).attach(Cors::new(policy)));
    let get = || request(&client, "GET", "/", DENIED);
    assert_eq!(get().dispatch().status().code, 403);
    let mut own = get();
    own.inner_mut()
        .set_host(rocket::http::uri::Host::from(rocket::uri!(
            "denied.example"
        )));
    assert_eq!(own.dispatch().status().code, 200);
}

#[test]
fn the_response_to_a_cors_request_has_the_fields_of_the_policy_that_decided_it() {
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
    let send_request = || {
        let response = request(&client, "GET", "/", ALLOWED).dispatch();
        allow_origin(&response).len()
    };
    assert_eq!(send_request(), 1, "decided before");
    assert_eq!(send_request(), 0, "decided after");
}

#[test]
fn the_response_to_a_non_cors_request_has_the_fields_of_the_policy_that_decided_it() {
    // Policies that send `Vary: Origin`, the same with `Timing-Allow-Origin`, and `*` to a non-CORS request.
    let policies = [
        policy(),
        policy().timing_allow_origin(true),
        PolicyConfig::new().allow_origins(["*"]),
    ]
    .map(|config| config.build().unwrap());
    let expected = [
        ([""; 0].as_slice(), ["Origin"].as_slice()),
        (&[], &["Origin"]),
        (&["*"], &[]),
    ];
    for (before, (origins, vary)) in policies.iter().zip(expected) {
        for after in &policies {
            let handle = PolicyHandle::new(policy().build().unwrap());
            let in_between = {
                let (handle, after) = (handle.clone(), after.clone());
                AdHoc::on_request("replaces the policy", move |_, _| {
                    handle.replace(after.clone());
                    Box::pin(async {})
                })
            };
            let cors = Cors::new(handle.clone());
            let client = client(
                application(&Runs::default())
                    .attach(cors)
                    .attach(in_between),
            );
            handle.replace(before.clone());
            let response = client.get("/own-fields").dispatch();
            assert_eq!(allow_origin(&response), origins);
            assert_eq!(values(&response, "vary"), vary);
        }
    }
}

#[test]
fn a_non_cors_request_for_a_served_host_gets_the_fields_of_a_forwarded_one() {
    let policy = policy().allow_hosts(["localhost"]).build().unwrap();
    let client = client(application(&Runs::default()).attach(Cors::new(policy)));
    let get = || client.get("/");
    let response = get().header(Header::new("host", "localhost")).dispatch();
    assert_eq!(values(&response, "vary"), ["Origin"]);
    assert!(values(&response, "cache-control").is_empty());
    let response = get()
        .header(Header::new("host", "rebound.example"))
        .dispatch();
    assert_eq!(response.status(), Status::MisdirectedRequest);
    assert_eq!(values(&response, "cache-control"), ["no-store"]);
}

#[test]
fn a_cloned_request_gets_its_own_decision() {
    let client = client(application(&Runs::default()).attach(cors()));
    let first = client.get("/");
    let second = first.clone().header(Header::new("Origin", ALLOWED));
    let third = first.clone();
    assert_eq!(allow_origin(&first.dispatch()), [""; 0]);
    assert_eq!(allow_origin(&second.dispatch()), [ALLOWED]);
    assert_eq!(allow_origin(&third.dispatch()), [""; 0]);
}

#[test]
fn a_response_without_a_policy_is_not_changed() {
    let client = client(application(&Runs::default()).attach(Cors::new(per_request(|_| None))));
    let response = request(&client, "GET", "/own-fields", ALLOWED).dispatch();
    assert_eq!(allow_origin(&response), ["*", "https://own.example"]);
    assert_eq!(values(&response, "vary"), [""; 0]);
    let response = preflight(&client, "/own-fields", ALLOWED).dispatch();
    assert_eq!(response.status().code, 404);
}

#[test]
fn the_last_of_two_fairings_decides() {
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
fn a_cloned_fairing_shares_the_policy() {
    let cors = cors();
    let clone = cors.clone();
    let client = client(application(&Runs::default()));
    let request = client.get("/");
    let [one, other] = [cors, clone].map(|cors| {
        cors.source
            .choose(&RequestView::new(request.inner()))
            .policy
            .unwrap()
    });
    assert!(std::ptr::eq(one.policy(), other.policy()));
}
