//! Lists the texts of a length that match.

use super::states::{DEAD, Product, alphabet};

/// The states from which a match is exactly a number of bytes away.
#[derive(Default)]
pub(super) struct Reach {
    /// For each number of bytes, whether a match is that far from each state.
    states: Vec<Vec<bool>>,
    /// The number of successors that were known when this was computed.
    known: usize,
}

impl Reach {
    /// Computes the states for all numbers of bytes up to `length`.
    ///
    /// The product has expanded all states whose shortest text is shorter than `length`, and a text of `length` bytes passes through no
    /// others.
    pub(super) fn extend(&mut self, product: &Product<'_>, length: usize) {
        if self.known != product.next.len() {
            self.states.clear();
            self.known = product.next.len();
        }
        while self.states.len() <= length {
            let next = match self.states.last() {
                None => product.is_match.clone(),
                Some(last) => {
                    let mut states = vec![false; product.states.len()];
                    let successors = product.next.chunks(product.classes.len());
                    for (state, successors) in states.iter_mut().zip(successors) {
                        let reaches = |next: &u32| last.get(*next as usize) == Some(&true);
                        *state = successors.iter().any(reaches);
                    }
                    states
                }
            };
            self.states.push(next);
        }
    }

    /// Returns true if no match is as far away as the last number of bytes. Then none is farther away.
    pub(super) fn is_at_end(&self) -> bool {
        let last = self.states.last();
        last.is_some_and(|states| !states.contains(&true))
    }

    /// Returns the first text of this length that matches and is not skipped.
    pub(super) fn find(
        &self,
        product: &Product<'_>,
        length: usize,
        skip: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        let class_of = ClassOf::new(product);
        let mut text = Vec::new();
        // For each byte of the text, the state before it and the bytes that were not tried in its place.
        let mut open = vec![(0_u32, alphabet())];
        if !self.reaches(0, length) {
            return None;
        }
        loop {
            if text.len() == length {
                let found = String::from_utf8(text.clone()).ok()?;
                if !skip(&found) {
                    return Some(found);
                }
                text.pop()?;
                open.pop();
            }
            let (state, bytes) = open.last_mut()?;
            let left = length - text.len() - 1;
            let state = *state;
            let next = bytes.find_map(|byte| {
                let place = state as usize * product.classes.len() + class_of.byte(byte);
                let next = *product.next.get(place)?;
                (next != DEAD && self.reaches(next, left)).then_some((byte, next))
            });
            if let Some((byte, next)) = next {
                text.push(byte);
                open.push((next, alphabet()));
            } else {
                open.pop();
                text.pop()?;
            }
        }
    }

    fn reaches(&self, state: u32, bytes: usize) -> bool {
        let states = self.states.get(bytes);
        states.is_some_and(|states| states.get(state as usize) == Some(&true))
    }
}

/// The class of each byte.
struct ClassOf([usize; 128]);

impl ClassOf {
    fn new(product: &Product<'_>) -> Self {
        let mut of = [0; 128];
        for (class, bytes) in product.classes.iter().enumerate() {
            for byte in bytes {
                if let Some(place) = of.get_mut(usize::from(*byte)) {
                    *place = class;
                }
            }
        }
        Self(of)
    }

    fn byte(&self, byte: u8) -> usize {
        self.0.get(usize::from(byte)).copied().unwrap_or_default()
    }
}
