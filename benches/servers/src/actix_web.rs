use actix_cors::Cors as OwnCors;
use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::{App, HttpServer, web};
use omnicors_actix_web::Cors;

use crate::{BODY, METHODS, Middleware, ORIGINS, load, policy};

/// Starts a server with one worker thread.
macro_rules! run {
    ($server:expr) => {{
        let server = $server.workers(1).disable_signals().bind("127.0.0.1:0");
        let server = server.expect("a port");
        let port = server.addrs()[0].port();
        let running = server.run();
        let handle = running.handle();
        actix_web::rt::spawn(running);
        load::ready(port);
        handle
    }};
}

pub(crate) fn serve(middleware: Middleware) {
    System::new().block_on(async {
        let _handle: ServerHandle = match middleware {
            Middleware::None => run!(HttpServer::new(
                || App::new().route("/", web::get().to(hello))
            )),
            Middleware::Omnicors => {
                let cors = Cors::new(policy());
                run!(HttpServer::new(move || {
                    App::new()
                        .wrap(cors.clone())
                        .route("/", web::get().to(hello))
                }))
            }
            Middleware::Own => run!(HttpServer::new(|| {
                App::new().wrap(own()).route("/", web::get().to(hello))
            })),
        };
        std::future::pending::<()>().await;
    });
}

async fn hello() -> &'static str {
    BODY
}

fn own() -> OwnCors {
    let cors = OwnCors::default().allowed_methods(METHODS);
    ORIGINS
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}
