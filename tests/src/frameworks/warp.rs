//! warp, in both forms: errors are rejections; the application recovers one and leaves the other to warp.

use std::convert::Infallible;
use std::future::ready;

use http::StatusCode;
use omnicors_warp::Cors;
use warp::reject::{Reject, custom};
use warp::reply::{Response, with_header, with_status};
use warp::{Filter, Rejection, Reply};

use super::{Framework, OWN_HEADERS, Policies, Runs, Started, endless, http_source, panicking};
use crate::servers::OverSocket;

/// A whole server: [`Cors::serve`].
#[derive(Clone, Copy, Debug)]
pub struct Warp;

/// A filter in the server of warp: [`Cors::wrap`].
#[derive(Clone, Copy, Debug)]
pub struct WarpWrap;

impl Framework for Warp {
    fn name(&self) -> &'static str {
        "warp"
    }

    fn start(&self, policies: Policies) -> Started {
        let (source, replace) = http_source(policies);
        let runs = Runs::default();
        let server = Cors::new(source).serve(routes(runs.clone()));
        Started {
            server: OverSocket::on_tokio(|listener| server.incoming(listener).run()),
            runs,
            replace,
        }
    }
}

impl Framework for WarpWrap {
    fn name(&self) -> &'static str {
        "warp-wrap"
    }

    fn start(&self, policies: Policies) -> Started {
        let (source, replace) = http_source(policies);
        let cors = Cors::new(source);
        let runs = Runs::default();
        let routes = routes(runs.clone()).with(warp::wrap_fn(|routes| cors.wrap(routes)));
        let server = OverSocket::on_tokio(|listener| warp::serve(routes).incoming(listener).run());
        Started {
            server,
            runs,
            replace,
        }
    }
}

#[derive(Debug)]
struct Taken;

impl Reject for Taken {}

#[derive(Debug)]
struct Failed;

impl Reject for Failed {}

#[derive(Debug)]
struct NotLoggedIn;

impl Reject for NotLoggedIn {}

fn routes(
    runs: Runs,
) -> impl Filter<Extract = (impl Reply + use<>,), Error = Rejection> + Clone + Send + Sync + 'static
{
    let path = |path: &'static str| warp::path(path).and(warp::path::end());
    let hello = warp::path::end().and(warp::get().or(warp::head()).unify());
    let conflict = path("conflict")
        .and(warp::get())
        .and_then(|| ready(Err::<&str, _>(custom(Taken))));
    let failure = path("failure")
        .and(warp::get())
        .and_then(|| ready(Err::<&str, _>(custom(Failed))));
    let own_headers = path("own-headers").and(warp::get()).map(|| {
        let mut response = "hello".into_response();
        for (name, value) in OWN_HEADERS {
            let value = http::HeaderValue::from_static(value);
            response.headers_mut().append(name, value);
        }
        response
    });
    let stream = path("stream")
        .and(warp::get())
        .map(|| warp::reply::stream(endless::<Infallible>()));
    let private = path("private")
        .and(warp::header::optional::<String>("authorization"))
        .and_then(|login: Option<String>| {
            ready(login.map(|_| "private").ok_or_else(|| custom(NotLoggedIn)))
        });
    let routes = hello
        .map(|| "hello")
        .or(path("other").and(warp::get()).map(|| "hello"))
        .or(conflict)
        .or(failure)
        .or(path("panic").and(warp::get()).map(panicking))
        .or(path("form").and(warp::post()).map(|| "posted"))
        .or(stream)
        .or(path("vary")
            .and(warp::get())
            .map(|| with_header("hello", "vary", "Accept-Encoding")))
        .or(own_headers)
        .or(path("options").and(warp::get()).map(|| "hello"))
        .or(path("options").and(warp::options()).map(|| "options"))
        .or(private)
        .recover(recover);
    warp::any()
        .map(move || runs.count())
        .untuple_one()
        .and(routes)
}

async fn recover(rejection: Rejection) -> Result<Response, Rejection> {
    let status = if rejection.find::<Taken>().is_some() {
        StatusCode::CONFLICT
    } else if rejection.find::<NotLoggedIn>().is_some() {
        StatusCode::UNAUTHORIZED
    } else {
        return Err(rejection);
    };
    Ok(with_status("rejected", status).into_response())
}
