#[cfg(feature = "tracing")]
use std::sync::Once;

use http::HeaderValue;
use omnicors_core::{Policy, ResponseHeaderName};

/// A policy, and the header values that depend on it alone: those of the `http` crate, or another type `V`, for a framework
/// that does not speak it.
///
/// Made by [`Shared::new`](crate::Shared::new) and [`Handle::new`](crate::Handle::new).
#[derive(Debug)]
pub struct PreparedPolicy<V = HeaderValue> {
    policy: Policy,
    values: Vec<(ResponseHeaderName, V)>,
    #[cfg(feature = "tracing")]
    undecided: Once,
}

impl<V: for<'a> TryFrom<&'a str>> From<Policy> for PreparedPolicy<V> {
    fn from(policy: Policy) -> Self {
        #[cfg(feature = "tracing")]
        crate::trace::advice(&policy);
        // The texts of a policy are tokens, digits, commas and spaces: each is a header value.
        let value = |(name, text)| Some((name, V::try_from(text).ok()?));
        let values = policy.header_texts().filter_map(value).collect();
        Self {
            policy,
            values,
            #[cfg(feature = "tracing")]
            undecided: Once::new(),
        }
    }
}

impl<V> PreparedPolicy<V> {
    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The value of the line with this name whose value is [`LineValue::Policy`](omnicors_core::LineValue::Policy).
    pub fn value(&self, name: ResponseHeaderName) -> Option<&V> {
        let mut values = self.values.iter();
        values.find(|(its, _)| *its == name).map(|(_, value)| value)
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
