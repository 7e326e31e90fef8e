//! From where an address can be reached.

use std::net::IpAddr;

/// From where an address can be reached, from the narrowest to the widest.
///
/// The blocks are those of [Local Network Access](https://wicg.github.io/local-network-access/#non-public-ip-address-blocks), with two
/// differences. The unspecified addresses, which it counts as loopback, are local here, because requests to loopback are sent without
/// asking. 198.18.0.0/15, which it counts as loopback too, is public: proxies give these addresses to names of the Internet, and
/// browsers treat them as public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AddressSpace {
    /// From the same machine.
    Loopback,
    /// From the same network.
    Local,
    /// From the Internet.
    Public,
}

impl AddressSpace {
    pub(super) fn of(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let is_local = match address {
            IpAddr::V4(address) => {
                let [first, second, ..] = address.octets();
                let is_shared = first == 100 && (64..128).contains(&second);
                first == 0 || is_shared || address.is_private() || address.is_link_local()
            }
            IpAddr::V6(address) => {
                let [first, ..] = address.segments();
                // fc00::/7 is unique local, fe80::/10 link-local, and fec0::/10 site-local.
                let is_in_network = first & 0xfe00 == 0xfc00 || first & 0xff80 == 0xfe80;
                is_in_network || address.is_unspecified()
            }
        };
        match address {
            _ if address.is_loopback() => Self::Loopback,
            _ if is_local => Self::Local,
            _ => Self::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and the last address of each block, and those beside them.
    #[test]
    fn each_block_has_its_space() {
        use AddressSpace::{Local, Loopback, Public};

        for (address, space) in [
            ("0.0.0.0", Local),
            ("0.255.255.255", Local),
            ("1.0.0.0", Public),
            ("9.255.255.255", Public),
            ("10.0.0.0", Local),
            ("10.255.255.255", Local),
            ("11.0.0.0", Public),
            ("100.63.255.255", Public),
            ("100.64.0.0", Local),
            ("100.127.255.255", Local),
            ("100.128.0.0", Public),
            ("126.255.255.255", Public),
            ("127.0.0.0", Loopback),
            ("127.255.255.255", Loopback),
            ("128.0.0.0", Public),
            ("169.253.255.255", Public),
            ("169.254.0.0", Local),
            ("169.254.255.255", Local),
            ("169.255.0.0", Public),
            ("172.15.255.255", Public),
            ("172.16.0.0", Local),
            ("172.31.255.255", Local),
            ("172.32.0.0", Public),
            ("192.167.255.255", Public),
            ("192.168.0.0", Local),
            ("192.168.255.255", Local),
            ("192.169.0.0", Public),
            ("198.18.0.1", Public),
            ("::", Local),
            ("::1", Loopback),
            ("::2", Public),
            ("2606:4700::1", Public),
            ("fbff:ffff::", Public),
            ("fc00::", Local),
            ("fdff:ffff::", Local),
            ("fe00::", Public),
            ("fe7f:ffff::", Public),
            ("fe80::", Local),
            ("febf:ffff::", Local),
            ("fec0::", Local),
            ("feff:ffff::", Local),
            ("ff00::", Public),
            ("::ffff:127.0.0.1", Loopback),
            ("::ffff:10.0.0.1", Local),
            ("::ffff:8.8.8.8", Public),
        ] {
            let parsed = address.parse().unwrap();
            assert_eq!(AddressSpace::of(parsed), space, "{address}");
        }
    }
}
