//! The floor for Rocket.
//!
//! The policy is fixed, so the fairing can decide when the response is ready, and keeps nothing for a request. A fairing cannot
//! respond to a request, so a route responds to preflights, with all fields.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use ::rocket::fairing::{self, Fairing, Info, Kind};
use ::rocket::http::{Method, Status};
use ::rocket::outcome::Outcome;
use ::rocket::route::{self, Handler};
use ::rocket::tokio::io::empty;
use ::rocket::{Build, Data, Request, Response, Rocket, Route};

use super::{Listed, OWN_FIELDS, PREFIX, lists_origin, preflight_fields};
use crate::cases::Origins;

#[derive(Clone)]
pub(crate) struct Floor(Arc<Policy>);

struct Policy {
    listed: Listed,
    /// The fields of the response to an allowed preflight, except those that depend on the origins. Rocket has no string type
    /// that responses can share, so they are static.
    preflight: [(&'static str, &'static str); 3],
}

impl Floor {
    /// Returns `None` for patterns.
    pub(crate) fn new(origins: Origins) -> Option<Self> {
        Some(Self(Arc::new(Policy {
            listed: Listed::new(origins)?,
            preflight: preflight_fields().map(|(name, value)| (name, &*value.leak())),
        })))
    }
}

const REQUEST_METHOD: &str = "access-control-request-method";

/// The lowest rank, so that the route is tried before those of the application.
const RANK: isize = isize::MIN;

impl Policy {
    fn apply<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let (mut has_own, mut has_vary) = (false, false);
        for field in response.headers().iter() {
            let name = field.name.as_str().as_bytes();
            let beginning = name.get(..PREFIX.len());
            has_own |= beginning.is_some_and(|name| name.eq_ignore_ascii_case(PREFIX.as_bytes()));
            has_vary |= name.eq_ignore_ascii_case(b"vary");
        }
        if has_own {
            for name in OWN_FIELDS {
                response.remove_header(name);
            }
        }
        if self.listed.is_any() {
            response.set_raw_header("access-control-allow-origin", "*");
        } else {
            if !has_vary {
                response.set_raw_header("vary", "Origin");
            } else if !varies_on_origin(response) {
                response.adjoin_raw_header("vary", "Origin");
            }
            let origin = request.headers().get_one("origin");
            if let Some(origin) = origin.filter(|origin| self.listed.allows(origin.as_bytes())) {
                response.set_raw_header("access-control-allow-origin", origin);
            }
        }
    }
}

#[cold]
fn varies_on_origin(response: &Response<'_>) -> bool {
    let mut values = response.headers().get("vary");
    values.any(|value| lists_origin(value.as_bytes()))
}

#[::rocket::async_trait]
impl Fairing for Floor {
    fn info(&self) -> Info {
        Info {
            name: "CORS",
            kind: Kind::Ignite | Kind::Response,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let route = Route::ranked(RANK, Method::Options, "/<_..>", self.clone());
        Ok(rocket.mount("/", [route]))
    }

    // As `async_trait` would expand it, except that nothing is done in the future. It has no size, so boxing it does not allocate.
    fn on_response<'r, 'fairing, 'q, 'response, 'all>(
        &'fairing self,
        request: &'r Request<'q>,
        response: &'response mut Response<'r>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'all>>
    where
        Self: 'all,
        'r: 'all,
        'fairing: 'all,
        'q: 'all,
        'response: 'all,
    {
        let is_ours = |route: &Route| route.rank == RANK && route.method == Method::Options;
        if !request.route().is_some_and(is_ours) {
            self.0.apply(request, response);
        }
        Box::pin(ready(()))
    }
}

#[::rocket::async_trait]
impl Handler for Floor {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        let fields = request.headers();
        // Cheaper than a lookup, because Rocket hashes each byte of a name separately.
        let is_preflight = fields.iter().any(|field| field.name == REQUEST_METHOD);
        let Some(origin) = fields.get_one("origin").filter(|_| is_preflight) else {
            return Outcome::Forward((data, Status::NotFound));
        };
        let policy = &*self.0;
        let mut response = Response::new();
        if !policy.listed.is_any() {
            response.set_raw_header("vary", "Origin");
        }
        if !policy.listed.allows(origin.as_bytes()) {
            response.set_status(Status::Forbidden);
            return Outcome::Success(response);
        }
        response.set_status(Status::NoContent);
        // A 204 must not have `Content-Length`, which Rocket sends for every body with a known length.
        response.set_streamed_body(empty());
        let origin = if policy.listed.is_any() { "*" } else { origin };
        response.set_raw_header("access-control-allow-origin", origin);
        for (name, value) in policy.preflight {
            response.set_raw_header(name, value);
        }
        Outcome::Success(response)
    }
}
