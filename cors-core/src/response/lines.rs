//! Which lines a response has: found out when the policy is built, but for what a preflight has echoed.

use core::iter::FusedIterator;

use super::{HeaderLine, LineValue, Operation, Policy, RequestParts, ResponseHeaderName};
use crate::header::{elements, is_token};
use crate::limits;

/// A line that a response can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    AllowOrigin,
    AllowCredentials,
    AllowMethods,
    /// The list of the policy.
    AllowHeaders,
    /// The line of the request with this index.
    EchoedHeaders(usize),
    MaxAge,
    AllowPrivateNetwork,
    ExposeHeaders,
    TimingAllowOrigin,
    Vary(Varying),
}

impl Line {
    #[inline]
    pub(super) fn name(self) -> ResponseHeaderName {
        use ResponseHeaderName as Name;
        match self {
            Self::AllowOrigin => Name::AccessControlAllowOrigin,
            Self::AllowCredentials => Name::AccessControlAllowCredentials,
            Self::AllowMethods => Name::AccessControlAllowMethods,
            Self::AllowHeaders | Self::EchoedHeaders(_) => Name::AccessControlAllowHeaders,
            Self::MaxAge => Name::AccessControlMaxAge,
            Self::AllowPrivateNetwork => Name::AccessControlAllowPrivateNetwork,
            Self::ExposeHeaders => Name::AccessControlExposeHeaders,
            Self::TimingAllowOrigin => Name::TimingAllowOrigin,
            Self::Vary(_) => Name::Vary,
        }
    }

    #[inline]
    pub(super) fn operation(self) -> Operation {
        match self {
            Self::Vary(_) => Operation::Merge,
            Self::EchoedHeaders(1..) => Operation::Append,
            _ => Operation::Set,
        }
    }

    /// What the line says where neither policy nor request has a say in it.
    #[inline]
    pub(super) const fn constant(self) -> &'static str {
        match self {
            // To one who has not asked, too, so that a cache can answer those who will.
            Self::AllowOrigin | Self::TimingAllowOrigin => "*",
            Self::AllowCredentials | Self::AllowPrivateNetwork => "true",
            Self::AllowMethods => "GET, HEAD, POST",
            Self::Vary(varying) => varying.names(),
            // One of them always has.
            Self::AllowHeaders | Self::EchoedHeaders(_) | Self::MaxAge | Self::ExposeHeaders => "",
        }
    }
}

/// Fetch, "CORS protocol and HTTP caches": what the answer depends on, beside the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Varying {
    NoMore,
    Method,
    Headers,
    MethodAndHeaders,
}

impl Varying {
    fn new(method: bool, headers: bool) -> Self {
        match (method, headers) {
            (false, false) => Self::NoMore,
            (true, false) => Self::Method,
            (false, true) => Self::Headers,
            (true, true) => Self::MethodAndHeaders,
        }
    }

    const fn names(self) -> &'static str {
        match self {
            Self::NoMore => "Origin",
            Self::Method => "Origin, Access-Control-Request-Method",
            Self::Headers => "Origin, Access-Control-Request-Headers",
            Self::MethodAndHeaders => {
                "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
            }
        }
    }
}

/// A set of lines, in the order in which they are yielded: a walk meets only those that are there. Each has a bit, the first
/// one the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineSet(u16);

const _: () = assert!(limits::REQUEST_HEADERS_LINES == 4);

impl LineSet {
    pub(super) const VARY: Self = Self::NONE.with(Line::Vary(Varying::NoMore), true);
    const NONE: Self = Self(0);

    /// With this line too, if it is there.
    const fn with(self, line: Line, is_there: bool) -> Self {
        Self(self.0 | (is_there as u16) << place(line))
    }

    const fn without(self, line: Line) -> Self {
        Self(self.0 & !(1 << place(line)))
    }

    const ECHOED_HEADERS: Self = Self::NONE
        .with(Line::EchoedHeaders(0), true)
        .with(Line::EchoedHeaders(1), true)
        .with(Line::EchoedHeaders(2), true)
        .with(Line::EchoedHeaders(3), true);

