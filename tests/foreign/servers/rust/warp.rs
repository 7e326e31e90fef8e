//! warp with its filter `cors`.

use std::convert::Infallible;

use http::header::LOCATION;
use http::{Method, Response, StatusCode};
use tokio::net::TcpListener;
use warp::cors::Builder;
use warp::path::FullPath;
use warp::reject::Reject;
use warp::{Filter, Rejection};

use crate::Configuration;
use crate::application::{
    EXPOSED, FIELDS, HEADERS, ITEMS, MAX_AGE, METHODS, location, needs_login, status,
};

pub(crate) async fn serve(configuration: Configuration, allowed: String, listener: TcpListener) {
    crate::announce_listener(&listener);
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    let application = warp::method()
        .and(warp::path::full())
        .and(warp::header::optional("authorization"))
        .and(query)
        .and_then(respond);
    let cors = cors(configuration, &allowed);
    if configuration == Configuration::Mistake {
        // The responses to rejections are made outside of the filter.
        let routes = application.with(cors).recover(recover);
        warp::serve(routes).incoming(listener).run().await;
    } else {
        let routes = application.recover(recover).with(cors);
        warp::serve(routes).incoming(listener).run().await;
    }
}

fn cors(configuration: Configuration, allowed: &str) -> Builder {
    let right = || {
        warp::cors()
            .allow_methods(METHODS)
            .allow_headers(HEADERS)
            .expose_header(EXPOSED)
            .allow_credentials(true)
            .max_age(MAX_AGE)
    };
    match configuration {
        Configuration::Default => warp::cors(),
        Configuration::Right | Configuration::Mistake => right().allow_origin(allowed),
        // Any origin, with credentials.
        Configuration::Dangerous => right().allow_any_origin(),
    }
}

#[derive(Debug)]
struct Rejected(StatusCode);

impl Reject for Rejected {}

async fn respond(
    method: Method,
    path: FullPath,
    authorization: Option<String>,
    query: String,
) -> Result<Response<&'static str>, Rejection> {
    let authorization = authorization.as_deref().map(str::as_bytes);
    let reject = |status| Err(warp::reject::custom(Rejected(status)));
    if needs_login(path.as_str(), authorization) {
        return reject(StatusCode::UNAUTHORIZED);
    }
    let response = match path.as_str() {
        "/items" | "/private" => {
            let response = Response::builder().status(status(method.as_str()));
            let fields = FIELDS.into_iter();
            let response = fields.fold(response, |response, (name, value)| {
                response.header(name, value)
            });
            response.body(ITEMS)
        }
        "/redirect" => Response::builder()
            .status(StatusCode::FOUND)
            .header(LOCATION, location(&query))
            .body(""),
        "/fails" => return reject(StatusCode::INTERNAL_SERVER_ERROR),
        _ => return reject(StatusCode::NOT_FOUND),
    };
    Ok(response.expect("valid fields"))
}

async fn recover(rejection: Rejection) -> Result<StatusCode, Infallible> {
    // The filter rejects requests of origins that are not allowed.
    let status = rejection.find::<Rejected>().map(|rejected| rejected.0);
    Ok(status.unwrap_or(StatusCode::FORBIDDEN))
}
