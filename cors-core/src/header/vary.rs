//! Merges names into `Vary` ([RFC 9110, section 12.5.5](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5)).

/// Returns the names in `value` that the `Vary` fields of a response do not contain. An adapter appends these names.
///
/// Returns no names if an existing field contains `*`. Compares names case-insensitively and allocates nothing.
///
/// ```
/// use omnicors_core::adapter::missing_from_vary;
///
/// let ours = "Origin, Access-Control-Request-Headers";
/// assert!(missing_from_vary(ours, || [b"Accept-Encoding, origin".as_slice()]).eq(["Access-Control-Request-Headers"]));
/// assert!(missing_from_vary(ours, || [b"*".as_slice()]).eq([""; 0]));
/// assert!(missing_from_vary("Origin", || [] as [&[u8]; 0]).eq(["Origin"]));
/// ```
pub fn missing_from_vary<'a, 'b, L>(
    value: &'a str,
    existing: impl Fn() -> L,
) -> impl Iterator<Item = &'a str>
where
    L: IntoIterator<Item = &'b [u8]>,
{
    let contains = move |name: &str| {
        let elements = existing()
            .into_iter()
            .flat_map(|field| field.split(|&byte| byte == b','));
        elements
            .map(<[u8]>::trim_ascii)
            .any(|element| element == b"*" || element.eq_ignore_ascii_case(name.as_bytes()))
    };
    value.split(", ").filter(move |name| !contains(name))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn missing<'a>(value: &'a str, existing: &[&str]) -> Vec<&'a str> {
        missing_from_vary(value, || existing.iter().map(|field| field.as_bytes())).collect()
    }

    const ALL: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

    #[test]
    fn missing_names_are_returned_in_order() {
        assert_eq!(missing(ALL, &[]), ALL.split(", ").collect::<Vec<_>>());
        assert_eq!(missing("Origin", &[""]), ["Origin"]);
        assert_eq!(missing("Origin", &["Accept", "Cookie"]), ["Origin"]);
        assert_eq!(
            missing(ALL, &["access-control-request-method"]),
            ["Origin", "Access-Control-Request-Headers"]
        );
    }

    #[test]
    fn a_name_is_found_in_any_case_and_field() {
        for existing in [
            &["Origin"][..],
            &["origin"],
            &["ORIGIN"],
            &["Accept-Encoding,Origin"],
            &["Accept-Encoding , \torigin\t"],
            &[",,Origin,"],
            &["Accept", "Origin, Cookie"],
        ] {
            assert_eq!(missing("Origin", existing), [""; 0], "{existing:?}");
        }
    }

    #[test]
    fn an_asterisk_contains_every_name() {
        for existing in [&["*"][..], &["Accept, *"], &["Accept", " * "]] {
            assert_eq!(missing(ALL, existing), [""; 0], "{existing:?}");
        }
    }

    #[test]
    fn a_name_that_contains_another_is_different() {
        for existing in [
            "X-Origin",
            "Origin-X",
            "Ori gin",
            "\"Origin\"",
            "**",
            "Origin;q=1",
        ] {
            assert_eq!(missing("Origin", &[existing]), ["Origin"], "{existing}");
        }
    }

    #[test]
    fn fields_that_are_not_text_are_skipped() {
        let existing = || [b"\xFF\xFE".as_slice(), b"\0,Origin"];
        assert!(missing_from_vary("Origin", existing).next().is_none());
        assert!(missing_from_vary("Origin", || [b"\xFF".as_slice()]).eq(["Origin"]));
    }
}
