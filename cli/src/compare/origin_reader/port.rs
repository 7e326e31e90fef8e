//! Reads a port: a number from 1 to 65,535 without leading zeros, which is not the default port of the scheme.

use std::cmp::Ordering;

use super::kinds::Web;

const HIGHEST: &[u8] = b"65535";

/// The state after some digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Port {
    digits: u8,
    /// Compares the digits with as many digits of the highest port.
    order: Ordering,
    /// The default port, if the digits so far are its first ones.
    default: Option<&'static [u8]>,
}

impl Port {
    pub(crate) const START: Self = Self {
        digits: 0,
        order: Ordering::Equal,
        default: None,
    };

    /// Returns the port of an origin with this scheme.
    pub(crate) fn of(self, web: Web) -> Self {
        let default: &[u8] = match web {
            Web::Http => b"80",
            Web::Https => b"443",
        };
        Self {
            default: Some(default),
            ..self
        }
    }

    pub(crate) fn next(self, byte: u8) -> Option<Self> {
        let digit = usize::from(self.digits);
        let highest = HIGHEST.get(digit)?;
        let is_valid = byte.is_ascii_digit() && (byte != b'0' || digit > 0);
        is_valid.then(|| Self {
            digits: self.digits + 1,
            order: self.order.then(byte.cmp(highest)),
            default: self
                .default
                .filter(|default| default.get(digit) == Some(&byte)),
        })
    }

    pub(crate) fn is_valid(self) -> bool {
        let digits = usize::from(self.digits);
        let is_default = self.default.is_some_and(|default| default.len() == digits);
        let is_too_high = digits == HIGHEST.len() && self.order == Ordering::Greater;
        digits > 0 && !is_too_high && !is_default
    }
}
