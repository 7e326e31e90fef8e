//! A small pseudo-random number generator (`SplitMix64`), so that a run can be repeated from its seed.

#[derive(Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Returns a number of at least `begin` and less than `end`.
    pub(super) fn between(&mut self, begin: u64, end: u64) -> u64 {
        begin + self.bits() % (end - begin)
    }

    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.between(0, n) == 0
    }

    pub(super) fn choose<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = self.between(0, items.len() as u64);
        &items[usize::try_from(index).unwrap()]
    }
}
