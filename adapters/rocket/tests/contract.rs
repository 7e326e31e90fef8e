//! The tests that every adapter passes, and a policy that needs a lookup with an adapter that has none.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../kit/tests/shared/contract.rs"]
mod contract;
#[path = "../../kit/tests/shared/start_up.rs"]
mod start_up;

use omnicors_rocket::{
    Cors, Guard, Policy, PolicyConfig, PolicyEntry, PolicyHandle, PolicySource, PreparedPolicy,
    per_host, per_path, per_request,
};
use rocket::config::LogLevel;
use rocket::fairing::AdHoc;
use rocket::http::{Header, Method};
use rocket::local::asynchronous::Client;
use rocket::{Build, Config, Request, Rocket, get, post, response, routes};

use contract::{Application, CACHE_CONTROL, EXPOSE_HEADERS, Response, TIMEOUT, VARY, look_up};

struct App(Client);

struct Hello;

impl<'r> response::Responder<'r, 'static> for Hello {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let mut response = rocket::Response::new();
        response.set_raw_header("Cache-Control", CACHE_CONTROL);
        response.set_raw_header("Vary", VARY);
        response.set_raw_header("Access-Control-Expose-Headers", EXPOSE_HEADERS);
        Ok(response)
    }
}

/// The response of `on_reject`.
struct Made(String);

impl<'r> response::Responder<'r, 'static> for Made {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = self.0.respond_to(request)?;
        for (name, value) in contract::rejection::MADE_FIELDS {
            response.set_raw_header(name, value);
        }
        Ok(response)
    }
}

#[get("/<_..>")]
fn hello() -> Hello {
    Hello
}

#[post("/<_..>")]
fn posted() -> Hello {
    Hello
}

fn server(cors: Cors) -> Rocket<Build> {
    let mut config = Config::release_default();
    config.port = 0;
    config.log_level = LogLevel::Off;
    rocket::custom(config)
        .mount("/", routes![hello, posted])
        .attach(cors)
}

impl Application for App {
    async fn new(policy: PolicySource, with_lookup: bool) -> Self {
        let cors = Cors::new(policy);
        let cors = if with_lookup {
            cors.lookup_origins(TIMEOUT, look_up)
        } else {
            cors
        };
        Self(Client::untracked(server(cors)).await.unwrap())
    }

    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response {
        let method: Method = method.parse().unwrap();
        let mut request = self.0.req(method, path);
        for (name, value) in fields {
            request.add_header(Header::new(*name, value.clone()));
        }
        let response = request.dispatch().await;
        let fields = response.headers().iter();
        let fields = fields.map(|field| (field.name().to_string(), field.value().to_owned()));
        let received = Response::new(response.status().code, fields);
        received.with_body(response.into_string().await.unwrap_or_default())
    }
}

contract::tests!(
    #[rocket::async_test]
    App
);

#[rocket::async_test]
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
async fn a_missing_lookup_panics_when_the_service_is_built() {
    App::new(contract::looking_up().into(), false).await;
}

#[test]
fn a_server_with_a_missing_lookup_does_not_start_and_says_why() {
    let test = "a_server_with_a_missing_lookup_does_not_start_and_says_why";
    start_up::assert_missing_lookup_stops_the_server(test, || {
        let shut_down = AdHoc::on_liftoff("shuts down", |rocket| {
            rocket.shutdown().notify();
            Box::pin(async {})
        });
        let server = server(Cors::new(contract::looking_up())).attach(shut_down);
        drop(rocket::execute(server.launch()).unwrap());
    });
}

#[rocket::async_test]
#[should_panic(expected = "call `lookup_origins(timeout, function)` on the adapter")]
async fn a_missing_lookup_of_an_entry_panics_when_the_service_is_built() {
    App::new(contract::choice::looking_up_for_a_path(), false).await;
}

#[rocket::async_test]
async fn only_the_body_of_a_rejected_request_is_replaced() {
    contract::rejection::only_the_body_of_a_rejected_request_is_replaced(async |policy| {
        let cors = Cors::new(policy).on_reject(|rejection| {
            Made(contract::rejection::make_body(rejection).unwrap_or_default())
        });
        App(Client::untracked(server(cors)).await.unwrap())
    })
    .await;
}
