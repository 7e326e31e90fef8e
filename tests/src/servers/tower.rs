//! A tower service, called in process.

use std::cell::RefCell;
use std::convert::Infallible;

use http::{HeaderName, HeaderValue, Method};
use omnicors_core::Policy;
use omnicors_tower::CorsLayer;
use tokio::time::timeout;
use tower::util::BoxCloneService;
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::{LOOKUP_TIMEOUT, NoResponse, Running, Server, http_types, look_up};
use crate::client::{Request, Response, TIMEOUT};

/// [`CorsLayer`] around a service, without a server.
#[derive(Clone, Copy, Debug)]
pub struct Tower;

struct InProcess {
    service: BoxCloneService<http::Request<()>, http::Response<&'static str>, Infallible>,
    runtime: RefCell<tokio::runtime::Runtime>,
}

impl Server for Tower {
    fn name(&self) -> &'static str {
        "tower"
    }

    fn carriers(&self) -> Vec<&'static str> {
        vec!["http", self.name()]
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let layer = CorsLayer::new(policy.clone());
        let application = service_fn(http_types::service);
        let service = if looks_up {
            let layer = layer.lookup_origins(LOOKUP_TIMEOUT, look_up);
            BoxCloneService::new(layer.layer(application))
        } else {
            BoxCloneService::new(layer.layer(application))
        };
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().build().expect("a runtime");
        Box::new(InProcess {
            service,
            runtime: RefCell::new(runtime),
        })
    }
}

impl Running for InProcess {
    fn ask(&self, request: &Request) -> Result<Response, NoResponse> {
        let cannot = |error: &dyn ToString| NoResponse::CannotCarry(error.to_string());
        let method =
            Method::from_bytes(request.method.as_bytes()).map_err(|error| cannot(&error))?;
        let mut http_request = http::Request::new(());
        *http_request.method_mut() = method;
        for (name, value) in &request.fields {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| cannot(&error))?;
            let value = HeaderValue::from_bytes(value).map_err(|error| cannot(&error))?;
            http_request.headers_mut().append(name, value);
        }
        let runtime = self.runtime.borrow_mut();
        let service = self.service.clone();
        // The time limit of the client.
        let result =
            runtime.block_on(async { timeout(TIMEOUT, service.oneshot(http_request)).await });
        let Ok(response) = result.map_err(|error| NoResponse::Failed(error.to_string()))?;
        let fields = response.headers().iter();
        Ok(Response {
            status: response.status().as_u16(),
            fields: fields
                .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
                .collect(),
            // A server sends no body in response to HEAD, whatever the service returns.
            body: match request.method.as_str() {
                "HEAD" => Vec::new(),
                _ => response.body().as_bytes().to_vec(),
            },
        })
    }
}
