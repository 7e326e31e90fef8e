//! poem: an endpoint, called as its server calls it.

use std::sync::Arc;

use ::poem::endpoint::make_sync;
use ::poem::middleware;
use ::poem::{Endpoint, EndpointExt as _, Request, Response};
use omnicors_poem::Cors;

use crate::answer::{APPLICATION, Answer};
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins, PATTERNS};
use crate::served::{Mount, Prepared, Served, finished};

pub(crate) fn serve(mount: &Mount, case: &Case) -> Option<Served> {
    let says = match mount {
        Mount::ByHand(prepared) => Some(Arc::clone(prepared)),
        _ => None,
    };
    let application = make_sync(move |_| respond(says.as_deref()));
    Some(match mount {
        Mount::Nothing | Mount::ByHand(_) => served(application, case),
        Mount::Ours => served(application.with(Cors::new(case.origins.policy())), case),
        Mount::Theirs => served(application.with(theirs(case.origins)), case),
    })
}

/// The same in the words of poem.
fn theirs(origins: Origins) -> middleware::Cors {
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

fn served(endpoint: impl Endpoint + 'static, case: &Case) -> Served {
    let case = case.clone();
    Served::new(
        move || {
            let mut request = Request::default();
            request.set_method(case.method.clone());
            *request.headers_mut() = case.lines.clone();
            request
        },
        move |request| finished(endpoint.get_response(request)),
        |response| Answer::new(response.status().as_u16(), response.headers()),
    )
}

fn respond(says: Option<&Prepared>) -> Response {
    let mut response: Response = "hello".into();
    match says {
        None => response.set_status(APPLICATION),
        Some(says) => {
            response.set_status(says.status);
            for (name, value) in &says.lines {
                response.headers_mut().insert(name, value.clone());
            }
        }
    }
    response
}
