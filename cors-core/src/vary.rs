//! Merging names into `Vary` (RFC 9110, section 12.5.5).

/// The names of `line` that the `Vary` lines of a response do not say yet: what is left to append.
///
/// Nothing is left where a line says `*`. Names are compared without case, and nothing is allocated.
///
/// ```
/// use omnicors_core::missing_from_vary;
///
/// let ours = "Origin, Access-Control-Request-Headers";
/// assert!(missing_from_vary(ours, || [b"Accept-Encoding, origin".as_slice()]).eq(["Access-Control-Request-Headers"]));
/// assert!(missing_from_vary(ours, || [b"*".as_slice()]).eq([""; 0]));
/// assert!(missing_from_vary("Origin", || [] as [&[u8]; 0]).eq(["Origin"]));
/// ```
pub fn missing_from_vary<'a, 'b, L>(
    line: &'a str,
    existing: impl Fn() -> L,
) -> impl Iterator<Item = &'a str>
where
    L: IntoIterator<Item = &'b [u8]>,
{
    let says = move |name: &str| {
        let elements = existing()
            .into_iter()
            .flat_map(|line| line.split(|&byte| byte == b','));
        elements
            .map(<[u8]>::trim_ascii)
            .any(|element| element == b"*" || element.eq_ignore_ascii_case(name.as_bytes()))
    };
    line.split(", ").filter(move |name| !says(name))
}
