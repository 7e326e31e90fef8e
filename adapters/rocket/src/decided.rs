use std::borrow::Cow;
use std::future::pending;
use std::mem;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use omnicors_http::PreparedPolicy;
use omnicors_http::omnicors_core::{
    Decision, LineValue, Operation, Policy, RequestParts, ResponseHeaderName, evaluate,
    missing_from_vary,
};
#[cfg(feature = "tracing")]
use omnicors_http::trace;
use rocket::http::Status;
use rocket::tokio::io::empty;
use rocket::{Request, Response};

use crate::request::{host, parts};

/// What is to be done with the response to a request.
#[derive(Debug, Default)]
pub(crate) enum Decided {
    /// What is done with most: see [`Cors`](crate::Cors).
    #[default]
    Usual,
    /// This.
    Unusual(Changes),
    /// Nothing: CORS is none of our business for it.
    Untouched,
}

/// A decision that borrows nothing, and waits for the response.
#[derive(Debug)]
pub(crate) struct Changes {
    /// Of an answer: the application does not run.
    status: Option<u16>,
    removed: &'static [ResponseHeaderName],
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    name: ResponseHeaderName,
    value: Cow<'static, str>,
    operation: Operation,
}

/// Decides about a request, given what has been found out about its origin, if anything.
pub(crate) fn decide(
    policy: &PreparedPolicy,
    request: &Request<'_>,
    origin_verdict: Option<bool>,
    usual: &Changes,
) -> Decided {
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
    if usual.says(&decision) {
        Decided::Usual
    } else {
        Decided::Unusual(Changes::new(&decision))
    }
}

impl Decided {
    pub(crate) fn is_answer(&self) -> bool {
        matches!(self, Self::Unusual(changes) if changes.status.is_some())
    }
}

impl Changes {
    /// What a policy says to a request that has no origin.
    pub(crate) fn without_origin(policy: &Policy) -> Self {
        Self::new(&evaluate(policy, &RequestParts::new("GET")))
    }

    /// What most policies say to one that has none.
    pub(crate) fn vary() -> Self {
        const CORS: &[ResponseHeaderName] = ResponseHeaderName::ALL.split_at(7).0;
        Self {
            status: None,
            removed: CORS,
            lines: vec![Line {
                name: ResponseHeaderName::Vary,
                value: "Origin".into(),
                operation: Operation::Merge,
            }],
        }
    }

    fn new(decision: &Decision<'_>) -> Self {
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
                Decision::Answer { status, .. } => Some(*status),
            },
            removed: headers.removed(),
            lines: lines.collect(),
        }
    }

    /// True if this is what the decision says.
    fn says(&self, decision: &Decision<'_>) -> bool {
        let Decision::Forward { headers } = decision else {
            return false;
        };
        let ours = self.lines.iter().map(|line| (line.name, &*line.value));
        let its = headers.iter().map(|line| (line.name, line.value.as_str()));
        self.status.is_none() && self.removed == headers.removed() && ours.eq(its)
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
        apply(self.removed, self.lines, response);
    }

    /// The same for what is no answer, as often as one likes.
    pub(crate) fn apply_usual(&self, response: &mut Response<'_>) {
        apply(self.removed, self.lines.iter().cloned(), response);
    }
}

/// Puts lines among those of a response: the application's own CORS lines are removed, ours are set, and `Vary` is merged.
fn apply(
    removed: &[ResponseHeaderName],
    lines: impl IntoIterator<Item = Line>,
    response: &mut Response<'_>,
) {
    // Hardly any application sets one, and to look at each line takes less than to look for any.
    let (mut has_vary, mut has_stale) = (false, false);
    for header in response.headers().iter() {
        if let Some(name) = ResponseHeaderName::named(header.name.as_str()) {
            has_vary |= name == ResponseHeaderName::Vary;
            has_stale |= removed.contains(&name);
        }
    }
    if has_stale {
        for name in removed {
            response.remove_header(name.as_str());
        }
    }
    for line in lines {
        line.add_to(response, has_vary);
    }
}

impl Line {
    fn add_to(self, response: &mut Response<'_>, has_vary: bool) {
        let name = self.name.as_str();
        match self.operation {
            Operation::Set => {
                response.set_raw_header(name, self.value);
            }
            Operation::Append => response.adjoin_raw_header(name, self.value),
            Operation::Merge if !has_vary => {
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
/// To keep something with a request takes longer than to decide about it, and so what is usual is not kept: where there is
/// no slot, that is what is done.
///
/// Not simply cached: a local request that a test has cloned shares the cache of the first, and would share its decision.
#[derive(Default)]
struct Slot(Mutex<Decided>);

/// Keeps a decision with the request.
pub(crate) fn keep(request: &Request<'_>, decided: Decided) {
    let slot = match decided {
        Decided::Usual => slot(request),
        Decided::Unusual(_) | Decided::Untouched => Some(request.local_cache(Slot::default)),
    };
    if let Some(slot) = slot {
        *lock(slot) = decided;
    }
}

/// Takes what was kept with the request.
pub(crate) fn take(request: &Request<'_>) -> Decided {
    slot(request).map_or(Decided::Usual, |slot| mem::take(&mut *lock(slot)))
}

/// True if what is kept with the request is an answer.
pub(crate) fn is_answered(request: &Request<'_>) -> bool {
    slot(request).is_some_and(|slot| lock(slot).is_answer())
}

/// The slot of a request, if it has one.
fn slot<'a>(request: &'a Request<'_>) -> Option<&'a Slot> {
    // Rocket tells what is in a cache only to those who put something in where it is missing: this promises to, and is not
    // waited for.
    let cached = pin!(request.local_cache_async(pending::<Slot>()));
    match cached.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(slot) => Some(slot),
        Poll::Pending => None,
    }
}

fn lock(slot: &Slot) -> MutexGuard<'_, Decided> {
    slot.0.lock().unwrap_or_else(PoisonError::into_inner)
}
