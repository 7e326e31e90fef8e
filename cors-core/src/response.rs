mod lines;

use core::fmt;

use crate::header::ResponseHeaderName;
use crate::policy::Policy;
use crate::request::{RequestKind, RequestParts};

pub use self::lines::ConstantLines;
use self::lines::Line;
pub(crate) use self::lines::{LineSet, PolicyLines};

/// The response headers of a decision: the lines to set, and the names that must not survive from the application.
///
/// Walking them allocates nothing.
///
/// ```
/// use omnicors_core::{Decision, PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
///
/// let Decision::Forward { headers } = evaluate(&policy, &request) else { unreachable!() };
/// let lines: Vec<String> = headers.iter().map(|line| line.to_string()).collect();
/// assert_eq!(lines, ["access-control-allow-origin: https://example.com", "vary: Origin"]);
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy)]
pub struct ResponseHeaders<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) request: &'a RequestParts<'a>,
    pub(crate) kind: RequestKind,
    pub(crate) finding: Finding,
    lines: LineSet,
}

/// What the policy says of the origin of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    NoOrigin,
    Allowed,
    Denied,
}

/// One response header line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderLine<'a> {
    /// Its name.
    pub name: ResponseHeaderName,
    /// Its value.
    pub value: LineValue<'a>,
    /// What to do with lines of this name that are there already.
    pub operation: Operation,
}

/// The value of a response header line, and where it comes from: an adapter that owns one already need not copy it.
///
/// Exhaustive: an adapter has to know what to do with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineValue<'a> {
    /// The same for all policies.
    Constant(&'static str),
    /// Joined when the policy was built: one of [`Policy::header_texts`].
    Policy(&'a str),
    /// The bytes of a line of the request, and which.
    Echo(EchoedLine, &'a [u8]),
}

/// The line of the request that a value is an echo of.
///
/// Exhaustive: an adapter has to know where to find each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoedLine {
    /// `Origin`.
    Origin,
    /// `Access-Control-Request-Method`.
    RequestMethod,
    /// The line with this index, counted from 0, of `Access-Control-Request-Headers`.
    RequestHeaders(usize),
}

/// What to do with lines of the same name that are there already.
///
/// Exhaustive: an adapter has to know what to do with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Replace them.
    Set,
    /// Keep them, and add this line.
    Append,
    /// Keep them, and add what they do not say yet: of `Vary`, which is a set. [`missing_from_vary`](crate::missing_from_vary)
    /// tells what that is.
    Merge,
}

impl<'a> ResponseHeaders<'a> {
    #[inline]
    pub(crate) fn new(
        policy: &'a Policy,
        request: &'a RequestParts<'a>,
        kind: RequestKind,
        finding: Finding,
    ) -> Self {
        let lines = match kind {
            // Who is denied is told nothing but what the answer depends on.
            _ if finding == Finding::Denied => LineSet::VARY,
            RequestKind::NonCors => policy.lines.non_cors,
            RequestKind::Actual => policy.lines.actual,
            RequestKind::Preflight => policy.lines.preflight.echoing(policy, request),
        };
        Self {
            policy,
            request,
            kind,
            finding,
            lines,
        }
    }

