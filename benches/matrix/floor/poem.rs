//! The floor for poem.

use ::poem::{Endpoint, Middleware, Request, Response, Result};

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

    async fn call(&self, request: Request) -> Result<Response> {
        match self.floor.decide(request.method(), request.headers()) {
            Decision::Forward(fields) => {
                // An error becomes a response, because its response needs the fields as well.
                let mut response = self.inner.get_response(request).await;
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
