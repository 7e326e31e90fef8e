use std::fmt;

use omnicors_core::{Decision, HeaderField, Policy, RequestKind, RequestParts, ResponseHeaderName};

use crate::finding::Finding;

/// How the decision of a candidate differs from the decision of the policy in force.
///
/// A request that differs in several ways counts for the first of them, in the order of this list.
///
/// ```
/// use omnicors_adapter::ShadowDifference;
///
/// assert_eq!(ShadowDifference::Blocked.to_string(), "a browser would block the request");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ShadowDifference {
    /// The application would not run. The policy in force runs it.
    Rejected,
    /// The application would run. The policy in force does not run it.
    Run,
    /// A browser would block the request or its response. With the policy in force, it does not.
    Blocked,
    /// A browser would not block the request. With the policy in force, it does.
    Allowed,
    /// The response would have another status.
    Status,
    /// A page could read other fields of the response, or its timing, or the response would allow the private network or not.
    Headers,
}

impl ShadowDifference {
    /// All differences, in the order of their values.
    pub(super) const ALL: [Self; 6] = [
        Self::Rejected,
        Self::Run,
        Self::Blocked,
        Self::Allowed,
        Self::Status,
        Self::Headers,
    ];

    /// Returns the name in counters.
    ///
    /// ```
    /// use omnicors_adapter::ShadowDifference;
    ///
    /// assert_eq!(ShadowDifference::Blocked.as_str(), "blocked");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Run => "run",
            Self::Blocked => "blocked",
            Self::Allowed => "allowed",
            Self::Status => "status",
            Self::Headers => "headers",
        }
    }

    /// Compares two policies and their decisions about the same request.
    pub(super) fn between<'a>(
        current: (&Policy, &Decision<'a>),
        candidate: (&Policy, &Decision<'a>),
        request: &RequestParts<'a>,
    ) -> Option<Self> {
        // A browser sees only the response, so it concludes the same from the same response. Most requests end here.
        if is_same_to_browsers(current.1, candidate.1) {
            return None;
        }
        let [before, after] =
            [current, candidate].map(|(policy, decision)| Finding::new(policy, request, decision));
        let [(was, status), (is, other_status)] = [current.1, candidate.1].map(outcome);
        if was != is && request.kind() != RequestKind::Preflight {
            return Some(if is { Self::Run } else { Self::Rejected });
        }
        match (before.denial, after.denial) {
            (None, Some(_)) => return Some(Self::Blocked),
            (Some(_), None) => return Some(Self::Allowed),
            _ => {}
        }
        if (was, status) != (is, other_status) {
            return Some(Self::Status);
        }
        let differs = |name| value(current.1, name) != value(candidate.1, name);
        [
            ResponseHeaderName::AccessControlExposeHeaders,
            ResponseHeaderName::TimingAllowOrigin,
            ResponseHeaderName::AccessControlAllowPrivateNetwork,
        ]
        .into_iter()
        .any(differs)
        .then_some(Self::Headers)
    }
}

/// Returns whether the application runs, and the status if it does not.
fn outcome(decision: &Decision<'_>) -> (bool, u16) {
    match decision {
        Decision::Forward { .. } => (true, 0),
        Decision::Respond { status, .. } => (false, *status),
    }
}

/// Returns true if the responses are equal, except for fields about caching.
fn is_same_to_browsers(a: &Decision<'_>, b: &Decision<'_>) -> bool {
    use ResponseHeaderName as Name;
    let is_about_browsers = |field: &HeaderField<'_>| {
        !matches!(
            field.name,
            Name::AccessControlMaxAge | Name::Vary | Name::CacheControl | Name::RetryAfter
        )
    };
    let mut others = b.headers().iter().filter(is_about_browsers);
    let mut fields = a.headers().iter().filter(is_about_browsers);
    outcome(a) == outcome(b)
        && fields.all(|field| {
            others.next().is_some_and(|other| {
                field.name == other.name && field.value.as_bytes() == other.value.as_bytes()
            })
        })
        && others.next().is_none()
}

/// Returns the value of a field that is sent at most once.
fn value<'d>(decision: &'d Decision<'_>, name: ResponseHeaderName) -> Option<&'d str> {
    let mut fields = decision.headers().iter();
    let field = fields.find(|field| field.name == name)?;
    Some(field.value.as_str())
}

impl fmt::Display for ShadowDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rejected => "the application would not run",
            Self::Run => "the application would run",
            Self::Blocked => "a browser would block the request",
            Self::Allowed => "a browser would no longer block the request",
            Self::Status => "the response would have another status",
            Self::Headers => "a page could read other fields or timings of the response",
        })
    }
}
