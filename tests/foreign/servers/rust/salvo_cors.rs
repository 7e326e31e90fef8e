//! salvo with salvo-cors.

use salvo_core::conn::tcp::TcpAcceptor;
use salvo_core::http::{HeaderName, HeaderValue, Method, StatusCode, StatusError};
use salvo_core::{Depot, FlowCtrl, Request, Response, Router, Service, handler};
use salvo_cors::{Cors, CorsHandler};
use tokio::net::TcpListener;

use crate::Configuration;
use crate::application::{
    EXPOSED, FIELDS, HEADERS, ITEMS, MAX_AGE, METHODS, location, needs_login, status,
};

pub(crate) async fn serve(configuration: Configuration, allowed: String, listener: TcpListener) {
    crate::announce_listener(&listener);
    let items_at = |path| {
        Router::with_path(path)
            .get(items)
            .post(items)
            .put(items)
            .delete(items)
            .patch(items)
    };
    let router = Router::new()
        .hoop(login)
        .push(items_at("items"))
        .push(items_at("private"))
        .push(Router::with_path("redirect").get(redirect))
        .push(Router::with_path("fails").get(fail));
    let cors = cors(configuration, &allowed);
    let service = if configuration == Configuration::Mistake {
        // A hoop of a router runs only for its routes, and there is none for OPTIONS.
        Service::new(Router::new().hoop(cors).push(router))
    } else {
        Service::new(router).hoop(cors)
    };
    let acceptor = TcpAcceptor::try_from(listener).expect("a listener");
    salvo_core::Server::new(acceptor).serve(service).await;
}

fn cors(configuration: Configuration, allowed: &str) -> CorsHandler {
    let allowed: HeaderValue = allowed.parse().expect("an origin");
    let cors = match configuration {
        Configuration::Default => Cors::new(),
        Configuration::Right | Configuration::Mistake => Cors::new()
            .allow_origin([allowed])
            .allow_methods(METHODS.map(|name| name.parse::<Method>().expect("a method")))
            .allow_headers(HEADERS.map(HeaderName::from_static))
            .expose_headers([HeaderName::from_static(EXPOSED)])
            .allow_credentials(true)
            .max_age(MAX_AGE),
        // Any origin, with credentials.
        Configuration::Dangerous => Cors::very_permissive(),
    };
    cors.into_handler()
}

#[handler]
async fn login(
    request: &mut Request,
    depot: &mut Depot,
    response: &mut Response,
    control: &mut FlowCtrl,
) {
    let authorization = request.headers().get("authorization");
    if needs_login(
        request.uri().path(),
        authorization.map(HeaderValue::as_bytes),
    ) {
        response.render(StatusError::unauthorized());
        control.skip_rest();
        return;
    }
    control.call_next(request, depot, response).await;
}

#[handler]
async fn items(request: &mut Request, response: &mut Response) {
    let status = StatusCode::from_u16(status(request.method().as_str()));
    response.status_code(status.expect("a status"));
    for (name, value) in FIELDS {
        let set = response.add_header(name, value, true);
        set.expect("a valid field");
    }
    response.write_body(ITEMS).expect("a body");
}

#[handler]
async fn redirect(request: &mut Request, response: &mut Response) {
    let location = location(request.uri().query().unwrap_or_default());
    response.status_code(StatusCode::FOUND);
    let set = response.add_header("location", location, true);
    set.expect("a valid field");
}

#[handler]
async fn fail() -> Result<(), StatusError> {
    Err(StatusError::internal_server_error())
}