    const ANY_VARY: Self = Self::VARY
        .with(Line::Vary(Varying::Method), true)
        .with(Line::Vary(Varying::Headers), true)
        .with(Line::Vary(Varying::MethodAndHeaders), true);

    #[inline]
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Takes the first line out.
    #[inline]
    pub(super) fn take_first(&mut self) -> Option<Line> {
        let first = line_at(self.0.trailing_zeros())?;
        self.0 &= self.0.wrapping_sub(1);
        Some(first)
    }

    #[inline]
    pub(super) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// With what an allowed preflight has echoed.
    #[inline]
    pub(super) fn echoing(self, policy: &Policy, request: &RequestParts<'_>) -> Self {
        if policy.credentials {
            self.echoing_wild_cards(policy, request)
        } else {
            self
        }
    }

    /// With credentials, `*` is no wild card to a browser: what it asks for is named instead.
    fn echoing_wild_cards(mut self, policy: &Policy, request: &RequestParts<'_>) -> Self {
        let method = request.request_method.once();
        if policy.echoes_method() && !method.is_some_and(is_token) {
            self = self.without(Line::AllowMethods);
        }
        let names = &request.request_headers;
        // All lines are echoed together, or not at all.
        if policy.echoes_headers() && elements(names.iter()).all(|name| name.is_ok()) {
            for index in 0..limits::REQUEST_HEADERS_LINES {
                self = self.with(Line::EchoedHeaders(index), index < names.len());
            }
        }
        self
    }
}

/// The place of a line in the order, and so of its bit.
const fn place(line: Line) -> usize {
    match line {
        Line::AllowOrigin => 0,
        Line::AllowCredentials => 1,
        Line::AllowMethods => 2,
        Line::AllowHeaders => 3,
        Line::EchoedHeaders(index) => 4 + index,
        Line::MaxAge => 8,
        Line::AllowPrivateNetwork => 9,
        Line::ExposeHeaders => 10,
        Line::TimingAllowOrigin => 11,
        Line::Vary(Varying::NoMore) => 12,
        Line::Vary(Varying::Method) => 13,
        Line::Vary(Varying::Headers) => 14,
        Line::Vary(Varying::MethodAndHeaders) => 15,
    }
}

/// The line that has this place; `None` beyond the last one.
#[inline]
fn line_at(place: u32) -> Option<Line> {
    Some(match place {
        0 => Line::AllowOrigin,
        1 => Line::AllowCredentials,
        2 => Line::AllowMethods,
        3 => Line::AllowHeaders,
        4 => Line::EchoedHeaders(0),
        5 => Line::EchoedHeaders(1),
        6 => Line::EchoedHeaders(2),
        7 => Line::EchoedHeaders(3),
        8 => Line::MaxAge,
        9 => Line::AllowPrivateNetwork,
        10 => Line::ExposeHeaders,
        11 => Line::TimingAllowOrigin,
        12 => Line::Vary(Varying::NoMore),
        13 => Line::Vary(Varying::Method),
        14 => Line::Vary(Varying::Headers),
        15 => Line::Vary(Varying::MethodAndHeaders),
        _ => return None,
    })
}

/// Lines whose value is the same for all policies and requests: of the lines of a response, those that can wait for it and
/// borrow nothing. Made by [`ResponseHeaders::constant`](super::ResponseHeaders::constant).
///
/// Two bytes: a decision that waits is best small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstantLines(LineSet);

/// None.
impl Default for ConstantLines {
    fn default() -> Self {
        Self(LineSet::NONE)
    }
}

impl ConstantLines {
    pub(super) fn new(lines: LineSet) -> Self {
        Self(lines)
    }
}

impl Iterator for ConstantLines {
    type Item = HeaderLine<'static>;

