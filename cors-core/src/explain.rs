//! The same decision, step by step, for a person who wants to know why a browser says no.

mod explanation;
mod near_miss;
mod shown;
mod step;
mod steps;
mod suggestion;

pub use explanation::Explanation;
pub use step::{Outcome, Step};
