//! Decides whether a page could read a recorded response, and why not.

use omnicors_browser::{Credentials, Engine, Mode, NetworkError, Outcome, RedirectFailure};

use super::cause::cause;
use super::exchange::Exchange;
use super::fetches::Recorded;
use super::model::Response;
use super::replay::replay;

/// The result for one request of a page.
#[derive(Debug)]
pub(super) enum Judgement {
    /// Not a CORS request, and it did not fail.
    Skipped,
    /// The page could read the response. The flag is true if this depends on the request having no credentials, which the recording
    /// does not show.
    Readable { only_without_credentials: bool },
    /// CORS blocked it.
    Blocked {
        outcome: Box<Outcome>,
        credentials: KnownCredentials,
    },
    /// It failed, and the recording does not show whether CORS is the reason.
    Unknown(String),
    /// It failed for another reason.
    Failed(String),
}

/// Whether a request had the credentials mode `include`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KnownCredentials {
    /// The recording shows credentials.
    Seen,
    /// The recording shows none.
    NotSeen,
    /// The recording shows none, but only a request with credentials fails like this.
    Assumed,
}

/// What the browser itself says about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark<'a> {
    /// It did not fail.
    Succeeded,
    /// It failed for a reason that Chromium does not name, as for CORS.
    Failed,
    /// It failed for this reason.
    FailedFor(&'a str),
    /// The recording does not say: Firefox and other programs mark nothing.
    Missing,
}

/// Judges a request of a page.
pub(super) fn judge(recorded: &Recorded<'_>, engine: Engine) -> Judgement {
    let Some(first) = recorded.hops.first().or(recorded.preflights.first()) else {
        return Judgement::Skipped;
    };
    let mark = mark(recorded, engine);
    let has_response = recorded.hops.iter().all(|hop| hop.has_response());
    if !recorded
        .hops
        .iter()
        .chain(&recorded.preflights)
        .any(|exchange| exchange.is_cross_origin())
    {
        return Judgement::Skipped;
    }
    if first.mode != Mode::Cors {
        return match mark {
            Mark::FailedFor(error) => Judgement::Failed(cause(Some(error))),
            Mark::Failed => Judgement::Failed(cause(Some("net::ERR_FAILED"))),
            Mark::Missing if !has_response => Judgement::Failed(cause(None)),
            Mark::Missing | Mark::Succeeded => Judgement::Skipped,
        };
    }
    let exchanges = || recorded.hops.iter().chain(&recorded.preflights);
    let credentials = if exchanges().any(|exchange| exchange.has_credentials()) {
        KnownCredentials::Seen
    } else {
        KnownCredentials::NotSeen
    };
    let Some(outcome) = replay(recorded, engine, mode(credentials)) else {
        return Judgement::Skipped;
    };
    let is_cors = outcome.result().err().as_ref().is_some_and(is_cors);
    if is_cors {
        let is_from_cache = recorded.hops.iter().any(|hop| {
            hop.entry.response.status == 304 || hop.entry.response.is_from_service_worker
        });
        // A 304 stands for a stored response, whose headers are not in the recording.
        if mark == Mark::Succeeded || (is_from_cache && mark == Mark::Missing) {
            return Judgement::Readable {
                only_without_credentials: false,
            };
        }
        return Judgement::Blocked {
            outcome: Box::new(outcome),
            credentials,
        };
    }
    // Only the preflight is in the recording, and it passed.
    if recorded.hops.is_empty() {
        return Judgement::Skipped;
    }
    if let Mark::FailedFor(error) = mark
        && !matches!(outcome.result(), Err(NetworkError::MixedContent))
    {
        return Judgement::Failed(cause(Some(error)));
    }
    let failed = match outcome.result() {
        Ok(_) if mark != Mark::Failed => None,
        Err(NetworkError::Unreachable(_)) | Ok(_) => Some(None),
        Err(error) => Some(Some(error.to_string())),
    };
    let with_credentials = (credentials == KnownCredentials::NotSeen)
        .then(|| replay(recorded, engine, Credentials::Include))
        .flatten()
        .filter(|outcome| outcome.result().err().as_ref().is_some_and(self::is_cors));
    match (failed, with_credentials) {
        (None, with_credentials) => Judgement::Readable {
            only_without_credentials: with_credentials.is_some() && mark == Mark::Missing,
        },
        (Some(Some(error)), _) => Judgement::Failed(error),
        (Some(None), Some(outcome)) => Judgement::Blocked {
            outcome: Box::new(outcome),
            credentials: KnownCredentials::Assumed,
        },
        (Some(None), None) if mark == Mark::Failed => Judgement::Unknown(if has_response {
            "the browser stopped it, although its response passes the CORS check; an extension or a service worker may be the reason".to_owned()
        } else {
            format!(
                "the browser stopped it, and the recording has neither a response nor the response to a preflight; ask the server: {}",
                probe(first)
            )
        }),
        (Some(None), None) => Judgement::Failed(cause(None)),
    }
}

/// Returns the command that makes the same request. A recording can contain any text, so a text that a shell could read otherwise is left
/// out.
fn probe(exchange: &Exchange<'_>) -> String {
    let is_plain = |text: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/?=&._~%-".contains(&byte);
        text.len() <= 160 && text.bytes().all(is_plain)
    };
    let (url, origin) = (exchange.url.as_str(), exchange.origin());
    let method = exchange.entry.request.method.as_str();
    if ![url, &origin, method].into_iter().all(is_plain) {
        return "`omnicors probe`".to_owned();
    }
    let method = match method {
        "GET" => String::new(),
        method => format!(" --method {method}"),
    };
    format!("`omnicors probe '{url}' --origin {origin}{method}`")
}

fn mode(credentials: KnownCredentials) -> Credentials {
    match credentials {
        KnownCredentials::NotSeen => Credentials::SameOrigin,
        KnownCredentials::Seen | KnownCredentials::Assumed => Credentials::Include,
    }
}

/// Returns true if CORS is the reason of a network error.
fn is_cors(error: &NetworkError) -> bool {
    matches!(
        error,
        NetworkError::PreflightCheck(_)
            | NetworkError::PreflightStatus(_)
            | NetworkError::InvalidAllowMethods(_)
            | NetworkError::InvalidAllowHeaders(_)
            | NetworkError::MethodNotAllowed(_)
            | NetworkError::HeaderNotAllowed(_)
            | NetworkError::CorsCheck(_)
            | NetworkError::Redirect(RedirectFailure::UserInfo)
    )
}

/// Returns what the browser says about the requests, the preflights aside.
fn mark<'a>(recorded: &Recorded<'a>, engine: Engine) -> Mark<'a> {
    let responses = || recorded.hops.iter().map(|hop| &hop.entry.response);
    let error = responses()
        .map(Response::error)
        .find(|error| !error.is_empty());
    match error {
        Some("net::ERR_FAILED") => Mark::Failed,
        Some(error) => Mark::FailedFor(error),
        None if responses().any(|response| response.error.as_deref() == Some("")) => {
            Mark::FailedFor("")
        }
        None if engine == Engine::Chromium
            && recorded.hops.iter().all(|hop| hop.has_response()) =>
        {
            Mark::Succeeded
        }
        None => Mark::Missing,
    }
}
