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
    /// No address accepts a connection.
    Refused {
        address: SocketAddr,
        error: io::Error,
    },
    /// No address has accepted a connection in time.
    TimedOut { address: SocketAddr, limit: Limit },
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
                "no connection to {address} {limit}: a firewall may drop the packets"
            ),
        }
    }
}

impl Error for ConnectError {}
