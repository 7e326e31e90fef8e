//! poem: errors are `poem::Error`, a middleware of poem catches panics.

use std::io;

use omnicors_poem::Cors;
use poem::endpoint::make_sync;
use poem::error::InternalServerError;
use poem::http::StatusCode;
use poem::listener::TcpAcceptor;
use poem::middleware::CatchPanic;
use poem::{Body, Endpoint, EndpointExt as _, Error, Request, Response, Route, get, post};

use super::{Framework, OWN_HEADERS, Policies, Runs, Started, endless, http_source, panicking};
use crate::servers::OverSocket;

/// A `Route` with a [`Cors`].
#[derive(Clone, Copy, Debug)]
pub struct Poem;

impl Framework for Poem {
    fn name(&self) -> &'static str {
        "poem"
    }

    fn start(&self, policies: Policies) -> Started {
        let (source, replace) = http_source(policies);
        let runs = Runs::default();
        let application = application(runs.clone()).with(Cors::new(source));
        let server = OverSocket::on_tokio(|listener| async {
            let acceptor = TcpAcceptor::from_tokio(listener).expect("a listener");
            poem::Server::new_with_acceptor(acceptor)
                .run(application)
                .await
                .expect("the server runs until it is dropped");
        });
        Started {
            server,
            runs,
            replace,
        }
    }
}

fn application(runs: Runs) -> impl Endpoint + 'static {
    let private = make_sync(|_| "private").before(|request: Request| async {
        if request.headers().contains_key("authorization") {
            Ok(request)
        } else {
            Err(Error::from_status(StatusCode::UNAUTHORIZED))
        }
    });
    Route::new()
        .at("/", get(text("hello")))
        .at("/other", get(text("hello")))
        .at("/conflict", get(make_sync(conflict)))
        .at("/failure", get(make_sync(failure)))
        .at("/panic", get(make_sync(|_| panicking())))
        .at("/form", post(text("posted")))
        .at("/stream", get(make_sync(stream)))
        .at(
            "/vary",
            get(make_sync(|_| with_headers(&[("vary", "Accept-Encoding")]))),
        )
        .at(
            "/own-headers",
            get(make_sync(|_| with_headers(&OWN_HEADERS))),
        )
        .at("/options", get(text("hello")).options(text("options")))
        .at("/private", private)
        .with(CatchPanic::new())
        .before(move |request| {
            runs.count();
            async { Ok(request) }
        })
}

fn text(text: &'static str) -> impl Endpoint<Output = &'static str> + 'static {
    make_sync(move |_| text)
}

fn conflict(_: Request) -> Result<(), Error> {
    Err(Error::from_string("taken", StatusCode::CONFLICT))
}

fn failure(_: Request) -> Result<(), Error> {
    Err(InternalServerError(io::Error::other("failed")))
}

fn stream(_: Request) -> Body {
    Body::from_bytes_stream(endless::<io::Error>())
}

fn with_headers(fields: &[(&str, &str)]) -> Response {
    let response = fields
        .iter()
        .fold(Response::builder(), |response, (name, value)| {
            response.header(*name, *value)
        });
    response.body("hello")
}
