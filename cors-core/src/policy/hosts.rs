//! The list of hosts that are served.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::origin::OriginPattern;
use crate::request::split_host;

/// A host of `allow_hosts`, in lower case and without a trailing dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AllowedHost {
    text: Box<str>,
    /// The length of the host in the text; the rest is the port.
    name: usize,
    /// `None` for any port.
    port: Option<u16>,
}

impl AllowedHost {
    /// Parses an entry: `api.example`, `localhost:3000`, `[::1]`. The error is the entry that was probably meant, if it is known.
    pub(super) fn parse(text: &str) -> Result<Self, Option<String>> {
        match Self::parse_exactly(text) {
            Some(host) => Ok(host),
            None => Err(meant(text)),
        }
    }

    fn parse_exactly(text: &str) -> Option<Self> {
        let (name, port) = split_host(text.as_bytes())?;
        let name = core::str::from_utf8(name).ok()?.to_ascii_lowercase();
        // The grammar of a host is that of an origin. `*` is not a host.
        let origin = String::from("https://") + &name;
        let is_host = OriginPattern::parse(&origin).is_ok_and(|pattern| pattern.is_exact());
        if !is_host {
            return None;
        }
        let text = match port {
            Some(port) => alloc::format!("{name}:{port}"),
            None => name.clone(),
        };
        Some(Self {
            text: text.into_boxed_str(),
            name: name.len(),
            port,
        })
    }

    fn name(&self) -> &[u8] {
        self.text.as_bytes().get(..self.name).unwrap_or_default()
    }
}

/// Returns true if a policy can list the host.
pub(crate) fn is_host_to_list(host: &str) -> bool {
    AllowedHost::parse_exactly(host).is_some()
}

/// Returns the host in a URL or an origin, and an IPv6 address in brackets.
fn meant(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let end = text.find(['/', '?', '#']).unwrap_or(text.len());
    let host = text.get(..end)?;
    let host = match host.bytes().filter(|byte| *byte == b':').count() {
        0 | 1 => host.to_owned(),
        _ if host.starts_with('[') => host.to_owned(),
        _ => alloc::format!("[{host}]"),
    };
    AllowedHost::parse_exactly(&host).map(|host| String::from(host.text))
}

/// Returns true if a listed port is that of a request. A host that is listed without a port has every port.
///
/// Clients do not send the default port of the scheme, and a server does not know the scheme that the client has used. So 80 and 443 are also the
/// ports of a request that names none.
///
/// ```
/// use omnicors_core::adapter::matches_port;
///
/// assert!(matches_port(None, Some(8080)));
/// assert!(matches_port(Some(443), None));
/// assert!(!matches_port(Some(8080), None));
/// ```
#[inline]
pub fn matches_port(listed: Option<u16>, requested: Option<u16>) -> bool {
    match (listed, requested) {
        (None, _) | (Some(80 | 443), None) => true,
        (listed, requested) => listed == requested,
    }
}

/// The hosts that are served.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostList {
    /// Sorted by host, so that a search does not take longer with more entries than their number of digits in binary.
    hosts: Vec<AllowedHost>,
}

impl HostList {
    pub(super) fn new(mut hosts: Vec<AllowedHost>) -> Self {
        hosts.sort_by(|a, b| a.name().cmp(b.name()).then(a.port.cmp(&b.port)));
        hosts.dedup();
        Self { hosts }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(|host| &*host.text)
    }

    /// Returns true if the value of `Host` or `:authority` is a host that is served.
    pub(crate) fn contains(&self, value: &[u8]) -> bool {
        let Some((name, port)) = split_host(value) else {
            return false;
        };
        let start = self
            .hosts
            .partition_point(|host| compare(host.name(), name) == Ordering::Less);
        let found = self.hosts.get(start..).unwrap_or_default();
        let mut found = found
            .iter()
            .take_while(|host| compare(host.name(), name) == Ordering::Equal);
        found.any(|host| matches_port(host.port, port))
    }
}

/// Compares a host in lower case with the host of a request.
fn compare(listed: &[u8], requested: &[u8]) -> Ordering {
    let requested = requested.iter().map(u8::to_ascii_lowercase);
    listed.iter().copied().cmp(requested)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(hosts: &[&str]) -> HostList {
        let hosts = hosts.iter().map(|host| AllowedHost::parse(host).unwrap());
        HostList::new(hosts.collect())
    }

    #[test]
    fn case_one_trailing_dot_and_without_a_port_any_port_are_ignored() {
        let hosts = list(&[
            "api.example",
            "B.example:8080",
            "c.example:443",
            "[::1]",
            "127.0.0.1",
        ]);
        for host in [
            "api.example",
            "API.example",
            "api.example.",
            "api.example:1",
            "api.example.:443",
            "api.example:",
            "b.example:8080",
            "c.example",
            "c.example:443",
            "[::1]",
            "[::1]:3000",
            "127.0.0.1:65535",
        ] {
            assert!(hosts.contains(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            ".",
            ":",
            "api.example..",
            "xapi.example",
            "api.example.evil.test",
            "api.example:65536",
            "api.example:+1",
            "api.example:80:80",
            "api.example/",
            "user@api.example",
            " api.example",
            "api.example, api.example",
            "b.example",
            "b.example:80",
            "c.example:444",
            "::1",
            "[::1",
            "[::2]",
            "127.0.0.2",
            "127.1",
        ] {
            assert!(!hosts.contains(host.as_bytes()), "{host}");
        }
        assert!(!hosts.contains(&[b'a'].repeat(100_000)));
    }

    #[test]
    fn a_host_can_have_several_ports() {
        let hosts = list(&["a.example:2", "a.example:1", "a.example:1", "b.example"]);
        assert_eq!(hosts.hosts.len(), 3);
        for (host, is_served) in [
            ("a.example:1", true),
            ("a.example:2", true),
            ("a.example:3", false),
            ("a.example", false),
            ("b.example:3", true),
        ] {
            assert_eq!(hosts.contains(host.as_bytes()), is_served, "{host}");
        }
    }

    #[test]
    fn an_entry_that_is_not_a_host_suggests_the_host() {
        for (text, meant) in [
            ("https://api.example", Some("api.example")),
            ("http://api.example:8080/path", Some("api.example:8080")),
            ("api.example/", Some("api.example")),
            ("::1", Some("[::1]")),
            ("http://[::1]:3000/path", Some("[::1]:3000")),
            ("https://[2001:db8::1]/", Some("[2001:db8::1]")),
            ("https://user@api.example", None),
            ("*", None),
            ("*.example.com", None),
            ("", None),
            ("a b", None),
            ("api.example:http", None),
            ("127.1", None),
            ("bücher.example", None),
        ] {
            assert_eq!(
                AllowedHost::parse(text),
                Err(meant.map(Into::into)),
                "{text}"
            );
        }
    }
}
