//! Origins, origin patterns, and the set that finds the pattern that allows an origin.

mod canonical;
mod error;
mod exact;
mod hash;
mod host;
mod host_index;
mod ip;
mod mistake;
mod near;
mod page_origin;
mod parse;
mod pattern;
mod public_suffix;
mod punycode;
#[cfg(feature = "regex")]
mod regex;
mod set;
mod table;
mod tag_table;
mod trustworthy;
mod wildcard;
mod wildcard_pattern;

pub use error::{OriginError, OriginPatternError};
pub use parse::Origin;
pub use pattern::OriginPattern;
pub use set::OriginSet;

#[cfg(feature = "regex")]
pub(crate) use self::regex::{OriginRegex, OriginRegexes, Sites};
pub(crate) use canonical::canonical_pattern;
pub(crate) use public_suffix::{has_public_suffixes_below, public_suffix};
pub(crate) use set::{OriginSetBuilder, OriginSetError};
