//! Rocket, over a socket.

use std::io::Cursor;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::Sender;

use omnicors_core::Policy;
use omnicors_rocket::{Cors, PolicyHandle};
use rocket::config::LogLevel;
use rocket::fairing::AdHoc;
use rocket::http::{Method, Status};
use rocket::outcome::Outcome;
use rocket::route::{self, Handler};
use rocket::{Build, Config, Data, Route};

use super::{
    LOOKUP_TIMEOUT, NoResponse, OverSocket, Replaceable, Running, Server, Stopped, application,
    look_up,
};
use crate::client::{Request, Response};

/// A [`rocket::Rocket`] with a [`Cors`] attached.
#[derive(Clone, Copy, Debug)]
pub struct Rocket;

impl Server for Rocket {
    fn name(&self) -> &'static str {
        "rocket"
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
    let methods = [
        Method::Get,
        Method::Put,
        Method::Post,
        Method::Delete,
        Method::Options,
        Method::Head,
        Method::Patch,
    ];
    let routes = methods.map(|method| Route::ranked(0, method, "/<_..>", Respond));
    Box::new(TextOnly(serve(|rocket| {
        rocket.mount("/", routes).attach(cors)
    })))
}

/// Serves the application that `build` returns.
pub(crate) fn serve(
    build: impl FnOnce(rocket::Rocket<Build>) -> rocket::Rocket<Build> + Send + 'static,
) -> OverSocket {
    OverSocket::on_own_port(|bound, stopped| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().expect("a runtime");
        runtime.block_on(launch(build, bound, stopped));
    })
}

async fn launch(
    build: impl FnOnce(rocket::Rocket<Build>) -> rocket::Rocket<Build>,
    bound: Sender<SocketAddr>,
    stopped: Stopped,
) {
    let mut config = Config::release_default();
    config.address = Ipv4Addr::LOCALHOST.into();
    config.port = 0;
    config.log_level = LogLevel::Off;
    config.shutdown.ctrlc = false;
    config.shutdown.signals.clear();
    let send_address = AdHoc::on_liftoff("send the address", move |rocket| {
        let address = (rocket.config().address, rocket.config().port).into();
        Box::pin(async move { bound.send(address).expect("a receiver waits for it") })
    });
    let rocket = build(rocket::custom(config).attach(send_address));
    tokio::select! {
        launched = rocket.launch() => drop(launched.expect("the server runs until it is dropped")),
        _ = stopped => {}
    }
}

#[derive(Clone, Copy)]
struct Respond;

#[rocket::async_trait]
impl Handler for Respond {
    async fn handle<'r>(
        &self,
        request: &'r rocket::Request<'_>,
        _: Data<'r>,
    ) -> route::Outcome<'r> {
        let headers: Vec<_> = request.headers().iter().collect();
        let fields = headers.iter().map(|header| (&header.name, &*header.value));
        let planned = application(fields.map(|(name, value)| (name.as_str(), value)));
        let mut response = rocket::Response::new();
        response.set_status(Status::new(planned.status));
        for (name, value) in planned.fields {
            response.adjoin_raw_header(name, value);
        }
        response.set_sized_body(planned.body.len(), Cursor::new(planned.body));
        Outcome::Success(response)
    }
}

/// Reports requests that Rocket would change as `CannotCarry`, instead of sending them.
struct TextOnly(OverSocket);

impl Running for TextOnly {
    fn ask(&self, request: &Request) -> Result<Response, NoResponse> {
        for (name, value) in &request.fields {
            if str::from_utf8(value).is_err() {
                let reason = format!("{name}: Rocket drops a field that is not UTF-8");
                return Err(NoResponse::CannotCarry(reason));
            }
        }
        self.0.ask(request)
    }

    fn address(&self) -> Option<SocketAddr> {
        Some(self.0.address())
    }
}
