//! The floor for tower, and for warp, whose filters can be called as a tower service.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::tower::Service;
use http::{Request, Response};
use pin_project_lite::pin_project;

use super::http_types::{Decision, Fields, Floor};

#[derive(Clone)]
pub(crate) struct FloorService<S> {
    pub(crate) inner: S,
    pub(crate) floor: Floor,
}

impl<S, Q, B> Service<Request<Q>> for FloorService<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = FloorFuture<S::Future, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        match self.floor.decide(request.method(), request.headers()) {
            Decision::Forward(fields) => FloorFuture::Forwarded {
                response: self.inner.call(request),
                fields: Some(fields),
            },
            Decision::Respond(status, fields) => {
                let mut response = Response::new(B::default());
                *response.status_mut() = status;
                *response.headers_mut() = fields;
                FloorFuture::Responding {
                    response: Some(response),
                }
            }
        }
    }
}

pin_project! {
    #[project = Projection]
    pub(crate) enum FloorFuture<F, B> {
        Forwarded {
            #[pin]
            response: F,
            // `None` if the response was ready.
            fields: Option<Fields>,
        },
        Responding {
            response: Option<Response<B>>,
        },
    }
}

impl<F, B, E> Future for FloorFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projection::Forwarded { response, fields } => {
                // In place, because a response is large and a move copies it.
                let mut result = ready!(response.poll(context));
                if let (Ok(response), Some(fields)) = (&mut result, fields.take()) {
                    fields.apply(response.headers_mut());
                }
                Poll::Ready(result)
            }
            Projection::Responding { response } => {
                Poll::Ready(Ok(response.take().expect("polled once")))
            }
        }
    }
}
