//! The floor for salvo.

use std::pin::Pin;

use salvo_core::http::ResBody;
use salvo_core::{Depot, FlowCtrl, Handler, Request, Response};

use super::{Decision, Floor};

impl Handler for Floor {
    // As `async_trait` would expand it, except that the request is decided before the future is made. So the future of a
    // preflight has no size, and boxing it does not allocate.
    fn handle<'a, 'request, 'depot, 'response, 'control, 'future>(
        &'a self,
        request: &'request mut Request,
        depot: &'depot mut Depot,
        response: &'response mut Response,
        control: &'control mut FlowCtrl,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'future>>
    where
        'a: 'future,
        'request: 'future,
        'depot: 'future,
        'response: 'future,
        'control: 'future,
        Self: 'future,
    {
        match self.decide(request.method(), request.headers()) {
            Decision::Forward(fields) => Box::pin(async move {
                control.call_next(request, depot, response).await;
                fields.apply(response.headers_mut());
            }),
            Decision::Respond(status, fields) => {
                response.status_code(status);
                response.set_headers(fields);
                // Without a body, salvo would write a page for the status.
                response.body(ResBody::from(""));
                control.skip_rest();
                Box::pin(std::future::ready(()))
            }
        }
    }
}
