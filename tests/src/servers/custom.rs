//! The server of `examples/custom-server`, which calls the core without an adapter, over a socket.

use std::sync::Arc;

use omnicors_core::Policy;

use super::{OverSocket, Running, Server, application, lookup};

/// `examples/custom-server`.
#[derive(Clone, Copy, Debug)]
pub struct Custom;

impl Server for Custom {
    fn name(&self) -> &'static str {
        "custom server"
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let mut server = custom_server::Server::new(Arc::new(policy.clone()), respond);
        if looks_up {
            server = server.lookup_origins(|origin| lookup(origin.as_str()));
        }
        Box::new(OverSocket::on_tokio(|listener| server.serve(listener)))
    }
}

fn respond(request: &custom_server::Request<'_>) -> custom_server::Response {
    let planned = application(request.fields());
    let response = custom_server::Response::text(planned.status, planned.body);
    planned
        .fields
        .into_iter()
        .fold(response, |response, (name, value)| {
            // The server only takes `'static` names: leak the few names of the table.
            response.header(name.leak(), value)
        })
}
