//! The addresses of hosts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use http::Uri;
use tokio::time::timeout_at;
use url::Url;

use crate::failure::Failure;

use super::address_space::AddressSpace;
use super::connect_error::ConnectError;
use super::deadline::Deadline;

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: u16,
}

impl Place {
    /// `host` may have the brackets of an IPv6 address.
    fn new(host: &str, port: u16) -> Self {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Self {
            host: host.to_ascii_lowercase(),
            port,
        }
    }

    pub(super) fn of_url(url: &Url) -> Self {
        let port = url.port_or_known_default().unwrap_or(80);
        Self::new(url.host_str().unwrap_or_default(), port)
    }

    pub(super) fn of_uri(uri: &Uri) -> Self {
        let is_https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        Self::new(uri.host().unwrap_or_default(), port)
    }
}

/// The addresses of hosts: those of `--resolve`, then those of the system.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    /// From `--resolve`. The host `*` is every host.
    given: Vec<(Place, SocketAddr)>,
    /// Hosts that have been looked up. They keep their addresses, so that a decision about them stays true.
    known: Mutex<Vec<(String, Vec<IpAddr>)>>,
}

impl Addresses {
    /// Reads the values of `--resolve`: `HOST:PORT:ADDRESS` or `HOST:PORT:ADDRESS:PORT`.
    pub(super) fn new(given: &[String]) -> Result<Self, Failure> {
        let read = |text: &String| {
            let mut parts = text.splitn(3, ':');
            let (host, port, address) = (parts.next()?, parts.next()?, parts.next()?);
            (!host.is_empty()).then_some(())?;
            let port = port.parse().ok()?;
            let bare = address.trim_start_matches('[').trim_end_matches(']');
            let address = match bare.parse() {
                Ok(address) => SocketAddr::new(address, port),
                Err(_) => address.parse().ok()?,
            };
            Some((Place::new(host, port), address))
        };
        let given = given.iter().map(|text| {
            read(text).ok_or_else(|| {
                Failure::because(format_args!(
                    "`--resolve {text}` is not valid: write HOST:PORT:ADDRESS, as in `api.example:443:127.0.0.1`"
                ))
            })
        });
        Ok(Self {
            given: given.collect::<Result<_, _>>()?,
            known: Mutex::default(),
        })
    }

    /// Returns from where a host can be reached: the widest space of any address.
    pub(super) async fn space(
        &self,
        place: &Place,
        deadline: Deadline,
    ) -> Result<AddressSpace, ConnectError> {
        let addresses = self.of(place, deadline).await?;
        let spaces = addresses
            .iter()
            .map(|address| AddressSpace::of(address.ip()));
        Ok(spaces.max().unwrap_or(AddressSpace::Public))
    }

    /// Gives another name the addresses of a host.
    pub(super) async fn add_alias(
        &mut self,
        alias: &str,
        place: &Place,
        deadline: Deadline,
    ) -> Result<(), ConnectError> {
        let addresses = self.of(place, deadline).await?;
        let alias = Place::new(alias, place.port);
        let shared = addresses.into_iter();
        self.given
            .extend(shared.map(|address| (alias.clone(), address)));
        Ok(())
    }

