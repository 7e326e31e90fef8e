use omnicors_tokio::OriginChange;

/// An entry of the stream: its id, and field names and values in turn.
pub(crate) type Entry = (String, Vec<Vec<u8>>);

/// Reads an entry of the stream. Returns `None` if it is not the change with this revision.
pub(crate) fn read(entry: &Entry, revision: u64) -> Option<OriginChange> {
    let (id, fields) = entry;
    if *id != id_of(revision) {
        return None;
    }
    let [operation, origin] = fields.as_slice() else {
        return None;
    };
    let is_in_store = match operation.as_slice() {
        b"add" => true,
        b"remove" => false,
        _ => return None,
    };
    Some(OriginChange::new(text(origin), is_in_store))
}

/// Returns the id of the entry with this revision.
pub(crate) fn id_of(revision: u64) -> String {
    format!("{revision}-0")
}

/// Returns a member of the set as text. Bytes that are not UTF-8 are replaced, not left out, so that the caller can report the member. It
/// is not an origin, because U+FFFD is not allowed in one.
pub(crate) fn text(member: &[u8]) -> String {
    String::from_utf8_lossy(member).into_owned()
}

#[cfg(test)]
mod tests {
    use omnicors_tokio::check_stored_origin;

    use super::*;

    fn entry(id: &str, fields: &[&str]) -> Entry {
        let fields = fields.iter().map(|field| field.as_bytes().to_vec());
        (id.to_owned(), fields.collect())
    }

    #[test]
    fn only_the_entry_with_the_next_revision_is_a_change() {
        let change = read(&entry("7-0", &["remove", "https://a.example"]), 7).unwrap();
        assert_eq!(change, OriginChange::new("https://a.example", false));
        let add = ["add", "https://a.example"];
        assert!(read(&entry("7-0", &add), 7).unwrap().is_in_store());
        for other in [
            entry("8-0", &add),
            entry("7-1", &add),
            entry("7-0", &["replace", "https://a.example"]),
            entry("7-0", &["add", "https://a.example", "tenant", "5"]),
            entry("7-0", &[]),
        ] {
            assert!(read(&other, 7).is_none(), "{other:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_do_not_become_an_origin() {
        for member in [
            &b"https://a\xff.example"[..],
            b"\xffhttps://a.example",
            b"https://a.example\xff",
            b"app\xff://a",
            b"app://a\xff",
            b"moz-extension://\xff",
        ] {
            let text = text(member);
            assert!(check_stored_origin(&text).is_err(), "{text}");
        }
    }
}
