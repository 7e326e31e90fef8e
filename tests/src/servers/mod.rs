//! The servers that run the table of cases. Each of them serves the [application](mod@crate::application).
//!
//! To add a server: add a file here with a type that implements [`Server`], and a line in [`all`].

pub(crate) mod actix_web;
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
pub use self::axum::Axum;
pub use self::custom::Custom;
pub use self::direct::Core;
pub use self::hyper::Hyper;
pub use self::poem::Poem;
pub use self::rocket::Rocket;
pub use self::salvo::Salvo;
pub use self::socket::{OverSocket, Stopped};
pub use self::tower::Tower;
pub use self::warp::{Warp, WarpWrap};
use crate::application::application;
use crate::cases::lookup_result;
use crate::client::{Request, Response};

/// A way to serve the application with a policy.
pub trait Server {
    /// Returns the name in reports and in the table.
    fn name(&self) -> &'static str;

    /// Returns the names under which `cannot_carry` of a case may exclude this server.
    fn carriers(&self) -> Vec<&'static str> {
        vec!["http1", self.name()]
    }

    /// Starts the server with this policy. If `looks_up`, [`lookup_result`] looks origins up.
    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running>;

    /// Starts the server with a policy handle; returns `None` if another server covers the same handle.
    fn start_replaceable(&self, _: &Policy) -> Option<Replaceable> {
        None
    }
}

/// A running server. It stops when it is dropped.
pub trait Running {
    /// Sends a request and returns the response.
    ///
    /// # Errors
    ///
    /// Returns the reason if there is no response.
    fn ask(&self, request: &Request) -> Result<Response, NoResponse>;

    /// Returns the address of the server, if it listens on one.
    fn address(&self) -> Option<SocketAddr> {
        None
    }
}

/// A running server with a replaceable policy.
pub struct Replaceable {
    /// The server.
    pub running: Box<dyn Running>,
    /// Replaces the policy for all later requests.
    pub replace: Box<dyn Fn(Policy)>,
}

/// The reason why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoResponse {
    /// The request cannot be built, or would arrive changed.
    CannotCarry(String),
    /// The server has failed.
    Failed(String),
}

/// Returns all servers.
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
        Box::new(WarpWrap),
        Box::new(Poem),
        Box::new(Salvo),
    ]
}

/// The timeout of lookups. It can be short: a result that is ready counts, even if a busy machine polls it late.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(100);

/// An origin whose async lookup never completes. A synchronous lookup returns a timeout immediately.
pub const HANGING: &str = "https://hanging.test";

async fn look_up(origin: String) -> LookupResult {
    let result = lookup(&origin);
    if origin == HANGING {
        std::future::pending::<()>().await;
    }
    // Be pending once, like a lookup that waits for a database.
    tokio::task::yield_now().await;
    result
}

/// The lookup of all servers. It counts its calls.
fn lookup(origin: &str) -> LookupResult {
    let mut lookups = LOOKUPS.lock().expect("no holder panics");
    *lookups.entry(origin.to_owned()).or_default() += 1;
    if origin == HANGING {
        return LookupResult::TimedOut;
    }
    lookup_result(origin)
}

static LOOKUPS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// Returns how often the servers have looked this origin up since the last call.
pub fn take_lookups(origin: &str) -> usize {
    let mut lookups = LOOKUPS.lock().expect("no holder panics");
    lookups.remove(origin).unwrap_or(0)
}
