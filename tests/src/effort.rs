//! The amount of generated work: the same in each run, unless environment variables change it.

use std::env;
use std::fmt::Debug;
use std::str::FromStr;

/// Returns `OMNICORS_EFFORT`: a factor for the number of generated cases. The default is 1.
#[must_use]
pub fn times() -> u32 {
    variable("OMNICORS_EFFORT", 1)
}

/// Returns `OMNICORS_SEED`: the seed of the generators. The default is constant.
#[must_use]
pub fn seed() -> u64 {
    variable("OMNICORS_SEED", 0x004F_6D6E_6963_6F72)
}

/// A small pseudo-random number generator (`SplitMix64`), so that a run can be repeated from its seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Creates the generator that starts from [`seed`].
    #[must_use]
    pub fn from_environment() -> Self {
        Self(seed())
    }

    /// Creates the generator with a number, which starts from [`seed`] and this number.
    #[must_use]
    pub fn numbered(number: usize) -> Self {
        let mut start = Self(seed());
        let number = u64::try_from(number).unwrap_or_default();
        Self(start.bits() ^ number.wrapping_mul(0x2545_F491_4F6C_DD1D))
    }

    /// Returns the next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Returns a number below `end`, which must not be 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from(self.bits() % end).unwrap_or_default()
    }

    /// Returns true once in `n` times on average.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Returns one of these items.
    pub fn choose<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

fn variable<T: FromStr<Err: Debug>>(name: &str, default: T) -> T {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|error| panic!("{name}={text} is not a number: {error:?}")),
        Err(_) => default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differ_and_stay_below_their_end() {
        let mut random = Random(1);
        let drawn: Vec<usize> = (0..1000).map(|_| random.below(10)).collect();
        assert!((0..10).all(|number| drawn.contains(&number)));
        assert!(drawn.iter().all(|number| *number < 10));
        assert_ne!(random.bits(), random.bits());
    }
}
