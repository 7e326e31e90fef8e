//! actix-web: an `App`, called as in its own tests.

use ::actix_web::body::MessageBody;
use ::actix_web::dev::{Service, ServiceResponse};
use ::actix_web::http::header::{HeaderName, HeaderValue};
use ::actix_web::http::{Method, StatusCode};
use ::actix_web::test::{TestRequest, init_service};
use ::actix_web::{App, Error, HttpResponse, rt, web};
use actix_http::Request;
use omnicors_actix_web::Cors;

use super::OwnFields;
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins, is_of_patterns};
use crate::floor::actix_web::Floor;
use crate::recorded::{APPLICATION, Recorded};
use crate::subject::{Middleware, Subject, finished};

pub(crate) fn serve(middleware: Middleware, case: &Case) -> Option<Subject> {
    let own_fields = case.own_fields();
    let application = web::to(move || {
        let response = respond(own_fields);
        async { response }
    });
    let app = App::new().default_service(application);
    Some(match middleware {
        Middleware::None => served(started(init_service(app)), case),
        Middleware::Omnicors => {
            let app = app.wrap(Cors::new(case.origins.policy()));
            served(started(init_service(app)), case)
        }
        Middleware::Peer => {
            let app = app.wrap(peer_cors(case.origins));
            served(started(init_service(app)), case)
        }
        Middleware::Floor => {
            let app = app.wrap(Floor::new(case.origins)?);
            served(started(init_service(app)), case)
        }
    })
}

fn started<F: Future>(future: F) -> F::Output {
    rt::System::new().block_on(future)
}

/// Builds the policy with actix-cors.
fn peer_cors(origins: Origins) -> actix_cors::Cors {
    let mut cors = actix_cors::Cors::default()
        .allowed_methods(METHODS)
        .allowed_headers(HEADERS)
        .max_age(MAX_AGE as usize);
    if origins == Origins::All {
        return cors.allow_any_origin().send_wildcard();
    }
    for origin in origins.exact() {
        cors = cors.allowed_origin(&origin);
    }
    if origins.has_patterns() {
        cors = cors.allowed_origin_fn(|origin, _| is_of_patterns(origin.as_bytes()));
    }
    cors
}

fn served<S, B>(service: S, case: &Case) -> Subject
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let method = Method::from_bytes(case.method.as_str().as_bytes()).expect("a method");
    let fields: Vec<_> = case
        .fields
        .iter()
        .map(|(name, value)| field(name.as_str(), value.as_bytes()))
        .collect();
    Subject::new(
        move || {
            let mut request = TestRequest::default().method(method.clone());
            for field in &fields {
                request = request.insert_header(field.clone());
            }
            request.to_request()
        },
        move |request| finished(service.call(request)).expect("a response"),
        |response| {
            let fields = response.headers().iter();
            let fields =
                fields.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
            Recorded {
                status: response.status().as_u16(),
                fields: fields.collect(),
            }
        },
    )
}

fn field(name: &str, value: &[u8]) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::from_bytes(value).expect("a value");
    (
        HeaderName::from_bytes(name.as_bytes()).expect("a name"),
        value,
    )
}

fn respond(own_fields: OwnFields) -> HttpResponse {
    let status = StatusCode::from_u16(APPLICATION.as_u16()).expect("a status");
    let mut response = HttpResponse::with_body(status, "hello").map_into_boxed_body();
    for (name, value) in own_fields {
        let name = HeaderName::from_static(name);
        let fields = response.headers_mut();
        fields.insert(name, HeaderValue::from_static(value));
    }
    response
}
