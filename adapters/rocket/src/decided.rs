use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use omnicors_http::PreparedPolicy;
use omnicors_http::omnicors_core::{
    Decision, LineValue, Operation, ResponseHeaderName, evaluate, missing_from_vary,
};
#[cfg(feature = "tracing")]
use omnicors_http::trace;
use rocket::http::Status;
use rocket::tokio::io::empty;
use rocket::{Request, Response};

use crate::request::{host, parts};

/// A decision that borrows nothing, and waits for the response.
#[derive(Debug)]
pub(crate) struct Decided {
    /// Of an answer: the application does not run.
    status: Option<u16>,
    removed: &'static [ResponseHeaderName],
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    name: ResponseHeaderName,
    value: Cow<'static, str>,
    operation: Operation,
}

impl Decided {
    /// Decides about a request, given what has been found out about its origin, if anything.
    pub(crate) fn new(
        policy: &PreparedPolicy,
        request: &Request<'_>,
        origin_verdict: Option<bool>,
    ) -> Self {
        let policy = policy.policy();
        #[cfg(feature = "tracing")]
        if trace::is_enabled() {
            let host = host(request);
            let parts = || parts(request, true, host.as_deref()).origin_verdict(origin_verdict);
            trace::denial(policy, parts, request.uri().path().as_str(), |name| {
                request.headers().get_one(name).map(str::as_bytes)
            });
        }
        let reads_site = policy.refuses_disallowed_origins();
        let host = reads_site.then(|| host(request)).flatten();
        let parts = parts(request, reads_site, host.as_deref()).origin_verdict(origin_verdict);
        let decision = evaluate(policy, &parts);
        let headers = decision.headers();
        let lines = headers.iter().map(|line| Line {
            name: line.name,
            value: match line.value {
                LineValue::Constant(text) => text.into(),
                // A header value of Rocket's is text that it owns, and cannot be made once for all responses.
                LineValue::Policy(_) | LineValue::Echo(..) => line.value.as_str().to_owned().into(),
            },
            operation: line.operation,
        });
        Self {
            status: match decision {
                Decision::Forward { .. } => None,
                Decision::Answer { status, .. } => Some(status),
            },
            removed: headers.removed(),
            lines: lines.collect(),
        }
    }

    pub(crate) fn is_answer(&self) -> bool {
        self.status.is_some()
    }

    /// Makes the response what was decided. Of an answer, `is_ours` says that nobody else has made the response.
    pub(crate) fn apply(self, response: &mut Response<'_>, is_ours: bool) {
        if let Some(status) = self.status {
            if !is_ours {
                // A catcher, or a route that a fairing behind this one has led to: nothing of it leaves.
                *response = Response::new();
            }
            response.set_status(Status::new(status));
            if response.status() == Status::NoContent {
                // RFC 9110, section 8.6: without a length, which Rocket 0.5.1 states of any body that has one.
                response.set_streamed_body(empty());
            } else {
                drop(response.body_mut().take());
            }
        }
        // Hardly any application sets one, and to see that takes less than to try to remove each.
        let has_stale = response.headers().iter().any(|header| {
            let mut removed = self.removed.iter();
            removed.any(|removed| removed.matches(header.name.as_str()))
        });
        if has_stale {
            for name in self.removed {
                response.remove_header(name.as_str());
            }
        }
        for line in self.lines {
            line.add_to(response);
        }
    }
}

impl Line {
    fn add_to(self, response: &mut Response<'_>) {
        let name = self.name.as_str();
        match self.operation {
            Operation::Set => {
                response.set_raw_header(name, self.value);
            }
            Operation::Append => response.adjoin_raw_header(name, self.value),
            Operation::Merge if !response.headers().contains(name) => {
                response.set_raw_header(name, self.value);
            }
            Operation::Merge => {
                let existing = || response.headers().get(name).map(str::as_bytes);
                let missing: Vec<&str> = missing_from_vary(&self.value, existing).collect();
                if !missing.is_empty() {
                    let missing = missing.join(", ");
                    response.adjoin_raw_header(name, missing);
                }
            }
        }
    }
}

/// What was decided about a request, kept with it until there is a response: the policy that a request is decided by is
/// the one that it is answered by.
///
/// Not simply cached: a local request that a test has cloned shares the cache of the first, and would share its decision.
#[derive(Default)]
struct Slot(Mutex<Option<Decided>>);

/// Keeps a decision with the request.
pub(crate) fn keep(request: &Request<'_>, decided: Option<Decided>) {
    *lock(request) = decided;
}

/// Takes what was kept with the request.
pub(crate) fn take(request: &Request<'_>) -> Option<Decided> {
    lock(request).take()
}

/// True if what is kept with the request is an answer.
pub(crate) fn is_answered(request: &Request<'_>) -> bool {
    lock(request).as_ref().is_some_and(Decided::is_answer)
}

fn lock<'a>(request: &'a Request<'_>) -> std::sync::MutexGuard<'a, Option<Decided>> {
    let slot = request.local_cache(Slot::default);
    slot.0.lock().unwrap_or_else(PoisonError::into_inner)
}
