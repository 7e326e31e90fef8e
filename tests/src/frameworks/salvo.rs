//! salvo: errors are `StatusError`, the hoop `CatchPanic` catches panics.

use std::io;

use omnicors_salvo::Cors;
use salvo::prelude::CatchPanic;
use salvo_core::conn::tcp::TcpAcceptor;
use salvo_core::http::StatusError;
use salvo_core::http::{HeaderName, HeaderValue};
use salvo_core::{
    Depot, FlowCtrl, Handler, Request, Response, Router, Service, async_trait, handler,
};

use super::{Framework, OWN_HEADERS, Policies, Runs, Started, endless, http_source, panicking};
use crate::servers::OverSocket;

/// A `Service` with a [`Cors`].
#[derive(Clone, Copy, Debug)]
pub struct Salvo;

impl Framework for Salvo {
    fn name(&self) -> &'static str {
        "salvo"
    }

    fn start(&self, policies: Policies) -> Started {
        let (source, replace) = http_source(policies);
        let runs = Runs::default();
        let service = Service::new(routes())
            .hoop(Cors::new(source))
            .hoop(Counts(runs.clone()))
            .hoop(CatchPanic::new());
        let server = OverSocket::on_tokio(|listener| async {
            let acceptor = TcpAcceptor::try_from(listener).expect("a listener");
            salvo_core::Server::new(acceptor).serve(service).await;
        });
        Started {
            server,
            runs,
            replace,
        }
    }
}

struct Counts(Runs);

#[async_trait]
impl Handler for Counts {
    async fn handle(&self, _: &mut Request, _: &mut Depot, _: &mut Response, _: &mut FlowCtrl) {
        self.0.count();
    }
}

fn routes() -> Router {
    Router::new()
        .get(hello)
        .head(hello)
        .push(Router::with_path("other").get(hello))
        .push(Router::with_path("conflict").get(conflict))
        .push(Router::with_path("failure").get(failure))
        .push(Router::with_path("panic").get(panics))
        .push(Router::with_path("form").post(posted))
        .push(Router::with_path("stream").get(streams))
        .push(Router::with_path("vary").get(vary))
        .push(Router::with_path("own-headers").get(own_headers))
        .push(Router::with_path("options").get(hello).options(options))
        .push(Router::with_path("private").hoop(log_in).goal(private))
}

#[handler]
async fn hello() -> &'static str {
    "hello"
}

#[handler]
async fn posted() -> &'static str {
    "posted"
}

#[handler]
async fn options() -> &'static str {
    "options"
}

#[handler]
async fn private() -> &'static str {
    "private"
}

#[handler]
async fn conflict() -> Result<(), StatusError> {
    Err(StatusError::conflict().brief("taken"))
}

#[handler]
async fn failure() -> Result<(), salvo_core::Error> {
    Err(io::Error::other("failed").into())
}

#[handler]
async fn panics() -> &'static str {
    panicking()
}

#[handler]
async fn streams(response: &mut Response) {
    response.stream(endless::<io::Error>());
}

#[handler]
async fn vary(response: &mut Response) {
    with_headers(response, &[("vary", "Accept-Encoding")]);
}

#[handler]
async fn own_headers(response: &mut Response) {
    with_headers(response, &OWN_HEADERS);
}

fn with_headers(response: &mut Response, fields: &[(&'static str, &'static str)]) {
    for (name, value) in fields {
        let value = HeaderValue::from_static(value);
        let name = HeaderName::from_static(name);
        response.headers_mut().append(name, value);
    }
    response.render("hello");
}

#[handler]
async fn log_in(request: &mut Request) -> Result<(), StatusError> {
    if request.headers().contains_key("authorization") {
        Ok(())
    } else {
        Err(StatusError::unauthorized())
    }
}
