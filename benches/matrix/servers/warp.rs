//! warp: filters as a service.

use std::convert::Infallible;
use std::sync::Arc;

use ::tower::Service;
use ::warp::reply::Response;
use ::warp::{Filter, Reply};
use http::Request;
use omnicors_warp::Cors;
use std::cell::RefCell;

use crate::answer::{APPLICATION, Answer};
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins};
use crate::served::{Mount, Prepared, Served, finished};

pub(crate) fn serve(mount: &Mount, case: &Case) -> Option<Served> {
    let says = match mount {
        Mount::ByHand(prepared) => Some(Arc::clone(prepared)),
        _ => None,
    };
    let application = ::warp::any().map(move || respond(says.as_deref()));
    Some(match mount {
        Mount::Nothing | Mount::ByHand(_) => served(::warp::service(application), case),
        Mount::Ours => {
            let cors = Cors::new(case.origins.policy());
            served(::warp::service(cors.wrap(application)), case)
        }
        Mount::Theirs => served(
            ::warp::service(application.with(theirs(case.origins)?)),
            case,
        ),
    })
}

/// The same in the words of warp, which knows no patterns, and no function in their place.
fn theirs(origins: Origins) -> Option<::warp::filters::cors::Cors> {
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

fn served<S>(service: S, case: &Case) -> Served
where
    S: Service<Request<String>, Response = Response, Error = Infallible> + 'static,
{
    let case = case.clone();
    let service = RefCell::new(service);
    Served::new(
        move || {
            let mut request = Request::new(String::new());
            *request.method_mut() = case.method.clone();
            *request.headers_mut() = case.lines.clone();
            request
        },
        move |request| {
            let Ok(response) = finished(service.borrow_mut().call(request));
            response
        },
        |response: Response| Answer::new(response.status().as_u16(), response.headers()),
    )
}

fn respond(says: Option<&Prepared>) -> impl Reply + use<> {
    let mut response = http::Response::new("hello");
    match says {
        None => *response.status_mut() = APPLICATION,
        Some(says) => {
            *response.status_mut() = says.status;
            for (name, value) in &says.lines {
                response.headers_mut().insert(name, value.clone());
            }
        }
    }
    response
}
