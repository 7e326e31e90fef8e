//! The same decision, step by step, for a person who wants to know why a browser says no.

mod addition;
mod applications;
mod explanation;
mod near_miss;
mod nearest;
mod shown;
mod step;
mod steps;
mod suggestion;
#[cfg(test)]
mod tests;

pub use explanation::Explanation;
#[cfg(all(test, feature = "serde", feature = "regex", feature = "public-suffix"))]
pub(crate) use near_miss::{Kind as NearMissKind, NearMiss};
pub use step::{Outcome, Step};
#[cfg(all(test, feature = "serde", feature = "regex", feature = "public-suffix"))]
pub(crate) use suggestion::Suggestion;