    #[inline]
    fn next(&mut self) -> Option<HeaderLine<'static>> {
        let line = self.0.take_first()?;
        Some(HeaderLine {
            name: line.name(),
            value: LineValue::Constant(line.constant()),
            operation: line.operation(),
        })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl ExactSizeIterator for ConstantLines {}

impl FusedIterator for ConstantLines {}

/// The lines of those who are allowed, by the kind of request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PolicyLines {
    pub(super) non_cors: LineSet,
    pub(super) actual: LineSet,
    /// Without the headers that a request has echoed.
    pub(super) preflight: LineSet,
    /// Of all lines, those whose value is of the request.
    pub(super) echoed: LineSet,
    /// The others, whose value is the same for all requests.
    pub(super) fixed: LineSet,
    /// Of those, the ones whose value is the same for all policies.
    pub(super) constant: LineSet,
    /// All but those.
    pub(super) dependent: LineSet,
}

impl PolicyLines {
    pub(crate) const NONE: Self = Self {
        non_cors: LineSet::NONE,
        actual: LineSet::NONE,
        preflight: LineSet::NONE,
        echoed: LineSet::NONE,
        fixed: LineSet::NONE,
        constant: LineSet::NONE,
        dependent: LineSet::NONE,
    };

    pub(crate) fn of(policy: &Policy) -> Self {
        let exposes = policy.expose_headers.line().is_some();
        let lists_headers = policy.request_headers.line().is_some();
        let for_all = LineSet::NONE
            .with(Line::AllowOrigin, true)
            .with(Line::AllowCredentials, policy.credentials);
        let actual = for_all
            .with(Line::Vary(Varying::NoMore), !policy.allows_anyone())
            .with(Line::ExposeHeaders, exposes)
            .with(Line::TimingAllowOrigin, policy.timing_allow_origin);
        let echoed = LineSet::ECHOED_HEADERS
            .with(Line::AllowOrigin, !policy.allows_anyone())
            .with(Line::TimingAllowOrigin, !policy.allows_anyone())
            .with(Line::AllowMethods, policy.echoes_method());
        let constant = LineSet::ANY_VARY
            .with(Line::AllowCredentials, true)
            .with(Line::AllowPrivateNetwork, true)
            .with(Line::AllowMethods, policy.methods.line().is_none())
            .with(Line::AllowOrigin, true)
            .with(Line::TimingAllowOrigin, true);
        let fixed = LineSet(!echoed.0);
        let constant = constant.and(fixed);
        Self {
            // What is for anyone is for those as well who have not asked.
            non_cors: if policy.allows_anyone() {
                actual
            } else {
                LineSet::VARY
            },
            actual,
            // Methods are never left out, but for an echo of what is no method: where they are missing, Fetch has some
            // requests (those with an upload listener, or a stream for a body) pass with any method at all
            // ("CORS-preflight fetch", step 7.4).
            preflight: for_all
                .with(Line::AllowMethods, true)
                .with(
                    Line::AllowHeaders,
                    lists_headers && !policy.echoes_headers(),
                )
                .with(Line::MaxAge, policy.max_age.is_some())
                .with(Line::AllowPrivateNetwork, policy.private_network)
                .with(
                    Line::Vary(Varying::new(
                        policy.echoes_method(),
                        policy.echoes_headers(),
                    )),
                    !policy.allows_anyone(),
                ),
            echoed,
            fixed,
            constant,
            dependent: LineSet(!constant.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_place_in_the_order() {
        for index in 0..16 {
            assert_eq!(line_at(index).map(place), Some(index as usize));
        }
        assert_eq!(line_at(16), None);
    }

    #[test]
    fn a_set_yields_its_lines_once_and_in_order() {
        let mut set = LineSet::VARY
            .with(Line::MaxAge, true)
            .with(Line::AllowOrigin, true)
            .with(Line::ExposeHeaders, false)
            .with(Line::AllowMethods, true)
            .without(Line::AllowMethods);
        assert_eq!(set.len(), 3);
        let lines = core::iter::from_fn(|| set.take_first());
        let vary = Line::Vary(Varying::NoMore);
        assert!(lines.eq([Line::AllowOrigin, Line::MaxAge, vary]));
        assert_eq!(set.take_first(), None);
    }
}
