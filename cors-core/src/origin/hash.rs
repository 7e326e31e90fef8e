//! The hash function of the tables: a *folded multiply*, as in [wyhash](https://github.com/wangyi-fudan/wyhash). It multiplies two
//! words of 64 bits and combines the two halves of the product with XOR. Each bit of the input changes about half of the bits of
//! the result.
//!
//! The hash function does not resist an attacker who knows the seed, and does not need to. The tables are built once from the
//! policy and do not grow with requests, so a request cannot make them slow. A crafted list of origins cannot either: a table
//! is built with a seed for which its longest run of occupied slots is short (see `table`).

// Multipliers with good avalanche: for all words except the last two, for the last two, and for the length. Each contains bytes
// outside ASCII. Otherwise an origin could contain the multiplier, which makes a factor zero and erases the state.
const INNER: u64 = 0x9E37_79B9_7F4A_7C15;
const LAST: u64 = 0xD1B5_4A32_D192_ED03;
const LENGTH: u64 = 0xAEF1_7502_108E_F2D9;

/// Hashes `bytes`, starting from `state`: a seed, or the hash of the preceding bytes.
#[inline]
pub(super) fn hash(state: u64, bytes: &[u8]) -> u64 {
    let mut state = state ^ (bytes.len() as u64).wrapping_mul(LENGTH);
    let mut rest = bytes;
    let (low, high) = match bytes.last_chunk::<16>() {
        None => few_words(bytes),
        Some(last) => {
            while rest.len() > 16 {
                let Some((chunk, after)) = rest.split_first_chunk() else {
                    break;
                };
                let (low, high) = words(chunk);
                state = fold(low ^ state, high ^ INNER);
                rest = after;
            }
            // The last 16 bytes can overlap those of the loop. The length, which is part of the state, determines the overlap.
            words(last)
        }
    };
    fold(low ^ state, high ^ LAST)
}

fn words(chunk: &[u8; 16]) -> (u64, u64) {
    (word(chunk.first_chunk()), word(chunk.last_chunk()))
}

/// Returns up to 15 bytes as two words. They overlap, which saves a loop; the length is already part of the state.
fn few_words(bytes: &[u8]) -> (u64, u64) {
    if bytes.len() >= 8 {
        return (word(bytes.first_chunk()), word(bytes.last_chunk()));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (
            u64::from(u32::from_le_bytes(*first)),
            u64::from(u32::from_le_bytes(*last)),
        );
    }
    match *bytes {
        [] => (0, 0),
        [a, ..] => {
            let middle = bytes.get(bytes.len() / 2).copied().unwrap_or_default();
            let last = bytes.last().copied().unwrap_or_default();
            (u64::from(a), u64::from(middle) << 8 | u64::from(last))
        }
    }
}

fn word(chunk: Option<&[u8; 8]>) -> u64 {
    chunk.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The folded multiply: the two halves of a 128-bit product, combined by XOR.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the two halves of the product"
)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::vec;

    use super::*;

    #[test]
    fn each_byte_and_the_length_change_the_hash() {
        let mut seen = BTreeSet::new();
        let mut texts = 0;
        for length in (0..80).step_by(if cfg!(miri) { 11 } else { 1 }) {
            let mut text = vec![b'a'; length];
            assert!(seen.insert(hash(0, &text)));
            texts += 1;
            for index in 0..length {
                text[index] = b'b';
                assert!(seen.insert(hash(0, &text)), "{length} {index}");
                text[index] = b'a';
                texts += 1;
            }
        }
        assert_eq!(seen.len(), texts);
    }

    #[test]
    fn no_origin_can_contain_a_multiplier() {
        for multiplier in [INNER, LAST, LENGTH] {
            assert!(!multiplier.to_le_bytes().is_ascii());
        }
    }

    /// A bit that did not count would let a client choose many origins with one hash.
    #[test]
    fn each_bit_of_the_text_and_of_the_seed_changes_the_hash() {
        let seed = 0x0123_4567_89AB_CDEF;
        for length in (1..40).step_by(if cfg!(miri) { 11 } else { 1 }) {
            let mut text = vec![b'a'; length];
            let whole = hash(seed, &text);
            for bit in 0..8 * length {
                text[bit / 8] ^= 1 << (bit % 8);
                assert_ne!(hash(seed, &text), whole, "{length} {bit}");
                text[bit / 8] ^= 1 << (bit % 8);
            }
            for bit in 0..64 {
                assert_ne!(hash(seed ^ 1 << bit, &text), whole, "{length} {bit}");
            }
        }
    }
}
