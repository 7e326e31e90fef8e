//! warp, over a socket, in both forms: around a filter, and around a whole service.

use std::convert::Infallible;
use std::future::ready;

use http::HeaderMap;
use hyper_util::service::TowerToHyperService;
use omnicors_core::Policy;
use omnicors_tower::CorsLayer;
use omnicors_warp::Cors;
use tower::Layer as _;
use warp::Filter;

use super::socket::serve_hyper;
use super::{LOOKUP_TIMEOUT, OverSocket, Running, Server, http_types, look_up};

/// A filter wrapped by [`Cors`].
#[derive(Clone, Copy, Debug)]
pub struct Warp;

/// [`warp::service`] with a [`CorsLayer`].
#[derive(Clone, Copy, Debug)]
pub struct WarpService;

impl Server for Warp {
    fn name(&self) -> &'static str {
        "warp"
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let mut cors = Cors::new(policy.clone());
        if looks_up {
            cors = cors.lookup_origins(LOOKUP_TIMEOUT, look_up);
        }
        let routes = application().with(warp::wrap_fn(|routes| cors.wrap(routes)));
        Box::new(OverSocket::on_tokio(|listener| {
            warp::serve(routes).incoming(listener).run()
        }))
    }
}

impl Server for WarpService {
    fn name(&self) -> &'static str {
        "warp-service"
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let layer = CorsLayer::new(policy.clone());
        let service = warp::service(application());
        Box::new(if looks_up {
            let layer = layer.lookup_origins(LOOKUP_TIMEOUT, look_up);
            let service = TowerToHyperService::new(layer.layer(service));
            OverSocket::on_tokio(|listener| serve_hyper(listener, service))
        } else {
            let service = TowerToHyperService::new(layer.layer(service));
            OverSocket::on_tokio(|listener| serve_hyper(listener, service))
        })
    }
}

fn application() -> impl Filter<Extract = (http::Response<&'static str>,), Error = Infallible>
+ Clone
+ Send
+ Sync
+ 'static {
    warp::header::headers_cloned().then(|headers: HeaderMap| ready(http_types::respond(&headers)))
}
