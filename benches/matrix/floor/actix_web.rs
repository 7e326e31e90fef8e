//! The floor for actix-web, whose header types are not those of `http` 1.x.

use std::future::Ready;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use ::actix_web::body::{EitherBody, MessageBody};
use ::actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use ::actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, HeaderValue,
    ORIGIN, VARY,
};
use ::actix_web::http::{Method, StatusCode};
use ::actix_web::{Error, HttpResponse};
use pin_project_lite::pin_project;

use super::{Listed, OWN_FIELDS, PREFIX, lists_origin, preflight_fields};
use crate::cases::Origins;

#[derive(Clone)]
pub(crate) struct Floor(Rc<Policy>);

struct Policy {
    listed: Listed,
    /// The fields of the response to an allowed preflight. `Access-Control-Allow-Origin` is empty if it depends on the request.
    allowed: HeaderMap,
    denied: HeaderMap,
}

#[derive(Clone)]
pub(crate) struct Fields {
    allow_origin: Option<HeaderValue>,
    varies: bool,
}

const ANY: HeaderValue = HeaderValue::from_static("*");
const VARIES: HeaderValue = HeaderValue::from_static("Origin");

impl Floor {
    /// Returns `None` for patterns.
    pub(crate) fn new(origins: Origins) -> Option<Self> {
        let listed = Listed::new(origins)?;
        let (mut allowed, mut denied) = (HeaderMap::new(), HeaderMap::new());
        if !listed.is_any() {
            allowed.insert(VARY, VARIES);
            denied.insert(VARY, VARIES);
        }
        for (name, value) in preflight_fields() {
            let value = HeaderValue::try_from(value).expect("a value");
            allowed.insert(HeaderName::from_static(name), value);
        }
        let origin = listed.only_value().unwrap_or_default();
        let origin = HeaderValue::from_bytes(origin).expect("an origin");
        allowed.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        Some(Self(Rc::new(Policy {
            listed,
            allowed,
            denied,
        })))
    }
}

impl Policy {
    /// Returns the response to a preflight, or `None` for other requests.
    fn preflight(&self, request: &ServiceRequest) -> Option<HttpResponse> {
        if *request.method() != Method::OPTIONS {
            return None;
        }
        let origin = request.headers().get(ORIGIN)?;
        request.headers().get(ACCESS_CONTROL_REQUEST_METHOD)?;
        if !self.listed.allows(origin.as_bytes()) {
            let mut response = HttpResponse::new(StatusCode::FORBIDDEN);
            *response.headers_mut() = self.denied.clone();
            return Some(response);
        }
        let mut response = HttpResponse::new(StatusCode::NO_CONTENT);
        *response.headers_mut() = self.allowed.clone();
        if self.listed.only_value().is_none() {
            let fields = response.headers_mut();
            fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        Some(response)
    }

    fn fields(&self, request: &ServiceRequest) -> Fields {
        if self.listed.is_any() {
            return Fields {
                allow_origin: Some(ANY),
                varies: false,
            };
        }
        let origin = request.headers().get(ORIGIN);
        let allowed = origin.filter(|origin| self.listed.allows(origin.as_bytes()));
        Fields {
            allow_origin: allowed.cloned(),
            varies: true,
        }
    }
}

impl Fields {
    fn apply(self, response: &mut HeaderMap) {
        let (mut has_own, mut has_vary) = (false, false);
        for name in response.keys() {
            has_own |= name.as_str().starts_with(PREFIX);
            has_vary |= *name == VARY;
        }
        if has_own {
            for name in OWN_FIELDS {
                response.remove(name);
            }
        }
        let varies_on_origin = || {
            has_vary
                && response
                    .get_all(VARY)
                    .any(|value| lists_origin(value.as_bytes()))
        };
        if self.varies && !varies_on_origin() {
            response.append(VARY, VARIES);
        }
        // Cheaper than `insert`, which also returns the previous values.
        if let Some(origin) = self.allow_origin {
            response.append(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Floor
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type InitError = ();
    type Transform = FloorMiddleware<S>;
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        std::future::ready(Ok(FloorMiddleware {
            service,
            policy: Rc::clone(&self.0),
        }))
    }
}

pub(crate) struct FloorMiddleware<S> {
    service: S,
    policy: Rc<Policy>,
}

impl<S, B> Service<ServiceRequest> for FloorMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = FloorFuture<S::Future>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        match self.policy.preflight(&request) {
            Some(response) => FloorFuture::Responding {
                response: Some(request.into_response(response)),
            },
            None => FloorFuture::Forwarded {
                fields: Some(self.policy.fields(&request)),
                response: self.service.call(request),
            },
        }
    }
}

pin_project! {
    #[project = Projection]
    pub(crate) enum FloorFuture<F> {
        Forwarded {
            #[pin]
            response: F,
            // `None` if the response was ready.
            fields: Option<Fields>,
        },
        Responding {
            response: Option<ServiceResponse>,
        },
    }
}

impl<F, B> Future for FloorFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projection::Forwarded { response, fields } => {
                let mut result = ready!(response.poll(context));
                match (&mut result, fields.take()) {
                    (Ok(response), Some(fields)) => fields.apply(response.headers_mut()),
                    (Err(error), Some(fields)) => with_fields(error, fields),
                    _ => {}
                }
                Poll::Ready(result.map(ServiceResponse::map_into_left_body))
            }
            Projection::Responding { response } => {
                let response = response.take().expect("polled once");
                Poll::Ready(Ok(response.map_into_right_body()))
            }
        }
    }
}

/// Applies the fields to the response that actix-web makes of the error of a middleware.
#[cold]
fn with_fields(error: &mut Error, fields: Fields) {
    error.add_response_mapper(move |mut response| {
        fields.clone().apply(response.headers_mut());
        response
    });
}
