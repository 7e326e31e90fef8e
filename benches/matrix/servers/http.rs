//! A server with the types of the http crate, which calls `omnicors-http` itself. The other middleware is that of tower-http, around
//! the same application.

use std::cell::RefCell;

use ::tower::Layer as _;
use http::{Request, Response};
use omnicors_http::{HttpDecision, PreparedPolicy, decide};

use super::tower::{Application, call, peer_cors, requests, respond};
use crate::cases::Case;
use crate::floor::{Decision, Floor};
use crate::recorded::Recorded;
use crate::subject::{Middleware, Subject};

pub(crate) fn serve(middleware: Middleware, case: &Case) -> Option<Subject> {
    let own_fields = case.own_fields();
    let application = move |_: Request<()>| respond(own_fields);
    Some(match middleware {
        Middleware::None => served(application, case),
        Middleware::Omnicors => {
            let policy = PreparedPolicy::shared(case.origins.policy());
            let server = move |request| match decide(&policy, &request) {
                HttpDecision::Forward(mut fields) => {
                    let mut response = application(request);
                    fields.apply(response.headers_mut());
                    response
                }
                HttpDecision::Respond(response) => response.map(|()| ""),
            };
            served(server, case)
        }
        Middleware::Peer => {
            let service = peer_cors(case.origins).layer(Application { own_fields });
            let service = RefCell::new(service);
            served(
                move |request| call(&mut *service.borrow_mut(), request),
                case,
            )
        }
        Middleware::Floor => {
            let floor = Floor::new(case.origins)?;
            let server = move |request: Request<()>| match floor
                .decide(request.method(), request.headers())
            {
                Decision::Forward(fields) => {
                    let mut response = application(request);
                    fields.apply(response.headers_mut());
                    response
                }
                Decision::Respond(status, fields) => {
                    let mut response = Response::new("");
                    *response.status_mut() = status;
                    *response.headers_mut() = fields;
                    response
                }
            };
            served(server, case)
        }
    })
}

fn served(
    server: impl Fn(Request<()>) -> Response<&'static str> + 'static,
    case: &Case,
) -> Subject {
    Subject::new(requests(case), server, |response| {
        Recorded::new(response.status().as_u16(), response.headers())
    })
}
