//! A number that is the same in each run, so that a run can be repeated, in place of `adapters/tokio/src/random.rs`.

pub(crate) fn number() -> u64 {
    0
}
