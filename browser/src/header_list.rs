//! Header lists, and the algorithms about them in Fetch, [Headers](https://fetch.spec.whatwg.org/#terminology-headers).

/// A header list: names and values, in order. A name can occur more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HeaderList(pub(crate) Vec<(Vec<u8>, Vec<u8>)>);

/// The result of "extract header list values".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extracted<T> {
    Null,
    Failure,
    Values(T),
}

impl HeaderList {
    /// Returns the header list of a response, with tabs and spaces around the values removed.
    pub(crate) fn of_response<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Self {
        Self(
            fields
                .map(|(name, value)| (name.to_vec(), trim_tab_or_space(value).to_vec()))
                .collect(),
        )
    }

    /// The algorithm "delete".
    pub(crate) fn delete(&mut self, name: &[u8]) {
        self.0.retain(|header| !header.0.eq_ignore_ascii_case(name));
    }

    /// The algorithm "contains".
    pub(crate) fn contains(&self, name: &[u8]) -> bool {
        self.0
            .iter()
            .any(|header| header.0.eq_ignore_ascii_case(name))
    }

    /// The algorithm "get": "the values of all headers … whose name is a byte-case-insensitive match for name, separated from each
    /// other by 0x2C 0x20, in order".
    pub(crate) fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        // Step 1.
        if !self.contains(name) {
            return None;
        }
        // Step 2.
        Some(self.values(name).collect::<Vec<&[u8]>>().join(&b", "[..]))
    }

    /// The algorithm "get, decode, and split", given a header name.
    pub(crate) fn get_decode_and_split(&self, name: &[u8]) -> Option<Vec<String>> {
        self.get(name).map(|value| decode_and_split(&value))
    }

    /// Returns the list with one header for each name: the values combined, as `Headers` shows them.
    pub(crate) fn combined(&self) -> Self {
        let mut combined = Self::default();
        for (name, _) in &self.0 {
            if !combined.contains(name) {
                combined
                    .0
                    .push((name.clone(), self.get(name).unwrap_or_default()));
            }
        }
        combined
    }

    /// The algorithm "append".
    pub(crate) fn append(&mut self, name: Vec<u8>, value: Vec<u8>) {
        // Step 1: use the casing of the first such name again.
        let first = self
            .0
            .iter()
            .find(|header| header.0.eq_ignore_ascii_case(&name));
        let name = first.map_or(name, |header| header.0.clone());
        // Step 2.
        self.0.push((name, value));
    }

    /// The algorithm "extract header list values", for a name whose ABNF is `#method` or `#field-name`: a list of tokens.
    pub(crate) fn extract_tokens(&self, name: &[u8]) -> Extracted<Vec<Vec<u8>>> {
        // Step 1.
        if !self.contains(name) {
            return Extracted::Null;
        }
        // Step 2 does not apply: a list may be in several headers.
        // Step 3.
        let mut values = Vec::new();
        // Step 4: each value by itself.
        for value in self.values(name) {
            // RFC 9110, 5.6.1.2: #element => [ element ] *( OWS "," OWS [ element ] )
            for element in value.split(|&byte| byte == b',') {
                let element = trim_tab_or_space(element);
                if element.is_empty() {
                    continue;
                }
                if !is_token(element) {
                    return Extracted::Failure;
                }
                values.push(element.to_vec());
            }
        }
        // Step 5.
        Extracted::Values(values)
    }

    /// The algorithm "extract header list values", for a name whose ABNF is `delta-seconds`.
    pub(crate) fn extract_delta_seconds(&self, name: &[u8]) -> Extracted<u64> {
        // Step 1.
        if !self.contains(name) {
            return Extracted::Null;
        }
        // Step 2: the ABNF allows a single header.
        let values: Vec<&[u8]> = self.values(name).collect();
        let [value] = values[..] else {
            return Extracted::Failure;
        };
        // Step 4.
        delta_seconds(value).map_or(Extracted::Failure, Extracted::Values)
    }

    fn values<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .iter()
            .filter(move |header| header.0.eq_ignore_ascii_case(name))
            .map(|header| header.1.as_slice())
    }
}

/// The algorithm "get, decode, and split", given a header value.
pub(crate) fn decode_and_split(value: &[u8]) -> Vec<String> {
    // Steps 1 to 4.
    let input: Vec<char> = isomorphic_decode(value).chars().collect();
    let mut position = 0;
    let mut values = Vec::new();
    let mut temporary_value = String::new();
    // Step 5.
    loop {
        // Step 5.1.
        while let Some(&code_point) = input.get(position)
            && code_point != '"'
            && code_point != ','
        {
            temporary_value.push(code_point);
            position += 1;
        }
        // Step 5.2.
        if input.get(position) == Some(&'"') {
            temporary_value.push_str(&collect_quoted_string(&input, &mut position));
            if position < input.len() {
                continue;
            }
        }
        // Steps 5.3 to 5.5.
        values.push(temporary_value.trim_matches(['\t', ' ']).to_owned());
        temporary_value.clear();
        // Step 5.6.
        if position >= input.len() {
            return values;
        }
        // Steps 5.7 and 5.8.
        assert_eq!(input.get(position), Some(&','));
        position += 1;
    }
}

