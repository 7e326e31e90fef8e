//! Compares two policies exactly: which origins, methods and headers one of them allows and the other does not.
//!
//! <!-- Each file imports only from those after it: `policies`, `confirm`, `guard`, `changes`, `listed`, `product`, `grants`, `entry`,
//! `origin_reader`. -->

mod changes;
mod confirm;
mod entry;
mod grants;
mod guard;
mod listed;
mod origin_reader;
mod policies;
mod product;
#[cfg(test)]
mod tests;

pub(crate) use changes::{
    Access, Comparison, Direction, Grant, GrantChange, GrantsChange, Incomparable, ServerChange,
    SettingChange, Side,
};
pub(crate) use entry::{Form, Gate};
pub(crate) use grants::{Gained, GainedNames, Tier};
pub(crate) use guard::Subject;
pub(crate) use listed::{EntryText, Region};
pub(crate) use policies::compare;
