//! What is asked the table of cases, and the application that each of them runs.
//!
//! To add a server: a file here with a type that implements [`Server`], and a line in [`all`].

pub(crate) mod actix_web;
mod application;
mod axum;
mod custom;
mod direct;
mod http_types;
mod hyper;
mod poem;
pub(crate) mod rocket;
mod salvo;
pub(crate) mod socket;
mod tower;
mod warp;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use omnicors_core::{LookupResult, Policy};

pub use self::actix_web::ActixWeb;
pub use self::application::{Answer, application};
pub use self::axum::Axum;
pub use self::custom::Custom;
pub use self::direct::Core;
pub use self::hyper::Hyper;
pub use self::poem::Poem;
pub use self::rocket::Rocket;
pub use self::salvo::Salvo;
pub use self::socket::{OverSocket, Stopped};
pub use self::tower::Tower;
pub use self::warp::{Warp, WarpService};
use crate::cases::lookup_result;
use crate::client::{Request, Response};

/// Something that puts a policy before the application of the table.
pub trait Server {
    /// Its name in reports and in the table.
    fn name(&self) -> &'static str;

    /// What its requests travel in: the names under which a case may say that it cannot be carried.
    fn carriers(&self) -> Vec<&'static str> {
        vec!["http1", self.name()]
    }

    /// Starts it with this policy. If `looks_up`, origins are looked up by [`lookup_result`].
    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running>;

    /// Starts it with a handle on its policy, where that is told apart from the other servers made of the same parts.
    fn start_replaceable(&self, _: &Policy) -> Option<Replaceable> {
        None
    }
}

/// A server that runs, until it is dropped.
pub trait Running {
    /// Asks it.
    ///
    /// # Errors
    ///
    /// If no response comes back.
    fn ask(&self, request: &Request) -> Result<Response, Unanswered>;

    /// Where it listens, if it does.
    fn address(&self) -> Option<SocketAddr> {
        None
    }
}

/// A server that runs, and whose policy can be replaced meanwhile.
pub struct Replaceable {
    /// The server.
    pub running: Box<dyn Running>,
    /// Replaces its policy, for all requests to come.
    pub replace: Box<dyn Fn(Policy)>,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The request cannot be made, or would be another one when it arrives.
    CannotCarry(String),
    /// The server has failed.
    Failed(String),
}

/// All servers.
#[must_use]
pub fn all() -> Vec<Box<dyn Server>> {
    vec![
        Box::new(Core),
        Box::new(Tower),
        Box::new(Axum),
        Box::new(Hyper),
        Box::new(Rocket),
        Box::new(Custom),
        Box::new(ActixWeb),
        Box::new(Warp),
        Box::new(WarpService),
        Box::new(Poem),
        Box::new(Salvo),
    ]
}

/// How long a lookup may take. It need not be long: a result that is there counts, however late a busy machine polls it.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(100);

/// An origin whose async lookup never completes. (A synchronous one times out at once.)
pub const HANGING: &str = "https://hanging.test";

async fn look_up(origin: String) -> LookupResult {
    let result = lookup(&origin);
    if origin == HANGING {
        std::future::pending::<()>().await;
    }
    // To be asked twice, as one is who waits for a database.
    tokio::task::yield_now().await;
    result
}

/// What all servers ask.
fn lookup(origin: &str) -> LookupResult {
    let mut asked = ASKED.lock().expect("nobody panics with it");
    *asked.entry(origin.to_owned()).or_default() += 1;
    if origin == HANGING {
        return LookupResult::TimedOut;
    }
    lookup_result(origin)
}

static ASKED: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// How often the servers have asked about this origin since this was last asked.
pub fn take_asked(origin: &str) -> usize {
    let mut asked = ASKED.lock().expect("nobody panics with it");
    asked.remove(origin).unwrap_or(0)
}