    /// Returns the addresses of a host, which do not change until the command ends.
    pub(super) async fn of(
        &self,
        place: &Place,
        deadline: Deadline,
    ) -> Result<Vec<SocketAddr>, ConnectError> {
        let Place { host, port } = place;
        let given = self
            .given
            .iter()
            .filter(|(given, _)| (given.host == *host || given.host == "*") && given.port == *port);
        let given: Vec<_> = given.map(|&(_, address)| address).collect();
        if !given.is_empty() {
            return Ok(given);
        }
        let all = |addresses: &[IpAddr]| {
            addresses
                .iter()
                .map(|&address| SocketAddr::new(address, *port))
                .collect()
        };
        if let Some(addresses) = self.known(host) {
            return Ok(all(&addresses));
        }
        if let Ok(address) = host.parse() {
            return Ok(all(&[address]));
        }
        // As in browsers, `*.localhost` needs no name server: https://www.rfc-editor.org/rfc/rfc6761#section-6.3
        // Chromium tries `[::1]` first (`ResolveLocalHostname`).
        let name = host.trim_end_matches('.');
        if name == "localhost" || name.ends_with(".localhost") {
            return Ok(all(&[
                Ipv6Addr::LOCALHOST.into(),
                Ipv4Addr::LOCALHOST.into(),
            ]));
        }
        let unknown = |reason: String| ConnectError::Unknown {
            host: host.clone(),
            port: *port,
            reason,
        };
        let lookup = tokio::net::lookup_host((host.as_str(), *port));
        let found: Vec<_> = match timeout_at(deadline.at, lookup).await {
            Ok(Ok(addresses)) => addresses.map(|address| address.ip()).collect(),
            Ok(Err(error)) => return Err(unknown(error.to_string())),
            Err(_) => return Err(unknown(format!("no result {}", deadline.limit))),
        };
        if found.is_empty() {
            return Err(unknown("the name has no address".to_owned()));
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.push((host.clone(), found.clone()));
        Ok(all(&found))
    }

    fn known(&self, host: &str) -> Option<Vec<IpAddr>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(name, _)| name == host);
        found.map(|(_, addresses)| addresses.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::probe::deadline::Limit;

    fn soon() -> Deadline {
        Deadline::of(Limit::Connect(Duration::from_secs(1)))
    }

    fn place(url: &str) -> Place {
        Place::of_url(&Url::parse(url).unwrap())
    }

    fn addresses(given: &[&str]) -> Result<Addresses, Failure> {
        let given: Vec<_> = given.iter().map(ToString::to_string).collect();
        Addresses::new(&given)
    }

    #[tokio::test]
    async fn an_address_that_is_given_comes_first_and_is_for_its_port_only() {
        let given = addresses(&[
            "API.example:443:192.0.2.1",
            "api.example:443:[::1]",
            "*:444:127.0.0.1:8444",
            "localhost:1:[::1]:2",
        ]);
        let given = given.unwrap();
        for (host, port, expected) in [
            ("api.example", 443, &["192.0.2.1:443", "[::1]:443"][..]),
            ("other.example", 444, &["127.0.0.1:8444"]),
            ("localhost", 1, &["[::1]:2"]),
            ("localhost", 3, &["[::1]:3", "127.0.0.1:3"]),
            ("a.localhost.", 3, &["[::1]:3", "127.0.0.1:3"]),
            ("192.0.2.7", 80, &["192.0.2.7:80"]),
        ] {
            let found = given.of(&Place::new(host, port), soon()).await.unwrap();
            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{host}");
        }
    }

    #[tokio::test]
    async fn the_space_is_decided_by_the_addresses() {
        use AddressSpace::{Local, Loopback, Public};

        for (url, given, expected) in [
            ("http://127.8.9.1/", &[][..], Loopback),
            ("http://[::ffff:127.0.0.1]/", &[], Loopback),
            ("http://api.localhost:3000/", &[], Loopback),
            ("http://192.168.2.1/", &[], Local),
            ("http://192.0.2.1/", &[], Public),
            (
                "https://api.example/",
                &["api.example:443:127.0.0.1"],
                Loopback,
            ),
            (
                "https://api.example/",
                &["api.example:443:10.0.0.1", "api.example:443:127.0.0.1"],
                Local,
            ),
            (
                "https://api.example/",
                &["api.example:443:127.0.0.1", "api.example:443:192.0.2.1"],
                Public,
            ),
        ] {
            let addresses = addresses(given).unwrap();
            let space = addresses.space(&place(url), soon()).await.unwrap();
            assert_eq!(space, expected, "{url}");
        }
    }

    #[tokio::test]
    async fn an_alias_has_the_addresses_of_the_host() {
        let mut addresses = addresses(&["api.example:80:127.0.0.1:8080"]).unwrap();
        let api = place("http://api.example/");
        let added = addresses.add_alias("alias.example", &api, soon()).await;
        added.unwrap();
        let alias = place("http://alias.example/");
        let found = addresses.of(&alias, soon()).await.unwrap();
        assert_eq!(found, ["127.0.0.1:8080".parse().unwrap()]);
    }

    #[test]
    fn a_url_and_a_uri_have_the_same_place() {
        for (url, host, port) in [
            ("https://API.example/x", "api.example", 443),
            ("http://api.example/", "api.example", 80),
            ("http://[::1]:3000/", "::1", 3000),
            ("https://127.0.0.1:8443/", "127.0.0.1", 8443),
        ] {
            let expected = Place::new(host, port);
            assert_eq!(place(url), expected, "{url}");
            assert_eq!(Place::of_uri(&url.parse().unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn a_wrong_address_gets_a_message() {
        for text in [
            "api.example",
            "api.example:443",
            ":443:127.0.0.1",
            "api.example:x:127.0.0.1",
            "api.example:443:localhost",
        ] {
            let message = addresses(&[text]).unwrap_err().to_string();
            assert!(message.contains("write HOST:PORT:ADDRESS"), "{message}");
        }
    }
}
