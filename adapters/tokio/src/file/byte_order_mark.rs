/// The byte order mark, with which editors on Windows may begin a file.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// Returns a text without the byte order mark at its start, which parsers may ignore
/// ([RFC 8259, section 8.1](https://www.rfc-editor.org/rfc/rfc8259#section-8.1);
/// [YAML 1.2, section 5.2](https://yaml.org/spec/1.2.2/#52-character-encodings)).
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}
