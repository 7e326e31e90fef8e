//! The events of the adapters, so that all adapters log the same.

mod limiter;

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

use omnicors_core::adapter::RequestField;
use omnicors_core::{Decision, Denial, OriginStatus, Policy, Rejection, RequestParts, Verdict};
use tracing::level_filters::LevelFilter;
use tracing::{debug, enabled, info, warn};

use crate::credentials::suggestion_for_credentials;
use crate::finding::Finding;
use crate::panics::caught;
use crate::reason::Reason;
use limiter::{Limiter, Summary};

/// The target of all events.
const TARGET: &str = "omnicors";

/// What was shown at info. One for the process, because its log is one.
static LIMITER: LazyLock<Mutex<Limiter>> = LazyLock::new(Mutex::default);

/// The random keys of the hashes in [`LIMITER`].
static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Returns true if a subscriber listens to the target at this level, or if there is no subscriber and the logger does.
#[cfg(feature = "log")]
macro_rules! listens {
    ($level:ident) => {{
        const LEVEL: log::Level = match tracing::Level::$level {
            tracing::Level::WARN => log::Level::Warn,
            tracing::Level::INFO => log::Level::Info,
            _ => log::Level::Debug,
        };
        // With a subscriber, `tracing` does not write to the logger.
        let is_logged = || {
            LevelFilter::current() == LevelFilter::OFF
                && log::log_enabled!(target: TARGET, LEVEL)
        };
        enabled!(target: TARGET, tracing::Level::$level) || is_logged()
    }};
}

/// Returns true if a subscriber listens to the target at this level.
#[cfg(not(feature = "log"))]
macro_rules! listens {
    ($level:ident) => {
        enabled!(target: TARGET, tracing::Level::$level)
    };
}

/// Logs the reasons why a request was rejected or will be blocked, with the level that `$at` has.
macro_rules! log_at {
    ($at:ident, $event:expr) => {{
        let event = $event;
        $at!(
            target: TARGET,
            method = event.method,
            path = event.path,
            origin = event.origin,
            host = event.host,
            requested_method = event.requested_method,
            requested_headers = event.requested_headers,
            reason = event.reason,
            revision = event.revision,
            suggestion = event.suggestion,
            "{}",
            event.message
        )
    }};
}

/// Returns true if there may be a listener for any event. This is cheap: it reads one number.
#[inline]
pub(crate) fn may_be_heard() -> bool {
    #[cfg(feature = "log")]
    if LevelFilter::current() == LevelFilter::OFF {
        return log::max_level() >= log::LevelFilter::Warn;
    }
    LevelFilter::current() >= LevelFilter::WARN
}

/// Returns true if a subscriber listens to the events about requests.
pub(crate) fn are_about_requests_heard() -> bool {
    may_be_heard() && (listens!(INFO) || listens!(DEBUG))
}

/// What an event is about.
#[derive(Clone, Copy)]
pub(crate) struct About<'a, 'r> {
    pub(crate) policy: &'a Policy,
    /// Logged instead of the suggestion of the policy.
    pub(crate) suggestion: Option<&'static str>,
    pub(crate) request: &'a RequestParts<'r>,
    pub(crate) path: &'a str,
}

/// Logs what was found out about a request.
pub(crate) fn found(about: About<'_, '_>, finding: &Finding<'_>) {
    if let Some(rejection) = finding.rejection {
        let cause = Cause::Rejection {
            rejection,
            is_only_reported: finding.is_only_reported,
        };
        report(about, cause);
    }
    if let Some(denial) = finding.denial {
        let is_unavailable = finding.is_unavailable;
        report(
            about,
            Cause::Denial {
                denial,
                is_unavailable,
            },
        );
    }
    summarize(Instant::now());
}

/// Returns true if an origin lookup was needed and not made, and a subscriber listens to the event for that.
pub(crate) fn is_lookup_missing(decision: &Decision<'_>) -> bool {
    decision.origin_status() == OriginStatus::Undecided
        && decision.verdict() == Verdict::Denied(Denial::OriginUndecided)
        && listens!(WARN)
}

/// Logs that a policy needs an origin lookup and the adapter has none, at warn.
///
/// Most adapters check a fixed policy when the server starts. This event is for a policy from a handle, or one that is chosen
/// per request.
pub(crate) fn missing_lookup() {
    warn!(
        target: TARGET,
        "the CORS policy sets `lookup_origins`, but the server has no origin lookup, so every origin that is not listed is \
         denied; call `lookup_origins(timeout, function)` on the adapter, or remove `lookup_origins` from the policy"
    );
}

/// Logs the warnings about a policy, at warn.
pub(crate) fn policy_warnings(policy: &Policy) {
    if listens!(WARN) {
        for warning in policy.warnings() {
            warn!(target: TARGET, "CORS policy: {warning}");
        }
    }
}

/// The reason of an event.
#[derive(Clone, Copy)]
enum Cause<'a> {
    Rejection {
        rejection: Rejection,
        is_only_reported: bool,
    },
    Denial {
        denial: Denial<'a>,
        /// The request was not run.
        is_unavailable: bool,
    },
}

