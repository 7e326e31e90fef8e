use std::collections::HashSet;

use omnicors_rocket::Cors;
use rocket::config::LogLevel;
use rocket::fairing::AdHoc;
use rocket::http::Method;
use rocket::route::{Handler, Outcome};
use rocket::{Config, Data, Request, Route, async_trait};
use rocket_cors::{AllowedOrigins, CorsOptions};

use crate::{BODY, METHODS, Middleware, ORIGINS, load, policy};

pub(crate) fn serve(middleware: Middleware) {
    let config = Config {
        port: 0,
        workers: 1,
        log_level: LogLevel::Off,
        ..Config::release_default()
    };
    let server = rocket::custom(config)
        .mount("/", [Route::new(Method::Get, "/", Hello)])
        .attach(AdHoc::on_liftoff("port", |rocket| {
            let port = rocket.config().port;
            Box::pin(async move { load::ready(port) })
        }));
    let server = match middleware {
        Middleware::None => server,
        Middleware::Omnicors => server.attach(Cors::new(policy())),
        Middleware::Own => server.attach(own()),
    };
    rocket::execute(server.launch()).expect("a server");
}

fn own() -> rocket_cors::Cors {
    let methods: HashSet<_> = METHODS
        .iter()
        .map(|method| method.parse().expect("a method"))
        .collect();
    CorsOptions {
        allowed_origins: AllowedOrigins::some_exact(&ORIGINS),
        allowed_methods: methods,
        ..CorsOptions::default()
    }
    .to_cors()
    .expect("valid options")
}

#[derive(Clone)]
struct Hello;

#[async_trait]
impl Handler for Hello {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        Outcome::from(request, BODY)
    }
}
