//! Rocket: a server with the local client of Rocket, without a socket.

use std::collections::HashSet;
use std::io::Cursor;

use ::rocket::config::LogLevel;
use ::rocket::http::{Header, Method, Status};
use ::rocket::local::asynchronous::Client;
use ::rocket::outcome::Outcome;
use ::rocket::route::{self, Handler};
use ::rocket::{Config, Data, Request, Response, Route};
use omnicors_rocket::Cors;
use rocket_cors::{AllowedHeaders, AllowedOrigins, CorsOptions};

use super::OwnFields;
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins, REGEXES};
use crate::floor::rocket::Floor;
use crate::recorded::{APPLICATION, Recorded};
use crate::subject::{Middleware, Subject, finished};

pub(crate) fn serve(middleware: Middleware, case: &Case) -> Option<Subject> {
    let mut config = Config::release_default();
    config.log_level = LogLevel::Off;
    let application = Application {
        own_fields: case.own_fields(),
    };
    let route = |method| Route::new(method, "/", application.clone());
    let mut rocket = ::rocket::custom(config).mount("/", [route(Method::Get)]);
    match middleware {
        // Only here, because the fairings respond to `OPTIONS` without a route.
        Middleware::None => {
            rocket = rocket.mount("/", [route(Method::Options)]);
        }
        Middleware::Omnicors => rocket = rocket.attach(Cors::new(case.origins.policy())),
        Middleware::Peer => rocket = rocket.attach(peer_cors(case.origins)),
        Middleware::Floor => rocket = rocket.attach(Floor::new(case.origins)?),
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let client = runtime
        .expect("a runtime")
        .block_on(Client::untracked(rocket))
        .expect("a server");
    Some(served(client, case))
}

/// Builds the policy with `rocket_cors`.
fn peer_cors(origins: Origins) -> rocket_cors::Cors {
    let exact = origins.exact();
    let allowed_origins = match origins {
        Origins::All => AllowedOrigins::all(),
        _ if origins.has_patterns() => AllowedOrigins::some(&exact, &REGEXES),
        _ => AllowedOrigins::some_exact(&exact),
    };
    let methods = METHODS.map(|method| method.parse::<Method>().expect("a method"));
    CorsOptions {
        allowed_origins,
        allowed_methods: methods.into_iter().map(From::from).collect(),
        allowed_headers: AllowedHeaders::some(&HEADERS),
        send_wildcard: origins == Origins::All,
        max_age: Some(MAX_AGE as usize),
        expose_headers: HashSet::new(),
        ..CorsOptions::default()
    }
    .to_cors()
    .expect("valid options")
}

fn served(client: Client, case: &Case) -> Subject {
    // Leaked, because its requests borrow it.
    let client: &'static Client = Box::leak(Box::new(client));
    let method: Method = case.method.as_str().parse().expect("a method");
    let fields: Vec<(String, String)> = case
        .fields
        .iter()
        .map(|(name, value)| {
            let value = value.to_str().expect("text").to_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    Subject::new(
        move || {
            let mut request = client.req(method, "/");
            for (name, value) in &fields {
                request = request.header(Header::new(name.clone(), value.clone()));
            }
            request
        },
        |request| finished(request.dispatch()),
        |response| {
            let fields = response.headers().iter();
            let fields = fields.map(|header| {
                (
                    header.name.as_str().to_ascii_lowercase(),
                    header.value.as_bytes().to_vec(),
                )
            });
            Recorded {
                status: response.status().code,
                fields: fields.collect(),
            }
        },
    )
}

#[derive(Clone)]
struct Application {
    own_fields: OwnFields,
}

#[::rocket::async_trait]
impl Handler for Application {
    async fn handle<'r>(&self, _: &'r Request<'_>, _: Data<'r>) -> route::Outcome<'r> {
        const HELLO: &str = "hello";
        let mut response = Response::new();
        response.set_sized_body(HELLO.len(), Cursor::new(HELLO));
        response.set_status(Status::new(APPLICATION.as_u16()));
        for &(name, value) in self.own_fields {
            response.set_header(Header::new(name, value));
        }
        Outcome::Success(response)
    }
}
