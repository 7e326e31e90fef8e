//! actix-web: errors implement `ResponseError`.

use std::io;

use actix_web::body::MessageBody;
use actix_web::dev::{Service as _, ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorConflict, ErrorUnauthorized};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, Error, HttpResponse, HttpServer, rt};
use futures_util::TryStreamExt as _;
use omnicors_actix_web::{Cors, PolicyHandle, PreparedPolicy, per_host, per_path, per_request};

use super::{
    Framework, OWN_HEADERS, Policies, Replace, Runs, Started, endless, entries, is_other,
    not_replaceable, panicking, replacing,
};
use crate::servers::OverSocket;
use crate::servers::actix_web::run_until_stopped;

/// An `App` wrapped in [`Cors`].
#[derive(Clone, Copy, Debug)]
pub struct ActixWeb;

impl Framework for ActixWeb {
    fn name(&self) -> &'static str {
        "actix-web"
    }

    fn start(&self, policies: Policies) -> Started {
        let (cors, replace) = cors(policies);
        let runs = Runs::default();
        let counted = runs.clone();
        let server = OverSocket::on_thread(move |listener, stopped| {
            let server = HttpServer::new(move || {
                let runs = counted.clone();
                App::new()
                    .configure(routes)
                    .wrap_fn(move |request, service| {
                        runs.count();
                        service.call(request)
                    })
                    .wrap(cors.clone())
            });
            let server = server.workers(2).disable_signals();
            let server = server.listen(listener).expect("a listener");
            rt::System::new().block_on(run_until_stopped(stopped, || server.run()));
        });
        Started {
            server,
            runs,
            replace,
        }
    }
}

fn cors(policies: Policies) -> (Cors, Replace) {
    match policies {
        Policies::Replaceable(policy) => {
            let handle = PolicyHandle::new(policy);
            let replace = replacing(&handle);
            (Cors::new(handle), replace)
        }
        Policies::ByPath(policies) => {
            let [first, other] = policies.map(PreparedPolicy::shared);
            let source = per_request(move |request| {
                Some(
                    if is_other(request.path()) {
                        &other
                    } else {
                        &first
                    }
                    .clone(),
                )
            });
            (Cors::new(source), not_replaceable())
        }
        Policies::PerPath(policies) => (Cors::new(per_path(entries(policies))), not_replaceable()),
        Policies::PerHost(policies) => (Cors::new(per_host(entries(policies))), not_replaceable()),
    }
}

fn routes(app: &mut ServiceConfig) {
    app.service(
        web::resource("/")
            .get(async || "hello")
            .route(web::head().to(async || "hello")),
    )
    .service(web::resource("/other").get(async || "hello"))
    .service(web::resource("/conflict").get(conflict))
    .service(web::resource("/failure").get(failure))
    .service(web::resource("/panic").get(async || panicking()))
    .service(web::resource("/form").post(async || "posted"))
    .service(web::resource("/stream").get(stream))
    .service(web::resource("/vary").get(async || with_headers(&[("vary", "Accept-Encoding")])))
    .service(web::resource("/own-headers").get(async || with_headers(&OWN_HEADERS)))
    .service(
        web::resource("/options")
            .get(async || "hello")
            .route(web::method(actix_web::http::Method::OPTIONS).to(async || "options")),
    )
    .service(
        web::resource("/private")
            .wrap(from_fn(log_in))
            .to(async || "private"),
    );
}

async fn conflict() -> Result<&'static str, Error> {
    Err(ErrorConflict("taken"))
}

async fn failure() -> Result<&'static str, io::Error> {
    Err(io::Error::other("failed"))
}

async fn stream() -> HttpResponse {
    HttpResponse::Ok().streaming(endless::<io::Error>().map_ok(web::Bytes::from))
}

fn with_headers(fields: &[(&str, &str)]) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for field in fields {
        response.append_header(*field);
    }
    response.body("hello")
}

async fn log_in(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.headers().contains_key("authorization") {
        next.call(request).await
    } else {
        Err(ErrorUnauthorized("authentication required"))
    }
}
