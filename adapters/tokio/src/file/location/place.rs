use crate::file::byte_order_mark::BYTE_ORDER_MARK;

/// A line and a column of a text, both counted from 1. Columns are characters, without a byte order mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::file) struct Place {
    pub(in crate::file) line: usize,
    pub(in crate::file) column: usize,
}

/// Returns the place of each offset. This reads the text once, whatever the number of offsets.
pub(in crate::file) fn places(text: &str, offsets: &[Option<usize>]) -> Vec<Option<Place>> {
    let mut sorted: Vec<_> = offsets.iter().copied().enumerate().collect();
    sorted.sort_unstable_by_key(|&(_, offset)| offset);
    let mut places = vec![None; offsets.len()];
    let mut place = Place { line: 1, column: 1 };
    let mut characters = text.char_indices().peekable();
    for (index, offset) in sorted {
        let Some(offset) = offset else { continue };
        while let Some((at, character)) = characters.next_if(|&(at, _)| at < offset) {
            match character {
                '\n' => {
                    place.line += 1;
                    place.column = 1;
                }
                BYTE_ORDER_MARK if at == 0 => {}
                _ => place.column += 1,
            }
        }
        if let Some(slot) = places.get_mut(index) {
            *slot = Some(place);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_in_any_order_have_lines_and_columns() {
        let text = "é a\n\nb\nc";
        let at = |line, column| Some(Place { line, column });
        let offsets = [Some(8), Some(0), None, Some(3), Some(3), Some(4), Some(99)];
        assert_eq!(
            places(text, &offsets),
            [
                at(4, 1),
                at(1, 1),
                None,
                at(1, 3),
                at(1, 3),
                at(1, 4),
                at(4, 2)
            ]
        );
        assert_eq!(places("", &[Some(0), Some(1)]), [at(1, 1); 2]);
        let text = "\u{feff}a\u{feff}b";
        let offsets = [Some(0), Some(3), Some(4), Some(7)];
        assert_eq!(
            places(text, &offsets),
            [at(1, 1), at(1, 1), at(1, 2), at(1, 3)]
        );
    }
}
