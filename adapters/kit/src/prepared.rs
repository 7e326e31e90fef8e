#[cfg(feature = "tracing")]
use std::sync::Once;

use http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use http::{HeaderMap, HeaderValue};
use omnicors_core::{EchoedLine, HeaderLine, LineValue, Policy, ResponseHeaderName};

use crate::headers::add;
use crate::policy::constant;

/// A policy, and what of the headers depends on it alone: in the types of the `http` crate, or as another type `P`, for a
/// framework that does not speak it.
///
/// Made by [`Shared::new`](crate::Shared::new) and [`Handle::new`](crate::Handle::new).
#[derive(Debug)]
pub struct PreparedPolicy<P = PreparedHeaders> {
    policy: Policy,
    headers: P,
    #[cfg(feature = "tracing")]
    undecided: Once,
}

impl<P: for<'a> From<&'a Policy>> From<Policy> for PreparedPolicy<P> {
    fn from(policy: Policy) -> Self {
        #[cfg(feature = "tracing")]
        crate::trace::advice(&policy);
        Self {
            headers: P::from(&policy),
            policy,
            #[cfg(feature = "tracing")]
            undecided: Once::new(),
        }
    }
}

impl<P> PreparedPolicy<P> {
    /// The policy.
    #[inline]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What of the headers depends on the policy alone.
    #[inline]
    pub fn headers(&self) -> &P {
        &self.headers
    }

    /// Tells, once, if this policy is used by an adapter that nobody has told how to decide about origins.
    ///
    /// No earlier than at the first request: until then, `decide_origins` may still be called.
    #[cfg(feature = "tracing")]
    pub(crate) fn tell_if_undecided(&self) {
        if self.policy.decides_origins_outside() {
            self.undecided.call_once(crate::trace::undecided);
        }
    }
}

/// The headers that depend on a policy alone, in the types of the `http` crate.
#[derive(Debug)]
pub struct PreparedHeaders {
    pub(crate) values: PreparedValues<HeaderValue>,
    /// [`Policy::answer_lines`]; with an empty `Access-Control-Allow-Origin`, where that is an echo.
    pub(crate) answer: HeaderMap,
}

impl From<&Policy> for PreparedHeaders {
    fn from(policy: &Policy) -> Self {
        let values = PreparedValues::<HeaderValue>::from(policy);
        let mut answer = HeaderMap::new();
        // In any case each answer names an origin: a place for it, so that a copy of the map need not grow.
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static(""));
        for line in policy.answer_lines() {
            if let Some(value) = values.value_of(line, constant, None, |_| None) {
                // There is room: it has no others.
                let _ = add(&mut answer, line.name, line.operation, value);
            }
        }
        Self { values, answer }
    }
}

/// The values of the lines whose value is [`LineValue::Policy`], as header values of a framework.
#[derive(Clone, Debug)]
pub struct PreparedValues<V>(Vec<(ResponseHeaderName, V)>);

impl<V: for<'a> TryFrom<&'a str>> From<&Policy> for PreparedValues<V> {
    fn from(policy: &Policy) -> Self {
        // The texts of a policy are tokens, digits, commas and spaces: each is a header value.
        let value = |(name, text)| Some((name, V::try_from(text).ok()?));
        Self(policy.header_texts().filter_map(value).collect())
    }
}

impl<V: Clone> PreparedValues<V> {
    /// The value of a line, which borrows nothing and, wherever possible, copies nothing: what the policy says has been made
    /// with it, and what the request says is its own.
    ///
    /// `origin` is the value of the `Origin` line, which nearly every decision echoes; any other line that is echoed is
    /// `requested`.
    #[inline]
    pub fn value_of<'a>(
        &self,
        line: HeaderLine<'_>,
        constant: impl FnOnce(&'static str) -> V,
        origin: Option<&V>,
        requested: impl FnOnce(EchoedLine) -> Option<&'a V>,
    ) -> Option<V>
    where
        V: 'a,
    {
        match line.value {
            LineValue::Echo(EchoedLine::Origin, _) => origin.cloned(),
            LineValue::Constant(text) => Some(constant(text)),
            LineValue::Policy(_) => self.get(line.name).cloned(),
            LineValue::Echo(echoed, _) => requested(echoed).cloned(),
        }
    }

    fn get(&self, name: ResponseHeaderName) -> Option<&V> {
        let mut values = self.0.iter();
        values.find(|(its, _)| *its == name).map(|(_, value)| value)
    }
}
