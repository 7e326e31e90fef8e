use alloc::string::String;

use super::ports::Ports;
use crate::origin::wildcard_pattern::PortPattern;

/// A pattern of a group.
pub(super) struct NearPattern {
    /// The part of the pattern before the group's labels, without the dot between them.
    pub(super) front: String,
    pub(super) port: PortPattern,
}

impl NearPattern {
    /// Returns the pattern with this port or, if there is none, with another port.
    pub(super) fn of(front: String, ports: &Ports, port: Option<u16>) -> Option<Self> {
        let port = ports.nearest(port)?;
        Some(Self { front, port })
    }
}
