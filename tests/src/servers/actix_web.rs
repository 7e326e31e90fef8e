//! actix-web, over a socket, with its own workers.

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use omnicors_actix_web::{Cors, PolicyHandle};
use omnicors_core::Policy;

use super::{
    LOOKUP_TIMEOUT, OverSocket, Replaceable, Running, Server, Stopped, application, look_up,
};

/// An `App` wrapped in [`Cors`].
#[derive(Clone, Copy, Debug)]
pub struct ActixWeb;

impl Server for ActixWeb {
    fn name(&self) -> &'static str {
        "actix-web"
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        let mut cors = Cors::new(policy.clone());
        if looks_up {
            cors = cors.lookup_origins(LOOKUP_TIMEOUT, look_up);
        }
        start(cors)
    }

    fn start_replaceable(&self, policy: &Policy) -> Option<Replaceable> {
        let handle = PolicyHandle::new(policy.clone());
        Some(Replaceable {
            running: start(Cors::new(handle.clone())),
            replace: Box::new(move |policy| handle.replace(policy)),
        })
    }
}

fn start(cors: Cors) -> Box<dyn Running> {
    Box::new(OverSocket::on_thread(|listener, stopped| {
        let server = HttpServer::new(move || {
            App::new()
                .default_service(web::to(respond))
                .wrap(cors.clone())
        });
        let server = server.workers(1).disable_signals();
        let server = server.listen(listener).expect("a listener");
        rt::System::new().block_on(run_until_stopped(stopped, || server.run()));
    }))
}

/// Runs a server, created within an actix system, until `stopped` completes.
pub(crate) async fn run_until_stopped(
    stopped: Stopped,
    run: impl FnOnce() -> actix_web::dev::Server,
) {
    let server = run();
    let handle = server.handle();
    let serving = rt::spawn(server);
    // An error means that the sender was dropped, which stops the server as well.
    let _ = stopped.await;
    handle.stop(false).await;
    let ended = serving.await.expect("the server did not panic");
    ended.expect("the server stops without an error");
}

async fn respond(request: HttpRequest) -> HttpResponse {
    let fields = request.headers().iter();
    let planned = application(fields.map(|(name, value)| (name.as_str(), value)));
    let status = StatusCode::from_u16(planned.status).expect("the table's own status");
    let mut response = HttpResponse::build(status);
    for field in &planned.fields {
        response.append_header((field.0.as_str(), field.1.as_str()));
    }
    response.body(planned.body)
}
