//! Regular expressions for origins.

mod automaton;
mod expressions;
mod known_sites;
mod no_origin;

pub(crate) use expressions::{OriginRegex, OriginRegexes};
pub(crate) use known_sites::Sites;
