//! The edit distance of two words, to suggest the correct spelling of a misspelled word.

use alloc::vec::Vec;

/// Returns the *optimal string alignment distance*: the number of insertions, deletions, substitutions and swaps of adjacent characters
/// that turn one word into the other, where no character is edited twice.
///
/// This fills a table in which row `i` holds the distances from the first `i` characters of `left` to each prefix of `right`. Only the last
/// three rows are kept:
///
/// ```text
/// distance[i][j] = min(distance[i-1][j-1] + (left[i] != right[j]),    substitution
///                      distance[i-1][j] + 1,                          deletion
///                      distance[i][j-1] + 1,                          insertion
///                      distance[i-2][j-2] + 1)                        swap, if left[i-1..=i] is right[j-1..=j] reversed
/// ```
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut rows = [Vec::new(), Vec::new(), (0..=right.len()).collect()];
    let mut left_before = None;
    for (row, character) in left.chars().enumerate() {
        rows.rotate_left(1);
        let [older, old, new] = &mut rows;
        new.clear();
        new.push(row + 1);
        let mut right_before = None;
        for (column, &other) in right.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or_default();
            let mut least = at(old, column) + usize::from(character != other);
            least = least.min(at(old, column + 1) + 1).min(at(new, column) + 1);
            // Not in the first column, which has no character before it.
            if left_before == Some(other) && right_before == Some(character) {
                least = least.min(at(older, column - 1) + 1);
            }
            new.push(least);
            right_before = Some(other);
        }
        left_before = Some(character);
    }
    let [.., last] = rows;
    last.last().copied().unwrap_or_default()
}

/// Returns true if one insertion, deletion, substitution or swap of adjacent characters turns one word into the other.
pub(crate) fn differ_by_one(left: &str, right: &str) -> bool {
    left.len().abs_diff(right.len()) <= char::MAX.len_utf8() && distance(left, right) == 1
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "compares words, which takes Miri minutes")]
    fn the_distance_equals_that_of_strsim() {
        let mut words: Vec<String> = [
            "allow_origins",
            "allowed_origins",
            "allow_origin",
            "max_age",
            "https",
            "htpps",
            "content-type",
            "contenttype",
            "content-tpye",
        ]
        .map(String::from)
        .into();
        // Every word of up to four letters from an alphabet of two.
        for length in 0..=4_u32 {
            for bits in 0..1_u32 << length {
                let letter = |index: u32| if bits >> index & 1 == 0 { 'a' } else { 'é' };
                words.push((0..length).map(letter).collect());
            }
        }
        for left in &words {
            for right in &words {
                let expected = strsim::osa_distance(left, right);
                assert_eq!(distance(left, right), expected, "{left}, {right}");
                assert_eq!(differ_by_one(left, right), expected == 1, "{left}, {right}");
            }
        }
    }
}
