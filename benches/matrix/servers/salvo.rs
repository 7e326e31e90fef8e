//! salvo: a service with a hoop, called as its server does.

use http::HeaderValue;
use http::uri::Scheme;
use omnicors_salvo::Cors;
use salvo_core::conn::SocketAddr;
use salvo_core::{
    ConnCtrl, Depot, FlowCtrl, Handler, Request, Response, Router, Service, async_trait,
};
use salvo_cors::{AllowOrigin, Any, CorsHandler};

use super::{OwnFields, set_own_fields};
use crate::cases::{Case, HEADERS, MAX_AGE, METHODS, Origins, is_of_patterns};
use crate::floor::Floor;
use crate::recorded::{APPLICATION, Recorded};
use crate::subject::{Middleware, Subject, finished};

pub(crate) fn serve(middleware: Middleware, case: &Case) -> Option<Subject> {
    let application = Application {
        own_fields: case.own_fields(),
    };
    let service = Service::new(Router::new().goal(application));
    let service = match middleware {
        Middleware::None => service,
        Middleware::Omnicors => service.hoop(Cors::new(case.origins.policy())),
        Middleware::Peer => service.hoop(peer_cors(case.origins)),
        Middleware::Floor => service.hoop(Floor::new(case.origins)?),
    };
    Some(served(&service, case))
}

/// Builds the policy with salvo-cors.
fn peer_cors(origins: Origins) -> CorsHandler {
    let exact = || {
        let exact = origins.exact().into_iter();
        exact.map(|origin| HeaderValue::try_from(origin).expect("an origin"))
    };
    let origin = match origins {
        Origins::All => Any.into(),
        Origins::One => AllowOrigin::exact(exact().next().expect("one")),
        _ if origins.has_patterns() => {
            let listed: Vec<_> = exact().collect();
            AllowOrigin::dynamic(move |origin, _, _| {
                let allowed = |origin: &&HeaderValue| {
                    listed.contains(origin) || is_of_patterns(origin.as_bytes())
                };
                origin.filter(allowed).cloned()
            })
        }
        _ => AllowOrigin::list(exact()),
    };
    let methods: Vec<_> = METHODS
        .iter()
        .map(|method| http::Method::try_from(*method).expect("a method"))
        .collect();
    salvo_cors::Cors::new()
        .allow_origin(origin)
        .allow_methods(methods)
        .allow_headers(HEADERS.to_vec())
        .max_age(u64::from(MAX_AGE))
        .into_handler()
}

fn served(service: &Service, case: &Case) -> Subject {
    let case = case.clone();
    let handler = service.hyper_handler(
        SocketAddr::Unknown,
        SocketAddr::Unknown,
        Scheme::HTTP,
        None,
        ConnCtrl::new(),
        None,
    );
    Subject::new(
        move || {
            let mut request = Request::new();
            *request.method_mut() = case.method.clone();
            *request.headers_mut() = case.fields.clone();
            request
        },
        move |request| finished(handler.handle(request)),
        |response| {
            let status = response.status_code.map_or(0, |status| status.as_u16());
            Recorded::new(status, response.headers())
        },
    )
}

struct Application {
    own_fields: OwnFields,
}

#[async_trait]
impl Handler for Application {
    async fn handle(
        &self,
        _: &mut Request,
        _: &mut Depot,
        response: &mut Response,
        _: &mut FlowCtrl,
    ) {
        response.status_code(APPLICATION);
        set_own_fields(response.headers_mut(), self.own_fields);
        response.render("hello");
    }
}
