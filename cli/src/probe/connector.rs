//! Connections: where a host is, and how long connecting may take.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;
use url::Url;

use crate::failure::Failure;

use super::address_space::AddressSpace;

/// The addresses of hosts: those of `--resolve`, then those of the system.
#[derive(Clone, Debug, Default)]
pub(super) struct Addresses {
    /// A host, a port, and an address, from `--resolve`. The host `*` is every host.
    given: Vec<(String, u16, SocketAddr)>,
    /// Hosts that have been looked up. They keep their addresses, so that a decision about them stays true.
    known: Vec<(String, Vec<IpAddr>)>,
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
            Some((host.to_ascii_lowercase(), port, address))
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
            known: Vec::new(),
        })
    }

    /// Looks the host of a URL up and keeps its addresses, also for `alias`. Returns from where they can be reached: the widest space of
    /// any address.
    pub(super) async fn look_up(
        &mut self,
        url: &Url,
        limit: Duration,
        alias: Option<&str>,
    ) -> Result<AddressSpace, ConnectError> {
        let host = host(url.host_str().unwrap_or_default());
        let port = url.port_or_known_default().unwrap_or(80);
        let addresses = self.of(&host, port, limit).await?;
        if let Some(alias) = alias {
            let shared = addresses.iter();
            self.given
                .extend(shared.map(|&address| (alias.to_owned(), port, address)));
        }
        let spaces = addresses
            .iter()
            .map(|address| AddressSpace::of(address.ip()));
        let space = spaces.max().unwrap_or(AddressSpace::Public);
        let addresses = addresses.iter().map(SocketAddr::ip).collect();
        self.known.push((host, addresses));
        Ok(space)
    }

    async fn of(
        &self,
        host: &str,
        port: u16,
        limit: Duration,
    ) -> Result<Vec<SocketAddr>, ConnectError> {
        let given = self
            .given
            .iter()
            .filter(|(name, at, _)| (name == host || name == "*") && *at == port);
        let given: Vec<_> = given.map(|&(_, _, address)| address).collect();
        if !given.is_empty() {
            return Ok(given);
        }
        let all = |addresses: &[IpAddr]| {
            addresses
                .iter()
                .map(|&address| SocketAddr::new(address, port))
                .collect()
        };
        if let Some((_, addresses)) = self.known.iter().find(|(name, _)| name == host) {
            return Ok(all(addresses));
        }
        if let Ok(address) = host.parse() {
            return Ok(all(&[address]));
        }
        // As in browsers, `*.localhost` needs no name server: https://www.rfc-editor.org/rfc/rfc6761#section-6.3
        let name = host.trim_end_matches('.');
        if name == "localhost" || name.ends_with(".localhost") {
            return Ok(all(&[
                Ipv4Addr::LOCALHOST.into(),
                Ipv6Addr::LOCALHOST.into(),
            ]));
        }
        let unknown = |reason: String| ConnectError::Unknown {
            host: host.to_owned(),
            port,
            reason,
        };
        match timeout(limit, tokio::net::lookup_host((host, port))).await {
            Ok(Ok(addresses)) => {
                let addresses: Vec<_> = addresses.collect();
                if addresses.is_empty() {
                    return Err(unknown("the name has no address".to_owned()));
                }
                Ok(addresses)
            }
            Ok(Err(error)) => Err(unknown(error.to_string())),
            Err(_) => Err(unknown(format!("no result within {limit:?}"))),
        }
    }
}

/// Returns a host in lower case and without the brackets of an IPv6 address.
fn host(text: &str) -> String {
    text.trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase()
}

/// The reason why there is no connection.
#[derive(Debug)]
pub(super) enum ConnectError {
    /// The host has no address.
    Unknown {
        host: String,
        port: u16,
        reason: String,
    },
    /// No address accepts a connection.
    Refused {
        address: SocketAddr,
        error: io::Error,
    },
    /// No address has accepted a connection in time.
    TimedOut {
        address: SocketAddr,
        limit: Duration,
    },
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { host, port, reason } => write!(
                f,
                "the address of `{host}` is not known ({reason}): check the name, or give the address with `--resolve {host}:{port}:127.0.0.1`"
            ),
            Self::Refused { address, error }
                if error.kind() == io::ErrorKind::ConnectionRefused =>
            {
                write!(
                    f,
                    "nothing listens at {address}: start the server, or check the port"
                )
            }
            Self::Refused { address, error } => write!(f, "no connection to {address}: {error}"),
            Self::TimedOut { address, limit } => write!(
                f,
                "no connection to {address} within {limit:?} (`--connect-timeout`): a firewall may drop the packets"
            ),
        }
    }
}

impl Error for ConnectError {}

/// Connects over TCP.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    pub(super) addresses: Arc<Addresses>,
    pub(super) limit: Duration,
}

impl Connector {
    async fn connect(self, uri: Uri) -> Result<TokioIo<TcpStream>, ConnectError> {
        let is_https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let host = host(uri.host().unwrap_or_default());
        let addresses = self.addresses.of(&host, port, self.limit).await?;
        let mut failure = None;
        for address in addresses {
            match timeout(self.limit, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Requests are written in one piece: without this, a small delay at most.
                    let _ = stream.set_nodelay(true);
                    return Ok(TokioIo::new(stream));
                }
                // The first address is the preferred one, so its error is the one to report.
                Ok(Err(error)) => {
                    failure.get_or_insert(ConnectError::Refused { address, error });
                }
                Err(_) => {
                    failure.get_or_insert(ConnectError::TimedOut {
                        address,
                        limit: self.limit,
                    });
                }
            }
        }
        Err(failure.unwrap_or(ConnectError::Unknown {
            host,
            port,
            reason: "it has no address".to_owned(),
        }))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let limit = Duration::from_secs(1);
        for (host, port, expected) in [
            ("api.example", 443, &["192.0.2.1:443", "[::1]:443"][..]),
            ("other.example", 444, &["127.0.0.1:8444"]),
            ("localhost", 1, &["[::1]:2"]),
            ("localhost", 3, &["127.0.0.1:3", "[::1]:3"]),
            ("a.localhost.", 3, &["127.0.0.1:3", "[::1]:3"]),
            ("192.0.2.7", 80, &["192.0.2.7:80"]),
        ] {
            let found = given.of(host, port, limit).await.unwrap();
            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{host}");
        }
    }

    #[tokio::test]
    async fn the_space_is_decided_by_the_addresses() {
        use AddressSpace::{Local, Loopback, Public};

        let limit = Duration::from_secs(1);
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
            let mut addresses = addresses(given).unwrap();
            let url = Url::parse(url).unwrap();
            assert_eq!(
                addresses.look_up(&url, limit, None).await.unwrap(),
                expected,
                "{url}"
            );
        }
    }

    #[tokio::test]
    async fn an_alias_has_the_addresses_of_the_host() {
        let mut addresses = addresses(&["api.example:80:127.0.0.1:8080"]).unwrap();
        let limit = Duration::from_secs(1);
        let url = Url::parse("http://api.example/").unwrap();
        let looked_up = addresses.look_up(&url, limit, Some("alias.example")).await;
        looked_up.unwrap();
        let found = addresses.of("alias.example", 80, limit).await.unwrap();
        assert_eq!(found, ["127.0.0.1:8080".parse().unwrap()]);
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