/// The algorithm "collect an HTTP quoted string", with extract-value false: quotes and backslashes are kept.
fn collect_quoted_string(input: &[char], position: &mut usize) -> String {
    // Steps 1, 3 and 4; the value of step 2 is only needed if extract-value is true.
    let start = *position;
    assert_eq!(input.get(start), Some(&'"'));
    *position += 1;
    // Step 5.
    loop {
        // Step 5.1.
        while let Some(&code_point) = input.get(*position)
            && code_point != '"'
            && code_point != '\\'
        {
            *position += 1;
        }
        // Steps 5.2 and 5.3.
        let Some(&quote_or_backslash) = input.get(*position) else {
            break;
        };
        // Step 5.4.
        *position += 1;
        if quote_or_backslash == '\\' {
            // Step 5.5.
            if *position >= input.len() {
                break;
            }
            *position += 1;
        } else {
            // Step 5.6.
            assert_eq!(quote_or_backslash, '"');
            break;
        }
    }
    // Step 7.
    input.iter().take(*position).skip(start).collect()
}

/// Parses `delta-seconds = 1*DIGIT` ([RFC 9111](https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2)). A number that is too large becomes
/// the largest possible one.
pub(crate) fn delta_seconds(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(value.iter().fold(0, |seconds: u64, digit| {
        seconds
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    }))
}

/// Returns true for a header name: "a byte sequence that matches the field-name token production".
pub(crate) fn is_header_name(name: &[u8]) -> bool {
    is_token(name)
}

/// Returns true for a header value: it has no tab or space at either end, and no NUL, LF or CR.
pub(crate) fn is_header_value(value: &[u8]) -> bool {
    trim_tab_or_space(value).len() == value.len()
        && !value.iter().any(|byte| [0x00, 0x0A, 0x0D].contains(byte))
}

/// The algorithm "normalize a byte sequence": "remove any leading and trailing HTTP whitespace bytes", including LF and CR.
pub(crate) fn normalize(value: &[u8]) -> Vec<u8> {
    trim(value, b"\t\n\r ").to_vec()
}

/// Returns true for a token (RFC 9110, 5.6.2).
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// Infra, "isomorphic encode". Returns `None` for a string with a code point above U+00FF.
pub(crate) fn isomorphic_encode(string: &str) -> Option<Vec<u8>> {
    string
        .chars()
        .map(|character| u8::try_from(character).ok())
        .collect()
}

