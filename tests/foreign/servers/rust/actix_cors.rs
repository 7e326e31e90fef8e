//! actix-web with actix-cors.

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorInternalServerError, ErrorUnauthorized};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderValue, LOCATION};
use actix_web::middleware::{Condition, Next, from_fn};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, rt, web};

use crate::Configuration;
use crate::application::{
    EXPOSED, FIELDS, HEADERS, ITEMS, MAX_AGE, METHODS, location, needs_login, status,
};

pub(crate) fn serve(configuration: Configuration, allowed: String) {
    let listener = crate::bind();
    let address = listener.local_addr().expect("a bound socket has one");
    // The login runs first, so preflights need one too.
    let is_login_outside = configuration == Configuration::Mistake;
    let server = HttpServer::new(move || {
        App::new()
            .route("/items", web::to(items))
            .route("/private", web::to(items))
            .route("/redirect", web::get().to(redirect))
            .route("/fails", web::get().to(fail))
            .wrap(Condition::new(!is_login_outside, from_fn(login)))
            .wrap(cors(configuration, &allowed))
            .wrap(Condition::new(is_login_outside, from_fn(login)))
    });
    let server = server.workers(1).listen(listener).expect("a listener");
    crate::announce(address.port());
    let ended = rt::System::new().block_on(async { server.run().await });
    ended.expect("the server runs until it is killed");
}

fn cors(configuration: Configuration, allowed: &str) -> Cors {
    match configuration {
        Configuration::Default => Cors::default(),
        Configuration::Right | Configuration::Mistake => Cors::default()
            .allowed_origin(allowed)
            .allowed_methods(METHODS)
            .allowed_headers(HEADERS)
            .expose_headers([EXPOSED])
            .supports_credentials()
            .max_age(MAX_AGE as usize),
        // Any origin, with credentials.
        Configuration::Dangerous => Cors::permissive(),
    }
}

async fn login(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let authorization = request.headers().get(AUTHORIZATION);
    if needs_login(request.path(), authorization.map(HeaderValue::as_bytes)) {
        return Err(ErrorUnauthorized("Unauthorized"));
    }
    next.call(request).await
}

async fn items(request: HttpRequest) -> HttpResponse {
    let status = StatusCode::from_u16(status(request.method().as_str())).expect("a status");
    let mut response = HttpResponse::build(status);
    for field in FIELDS {
        response.insert_header(field);
    }
    response.body(ITEMS)
}

async fn redirect(request: HttpRequest) -> HttpResponse {
    let location = location(request.query_string());
    let mut response = HttpResponse::Found();
    response.insert_header((LOCATION, location)).finish()
}

async fn fail() -> Result<HttpResponse, Error> {
    Err(ErrorInternalServerError("a failure of the application"))
}
