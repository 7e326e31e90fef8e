//! The hosts of generated cases: all resolve to the loopback address without any setup.

use std::net::{Ipv6Addr, TcpListener};

use crate::Engine;

/// Hosts as a user or a page may write them. Those with upper-case letters, the short addresses and `bücher` have another canonical
/// form, which the browser sends.
pub(super) const HOSTS: [&str; 22] = [
    "localhost",
    "127.0.0.1",
    "app.localhost",
    "a.b.localhost",
    "pr-7.localhost",
    "tenant.localhost",
    "late.localhost",
    "localhost.",
    "app.localhost.",
    "a_b.localhost",
    "_a.localhost",
    "-a.localhost",
    "a-.localhost",
    "bücher.localhost",
    "xn--bcher-kva.localhost",
    "LOCALHOST",
    "App.Localhost",
    "127.1",
    "0x7f.1",
    "[::1]",
    "[0:0::1]",
    "[::ffff:127.0.0.1]",
];

/// The hosts that an engine does not open, and the reason.
const CANNOT_OPEN: [(Engine, &str, &str); 0] = [];

/// Returns the reason why an engine cannot open a host, or this machine cannot serve it.
#[must_use]
pub fn cannot_open(engine: Engine, host: &str) -> Option<&'static str> {
    if host.starts_with('[') && !host.contains('.') && !has_ipv6() {
        return Some("this machine has no IPv6 loopback address");
    }
    let mut rows = CANNOT_OPEN.iter();
    rows.find(|row| row.0 == engine && row.1 == host)
        .map(|row| row.2)
}

/// Returns true if this machine has the address `::1`.
#[must_use]
pub fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}
