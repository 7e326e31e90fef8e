//! The settings of the guard, as a policy uses them.

use alloc::boxed::Box;
use core::fmt;

use super::hosts::HostList;
use crate::origin::OriginSet;
use crate::request::{RequestField, RequestFields, RequestParts, SingleField};

/// Which requests the [guard](crate::PolicyConfig::guard) of a policy checks. `Display` writes the value of the setting.
///
/// This enum is exhaustive.
///
/// ```
/// use omnicors_core::{Guard, PolicyConfig};
///
/// let policy = PolicyConfig::new().allow_origin("https://app.example").guard(Guard::UnsafeMethods).build()?;
/// assert_eq!(policy.guard(), Guard::UnsafeMethods);
/// assert_eq!(policy.guard().to_string(), "unsafe-methods");
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum Guard {
    /// `off`: no request is rejected because of its origin.
    #[default]
    Off,
    /// `unsafe-methods`: requests whose method is not `GET`, `HEAD` or `OPTIONS`, and WebSocket handshakes.
    UnsafeMethods,
    /// `all`: the same, and every other CORS request.
    All,
}

impl Guard {
    const ALL: [Self; 3] = [Self::Off, Self::UnsafeMethods, Self::All];

    /// Returns the value of the setting in a file.
    ///
    /// ```
    /// use omnicors_core::Guard;
    ///
    /// assert_eq!(Guard::All.as_str(), "all");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::UnsafeMethods => "unsafe-methods",
            Self::All => "all",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|guard| guard.as_str() == name)
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde requires this signature"
    )]
    pub(super) fn is_off(&self) -> bool {
        *self == Self::Off
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The settings of the guard.
#[derive(Clone)]
pub(crate) struct GuardRules {
    pub(crate) checked: Guard,
    pub(crate) report_only: bool,
    /// The origins that may send navigations.
    pub(crate) navigations: OriginSet,
    /// The hosts that are served; empty for any.
    pub(crate) hosts: HostList,
}

impl GuardRules {
    /// Returns the rules if a setting of the guard is set.
    pub(super) fn boxed(self) -> Option<Box<Self>> {
        let is_set = !self.checked.is_off()
            || self.report_only
            || !self.navigations.is_empty()
            || !self.hosts.is_empty();
        is_set.then(|| Box::new(self))
    }

    /// Returns true if the host of a request is served.
    pub(crate) fn serves_host_of(&self, request: &RequestParts<'_>) -> bool {
        let is_listed = |host| self.hosts.contains(host);
        self.hosts.is_empty() || request.host().once().is_some_and(is_listed)
    }
}

impl Guard {
    /// Returns true if the guard checks a request with this method and these fields.
    #[inline]
    pub(crate) fn checks(
        self,
        method: &[u8],
        has_origin: bool,
        fields: &(impl RequestFields + ?Sized),
    ) -> bool {
        match self {
            Self::Off => false,
            Self::UnsafeMethods => is_unsafe(method, fields),
            Self::All => is_unsafe(method, fields) || is_cors(has_origin, fields),
        }
    }
}

/// Returns true if the method may change something, or if the request opens a WebSocket.
#[inline]
fn is_unsafe(method: &[u8], fields: &(impl RequestFields + ?Sized)) -> bool {
    // A WebSocket over HTTP/2 is opened with an extended CONNECT (RFC 8441, section 4), which is not one of these methods.
    !matches!(method, b"GET" | b"HEAD" | b"OPTIONS") || is_websocket(fields)
}

/// Returns true for a WebSocket handshake ([RFC 6455, section 4.1](https://www.rfc-editor.org/rfc/rfc6455#section-4.1)).
#[inline]
fn is_websocket(fields: &(impl RequestFields + ?Sized)) -> bool {
    match SingleField::read(fields, RequestField::Upgrade) {
        SingleField::Absent => false,
        SingleField::Once(protocols) => has_websocket(protocols),
        // No browser sends the field twice. This counts as a handshake whatever the values are, because it is checked then.
        SingleField::Repeated => true,
    }
}

#[cold]
fn has_websocket(protocols: &[u8]) -> bool {
    protocols
        .split(|byte| *byte == b',')
        .any(|name| name.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

/// Returns true if `Sec-Fetch-Mode` or, without it, `Origin` says that a page sent the request with CORS.
#[inline]
fn is_cors(has_origin: bool, fields: &(impl RequestFields + ?Sized)) -> bool {
    match SingleField::read(fields, RequestField::SecFetchMode) {
        SingleField::Absent | SingleField::Once(b"") => has_origin,
        SingleField::Once(mode) => mode == b"cors",
        // Browsers send the field once.
        SingleField::Repeated => true,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::Guard;
    use crate::PolicyConfig;

    #[test]
    fn each_value_is_written_as_in_a_file() {
        for (guard, text) in [
            (Guard::Off, "off"),
            (Guard::UnsafeMethods, "unsafe-methods"),
            (Guard::All, "all"),
        ] {
            assert_eq!(guard.to_string(), text);
            assert_eq!(Guard::named(text), Some(guard));
        }
    }

    #[test]
    fn only_a_setting_of_the_guard_makes_a_policy_that_may_reject() {
        let config = || PolicyConfig::new().allow_origin("https://app.test");
        let may_reject = |config: PolicyConfig| config.build().unwrap().may_reject();
        assert!(!may_reject(config()));
        assert!(may_reject(config().guard(Guard::UnsafeMethods)));
        assert!(may_reject(config().allow_hosts(["api.test"])));
    }

    #[test]
    fn a_fault_of_a_navigation_does_not_suggest_an_opaque_origin() {
        for text in ["NULL", "FILE://"] {
            let config = PolicyConfig::new()
                .allow_origin("https://app.test")
                .guard(Guard::UnsafeMethods)
                .dangerously_allow_opaque_origins(true)
                .allow_navigations_from([text]);
            let error = config.build().unwrap_err();
            let [fault] = error.faults() else {
                panic!("{error}")
            };
            assert_eq!(fault.suggestion(), None, "{fault}");
        }
    }

    #[test]
    fn the_loopback_hosts_are_added_to_a_policy() {
        let config = PolicyConfig::new().allow_origin("http://localhost:3000");
        let policy = config.allow_loopback_hosts().build().unwrap();
        assert!(policy.allow_hosts().eq(["127.0.0.1", "[::1]", "localhost"]));
        assert!(policy.origins().is_some_and(|origins| !origins.is_empty()));
    }
}
