use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use omnicors_core::Policy;
use omnicors_core::adapter::matches_port;

use crate::choice_request::{ChoiceRequest, RequestView};
use crate::entry::{Lookups, PolicyEntry, denying, lookups, report};
use crate::host::Host;
use crate::prepared::PreparedPolicy;

/// Policies for hosts, for the `per_host` function of an adapter.
///
/// Hosts are compared without ASCII case and without a dot at the end. An entry without a port applies to every port; an entry
/// with a port goes before it. Clients do not send the default port of a scheme, so an entry with the port 80 or 443 also applies to requests
/// that name no port. Requests for other hosts are denied, and so are requests without a host or with several that differ: a preflight gets
/// 403, and other requests are forwarded and get only `Vary: Origin`.
///
/// ```
/// use std::sync::Arc;
///
/// use omnicors_adapter::{ChoiceRequest, HostPolicies, NoPreparedValues, PolicyConfig, PreparedPolicy, RequestView};
///
/// type Prepared = PreparedPolicy<NoPreparedValues>;
///
/// let api = PolicyConfig::new().allow_origins(["https://app.example.com"]).build()?;
/// let cdn = PolicyConfig::public_read_only().build()?;
/// let hosts = HostPolicies::<NoPreparedValues>::new([("api.example.com", api), ("cdn.example.com", cdn)]);
///
/// /// The function of a policy source.
/// fn choose<V: RequestView>(
///     hosts: &HostPolicies<NoPreparedValues>,
///     request: &ChoiceRequest<'_, V>,
/// ) -> Option<Arc<Prepared>> {
///     hosts.choose(request)
/// }
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
pub struct HostPolicies<P> {
    /// By the host in lower case.
    entries: HashMap<String, OfHost<P>>,
    unmatched: Arc<PreparedPolicy<P>>,
}

/// The entries of one host.
struct OfHost<P> {
    any_port: Option<PolicyEntry<P>>,
    by_port: Vec<(u16, PolicyEntry<P>)>,
}

impl<P: for<'a> From<&'a Policy>> HostPolicies<P> {
    /// Creates this from hosts and what applies to them: policies, policy handles, or [`PolicyEntry`] values.
    /// See the example of [`HostPolicies`].
    ///
    /// # Panics
    ///
    /// Panics with a list of all faults if there is no entry, or if a host has a scheme, a path or a wildcard, is not valid, or is
    /// there twice, also once with the port 80 and once with 443.
    #[track_caller]
    pub fn new<N: AsRef<str>, E: Into<PolicyEntry<P>>>(
        entries: impl IntoIterator<Item = (N, E)>,
    ) -> Self {
        let mut faults = Vec::new();
        let mut by_host: HashMap<String, OfHost<P>> = HashMap::new();
        for (text, entry) in entries {
            let text = text.as_ref();
            let host = match parse(text) {
                Ok(host) => host,
                Err(fault) => {
                    faults.push(fault);
                    continue;
                }
            };
            let of_host = by_host.entry(host.name.to_ascii_lowercase());
            let of_host = of_host.or_insert_with(|| OfHost {
                any_port: None,
                by_port: Vec::new(),
            });
            if let Some(fault) = of_host.fault_to_add(text, host) {
                faults.push(fault);
                continue;
            }
            match host.port {
                Some(port) => of_host.by_port.push((port, entry.into())),
                None => of_host.any_port = Some(entry.into()),
            }
        }
        if by_host.is_empty() && faults.is_empty() {
            faults.push("there are none: write `[(\"api.example.com\", policy)]`".to_owned());
        }
        report("per_host", &faults);
        Self {
            entries: by_host,
            unmatched: denying("no entry of `per_host` has this host: add one"),
        }
    }
}

