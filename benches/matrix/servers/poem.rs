//! poem: an endpoint, called as its server does.

use ::poem::endpoint::make_sync;
use ::poem::middleware;
use ::poem::{Endpoint, EndpointExt as _, Request, Response};
use omnicors_poem::Cors;

use super::{OwnFields, set_own_fields};
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins, PATTERNS};
use crate::floor::Floor;
use crate::recorded::{APPLICATION, Recorded};
use crate::subject::{Middleware, Subject, finished};

pub(crate) fn serve(middleware: Middleware, case: &Case) -> Option<Subject> {
    let own_fields = case.own_fields();
    let application = make_sync(move |_| respond(own_fields));
    Some(match middleware {
        Middleware::None => served(application, case),
        Middleware::Omnicors => served(application.with(Cors::new(case.origins.policy())), case),
        Middleware::Peer => served(application.with(peer_cors(case.origins)), case),
        Middleware::Floor => served(application.with(Floor::new(case.origins)?), case),
    })
}

/// Builds the policy with the middleware of poem.
fn peer_cors(origins: Origins) -> middleware::Cors {
    let mut cors = middleware::Cors::new()
        .allow_methods(METHODS)
        .allow_headers(HEADERS)
        .allow_origins(origins.exact())
        .max_age(i32::try_from(MAX_AGE).expect("a short time"));
    if origins.has_patterns() {
        for pattern in PATTERNS {
            cors = cors.allow_origin_regex(pattern);
        }
    }
    cors
}

fn served(endpoint: impl Endpoint + 'static, case: &Case) -> Subject {
    let case = case.clone();
    Subject::new(
        move || {
            let mut request = Request::default();
            request.set_method(case.method.clone());
            *request.headers_mut() = case.fields.clone();
            request
        },
        move |request| finished(endpoint.get_response(request)),
        |response| Recorded::new(response.status().as_u16(), response.headers()),
    )
}

fn respond(own_fields: OwnFields) -> Response {
    let mut response: Response = "hello".into();
    response.set_status(APPLICATION);
    set_own_fields(response.headers_mut(), own_fields);
    response
}
