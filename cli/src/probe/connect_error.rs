//! Why there is no connection.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

use super::deadline::Limit;

/// The reason why there is no connection.
#[derive(Debug)]
pub(super) enum ConnectError {
    /// The host has no address.
    Unknown {
        host: String,
        port: u16,
        reason: String,
    },
    /// These addresses do not accept a connection, for the same reason.
    Refused {
        addresses: Vec<SocketAddr>,
        error: io::Error,
    },
    /// No address has accepted a connection in time.
    TimedOut { address: SocketAddr, limit: Limit },
}

impl ConnectError {
    /// Returns the error of a host from those of its addresses, in the order in which they are tried. Returns `None` for no errors.
    pub(super) fn of_host(errors: Vec<Self>) -> Option<Self> {
        // A machine without IPv6, for example, has no way to `[::1]`, and the error of 127.0.0.1 says more.
        let (unreachable, others): (Vec<_>, Vec<_>) =
            errors.into_iter().partition(Self::is_unreachable);
        let errors = if others.is_empty() {
            unreachable
        } else {
            others
        };
        let mut errors = errors.into_iter();
        let mut first = errors.next()?;
        if let Self::Refused { addresses, error } = &mut first
            && error.kind() == io::ErrorKind::ConnectionRefused
        {
            addresses.extend(errors.flat_map(Self::refusing));
        }
        Some(first)
    }

    /// Returns true if the machine has no way to the address.
    fn is_unreachable(&self) -> bool {
        let Self::Refused { error, .. } = self else {
            return false;
        };
        matches!(
            error.kind(),
            io::ErrorKind::AddrNotAvailable
                | io::ErrorKind::HostUnreachable
                | io::ErrorKind::NetworkUnreachable
                | io::ErrorKind::Unsupported
        )
    }

    /// Returns the addresses at which nothing listens.
    fn refusing(self) -> Vec<SocketAddr> {
        match self {
            Self::Refused { addresses, error }
                if error.kind() == io::ErrorKind::ConnectionRefused =>
            {
                addresses
            }
            _ => Vec::new(),
        }
    }
}

/// Returns addresses as they are named in a sentence.
fn listed(addresses: &[SocketAddr]) -> String {
    let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    addresses.join(" and ")
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { host, port, reason } => write!(
                f,
                "the address of `{host}` is not known ({reason}): check the name, or give the address with `--resolve {host}:{port}:127.0.0.1`"
            ),
            Self::Refused { addresses, error }
                if error.kind() == io::ErrorKind::ConnectionRefused =>
            {
                write!(
                    f,
                    "nothing listens at {}: start the server, or check the port",
                    listed(addresses)
                )
            }
            Self::Refused { addresses, error } => {
                write!(f, "no connection to {}: {error}", listed(addresses))
            }
            Self::TimedOut { address, limit } => write!(
                f,
                "no connection to {address} {limit}: a firewall may drop the packets"
            ),
        }
    }
}

impl Error for ConnectError {}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind::{
        AddrNotAvailable, ConnectionRefused, NetworkUnreachable, PermissionDenied,
    };
    use std::time::Duration;

    use super::*;

    fn failed(address: &str, kind: io::ErrorKind) -> ConnectError {
        ConnectError::Refused {
            addresses: vec![address.parse().unwrap()],
            error: kind.into(),
        }
    }

    fn silent(address: &str) -> ConnectError {
        ConnectError::TimedOut {
            address: address.parse().unwrap(),
            limit: Limit::Connect(Duration::from_secs(5)),
        }
    }

    #[test]
    fn every_address_at_which_nothing_listens_is_named() {
        let (six, four) = ("[::1]:3000", "127.0.0.1:3000");
        for (errors, expected) in [
            (
                vec![
                    failed(six, ConnectionRefused),
                    failed(four, ConnectionRefused),
                ],
                "nothing listens at [::1]:3000 and 127.0.0.1:3000: start the server",
            ),
            (
                vec![
                    failed(six, AddrNotAvailable),
                    failed(four, ConnectionRefused),
                ],
                "nothing listens at 127.0.0.1:3000: start the server",
            ),
            (
                vec![
                    failed(six, ConnectionRefused),
                    failed(four, PermissionDenied),
                ],
                "nothing listens at [::1]:3000: start the server",
            ),
            (
                vec![failed(six, NetworkUnreachable), silent(four)],
                "no connection to 127.0.0.1:3000 within 5s",
            ),
            (
                vec![silent(six), failed(four, ConnectionRefused)],
                "no connection to [::1]:3000 within 5s",
            ),
            (
                vec![
                    failed(six, AddrNotAvailable),
                    failed(four, NetworkUnreachable),
                ],
                "no connection to [::1]:3000: ",
            ),
        ] {
            let text = ConnectError::of_host(errors).unwrap().to_string();
            assert!(text.starts_with(expected), "{text}");
        }
        assert!(ConnectError::of_host(Vec::new()).is_none());
    }
}
