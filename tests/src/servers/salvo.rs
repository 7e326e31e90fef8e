//! salvo, over a socket.

use omnicors_core::Policy;
use omnicors_salvo::Cors;
use salvo_core::conn::tcp::TcpAcceptor;
use salvo_core::{Router, Service, handler};

use super::{LOOKUP_TIMEOUT, OverSocket, Running, Server, http_types, look_up};

/// A salvo service with a [`Cors`], and a route for every path and method.
#[derive(Clone, Copy, Debug)]
pub struct Salvo;

impl Server for Salvo {
    fn name(&self) -> &'static str {
        "salvo"
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let mut cors = Cors::new(policy.clone());
        if looks_up {
            cors = cors.lookup_origins(LOOKUP_TIMEOUT, look_up);
        }
        let router = Router::new()
            .goal(respond)
            .push(Router::with_path("{**path}").goal(respond));
        let service = Service::new(router).hoop(cors);
        Box::new(OverSocket::on_tokio(|listener| async {
            let acceptor = TcpAcceptor::try_from(listener).expect("a listener");
            salvo_core::Server::new(acceptor).serve(service).await;
        }))
    }
}

#[handler]
async fn respond(request: &mut salvo_core::Request, response: &mut salvo_core::Response) {
    response.merge_hyper(http_types::respond(request.headers()));
}
