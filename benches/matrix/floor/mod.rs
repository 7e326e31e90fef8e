//! The floor: the least that a correct CORS middleware can do, for each framework.
//!
//! A floor looks for `Origin` and compares it with the listed origins. It removes the application's own CORS fields, inserts the
//! fields that the case needs, and merges `Vary`. It responds to preflights itself, with prepared fields, and runs the application
//! for denied actual requests.
//!
//! It has one fixed policy and neither patterns, lookups, a guard, events, nor limits. It shares no code with omnicors. The bench
//! asserts that both give the same responses.

mod http_types;

pub(crate) mod actix_web;
pub(crate) mod poem;
pub(crate) mod rocket;
pub(crate) mod salvo;
pub(crate) mod tower;

use std::collections::HashSet;

use crate::cases::{HEADERS, MAX_AGE, METHODS, Origins};

pub(crate) use http_types::{Decision, Floor};

/// The origins that a floor allows.
#[derive(Debug)]
enum Listed {
    Any,
    One(Vec<u8>),
    Few(Vec<Vec<u8>>),
    Many(HashSet<Vec<u8>>),
}

/// The most origins that are compared one after the other.
const MOST_FEW: usize = 8;

impl Listed {
    /// Returns `None` for patterns, which no floor supports.
    fn new(origins: Origins) -> Option<Self> {
        if origins.has_patterns() {
            return None;
        }
        let mut exact = origins.exact().into_iter().map(String::into_bytes);
        Some(match exact.len() {
            0 => Self::Any,
            1 => Self::One(exact.next()?),
            2..=MOST_FEW => Self::Few(exact.collect()),
            _ => Self::Many(exact.collect()),
        })
    }

    #[inline]
    fn allows(&self, origin: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => one == origin,
            Self::Few(listed) => listed.iter().any(|listed| listed == origin),
            Self::Many(listed) => listed.contains(origin),
        }
    }

    fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    /// Returns the only value of `Access-Control-Allow-Origin`, or `None` if it depends on the request.
    fn only_value(&self) -> Option<&[u8]> {
        match self {
            Self::Any => Some(b"*"),
            Self::One(one) => Some(one),
            Self::Few(_) | Self::Many(_) => None,
        }
    }
}

/// The beginning of the names of all CORS fields.
const PREFIX: &str = "access-control-";

/// The CORS fields that the application may have set.
const OWN_FIELDS: [&str; 7] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-max-age",
    "access-control-allow-private-network",
    "access-control-expose-headers",
];

/// The fields of the response to an allowed preflight, except those that depend on the origins.
fn preflight_fields() -> [(&'static str, String); 3] {
    [
        ("access-control-allow-methods", METHODS.join(", ")),
        ("access-control-allow-headers", HEADERS.join(", ")),
        ("access-control-max-age", MAX_AGE.to_string()),
    ]
}

/// Returns true if a value of `Vary` contains `origin` or `*`.
fn lists_origin(value: &[u8]) -> bool {
    let mut names = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    names.any(|name| name == b"*" || name.eq_ignore_ascii_case(b"origin"))
}