    /// The lines, in the order of [`ResponseHeaderName::ALL`].
    #[inline]
    pub fn iter(&self) -> ResponseHeadersIter<'a> {
        ResponseHeadersIter { headers: *self }
    }

    /// Of the lines, those whose value is of the request. The others are the same for each request of the same kind and
    /// outcome: those of an allowed preflight are [`Policy::answer_lines`].
    #[inline]
    pub fn echoed(&self) -> ResponseHeadersIter<'a> {
        ResponseHeadersIter {
            headers: Self {
                lines: self.lines.and(self.policy.lines.echoed),
                ..*self
            },
        }
    }

    /// Of the lines, those whose value is the same for all policies and requests. They borrow nothing, for an adapter that has
    /// to wait for the response. The others are [`dependent`](Self::dependent).
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let config = PolicyConfig::new().allow_origins(["https://example.com"]).expose_headers(["etag"]);
    /// let policy = config.allow_credentials(true).build()?;
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// let decision = evaluate(&policy, &request);
    /// let constant = decision.headers().constant().map(|line| line.to_string());
    /// assert!(constant.eq(["access-control-allow-credentials: true", "vary: Origin"]));
    /// let dependent = decision.headers().dependent().map(|line| line.to_string());
    /// assert!(dependent.eq(["access-control-allow-origin: https://example.com", "access-control-expose-headers: etag"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn constant(&self) -> ConstantLines {
        ConstantLines::new(self.lines.and(self.policy.lines.constant))
    }

    /// Of the lines, those whose value depends on the policy or on the request: all but [`constant`](Self::constant).
    #[inline]
    pub fn dependent(&self) -> ResponseHeadersIter<'a> {
        ResponseHeadersIter {
            headers: Self {
                lines: self.lines.and(self.policy.lines.dependent),
                ..*self
            },
        }
    }

    /// True if the policy allows the origin of the request. Of a non-CORS request, which has none, false.
    ///
    /// Whether a browser will let a page go on depends on more: see [`Decision::verdict`](crate::Decision::verdict).
    #[inline]
    pub fn is_origin_allowed(&self) -> bool {
        self.finding == Finding::Allowed
    }

    /// What the answers to all allowed preflights say.
    pub(crate) fn of_answers(policy: &'a Policy) -> Self {
        const REQUEST: &RequestParts<'_> = &RequestParts::of(b"OPTIONS");
        Self {
            policy,
            request: REQUEST,
            kind: RequestKind::Preflight,
            finding: Finding::Allowed,
            lines: policy.lines.preflight.and(policy.lines.fixed),
        }
    }

    /// The names of which no line of the application may reach the browser: the policy is the authority. Remove these,
    /// then set the lines; each name that a line sets is among them.
    pub fn removed(&self) -> &'static [ResponseHeaderName] {
        use ResponseHeaderName::{AccessControlAllowOrigin, TimingAllowOrigin};
        const ALL_BUT_VARY: &[ResponseHeaderName] = ResponseHeaderName::ALL.split_at(8).0;
        const CORS: &[ResponseHeaderName] = ResponseHeaderName::ALL.split_at(7).0;
        const _: () = assert!(matches!(
            ResponseHeaderName::ALL[0],
            AccessControlAllowOrigin
        ));
        const _: () = assert!(matches!(ResponseHeaderName::ALL[7], TimingAllowOrigin));
        // Resource Timing is not CORS: a policy that does not speak of it leaves it to the application.
        if self.policy.timing_allow_origin {
            ALL_BUT_VARY
        } else {
            CORS
        }
    }

    /// What this line says, given that it is among the lines.
    #[expect(clippy::inline_always, reason = "as the walk over the lines is")]
    #[inline(always)]
    fn line(&self, line: Line) -> HeaderLine<'a> {
        let (policy, request) = (self.policy, self.request);
        // The set of lines has been made of what is there: none of these is missing.
        let joined = |text: Option<&'a str>| LineValue::Policy(text.unwrap_or_default());
        let echo = |line, bytes: Option<&'a [u8]>| LineValue::Echo(line, bytes.unwrap_or_default());
        let value = match line {
            // Fetch, "HTTP responses" of the CORS protocol: the origin of the request, or `*`, which is for everyone.
            Line::AllowOrigin | Line::TimingAllowOrigin if !policy.allows_anyone() => {
                echo(EchoedLine::Origin, request.origin.once())
            }
            Line::AllowMethods if policy.echoes_method() => {
                echo(EchoedLine::RequestMethod, request.request_method.once())
            }
            Line::AllowMethods if policy.methods.line().is_some() => joined(policy.methods.line()),
            Line::AllowHeaders => joined(policy.request_headers.line()),
            Line::EchoedHeaders(index) => {
                let names = request.request_headers.nth(index);
                echo(EchoedLine::RequestHeaders(index), names)
            }
            Line::MaxAge => joined(policy.max_age.as_deref()),
            Line::ExposeHeaders => joined(policy.expose_headers.line()),
            _ => LineValue::Constant(line.constant()),
        };
        HeaderLine {
            name: line.name(),
            value,
            operation: line.operation(),
        }
    }

    /// What the request is to CORS.
    #[inline]
    pub fn kind(&self) -> RequestKind {
        self.kind
    }

    pub(crate) fn is_preflight(&self) -> bool {
        self.kind == RequestKind::Preflight
    }
}

impl<'a> IntoIterator for ResponseHeaders<'a> {
    type Item = HeaderLine<'a>;
    type IntoIter = ResponseHeadersIter<'a>;

    fn into_iter(self) -> ResponseHeadersIter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &ResponseHeaders<'a> {
    type Item = HeaderLine<'a>;
    type IntoIter = ResponseHeadersIter<'a>;

    fn into_iter(self) -> ResponseHeadersIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for ResponseHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Walks the lines of [`ResponseHeaders`].
#[derive(Clone, Debug)]
pub struct ResponseHeadersIter<'a> {
    /// With the lines that are left.
    headers: ResponseHeaders<'a>,
}

impl<'a> Iterator for ResponseHeadersIter<'a> {
    type Item = HeaderLine<'a>;

    // Called apart, a line would be returned by memory, and read back from there sooner than it can be.
    #[expect(
        clippy::inline_always,
        reason = "measured: three times the time of a walk"
    )]
    #[inline(always)]
    fn next(&mut self) -> Option<HeaderLine<'a>> {
        let line = self.headers.lines.take_first()?;
        Some(self.headers.line(line))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.headers.lines.len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for ResponseHeadersIter<'_> {}

impl core::iter::FusedIterator for ResponseHeadersIter<'_> {}

impl<'a> LineValue<'a> {
    /// The bytes of the value. They hold no line break: constants and texts of a policy are ASCII, an echoed line is an
    /// origin, a token or a list of tokens.
    #[expect(
        clippy::match_same_arms,
        reason = "the texts differ in their lifetimes"
    )]
    pub fn as_bytes(&self) -> &'a [u8] {
        match *self {
            Self::Constant(text) => text.as_bytes(),
            Self::Policy(text) => text.as_bytes(),
            Self::Echo(_, bytes) => bytes,
        }
    }

    /// The value as text, which it always is.
    pub fn as_str(&self) -> &'a str {
        // Only ASCII is ever echoed; an empty text could not do harm, were it otherwise.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for HeaderLine<'_> {
    /// The line as it stands in a response of HTTP/1.1, without the line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.value.as_str())
    }
}

#[cfg(test)]
mod tests;
