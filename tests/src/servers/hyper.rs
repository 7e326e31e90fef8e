//! hyper with a service function, without tower, over a socket.

use std::convert::Infallible;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use omnicors_core::Policy;
use omnicors_http::{Decider, HttpDecision};

use super::socket::serve_hyper;
use super::{LOOKUP_TIMEOUT, OverSocket, Running, Server, http_types, look_up};

/// hyper with `omnicors-http`.
#[derive(Clone, Copy, Debug)]
pub struct Hyper;

impl Server for Hyper {
    fn name(&self) -> &'static str {
        "hyper"
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let mut cors = Decider::new(policy.clone());
        if looks_up {
            cors = cors.lookup_origins(LOOKUP_TIMEOUT, look_up);
        }
        let service = service_fn(move |request| respond(cors.clone(), request));
        Box::new(OverSocket::on_tokio(|listener| {
            serve_hyper(listener, service)
        }))
    }
}

async fn respond(
    cors: Decider,
    request: Request<Incoming>,
) -> Result<Response<String>, Infallible> {
    let application = || http_types::respond(request.headers()).map(str::to_owned);
    Ok(match cors.decide(&request).await {
        HttpDecision::Respond(response) => response.map(|()| String::new()),
        HttpDecision::Forward(mut headers) => {
            let mut response = application();
            headers.apply(response.headers_mut());
            response
        }
    })
}
