use core::fmt;

use crate::header::{ResponseHeaderName, elements, is_token};
use crate::limits;
use crate::policy::Policy;
use crate::request::{RequestKind, RequestParts};

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
    pub(crate) finding: Finding<'a>,
    /// The policy echoes `Access-Control-Request-Headers`, and its lines are a list of tokens: found out once, since it
    /// takes a scan, and all lines are echoed together or not at all.
    pub(crate) can_echo_headers: bool,
}

/// What the policy says of the origin of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding<'a> {
    NoOrigin,
    Allowed(&'a [u8]),
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

/// Of a walk, which ends with `Vary`.
const LAST_POSITION: usize = 11;

/// The positions of a walk count on it.
const _: () = assert!(limits::REQUEST_HEADERS_LINES == 4);

impl<'a> ResponseHeaders<'a> {
    pub(crate) fn new(
        policy: &'a Policy,
        request: &'a RequestParts<'a>,
        finding: Finding<'a>,
    ) -> Self {
        let kind = request.kind();
        let echoes_headers = kind == RequestKind::Preflight
            && matches!(finding, Finding::Allowed(_))
            && policy.echoes_headers();
        let can_echo_headers = echoes_headers
            && elements(request.request_headers.iter()).all(|element| element.is_ok());
        Self {
            policy,
            request,
            kind,
            finding,
            can_echo_headers,
        }
    }

    /// The lines, in the order of [`ResponseHeaderName::ALL`].
    pub fn iter(&self) -> ResponseHeadersIter<'a> {
        ResponseHeadersIter {
            headers: *self,
            next: self.first_position(),
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

    /// The line at a position of the walk. Positions stand for what a line says, in the order of the names; the four
    /// possible lines of an echoed header list have one each.
    fn line(&self, position: usize) -> Option<HeaderLine<'a>> {
        use ResponseHeaderName as Name;
        let policy = self.policy;
        let (name, value) = match position {
            0 => (Name::AccessControlAllowOrigin, self.allow_origin()?),
            1 if self.is_allowed() && policy.credentials => (
                Name::AccessControlAllowCredentials,
                LineValue::Constant("true"),
            ),
            2 if self.is_allowed_preflight() => {
                (Name::AccessControlAllowMethods, self.allow_methods()?)
            }
            3..=6 if self.is_allowed_preflight() => (
                Name::AccessControlAllowHeaders,
                self.allow_headers(position - 3)?,
            ),
            7 if self.is_allowed_preflight() => (
                Name::AccessControlMaxAge,
                LineValue::Policy(policy.max_age.as_deref()?),
            ),
            8 if self.is_allowed_preflight() && policy.private_network => (
                Name::AccessControlAllowPrivateNetwork,
                LineValue::Constant("true"),
            ),
            9 if !self.is_preflight() && (self.is_allowed() || self.is_for_anyone()) => (
                Name::AccessControlExposeHeaders,
                LineValue::Policy(policy.expose_headers.line()?),
            ),
            10 if !self.is_preflight() && policy.timing_allow_origin => {
                (Name::TimingAllowOrigin, self.allow_origin()?)
            }
            LAST_POSITION => (Name::Vary, LineValue::Constant(self.vary()?)),
            _ => return None,
        };
        let operation = match (name, position) {
            (Name::Vary, _) => Operation::Merge,
            (Name::AccessControlAllowHeaders, 4..) => Operation::Append,
            _ => Operation::Set,
        };
        Some(HeaderLine {
            name,
            value,
            operation,
        })
    }

    /// Who is denied, and who has not asked where the answer is not for anyone, is told nothing but `Vary`.
    fn first_position(&self) -> usize {
        if self.is_allowed() || self.is_for_anyone() {
            0
        } else {
            LAST_POSITION
        }
    }

    /// Of the positions behind this one, the first that can have a line: it passes over those of the other kind of request.
    fn position_after(&self, position: usize) -> usize {
        match position {
            1 if !self.is_preflight() => 9,
            8 if self.is_preflight() => LAST_POSITION,
            _ => position + 1,
        }
    }

    /// Fetch, "HTTP responses" of the CORS protocol: the origin of the request, or `*`, which is for everyone.
    fn allow_origin(&self) -> Option<LineValue<'a>> {
        match self.finding {
            // To one who has not asked, so that a cache can answer those who will.
            Finding::NoOrigin | Finding::Allowed(_) if self.policy.allows_anyone() => {
                Some(LineValue::Constant("*"))
            }
            Finding::Allowed(origin) => Some(LineValue::Echo(EchoedLine::Origin, origin)),
            Finding::NoOrigin | Finding::Denied => None,
        }
    }

    /// Never left out, but for an echo of what is no method: where it is missing, Fetch has some requests (those with an
    /// upload listener, or a stream for a body) pass with any method at all ("CORS-preflight fetch", step 7.4).
    fn allow_methods(&self) -> Option<LineValue<'a>> {
        if self.policy.echoes_method() {
            let method = self
                .request
                .request_method
                .once()
                .filter(|method| is_token(method))?;
            return Some(LineValue::Echo(EchoedLine::RequestMethod, method));
        }
        let listed = self.policy.methods.line().map(LineValue::Policy);
        Some(listed.unwrap_or(LineValue::Constant("GET, HEAD, POST")))
    }

    fn allow_headers(&self, index: usize) -> Option<LineValue<'a>> {
        if !self.policy.echoes_headers() {
            return self
                .policy
                .request_headers
                .line()
                .map(LineValue::Policy)
                .filter(|_| index == 0);
        }
        let line = self
            .request
            .request_headers
            .nth(index)
            .filter(|_| self.can_echo_headers)?;
        Some(LineValue::Echo(EchoedLine::RequestHeaders(index), line))
    }

    /// Fetch, "CORS protocol and HTTP caches": whatever the answer depends on.
    fn vary(&self) -> Option<&'static str> {
        if self.policy.allows_anyone() && self.finding != Finding::Denied {
            return None;
        }
        let echoes = self.is_allowed_preflight();
        Some(
            match (
                echoes && self.policy.echoes_method(),
                echoes && self.policy.echoes_headers(),
            ) {
                (false, false) => "Origin",
                (true, false) => "Origin, Access-Control-Request-Method",
                (false, true) => "Origin, Access-Control-Request-Headers",
                (true, true) => {
                    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
                }
            },
        )
    }

    pub(crate) fn is_preflight(&self) -> bool {
        self.kind == RequestKind::Preflight
    }

    fn is_allowed(&self) -> bool {
        matches!(self.finding, Finding::Allowed(_))
    }

    fn is_allowed_preflight(&self) -> bool {
        self.is_allowed() && self.is_preflight()
    }

    fn is_for_anyone(&self) -> bool {
        self.finding == Finding::NoOrigin && self.policy.allows_anyone()
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
    headers: ResponseHeaders<'a>,
    next: usize,
}

impl<'a> Iterator for ResponseHeadersIter<'a> {
    type Item = HeaderLine<'a>;

    fn next(&mut self) -> Option<HeaderLine<'a>> {
        while self.next <= LAST_POSITION {
            let position = self.next;
            self.next = self.headers.position_after(position);
            let line = self.headers.line(position);
            if line.is_some() {
                return line;
            }
        }
        None
    }
}

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
