//! actix-web: an `App`, called as its own tests call it.

use std::sync::Arc;

use ::actix_web::body::MessageBody;
use ::actix_web::dev::{Service, ServiceResponse};
use ::actix_web::http::header::{HeaderName, HeaderValue};
use ::actix_web::http::{Method, StatusCode};
use ::actix_web::test::{TestRequest, init_service};
use ::actix_web::{App, Error, HttpResponse, rt, web};
use actix_http::Request;
use omnicors_actix_web::Cors;

use crate::answer::{APPLICATION, Answer};
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins, is_of_patterns};
use crate::served::{Mount, Prepared, Served, finished};

pub(crate) fn serve(mount: &Mount, case: &Case) -> Option<Served> {
    let says = match mount {
        Mount::ByHand(prepared) => Some(Says::new(prepared)),
        _ => None,
    };
    let application = web::to(move || {
        let response = respond(says.as_ref());
        async { response }
    });
    let app = App::new().default_service(application);
    Some(match mount {
        Mount::Nothing | Mount::ByHand(_) => served(started(init_service(app)), case),
        Mount::Ours => {
            let app = app.wrap(Cors::new(case.origins.policy()));
            served(started(init_service(app)), case)
        }
        Mount::Theirs => {
            let app = app.wrap(theirs(case.origins));
            served(started(init_service(app)), case)
        }
    })
}

fn started<F: Future>(future: F) -> F::Output {
    rt::System::new().block_on(future)
}

/// The same in the words of actix-cors.
fn theirs(origins: Origins) -> actix_cors::Cors {
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

fn served<S, B>(service: S, case: &Case) -> Served
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let method = Method::from_bytes(case.method.as_str().as_bytes()).expect("a method");
    let lines: Vec<_> = case
        .lines
        .iter()
        .map(|(name, value)| line(name.as_str(), value.as_bytes()))
        .collect();
    Served::new(
        move || {
            let mut request = TestRequest::default().method(method.clone());
            for line in &lines {
                request = request.insert_header(line.clone());
            }
            request.to_request()
        },
        move |request| finished(service.call(request)).expect("a response"),
        |response| {
            let lines = response.headers().iter();
            let lines =
                lines.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
            Answer {
                status: response.status().as_u16(),
                lines: lines.collect(),
            }
        },
    )
}

fn line(name: &str, value: &[u8]) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::from_bytes(value).expect("a value");
    (
        HeaderName::from_bytes(name.as_bytes()).expect("a name"),
        value,
    )
}

/// [`Prepared`] in the types of actix-web.
#[derive(Clone)]
struct Says {
    status: StatusCode,
    lines: Arc<[(HeaderName, HeaderValue)]>,
}

impl Says {
    fn new(prepared: &Prepared) -> Self {
        let texts = prepared.texts.iter();
        let lines = texts.map(|&(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        Self {
            status: StatusCode::from_u16(prepared.status.as_u16()).expect("a status"),
            lines: lines.collect(),
        }
    }
}

fn respond(says: Option<&Says>) -> HttpResponse {
    let Some(says) = says else {
        let status = StatusCode::from_u16(APPLICATION.as_u16()).expect("a status");
        return HttpResponse::with_body(status, "hello").map_into_boxed_body();
    };
    let mut response = HttpResponse::with_body(says.status, "hello").map_into_boxed_body();
    for (name, value) in &*says.lines {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}
