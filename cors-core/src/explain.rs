//! Explains a decision step by step, to show why a browser blocks a request.

mod addition;
mod applications;
mod explanation;
mod near_miss;
mod nearest;
mod printable;
mod step;
mod steps;
mod suggestion;
mod suggestion_to_run;
#[cfg(test)]
mod tests;

pub use explanation::Explanation;
#[cfg(all(test, feature = "serde", feature = "regex", feature = "public-suffix"))]
pub(crate) use near_miss::{Kind as NearMissKind, NearMiss};
pub use step::{Outcome, Step};
#[cfg(all(test, feature = "serde", feature = "regex", feature = "public-suffix"))]
pub(crate) use suggestion::Suggestion;
