//! actix-web, over a socket, with workers of its own.

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
        rt::System::new().block_on(until(stopped, || server.run()));
    }))
}

/// Runs a server, made within actix' system, until it is told to stop.
pub(crate) async fn until(stopped: Stopped, run: impl FnOnce() -> actix_web::dev::Server) {
    let server = run();
    let handle = server.handle();
    let serving = rt::spawn(server);
    // An error is that of a sender that is dropped, which is how it is told.
    let _ = stopped.await;
    handle.stop(false).await;
    let ended = serving.await.expect("the server does not panic");
    ended.expect("it ends as it was told to");
}

async fn respond(request: HttpRequest) -> HttpResponse {
    let lines = request.headers().iter();
    let answer = application(lines.map(|(name, value)| (name.as_str(), value)));
    let status = StatusCode::from_u16(answer.status).expect("the table's own status");
    let mut response = HttpResponse::build(status);
    for line in &answer.lines {
        response.append_header((line.0.as_str(), line.1.as_str()));
    }
    response.body(answer.body)
}
