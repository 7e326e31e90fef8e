mod lines;

use core::fmt;

use crate::header::ResponseHeaderName;
use crate::policy::Policy;
use crate::request::{RequestKind, RequestParts};

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

    /// The first line of this name: the only one, but for an echo of several `Access-Control-Request-Headers` lines.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, ResponseHeaderName as Name, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let request = RequestParts::new("GET").origin("https://example.net");
    /// let decision = evaluate(&policy, &request);
    /// assert!(decision.headers().get(Name::Vary).is_some());
    /// assert!(decision.headers().get(Name::AccessControlAllowOrigin).is_none());
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn get(&self, name: ResponseHeaderName) -> Option<HeaderLine<'a>> {
        let of_name = LineSet::of(name).and(self.lines);
        if of_name.is_empty() {
            None
        } else {
            self.first_of(of_name)
        }
    }

    /// Apart, so that little is inlined to find that there is none.
    fn first_of(&self, lines: LineSet) -> Option<HeaderLine<'a>> {
        lines.first().map(|line| self.line(line))
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

    /// Of the lines, those that no response but one to a preflight has.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let config = PolicyConfig::new().allow_origins(["https://example.com"]).allow_methods(["PUT"]).max_age(None);
    /// let policy = config.build()?;
    /// let request = RequestParts::new("OPTIONS").origin("https://example.com");
    /// assert_eq!(evaluate(&policy, &request).headers().of_preflight().count(), 0);
    /// let preflight = request.request_method("PUT");
    /// let decision = evaluate(&policy, &preflight);
    /// let lines = decision.headers().of_preflight().map(|line| line.to_string());
    /// assert!(lines.eq(["access-control-allow-methods: PUT"]));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn of_preflight(&self) -> ResponseHeadersIter<'a> {
        ResponseHeadersIter {
            headers: Self {
                lines: self.lines.and(LineSet::OF_PREFLIGHT),
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
    #[inline(always)]
    fn line(&self, line: Line) -> HeaderLine<'a> {
        use ResponseHeaderName as Name;
        let policy = self.policy;
        let set = |name, value| HeaderLine {
            name,
            value,
            operation: Operation::Set,
        };
        // The set of lines has been made of what is there: no text is missing.
        let joined = |text: Option<&'a str>| LineValue::Policy(text.unwrap_or_default());
        let always = LineValue::Constant("true");
        match line {
            Line::AllowOrigin => set(Name::AccessControlAllowOrigin, self.allow_origin()),
            Line::AllowCredentials => set(Name::AccessControlAllowCredentials, always),
            Line::AllowMethods => set(Name::AccessControlAllowMethods, self.allow_methods()),
            Line::AllowHeaders => {
                let names = joined(policy.request_headers.line());
                set(Name::AccessControlAllowHeaders, names)
            }
            Line::EchoedHeaders(index) => HeaderLine {
                name: Name::AccessControlAllowHeaders,
                value: LineValue::Echo(
                    EchoedLine::RequestHeaders(index),
                    self.request.request_headers.nth(index).unwrap_or_default(),
                ),
                operation: if index == 0 {
                    Operation::Set
                } else {
                    Operation::Append
                },
            },
            Line::MaxAge => set(Name::AccessControlMaxAge, joined(policy.max_age.as_deref())),
            Line::AllowPrivateNetwork => set(Name::AccessControlAllowPrivateNetwork, always),
            Line::ExposeHeaders => {
                let names = joined(policy.expose_headers.line());
                set(Name::AccessControlExposeHeaders, names)
            }
            Line::TimingAllowOrigin => set(Name::TimingAllowOrigin, self.allow_origin()),
            Line::Vary => HeaderLine {
                name: Name::Vary,
                value: LineValue::Constant(self.vary()),
                operation: Operation::Merge,
            },
        }
    }

    /// Fetch, "HTTP responses" of the CORS protocol: the origin of the request, or `*`, which is for everyone.
    fn allow_origin(&self) -> LineValue<'a> {
        match self.request.origin.once() {
            Some(origin) if !self.policy.allows_anyone() => {
                LineValue::Echo(EchoedLine::Origin, origin)
            }
            // To one who has not asked, too, so that a cache can answer those who will.
            _ => LineValue::Constant("*"),
        }
    }

    fn allow_methods(&self) -> LineValue<'a> {
        if self.policy.echoes_method() {
            let method = self.request.request_method.once().unwrap_or_default();
            return LineValue::Echo(EchoedLine::RequestMethod, method);
        }
        let listed = self.policy.methods.line().map(LineValue::Policy);
        listed.unwrap_or(LineValue::Constant("GET, HEAD, POST"))
    }

    /// Fetch, "CORS protocol and HTTP caches": whatever the answer depends on.
    fn vary(&self) -> &'static str {
        let echoes = self.is_allowed_preflight();
        match (
            echoes && self.policy.echoes_method(),
            echoes && self.policy.echoes_headers(),
        ) {
            (false, false) => "Origin",
            (true, false) => "Origin, Access-Control-Request-Method",
            (false, true) => "Origin, Access-Control-Request-Headers",
            (true, true) => "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
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

    fn is_allowed_preflight(&self) -> bool {
        self.is_origin_allowed() && self.is_preflight()
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
