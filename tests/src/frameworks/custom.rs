//! The server of `examples/custom-server`: the routes are a `match`, and the application catches panics itself.

use std::sync::{Arc, PoisonError, RwLock};

use omnicors_core::Policy;

use super::{
    Framework, OWN_HEADERS, OnlyReplaced, Policies, Replace, Runs, Started, is_other,
    not_replaceable, panicking,
};
use crate::servers::OverSocket;

/// `examples/custom-server`.
#[derive(Clone, Copy, Debug)]
pub struct Custom;

impl Framework for Custom {
    fn name(&self) -> &'static str {
        "custom server"
    }

    fn start(&self, policies: Policies) -> Started {
        let runs = Runs::default();
        let counted = runs.clone();
        let (choose, replace) = choosing(policies);
        let server = custom_server::Server::choosing(
            move |request| choose(request.path()),
            move |request| {
                counted.count();
                respond(request)
            },
        );
        Started {
            server: OverSocket::on_tokio(|listener| server.serve(listener)),
            runs,
            replace,
        }
    }
}

/// Returns the policy for a path.
type Choose = Box<dyn Fn(&str) -> Arc<Policy> + Send + Sync>;

/// Chooses the policy without an adapter, as the author of a custom server would.
fn choosing(policies: Policies) -> (Choose, Replace) {
    match policies {
        Policies::Replaceable(policy) => {
            let current = Arc::new(RwLock::new(Arc::new(policy)));
            let replaced = Arc::clone(&current);
            (
                Box::new(move |_| {
                    Arc::clone(&current.read().unwrap_or_else(PoisonError::into_inner))
                }),
                Box::new(OnlyReplaced(move |policy| {
                    *replaced.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
                })),
            )
        }
        Policies::ByPath(policies) => {
            let [first, other] = policies.map(Arc::new);
            let choose = move |path: &str| Arc::clone(if is_other(path) { &other } else { &first });
            (Box::new(choose), not_replaceable())
        }
        Policies::PerPath(_) | Policies::PerHost(_) => {
            panic!("a server without an adapter does not have these functions")
        }
    }
}

fn respond(request: &custom_server::Request<'_>) -> custom_server::Response {
    use custom_server::Response;

    let with_headers = |fields: &[(&'static str, &'static str)]| {
        let response = Response::text(200, "hello");
        fields.iter().fold(response, |response, (name, value)| {
            response.header(name, *value)
        })
    };
    match (request.method(), request.path()) {
        (_, "/private") => match request.values("authorization").next() {
            Some(_) => Response::text(200, "private"),
            None => Response::text(401, "authentication required"),
        },
        ("GET" | "HEAD", "/") | ("GET", "/other" | "/options") => Response::text(200, "hello"),
        ("OPTIONS", "/options") => Response::text(200, "options"),
        ("POST", "/form") => Response::text(200, "posted"),
        ("GET", "/conflict") => Response::text(409, "taken"),
        ("GET", "/failure") => Response::new(500),
        ("GET", "/panic") => Response::text(200, panicking()),
        ("GET", "/vary") => with_headers(&[("vary", "Accept-Encoding")]),
        ("GET", "/own-headers") => with_headers(&OWN_HEADERS),
        (_, "/" | "/form" | "/options") => Response::text(405, "method not allowed"),
        _ => Response::text(404, "not found"),
    }
}
