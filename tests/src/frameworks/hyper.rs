//! hyper: the routes are a `match`, and the application maps its errors to responses.

use std::convert::Infallible;

use futures_util::TryStreamExt as _;
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use omnicors_http::{Decider, HttpDecision};

use super::{Framework, OWN_HEADERS, Policies, Runs, Started, endless, http_source, panicking};
use crate::servers::OverSocket;
use crate::servers::socket::serve_hyper;

/// hyper with `omnicors-http`.
#[derive(Clone, Copy, Debug)]
pub struct Hyper;

type Body = BoxBody<Bytes, Infallible>;

impl Framework for Hyper {
    fn name(&self) -> &'static str {
        "hyper"
    }

    fn start(&self, policies: Policies) -> Started {
        let (source, replace) = http_source(policies);
        let runs = Runs::default();
        let counted = runs.clone();
        let cors = Decider::new(source);
        let service = service_fn(move |request| {
            let (cors, runs) = (cors.clone(), counted.clone());
            async move { Ok::<_, Infallible>(respond(&cors, &runs, &request).await) }
        });
        Started {
            server: OverSocket::on_tokio(|listener| serve_hyper(listener, service)),
            runs,
            replace,
        }
    }
}

async fn respond(cors: &Decider, runs: &Runs, request: &Request<Incoming>) -> Response<Body> {
    let application = || {
        runs.count();
        route(request).unwrap_or_else(|Failure(status)| with_status(status, "failed"))
    };
    match cors.decide(request).await {
        HttpDecision::Respond(response) => response.map(|()| full("")),
        HttpDecision::Forward(mut headers) => {
            let mut response = application();
            headers.apply(response.headers_mut());
            response
        }
    }
}

/// The error of the application.
struct Failure(StatusCode);

fn route(request: &Request<Incoming>) -> Result<Response<Body>, Failure> {
    let method = request.method();
    let is_login = request.headers().contains_key("authorization");
    Ok(match (method, request.uri().path()) {
        (_, "/private") if is_login => with_status(StatusCode::OK, "private"),
        (_, "/private") => return Err(Failure(StatusCode::UNAUTHORIZED)),
        (&Method::GET | &Method::HEAD, "/") | (&Method::GET, "/other" | "/options") => {
            with_status(StatusCode::OK, "hello")
        }
        (&Method::OPTIONS, "/options") => with_status(StatusCode::OK, "options"),
        (&Method::POST, "/form") => with_status(StatusCode::OK, "posted"),
        (&Method::GET, "/conflict") => return Err(Failure(StatusCode::CONFLICT)),
        (&Method::GET, "/failure") => return Err(Failure(StatusCode::INTERNAL_SERVER_ERROR)),
        (&Method::GET, "/panic") => with_status(StatusCode::OK, panicking()),
        (&Method::GET, "/stream") => Response::new(streamed()),
        (&Method::GET, "/vary") => with_headers(&[("vary", "Accept-Encoding")]),
        (&Method::GET, "/own-headers") => with_headers(&OWN_HEADERS),
        (_, "/" | "/form" | "/options") => return Err(Failure(StatusCode::METHOD_NOT_ALLOWED)),
        _ => return Err(Failure(StatusCode::NOT_FOUND)),
    })
}

fn with_status(status: StatusCode, body: &'static str) -> Response<Body> {
    let mut response = Response::new(full(body));
    *response.status_mut() = status;
    response
}

fn with_headers(fields: &[(&str, &str)]) -> Response<Body> {
    let response = Response::builder();
    let response = fields.iter().fold(response, |response, (name, value)| {
        response.header(*name, *value)
    });
    response.body(full("hello")).expect("the fields are valid")
}

fn full(body: &'static str) -> Body {
    Full::from(body).boxed()
}

fn streamed() -> Body {
    let frames = endless().map_ok(|chunk| Frame::data(Bytes::from(chunk)));
    StreamBody::new(frames).boxed()
}
