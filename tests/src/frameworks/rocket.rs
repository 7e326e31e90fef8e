//! Rocket: errors are the `Err` of a responder, or a status for a catcher; Rocket catches panics itself.

use std::convert::Infallible;
use std::io;

use futures_util::StreamExt as _;
use omnicors_rocket::{Cors, PolicyHandle, PreparedPolicy, per_host, per_path, per_request};
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::response::stream::TextStream;
use rocket::response::{self, Responder};
use rocket::{Request, catch, catchers, get, options, post, routes};

use super::{
    Framework, OWN_HEADERS, Policies, Replace, Runs, Started, endless, entries, is_other,
    not_replaceable, panicking, replacing,
};
use crate::servers::rocket::serve;

/// A [`rocket::Rocket`] with a [`Cors`] attached.
#[derive(Clone, Copy, Debug)]
pub struct Rocket;

impl Framework for Rocket {
    fn name(&self) -> &'static str {
        "rocket"
    }

    fn start(&self, policies: Policies) -> Started {
        let (cors, replace) = cors(policies);
        let runs = Runs::default();
        let counted = runs.clone();
        let server = serve(move |rocket| {
            rocket
                .manage(counted)
                .mount(
                    "/",
                    routes![
                        hello,
                        other,
                        conflict,
                        failure,
                        panics,
                        form,
                        streams,
                        vary,
                        own_headers,
                        with_options,
                        own_options,
                        private,
                        private_options,
                    ],
                )
                .register("/", catchers![anything])
                .attach(cors)
        });
        Started {
            server,
            runs,
            replace,
        }
    }
}

fn cors(policies: Policies) -> (Cors, Replace) {
    match policies {
        Policies::Replaceable(policy) => {
            let handle = PolicyHandle::new(policy);
            let replace = replacing(&handle);
            (Cors::new(handle), replace)
        }
        Policies::ByPath(policies) => {
            let [first, other] = policies.map(PreparedPolicy::shared);
            let source = per_request(move |request| {
                let is_other = is_other(request.path());
                Some(if is_other { &other } else { &first }.clone())
            });
            (Cors::new(source), not_replaceable())
        }
        Policies::PerPath(policies) => (Cors::new(per_path(entries(policies))), not_replaceable()),
        Policies::PerHost(policies) => (Cors::new(per_host(entries(policies))), not_replaceable()),
    }
}

/// Counts a run. Each route and catcher has this guard: a fairing would also count responses before the routes.
struct Ran;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Ran {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        count(request);
        Outcome::Success(Self)
    }
}

fn count(request: &Request<'_>) {
    let runs = request.rocket().state::<Runs>();
    runs.expect("the counter is managed").count();
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

/// A response with header fields of the application.
struct WithHeaders(&'static [(&'static str, &'static str)]);

impl<'r> Responder<'r, 'static> for WithHeaders {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = "hello".respond_to(request)?;
        for (name, value) in self.0 {
            response.adjoin_raw_header(*name, *value);
        }
        Ok(response)
    }
}

#[get("/")]
fn hello(_ran: Ran) -> &'static str {
    "hello"
}

#[get("/other")]
fn other(_ran: Ran) -> &'static str {
    "hello"
}

#[get("/conflict")]
fn conflict(_ran: Ran) -> Result<&'static str, Status> {
    Err(Status::Conflict)
}

#[get("/failure")]
fn failure(_ran: Ran) -> Result<&'static str, io::Error> {
    Err(io::Error::other("failed"))
}

#[get("/panic")]
fn panics(_ran: Ran) -> &'static str {
    panicking()
}

#[post("/form")]
fn form(_ran: Ran) -> &'static str {
    "posted"
}

#[get("/stream")]
fn streams(_ran: Ran) -> TextStream![&'static str] {
    TextStream(endless().map(|Ok::<_, Infallible>(chunk)| chunk))
}

#[get("/vary")]
fn vary(_ran: Ran) -> WithHeaders {
    WithHeaders(&[("vary", "Accept-Encoding")])
}

#[get("/own-headers")]
fn own_headers(_ran: Ran) -> WithHeaders {
    WithHeaders(&OWN_HEADERS)
}

#[get("/options")]
fn with_options(_ran: Ran) -> &'static str {
    "hello"
}

#[options("/options")]
fn own_options(_ran: Ran) -> &'static str {
    "options"
}

#[get("/private")]
fn private(_logged_in: LoggedIn) -> &'static str {
    "private"
}

#[options("/private")]
fn private_options(_logged_in: LoggedIn) -> &'static str {
    "private"
}

#[catch(default)]
fn anything(request: &Request<'_>) -> &'static str {
    count(request);
    "caught"
}
