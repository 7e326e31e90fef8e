//! poem with its middleware `Cors`.

use poem::endpoint::make;
use poem::error::NotFoundError;
use poem::http::{HeaderValue, StatusCode};
use poem::listener::TcpAcceptor;
use poem::middleware::Cors;
use poem::{EndpointExt as _, Request, Response, Result};
use tokio::net::TcpListener;

use crate::Configuration;
use crate::application::{
    EXPOSED, FIELDS, HEADERS, ITEMS, MAX_AGE, METHODS, location, needs_login, status,
};

pub(crate) async fn serve(configuration: Configuration, allowed: String, listener: TcpListener) {
    crate::announce_listener(&listener);
    let acceptor = TcpAcceptor::from_tokio(listener).expect("a listener");
    let application = make(respond).with(cors(configuration, &allowed));
    let served = poem::Server::new_with_acceptor(acceptor)
        .run(application)
        .await;
    served.expect("the server runs until it is killed");
}

fn cors(configuration: Configuration, allowed: &str) -> Cors {
    let right = || {
        Cors::new()
            .allow_methods(METHODS)
            .expose_header(EXPOSED)
            .allow_credentials(true)
            .max_age(i32::try_from(MAX_AGE).expect("a short time"))
    };
    match configuration {
        Configuration::Default => Cors::new(),
        Configuration::Right => right().allow_headers(HEADERS).allow_origin(allowed),
        // `Content-Type` must be listed: `application/json` is not a safelisted value.
        Configuration::Mistake => right().allow_header("authorization").allow_origin(allowed),
        // Any origin, with credentials.
        Configuration::Dangerous => right().allow_headers(HEADERS),
    }
}

async fn respond(request: Request) -> Result<Response> {
    let path = request.uri().path();
    let authorization = request.headers().get("authorization");
    if needs_login(path, authorization.map(HeaderValue::as_bytes)) {
        return Err(StatusCode::UNAUTHORIZED.into());
    }
    match path {
        "/items" | "/private" => {
            let status = StatusCode::from_u16(status(request.method().as_str()));
            let response = Response::builder().status(status.expect("a status"));
            let fields = FIELDS.into_iter();
            let response = fields.fold(response, |response, (name, value)| {
                response.header(name, value)
            });
            Ok(response.body(ITEMS))
        }
        "/redirect" => {
            let location = location(request.uri().query().unwrap_or_default());
            let response = Response::builder().status(StatusCode::FOUND);
            Ok(response.header("location", location).finish())
        }
        "/fails" => Err(StatusCode::INTERNAL_SERVER_ERROR.into()),
        _ => Err(NotFoundError.into()),
    }
}