impl Cause<'_> {
    fn reason(&self) -> Reason {
        match self {
            Self::Rejection { rejection, .. } => (*rejection).into(),
            Self::Denial { denial, .. } => denial.into(),
        }
    }

    /// Returns the field that says whose requests are concerned: `Host` if the host is the reason.
    fn field(&self) -> RequestField {
        match self {
            Self::Rejection { rejection, .. } if rejection.status() == 421 => RequestField::Host,
            _ => RequestField::Origin,
        }
    }

    fn suggestion(&self, policy: &Policy, request: &RequestParts<'_>) -> Option<String> {
        match self {
            Self::Rejection { rejection, .. } => policy.suggestion_to_run(request, *rejection),
            Self::Denial {
                denial: Denial::CredentialsNotAllowed,
                ..
            } => {
                let origin = request.value(RequestField::Origin, 0).unwrap_or_default();
                Some(suggestion_for_credentials(policy, origin))
            }
            Self::Denial { .. } => policy.explain(request).suggestion().map(str::to_owned),
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Rejection {
                rejection,
                is_only_reported,
            } => {
                let status = rejection.status();
                let rejects = if *is_only_reported {
                    "would be rejected"
                } else {
                    "was rejected"
                };
                let proxy = if *rejection == Rejection::OriginNotHost {
                    "; behind a proxy that rewrites `Host`, list the site's own origin in allow_origins"
                } else {
                    ""
                };
                format!("a request {rejects} by the guard with {status}: {rejection}{proxy}")
            }
            Self::Denial {
                denial: Denial::CredentialsNotAllowed,
                ..
            } => {
                "a browser will block this by CORS: the request has a cookie, and the policy does not allow credentials for its \
                 origin"
                    .to_owned()
            }
            Self::Denial {
                denial,
                is_unavailable: true,
            } => format!("a request was not run and got 503: {denial}"),
            Self::Denial { denial, .. } => {
                format!("a browser will block this by CORS: {denial}")
            }
        }
    }
}

/// The fields of an event.
struct Event<'a> {
    method: &'a str,
    path: &'a str,
    origin: Option<String>,
    host: Option<String>,
    requested_method: Option<String>,
    requested_headers: Option<String>,
    reason: &'static str,
    /// Of the origins outside the policy.
    revision: Option<u64>,
    suggestion: Option<String>,
    message: String,
}

/// Logs a cause at info if it is new, otherwise at debug.
fn report(about: About<'_, '_>, cause: Cause<'_>) {
    let About {
        policy,
        suggestion,
        request,
        path,
    } = about;
    let is_shown = listens!(INFO) && is_new(request, cause);
    if !is_shown && !listens!(DEBUG) {
        return;
    }
    // The lock is released here, because an explanation takes long and a subscriber may be slow.
    let field = |field| request.value(field, 0).map(escaped);
    let host = || field(RequestField::Host).or_else(|| field(RequestField::Authority));
    let event = Event {
        method: &escaped(request.method()),
        path: &escaped(path.as_bytes()),
        origin: field(RequestField::Origin),
        host: host().filter(|_| matches!(cause, Cause::Rejection { .. })),
        requested_method: field(RequestField::AccessControlRequestMethod),
        requested_headers: field(RequestField::AccessControlRequestHeaders),
        reason: cause.reason().as_str(),
        revision: caught(|| policy.origins_revision()).flatten(),
        suggestion: match suggestion {
            Some(suggestion) => Some(suggestion.to_owned()),
            None => cause.suggestion(policy, request),
        },
        message: cause.message(),
    };
    if is_shown {
        log_at!(info, event);
    } else {
        log_at!(debug, event);
    }
}

/// Returns true if the origin and the reason were not shown, and not too many others were.
fn is_new(request: &RequestParts<'_>, cause: Cause<'_>) -> bool {
    let field = cause.field();
    let value = request.value(field, 0).or_else(|| match field {
        RequestField::Host => request.value(RequestField::Authority, 0),
        _ => None,
    });
    let origin = KEYS.hash_one((field, value));
    let is_only_reported = matches!(
        cause,
        Cause::Rejection {
            is_only_reported: true,
            ..
        }
    );
    let pair = KEYS.hash_one((origin, cause.reason(), is_only_reported));
    with_limiter(|limiter| limiter.passes(pair, origin, Instant::now()))
}

/// Logs how many denials were not shown in the last minute, if there were any.
fn summarize(now: Instant) {
    if !listens!(INFO) {
        return;
    }
    let Some(Summary {
        denials,
        origins,
        is_at_least,
    }) = with_limiter(|limiter| limiter.take_summary(now))
    else {
        return;
    };
    let at_least = if is_at_least { "at least " } else { "" };
    let more = if denials == 1 { "denial" } else { "denials" };
    let of = if origins == 1 { "origin" } else { "origins" };
    info!(
        target: TARGET,
        "CORS: {denials} more {more} of {at_least}{origins} {of} were not shown; the level debug shows all"
    );
}

fn with_limiter<O>(then: impl FnOnce(&mut Limiter) -> O) -> O {
    then(&mut LIMITER.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Cuts a value from a request to 128 bytes, and escapes it.
fn escaped(bytes: &[u8]) -> String {
    const MOST: usize = 128;
    match bytes.get(..MOST) {
        Some(start) if bytes.len() > MOST => format!("{}…", start.escape_ascii()),
        _ => bytes.escape_ascii().to_string(),
    }
}
