use std::borrow::Cow;
use std::future::pending;
use std::mem;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

use omnicors_http::omnicors_core::{
    Decision, LineValue, Policy, RequestKind, RequestParts, ResponseHeaderName, evaluate,
};
#[cfg(feature = "tracing")]
use omnicors_http::trace;
use omnicors_http::{PreparedPolicy, ResponseLines};
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
}

/// What to put onto the response of the application. A header value of Rocket's is text that it owns.
type ForwardHeaders = omnicors_http::ForwardHeaders<Cow<'static, str>>;

/// A decision that borrows nothing, and waits for the response.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Of an answer: the application does not run.
    status: Option<u16>,
    headers: ForwardHeaders,
}

/// Decides about a request, given what has been found out about its origin, if anything.
pub(crate) fn decide(
    policy: &PreparedPolicy,
    request: &Request<'_>,
    origin_verdict: Option<bool>,
    usual: &OnceLock<Changes>,
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
    if decision.headers().kind() == RequestKind::NonCors {
        usual.get_or_init(|| Changes::new(&decision));
    }
    match usual.get() {
        Some(usual) if usual.says(&decision) => Decided::Usual,
        _ => Decided::Unusual(Changes::new(&decision)),
    }
}

impl Decided {
    /// CORS is none of our business for the request.
    pub(crate) fn nothing() -> Self {
        Self::Unusual(Changes::default())
    }

    pub(crate) fn is_answer(&self) -> bool {
        matches!(self, Self::Unusual(changes) if changes.status.is_some())
    }
}

impl Changes {
    /// What a policy says to a request that has no origin.
    pub(crate) fn without_origin(policy: &Policy) -> Self {
        Self::new(&evaluate(policy, &RequestParts::new("GET")))
    }

    fn new(decision: &Decision<'_>) -> Self {
        Self {
            status: match decision {
                Decision::Forward { .. } => None,
                Decision::Answer { status, .. } => Some(*status),
            },
            headers: ForwardHeaders::new(decision.headers(), |line| Some(value(line.value))),
        }
    }

    /// True if this is what the decision says.
    fn says(&self, decision: &Decision<'_>) -> bool {
        matches!(decision, Decision::Forward { headers } if self.headers.say(headers))
    }

    /// Makes the response what was decided. Of an answer, `is_ours` says that nobody else has made the response.
    pub(crate) fn apply(mut self, response: &mut Response<'_>, is_ours: bool) {
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
        self.headers.apply_once(&mut Lines(response));
    }

    /// The same for what is no answer, as often as one likes.
    pub(crate) fn apply_usual(&self, response: &mut Response<'_>) {
        self.headers.clone().apply_once(&mut Lines(response));
    }
}

fn value(value: LineValue<'_>) -> Cow<'static, str> {
    match value {
        LineValue::Constant(text) => text.into(),
        // It cannot be made once for all responses.
        LineValue::Policy(_) | LineValue::Echo(..) => value.as_str().to_owned().into(),
    }
}

/// The header lines of a response.
struct Lines<'a, 'r>(&'a mut Response<'r>);

impl ResponseLines for Lines<'_, '_> {
    type Value = Cow<'static, str>;

    fn constant(text: &'static str) -> Cow<'static, str> {
        text.into()
    }

    fn each_name(&self, mut tell: impl FnMut(&str)) {
        let lines = self.0.headers().iter();
        lines.for_each(|line| tell(line.name.as_str()));
    }

    fn vary(&self) -> impl Iterator<Item = &[u8]> {
        let vary = ResponseHeaderName::Vary.as_str();
        self.0.headers().get(vary).map(str::as_bytes)
    }

    fn remove(&mut self, name: ResponseHeaderName) {
        self.0.remove_header(name.as_str());
    }

    fn insert(&mut self, name: ResponseHeaderName, value: Cow<'static, str>) -> Option<()> {
        self.0.set_raw_header(name.as_str(), value);
        Some(())
    }

    fn append(&mut self, name: ResponseHeaderName, value: Cow<'static, str>) -> Option<()> {
        self.0.adjoin_raw_header(name.as_str(), value);
        Some(())
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
        Decided::Unusual(_) => Some(request.local_cache(Slot::default)),
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
