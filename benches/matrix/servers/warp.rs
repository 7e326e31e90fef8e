//! warp: filters, called as a service. `Cors` of Omnicors is applied to the service, or to the filter.

use std::convert::Infallible;

use ::tower::Service;
use ::warp::reply::Response;
use ::warp::{Filter, Reply};
use http::Request;
use omnicors_warp::Cors;
use std::cell::RefCell;

use super::{OwnFields, set_own_fields};
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins};
use crate::floor::Floor;
use crate::floor::tower::FloorService;
use crate::recorded::{APPLICATION, Recorded};
use crate::subject::{Middleware, Subject, finished};

pub(crate) fn serve(middleware: Middleware, case: &Case) -> Option<Subject> {
    if matches!(middleware, Middleware::Omnicors) {
        let cors = Cors::new(case.origins.policy());
        return Some(served(cors.service(application(case.own_fields())), case));
    }
    serve_wrapped(middleware, case)
}

pub(crate) fn serve_wrapped(middleware: Middleware, case: &Case) -> Option<Subject> {
    let application = application(case.own_fields());
    Some(match middleware {
        Middleware::None => served(::warp::service(application), case),
        Middleware::Omnicors => {
            let cors = Cors::new(case.origins.policy());
            served(::warp::service(cors.wrap(application)), case)
        }
        Middleware::Floor => {
            let floor = Floor::new(case.origins)?;
            let inner = ::warp::service(application);
            served(FloorService { inner, floor }, case)
        }
        Middleware::Peer => served(
            ::warp::service(application.with(peer_cors(case.origins)?)),
            case,
        ),
    })
}

/// Builds the policy with the middleware of warp, which supports neither patterns nor functions.
fn peer_cors(origins: Origins) -> Option<::warp::filters::cors::Cors> {
    if origins.has_patterns() {
        return None;
    }
    let cors = ::warp::cors()
        .allow_methods(METHODS)
        .allow_headers(HEADERS)
        .max_age(MAX_AGE);
    if origins == Origins::All {
        return Some(cors.allow_any_origin().build());
    }
    let exact = origins.exact();
    let cors = cors.allow_origins(exact.iter().map(String::as_str));
    Some(cors.build())
}

fn served<S>(service: S, case: &Case) -> Subject
where
    S: Service<Request<String>, Response = Response, Error = Infallible> + 'static,
{
    let case = case.clone();
    let service = RefCell::new(service);
    Subject::new(
        move || {
            let mut request = Request::new(String::new());
            *request.method_mut() = case.method.clone();
            *request.headers_mut() = case.fields.clone();
            request
        },
        move |request| {
            let Ok(response) = finished(service.borrow_mut().call(request));
            response
        },
        |response: Response| Recorded::new(response.status().as_u16(), response.headers()),
    )
}

fn application(
    own_fields: OwnFields,
) -> impl Filter<Extract = (impl Reply,), Error = Infallible> + Clone + Send + Sync + 'static {
    ::warp::any().map(move || respond(own_fields))
}

fn respond(own_fields: OwnFields) -> impl Reply + use<> {
    let mut response = http::Response::new("hello");
    *response.status_mut() = APPLICATION;
    set_own_fields(response.headers_mut(), own_fields);
    response
}
