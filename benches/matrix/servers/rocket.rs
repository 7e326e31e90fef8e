//! Rocket: a server behind its own local client, without a socket.

use std::collections::HashSet;
use std::io::Cursor;
use std::sync::Arc;

use ::rocket::config::LogLevel;
use ::rocket::http::{Header, Method, Status};
use ::rocket::local::asynchronous::Client;
use ::rocket::outcome::Outcome;
use ::rocket::route::{self, Handler};
use ::rocket::{Config, Data, Request, Response, Route};
use omnicors_rocket::Cors;
use rocket_cors::{AllowedHeaders, AllowedOrigins, CorsOptions};

use crate::answer::{APPLICATION, Answer};
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins, REGEXES};
use crate::served::{Mount, Prepared, Served, finished};

pub(crate) fn serve(mount: &Mount, case: &Case) -> Option<Served> {
    let mut config = Config::release_default();
    config.log_level = LogLevel::Off;
    let says = match mount {
        Mount::ByHand(prepared) => Some(Arc::clone(prepared)),
        _ => None,
    };
    let route = |method| Route::new(method, "/", Application { says: says.clone() });
    let mut rocket = ::rocket::custom(config).mount("/", [route(Method::Get)]);
    match mount {
        // Otherwise the fairings answer, and their users have no such route.
        Mount::Nothing | Mount::ByHand(_) => {
            rocket = rocket.mount("/", [route(Method::Options)]);
        }
        Mount::Ours => rocket = rocket.attach(Cors::new(case.origins.policy())),
        Mount::Theirs => rocket = rocket.attach(theirs(case.origins)),
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let client = runtime
        .expect("a runtime")
        .block_on(Client::untracked(rocket))
        .expect("a server");
    Some(served(client, case))
}

/// The same in the words of `rocket_cors`.
fn theirs(origins: Origins) -> rocket_cors::Cors {
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
    .expect("options without a fault")
}

fn served(client: Client, case: &Case) -> Served {
    // Its requests borrow it.
    let client: &'static Client = Box::leak(Box::new(client));
    let method: Method = case.method.as_str().parse().expect("a method");
    let lines: Vec<(String, String)> = case
        .lines
        .iter()
        .map(|(name, value)| {
            let value = value.to_str().expect("text").to_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    Served::new(
        move || {
            let mut request = client.req(method, "/");
            for (name, value) in &lines {
                request = request.header(Header::new(name.clone(), value.clone()));
            }
            request
        },
        |request| finished(request.dispatch()),
        |response| {
            let lines = response.headers().iter();
            let lines = lines.map(|header| {
                (
                    header.name.as_str().to_ascii_lowercase(),
                    header.value.as_bytes().to_vec(),
                )
            });
            Answer {
                status: response.status().code,
                lines: lines.collect(),
            }
        },
    )
}

#[derive(Clone)]
struct Application {
    says: Option<Arc<Prepared>>,
}

#[::rocket::async_trait]
impl Handler for Application {
    async fn handle<'r>(&self, _: &'r Request<'_>, _: Data<'r>) -> route::Outcome<'r> {
        const HELLO: &str = "hello";
        let mut response = Response::new();
        response.set_sized_body(HELLO.len(), Cursor::new(HELLO));
        match &self.says {
            None => response.set_status(Status::new(APPLICATION.as_u16())),
            Some(says) => {
                response.set_status(Status::new(says.status.as_u16()));
                for (name, value) in &says.texts {
                    response.set_header(Header::new(*name, *value));
                }
            }
        }
        Outcome::Success(response)
    }
}
