//! The floor for poem.

use ::poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use super::{Decision, Floor};

impl<E: Endpoint> Middleware<E> for Floor {
    type Output = FloorEndpoint<E>;

    fn transform(&self, inner: E) -> FloorEndpoint<E> {
        FloorEndpoint {
            inner,
            floor: self.clone(),
        }
    }
}

pub(crate) struct FloorEndpoint<E> {
    inner: E,
    floor: Floor,
}

impl<E: Endpoint> Endpoint for FloorEndpoint<E> {
    type Output = Response;

    #[expect(
        clippy::manual_async_fn,
        reason = "the future of an `async fn` holds the request twice, and moves it"
    )]
    fn call(&self, request: Request) -> impl Future<Output = Result<Response>> + Send {
        async move {
            match self.floor.decide(request.method(), request.headers()) {
                Decision::Forward(fields) => {
                    // The response of an error needs the fields as well.
                    let mut response = match self.inner.call(request).await {
                        Ok(response) => response.into_response(),
                        Err(error) => error.into_response(),
                    };
                    fields.apply(response.headers_mut());
                    Ok(response)
                }
                Decision::Respond(status, fields) => {
                    let mut response = Response::default();
                    response.set_status(status);
                    *response.headers_mut() = fields;
                    Ok(response)
                }
            }
        }
    }
}
