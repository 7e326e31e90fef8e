//! axum, over a socket.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::HeaderMap;
use omnicors_core::Policy;
use omnicors_tower::{CorsLayer, PolicyHandle};

use super::{LOOKUP_TIMEOUT, OverSocket, Replaceable, Running, Server, http_types, look_up};

/// A [`Router`] with a [`CorsLayer`].
#[derive(Clone, Copy, Debug)]
pub struct Axum;

impl Server for Axum {
    fn name(&self) -> &'static str {
        "axum"
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let application = Router::new().fallback(respond);
        let layer = CorsLayer::new(policy.clone());
        let router = if looks_up {
            application.layer(layer.lookup_origins(LOOKUP_TIMEOUT, look_up))
        } else {
            application.layer(layer)
        };
        start(router)
    }

    fn start_replaceable(&self, policy: &Policy) -> Option<Replaceable> {
        let handle = PolicyHandle::new(policy.clone());
        let layer = CorsLayer::new(handle.clone());
        Some(Replaceable {
            running: start(Router::new().fallback(respond).layer(layer)),
            replace: Box::new(move |policy| handle.replace(policy)),
        })
    }
}

fn start(router: Router) -> Box<dyn Running> {
    Box::new(OverSocket::on_tokio(|listener| async {
        axum::serve(listener, router)
            .await
            .expect("the server runs until it is dropped");
    }))
}

async fn respond(headers: HeaderMap) -> Result<Response, Infallible> {
    Ok(http_types::respond(&headers).map(Body::from))
}
