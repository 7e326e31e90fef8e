//! poem, over a socket.

use omnicors_core::Policy;
use omnicors_poem::Cors;
use poem::endpoint::make_sync;
use poem::listener::TcpAcceptor;
use poem::{EndpointExt as _, Request, Response};

use super::{LOOKUP_TIMEOUT, OverSocket, Running, Server, http_types, look_up};

/// A poem endpoint with a [`Cors`].
#[derive(Clone, Copy, Debug)]
pub struct Poem;

impl Server for Poem {
    fn name(&self) -> &'static str {
        "poem"
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let mut cors = Cors::new(policy.clone());
        if looks_up {
            cors = cors.lookup_origins(LOOKUP_TIMEOUT, look_up);
        }
        let application = make_sync(respond).with(cors);
        Box::new(OverSocket::on_tokio(|listener| async {
            let acceptor = TcpAcceptor::from_tokio(listener).expect("a listener");
            poem::Server::new_with_acceptor(acceptor)
                .run(application)
                .await
                .expect("the server runs until it is dropped");
        }))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is an endpoint")]
fn respond(request: Request) -> Response {
    let (head, body) = http_types::respond(request.headers()).into_parts();
    let mut response = Response::builder().status(head.status).body(body);
    *response.headers_mut() = head.headers;
    response
}
