//! Rocket with the fairing of `rocket_cors`.

use std::net::Ipv4Addr;

use rocket::config::LogLevel;
use rocket::fairing::AdHoc;
use rocket::http::{Header, Method, Status};
use rocket::outcome::Outcome;
use rocket::route::{self, Handler};
use rocket::{Config, Data, Request, Response, Route};
use rocket_cors::{AllowedHeaders, AllowedOrigins, Cors, CorsOptions};

use crate::Configuration;
use crate::application::{
    EXPOSED, FIELDS, HEADERS, ITEMS, MAX_AGE, METHODS, location, needs_login, status,
};

pub(crate) async fn serve(configuration: Configuration, allowed: String) {
    let mut config = Config::release_default();
    config.address = Ipv4Addr::LOCALHOST.into();
    config.port = 0;
    config.log_level = LogLevel::Off;
    let announce = AdHoc::on_liftoff("print the port", |rocket| {
        crate::announce(rocket.config().port);
        Box::pin(async {})
    });
    let methods = [
        Method::Get,
        Method::Post,
        Method::Put,
        Method::Delete,
        Method::Patch,
    ];
    let routes: Vec<_> = methods
        .into_iter()
        .flat_map(|method| {
            ["/items", "/private", "/redirect", "/fails"]
                .map(|path| Route::new(method, path, Application))
        })
        .collect();
    let rocket = rocket::custom(config)
        .mount("/", routes)
        .attach(cors(configuration, &allowed))
        .attach(announce);
    let served = rocket.launch().await;
    drop(served.expect("the server runs until it is killed"));
}

fn cors(configuration: Configuration, allowed: &str) -> Cors {
    let right = || {
        let methods = METHODS.map(|name| name.parse::<Method>().expect("a method"));
        CorsOptions {
            allowed_origins: AllowedOrigins::some_exact(&[allowed]),
            allowed_methods: methods.into_iter().map(From::from).collect(),
            allowed_headers: AllowedHeaders::some(&HEADERS),
            allow_credentials: true,
            expose_headers: [EXPOSED.to_owned()].into(),
            max_age: Some(MAX_AGE as usize),
            ..CorsOptions::default()
        }
    };
    let options = match configuration {
        Configuration::Default => CorsOptions::default(),
        Configuration::Right => right(),
        // `Content-Type` must be listed: `application/json` is not a safelisted value.
        Configuration::Mistake => CorsOptions {
            allowed_headers: AllowedHeaders::some(&["authorization"]),
            ..right()
        },
        // A pattern without anchors.
        Configuration::Dangerous => CorsOptions {
            allowed_origins: AllowedOrigins::some_regex(&[r"app\.localhost"]),
            ..right()
        },
    };
    options.to_cors().expect("valid options")
}

#[derive(Clone, Debug)]
struct Application;

#[rocket::async_trait]
impl Handler for Application {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> route::Outcome<'r> {
        let path = request.uri().path().as_str();
        let authorization = request.headers().get_one("authorization");
        if needs_login(path, authorization.map(str::as_bytes)) {
            return Outcome::Error(Status::Unauthorized);
        }
        let mut response = Response::build();
        match path {
            "/fails" => return Outcome::Error(Status::InternalServerError),
            "/redirect" => {
                let query = request.uri().query().map(|query| query.to_string());
                let location = location(&query.unwrap_or_default());
                response.status(Status::Found);
                response.header(Header::new("location", location));
            }
            _ => {
                response.status(Status::new(status(request.method().as_str())));
                for (name, value) in FIELDS {
                    response.header(Header::new(name, value));
                }
                response.sized_body(ITEMS.len(), std::io::Cursor::new(ITEMS));
            }
        }
        Outcome::Success(response.finalize())
    }
}
