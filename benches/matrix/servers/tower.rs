//! tower: a service that is used for all requests, and one that is cloned for each request, as in axum and hyper-util.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll, Waker};

use ::tower::{Layer as _, Service};
use http::{HeaderName, HeaderValue, Method, Request, Response};
use omnicors_tower::{CorsLayer, PolicyHandle, PreparedPolicy, per_request};
use tower_http::cors::{self, AllowOrigin};

use super::{OwnFields, set_own_fields};
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins, is_of_patterns};
use crate::floor::Floor;
use crate::floor::tower::FloorService;
use crate::recorded::{APPLICATION, Recorded};
use crate::subject::{Middleware, Subject, finished};

pub(crate) fn serve(middleware: Middleware, case: &Case) -> Option<Subject> {
    mounted(middleware, case, false)
}

pub(crate) fn serve_cloned(middleware: Middleware, case: &Case) -> Option<Subject> {
    mounted(middleware, case, true)
}

/// The source of the policy of omnicors.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    Fixed,
    Handle,
    PerRequest,
}

/// Creates a server with omnicors and a policy from a source.
pub(crate) fn serve_from(source: Source, case: &Case) -> Subject {
    let policy = case.origins.policy();
    let application = Application { own_fields: &[] };
    match source {
        Source::Fixed => served(CorsLayer::new(policy).layer(application), case, false),
        Source::Handle => {
            let layer = CorsLayer::new(PolicyHandle::new(policy));
            served(layer.layer(application), case, false)
        }
        Source::PerRequest => {
            let policy = PreparedPolicy::shared(policy);
            let layer = CorsLayer::new(per_request(move |_| Some(policy.clone())));
            served(layer.layer(application), case, false)
        }
    }
}

fn mounted(middleware: Middleware, case: &Case, cloned: bool) -> Option<Subject> {
    let application = Application {
        own_fields: case.own_fields(),
    };
    Some(match middleware {
        Middleware::None => served(application, case, cloned),
        Middleware::Omnicors => {
            let layer = CorsLayer::new(case.origins.policy());
            served(layer.layer(application), case, cloned)
        }
        Middleware::Peer => served(peer_cors(case.origins).layer(application), case, cloned),
        Middleware::Floor => {
            let floor = Floor::new(case.origins)?;
            let inner = application;
            served(FloorService { inner, floor }, case, cloned)
        }
    })
}

/// Builds the policy with tower-http.
pub(super) fn peer_cors(origins: Origins) -> cors::CorsLayer {
    let exact = || {
        let exact = origins.exact().into_iter();
        exact.map(|origin| HeaderValue::try_from(origin).expect("an origin"))
    };
    let origin = match origins {
        Origins::All => AllowOrigin::any(),
        Origins::One => AllowOrigin::exact(exact().next().expect("one")),
        _ if origins.has_patterns() => {
            let listed: Vec<_> = exact().collect();
            AllowOrigin::predicate(move |origin, _| {
                listed.contains(origin) || is_of_patterns(origin.as_bytes())
            })
        }
        _ => AllowOrigin::list(exact()),
    };
    let headers = HEADERS.map(HeaderName::from_static);
    let methods = METHODS.map(|method| Method::try_from(method).expect("a method"));
    cors::CorsLayer::new()
        .allow_origin(origin)
        .allow_methods(methods)
        .allow_headers(headers)
        .max_age(std::time::Duration::from_secs(MAX_AGE.into()))
}

fn served<S>(service: S, case: &Case, cloned: bool) -> Subject
where
    S: Service<Request<()>, Response = Response<&'static str>, Error = Infallible>,
    S: Clone + 'static,
{
    let make = requests(case);
    let read =
        |response: Response<&str>| Recorded::new(response.status().as_u16(), response.headers());
    if cloned {
        Subject::new(
            make,
            move |request| call(&mut service.clone(), request),
            read,
        )
    } else {
        let service = RefCell::new(service);
        Subject::new(
            make,
            move |request| call(&mut *service.borrow_mut(), request),
            read,
        )
    }
}

/// Returns a function that makes the request.
pub(super) fn requests(case: &Case) -> impl Fn() -> Request<()> + use<> {
    let case = case.clone();
    move || {
        let mut request = Request::new(());
        *request.method_mut() = case.method.clone();
        *request.headers_mut() = case.fields.clone();
        request
    }
}

pub(super) fn call<S>(service: &mut S, request: Request<()>) -> S::Response
where
    S: Service<Request<()>, Error = Infallible>,
{
    let ready = service.poll_ready(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(ready, Poll::Ready(Ok(()))));
    let Ok(response) = finished(service.call(request));
    response
}

#[derive(Clone)]
pub(super) struct Application {
    pub(super) own_fields: OwnFields,
}

impl Service<Request<()>> for Application {
    type Response = Response<&'static str>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(respond(self.own_fields)))
    }
}

/// The response of the application.
pub(super) fn respond(own_fields: OwnFields) -> Response<&'static str> {
    let mut response = Response::new("hello");
    *response.status_mut() = APPLICATION;
    set_own_fields(response.headers_mut(), own_fields);
    response
}