impl<P> HostPolicies<P> {
    /// Returns the policy for a request, or `None` if its host is left alone. See the example of [`HostPolicies`].
    pub fn choose<V: RequestView>(
        &self,
        request: &ChoiceRequest<'_, V>,
    ) -> Option<Arc<PreparedPolicy<P>>> {
        let of_host = request.host().and_then(|host| self.entries.get(host));
        let port = request.host_and_port().and_then(|host| host.port);
        match of_host.and_then(|of_host| of_host.entry(port)) {
            Some(entry) => entry.policy(),
            None => Some(Arc::clone(&self.unmatched)),
        }
    }

    /// Returns whether a policy of the entries needs origin lookups: see the example of [`Lookups`].
    pub fn lookups(&self) -> Lookups {
        lookups(self.entries.values().flat_map(OfHost::all))
    }
}

impl<P> OfHost<P> {
    /// Returns the entry for the port of a request. If no entry has this port, returns the entry without a port.
    fn entry(&self, requested: Option<u16>) -> Option<&PolicyEntry<P>> {
        let mut by_port = self.by_port.iter();
        let with_port = by_port.find(|(port, _)| matches_port(Some(*port), requested));
        with_port.map(|(_, entry)| entry).or(self.any_port.as_ref())
    }

    /// Returns why a request could match another entry than that of this host and port, and what to write instead.
    fn fault_to_add(&self, text: &str, host: Host<'_>) -> Option<String> {
        let has_port = |port| self.by_port.iter().any(|(other, _)| *other == port);
        let is_there = host.port.map_or(self.any_port.is_some(), has_port);
        if is_there {
            return Some(format!(
                "{text:?} is there twice: remove one of the entries"
            ));
        }
        let other = match host.port? {
            80 => 443,
            443 => 80,
            _ => return None,
        };
        let name = host.name;
        has_port(other).then(|| {
            format!(
                "{text:?} and \"{name}:{other}\" cannot be distinguished, because clients do not send a default port: write {name:?}, which \
                 applies to both"
            )
        })
    }

    fn all(&self) -> impl Iterator<Item = &PolicyEntry<P>> {
        let by_port = self.by_port.iter().map(|(_, entry)| entry);
        self.any_port.iter().chain(by_port)
    }
}

/// Parses the host of an entry. Otherwise returns what is wrong, and what to write instead.
fn parse(text: &str) -> Result<Host<'_>, String> {
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return Err(format!("{text:?} has a scheme: write {host:?}"));
    }
    if text.contains('/') {
        let host = text.split('/').next().unwrap_or_default();
        return Err(format!(
            "{text:?} has a path: write {host:?}, and choose paths with `per_path`"
        ));
    }
    if text.contains('*') {
        return Err(format!(
            "{text:?} has a wildcard: list each host, or choose with `per_request`"
        ));
    }
    Host::parse(text.as_bytes()).ok_or_else(|| {
        let hint = if text.is_ascii() {
            "write a host as in \"api.example.com\" or \"localhost:3000\""
        } else {
            "write it as browsers send it, in ASCII (\"xn--…\")"
        };
        format!("{text:?} is not a valid host: {hint}")
    })
}