/// Infra, "isomorphic decode".
pub(crate) fn isomorphic_decode(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn trim_tab_or_space(bytes: &[u8]) -> &[u8] {
    trim(bytes, b"\t ")
}

fn trim<'a>(mut bytes: &'a [u8], what: &[u8]) -> &'a [u8] {
    while let [first, rest @ ..] = bytes
        && what.contains(first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && what.contains(last)
    {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(headers: &[(&str, &str)]) -> HeaderList {
        let headers = headers.iter();
        HeaderList::of_response(headers.map(|(name, value)| (name.as_bytes(), value.as_bytes())))
    }

    fn tokens(headers: &[(&str, &str)]) -> Extracted<Vec<Vec<u8>>> {
        list(headers).extract_tokens(b"a")
    }

    fn values(tokens: &[&str]) -> Extracted<Vec<Vec<u8>>> {
        Extracted::Values(
            tokens
                .iter()
                .map(|token| token.as_bytes().to_vec())
                .collect(),
        )
    }

    #[test]
    fn the_values_of_a_name_are_combined_with_comma_and_space_in_order() {
        assert_eq!(list(&[("B", "1")]).get(b"a"), None);
        assert_eq!(list(&[("A", "")]).get(b"a"), Some(Vec::new()));
        assert_eq!(
            list(&[("A", " 1\t"), ("b", "2"), ("a", "3")]).get(b"A"),
            Some(b"1, 3".to_vec())
        );
    }

    #[test]
    fn an_appended_name_takes_the_casing_of_the_first() {
        let mut list = list(&[("X-A", "1")]);
        list.append(b"x-a".to_vec(), b"2".to_vec());
        assert_eq!(list.0[1], (b"X-A".to_vec(), b"2".to_vec()));
    }

    /// The table of examples in the standard.
    #[test]
    fn get_decode_and_split_matches_the_examples_of_the_standard() {
        let split = |headers: &[(&str, &str)]| list(headers).get_decode_and_split(b"A");
        for headers in [
            &[("A", "nosniff,")][..],
            &[("A", "nosniff"), ("B", "sniff"), ("A", "")],
        ] {
            assert_eq!(split(headers).unwrap(), ["nosniff", ""]);
        }
        assert_eq!(split(&[("A", ""), ("B", "sniff")]).unwrap(), [""]);
        assert_eq!(split(&[("B", "sniff")]), None);
        for headers in [
            &[("A", "text/html;\", x/x")][..],
            &[("A", "text/html;\""), ("A", "x/x")],
        ] {
            assert_eq!(split(headers).unwrap(), ["text/html;\", x/x"]);
        }
        for headers in [
            &[("A", "x/x;test=\"hi\",y/y")][..],
            &[("A", "x/x;test=\"hi\""), ("C", "**bingo**"), ("A", "y/y")],
        ] {
            assert_eq!(split(headers).unwrap(), ["x/x;test=\"hi\"", "y/y"]);
        }
        for headers in [
            &[("A", "x / x,,,1")][..],
            &[("A", "x / x"), ("A", ","), ("A", "1")],
        ] {
            assert_eq!(split(headers).unwrap(), ["x / x", "", "", "1"]);
        }
        for headers in [
            &[("A", "\"1,2\", 3")][..],
            &[("A", "\"1,2\""), ("D", "4"), ("A", "3")],
        ] {
            assert_eq!(split(headers).unwrap(), ["\"1,2\"", "3"]);
        }
    }

    #[test]
    fn a_quoted_string_keeps_its_quotes_and_hides_commas_and_escaped_quotes() {
        assert_eq!(decode_and_split(br#""a\",b",c"#), [r#""a\",b""#, "c"]);
        assert_eq!(decode_and_split(br#""a"b"c,d",e"#), [r#""a"b"c,d""#, "e"]);
        assert_eq!(decode_and_split(br#""\"#), [r#""\"#]);
        assert_eq!(decode_and_split(br#""",b"#), [r#""""#, "b"]);
        assert_eq!(decode_and_split(br#""\"",b"#), [r#""\"""#, "b"]);
        assert_eq!(decode_and_split(b"\"a, b"), ["\"a, b"]);
        assert_eq!(decode_and_split(b" \ta\t ,\x0b\xff"), ["a", "\u{b}\u{ff}"]);
    }

    #[test]
    fn a_list_of_tokens_may_be_in_several_headers_with_spaces_and_empty_elements() {
        assert_eq!(tokens(&[("b", "x")]), Extracted::Null);
        assert_eq!(tokens(&[("a", "")]), values(&[]));
        assert_eq!(tokens(&[("a", " , ,\t,")]), values(&[]));
        assert_eq!(tokens(&[("a", "x,y")]), values(&["x", "y"]));
        assert_eq!(
            tokens(&[("a", ",x\t, y ,,"), ("A", "*")]),
            values(&["x", "y", "*"])
        );
        assert_eq!(tokens(&[("a", "x,x")]), values(&["x", "x"]));
    }

    #[test]
    fn one_element_that_is_not_a_token_makes_the_whole_list_a_failure() {
        for value in [
            "x y",
            "\"x\"",
            "x,\"y,z\"",
            "x;y",
            "x, y z",
            "x,é",
            "x,y/z",
            "x\u{b},y",
            "'x' 'y'",
            "x,\u{a0}",
        ] {
            assert_eq!(tokens(&[("a", value)]), Extracted::Failure, "{value:?}");
            assert_eq!(
                tokens(&[("a", "good"), ("a", value)]),
                Extracted::Failure,
                "{value:?}"
            );
            assert_eq!(
                tokens(&[("a", value), ("a", "good")]),
                Extracted::Failure,
                "{value:?}"
            );
        }
    }

    #[test]
    fn whitespace_including_line_ends_around_a_header_value_is_removed() {
        assert_eq!(normalize(b"\r\n\t a b \n"), b"a b");
        assert_eq!(normalize(b" \t "), b"");
        assert_eq!(normalize(b"\x0ba\x0c"), b"\x0ba\x0c");
        for value in [&b""[..], b"a b", b"a\tb", b"\x01\x7f\xff\x0b"] {
            assert!(is_header_value(value), "{value:?}");
        }
        for value in [&b" a"[..], b"a\t", b"a\0b", b"a\nb", b"a\rb"] {
            assert!(!is_header_value(value), "{value:?}");
        }
    }

    #[test]
    fn isomorphic_encoding_maps_code_points_up_to_255_to_bytes() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(isomorphic_encode(&isomorphic_decode(&all)), Some(all));
        assert_eq!(isomorphic_encode("\u{100}"), None);
    }
}
