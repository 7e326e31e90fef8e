//! Regular expressions for origins.

mod automaton;
mod expressions;
mod literal_hosts;

pub(crate) use expressions::{OriginRegex, OriginRegexes};
