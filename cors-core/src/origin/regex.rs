//! Regular expressions for origins.

mod automaton;
mod expressions;
mod known_sites;

pub(crate) use expressions::{OriginRegex, OriginRegexes};