impl<P: fmt::Debug> fmt::Debug for HostPolicies<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.entries.iter();
        let all = hosts.flat_map(|(host, of_host)| of_host.all().map(move |entry| (host, entry)));
        f.debug_map().entries(all).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;

    use omnicors_core::PolicyConfig;

    use super::*;
    use crate::choice_request::tests::View;
    use crate::prepared::NoPreparedValues;

    #[test]
    fn the_entry_of_the_host_and_port_is_chosen() {
        let policy = |name: &str| {
            PolicyConfig::new()
                .allow_origin("https://a.example")
                .expose_headers([name])
                .build()
                .unwrap()
        };
        let hosts = HostPolicies::<NoPreparedValues>::new([
            ("api.example.com", PolicyEntry::from(policy("x-api"))),
            ("API.example.com:8080", policy("x-api-8080").into()),
            ("cdn.example.com.", policy("x-cdn").into()),
            ("[::1]:3000", policy("x-local").into()),
            ("shop.example.com:443", policy("x-shop").into()),
            ("shop.example.com:8443", policy("x-shop-8443").into()),
            ("old.example.com:080", policy("x-old-80").into()),
            ("old.example.com", policy("x-old").into()),
            ("legacy.example.com", PolicyEntry::left_alone()),
        ]);
        for (host, expected) in [
            ("api.example.com", Some("x-api")),
            ("API.Example.COM", Some("x-api")),
            ("api.example.com.", Some("x-api")),
            ("api.example.com:443", Some("x-api")),
            ("api.example.com:8080", Some("x-api-8080")),
            ("api.example.com.:8080", Some("x-api-8080")),
            ("cdn.example.com", Some("x-cdn")),
            ("[::1]:3000", Some("x-local")),
            ("[::1]", None),
            // Clients do not send a default port.
            ("shop.example.com", Some("x-shop")),
            ("shop.example.com:443", Some("x-shop")),
            ("Shop.example.com.:0443", Some("x-shop")),
            ("shop.example.com:8443", Some("x-shop-8443")),
            ("shop.example.com:80", None),
            ("shop.example.com:65979", None),
            ("old.example.com", Some("x-old-80")),
            ("old.example.com:80", Some("x-old-80")),
            ("old.example.com:443", Some("x-old")),
            ("example.com", None),
            ("evil-api.example.com", None),
            ("api.example.com.evil.example", None),
            ("api.example.com:x", None),
            ("", None),
        ] {
            let view = View {
                fields: vec![("host", host.as_bytes())],
                ..View::default()
            };
            let chosen = hosts.choose(&ChoiceRequest::new(&view)).unwrap();
            let names: Vec<_> = chosen.policy().expose_headers().collect();
            assert_eq!(names, Vec::from_iter(expected), "{host}");
        }
        let alone = View {
            authority: Some("legacy.example.com:80"),
            ..View::default()
        };
        assert!(hosts.choose(&ChoiceRequest::new(&alone)).is_none());
        let contradictory = View {
            authority: Some("api.example.com"),
            fields: vec![("host", b"legacy.example.com")],
            ..View::default()
        };
        let chosen = hosts.choose(&ChoiceRequest::new(&contradictory)).unwrap();
        assert_eq!(chosen.policy().expose_headers().count(), 0);
    }

    #[test]
    fn faults_in_the_entries_are_reported_together() {
        let policy = || PolicyConfig::public_read_only().build().unwrap();
        let message = |hosts: &[&str]| {
            let entries = hosts.iter().map(|host| (*host, policy()));
            let entries: Vec<_> = entries.collect();
            let panic = std::panic::catch_unwind(AssertUnwindSafe(|| {
                HostPolicies::<NoPreparedValues>::new(entries)
            }));
            *panic.unwrap_err().downcast::<String>().unwrap()
        };
        for (host, expected) in [
            (
                "https://a.example/x",
                r#""https://a.example/x" has a scheme: write "a.example""#,
            ),
            ("a.example/x", r#"has a path: write "a.example""#),
            ("*.a.example", "has a wildcard"),
            ("a.example:x", "is not a valid host"),
            ("", "is not a valid host"),
            ("\u{e9}.example", "xn--"),
        ] {
            let message = message(&[host]);
            assert!(message.contains(expected), "{message}");
        }
        let all = message(&[
            "a.example",
            "A.example.",
            "b.example:1",
            "b.example:1",
            "c/",
        ]);
        for expected in ["\"A.example.\" is there twice", "\"b.example:1\"", "\"c/\""] {
            assert!(all.contains(expected), "{all}");
        }
        let ports = message(&[
            "a.example:443",
            "a.example:8080",
            "a.example",
            "A.example:80",
        ]);
        assert!(
            ports.contains("\"A.example:80\" and \"A.example:443\" cannot be distinguished")
                && ports.contains("write \"A.example\""),
            "{ports}"
        );
        assert!(message(&[]).contains("there are none"));
    }
}
