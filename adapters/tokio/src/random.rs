//! Random numbers for waiting times and the keys of hashes. They are not for secrets.

use std::hash::{BuildHasher as _, RandomState};

/// Returns a random number.
pub(crate) fn number() -> u64 {
    #[cfg(test)]
    if let Some(number) = repeatable::number() {
        return number;
    }
    RandomState::new().hash_one(0)
}

/// Makes the numbers of a test thread repeatable.
#[cfg(test)]
pub(crate) mod repeatable {
    use std::cell::Cell;
    use std::hash::{DefaultHasher, Hasher as _};

    thread_local! {
        static STATE: Cell<Option<u64>> = const { Cell::new(None) };
    }

    /// From now on, the numbers of this thread follow from the seed.
    pub(crate) fn seed(seed: u64) {
        STATE.set(Some(seed));
    }

    pub(super) fn number() -> Option<u64> {
        let state = STATE.get()?;
        STATE.set(Some(state.wrapping_add(1)));
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(state);
        Some(hasher.finish())
    }
}
