//! warp, over a socket, in both forms: a whole server, and a filter.

use std::convert::Infallible;
use std::future::ready;

use http::HeaderMap;
use omnicors_core::Policy;
use omnicors_warp::Cors;
use warp::Filter;

use super::{LOOKUP_TIMEOUT, OverSocket, Running, Server, http_types, look_up};

/// A whole server: [`Cors::serve`].
#[derive(Clone, Copy, Debug)]
pub struct Warp;

/// A filter in the server of warp: [`Cors::wrap`].
#[derive(Clone, Copy, Debug)]
pub struct WarpWrap;

impl Server for Warp {
    fn name(&self) -> &'static str {
        "warp"
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let server = cors(policy, looks_up).serve(application());
        Box::new(OverSocket::on_tokio(|listener| {
            server.incoming(listener).run()
        }))
    }
}

impl Server for WarpWrap {
    fn name(&self) -> &'static str {
        "warp-wrap"
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let cors = cors(policy, looks_up);
        let routes = application().with(warp::wrap_fn(|routes| cors.wrap(routes)));
        Box::new(OverSocket::on_tokio(|listener| {
            warp::serve(routes).incoming(listener).run()
        }))
    }
}

fn cors(policy: &Policy, looks_up: bool) -> Cors {
    let cors = Cors::new(policy.clone());
    if looks_up {
        cors.lookup_origins(LOOKUP_TIMEOUT, look_up)
    } else {
        cors
    }
}

fn application() -> impl Filter<Extract = (http::Response<&'static str>,), Error = Infallible>
+ Clone
+ Send
+ Sync
+ 'static {
    warp::header::headers_cloned().then(|headers: HeaderMap| ready(http_types::respond(&headers)))
}
