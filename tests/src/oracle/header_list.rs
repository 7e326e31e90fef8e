//! Header lists: <https://fetch.spec.whatwg.org/#concept-header-list>.

use super::ServerResponse;

/// A header list: names and values, in order. A name may occur several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HeaderList(pub(super) Vec<(Vec<u8>, Vec<u8>)>);

/// The result of "extract header list values".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Extracted<T> {
    Null,
    Failure,
    Values(T),
}

impl HeaderList {
    /// Returns the header list that an HTTP parser makes of the fields: a header value has no tab or space around it.
    pub(super) fn of_response(response: &ServerResponse) -> Self {
        let fields = response.headers.iter();
        Self(
            fields
                .map(|(name, value)| (name.clone(), trim_tab_or_space(value).to_vec()))
                .collect(),
        )
    }

    /// contains.
    pub(super) fn contains(&self, name: &[u8]) -> bool {
        self.0
            .iter()
            .any(|header| header.0.eq_ignore_ascii_case(name))
    }

    /// get: "the values of all headers … whose name is a byte-case-insensitive match for name, separated from each
    /// other by 0x2C 0x20, in order".
    pub(super) fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        // Step 1.
        if !self.contains(name) {
            return None;
        }
        // Step 2.
        Some(self.values(name).collect::<Vec<&[u8]>>().join(&b", "[..]))
    }

    /// get, decode, and split, given a header name.
    pub(super) fn get_decode_and_split(&self, name: &[u8]) -> Option<Vec<String>> {
        self.get(name).map(|value| decode_and_split(&value))
    }

    /// append.
    pub(super) fn append(&mut self, name: Vec<u8>, value: Vec<u8>) {
        // Step 1: the casing of the first such name is used again.
        let first = self
            .0
            .iter()
            .find(|header| header.0.eq_ignore_ascii_case(&name));
        let name = first.map_or(name, |header| header.0.clone());
        // Step 2.
        self.0.push((name, value));
    }

    /// extract header list values, for a name whose ABNF is `#method` or `#field-name`: a list of tokens.
    pub(super) fn extract_tokens(&self, name: &[u8]) -> Extracted<Vec<Vec<u8>>> {
        // Step 1.
        if !self.contains(name) {
            return Extracted::Null;
        }
        // Step 2 does not apply: a list may be in several fields.
        // Step 3.
        let mut values = Vec::new();
        // Step 4: each field by itself.
        for field in self.values(name) {
            // RFC 9110, 5.6.1.2: #element => [ element ] *( OWS "," OWS [ element ] )
            for element in field.split(|&byte| byte == b',') {
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

    /// extract header list values, for a name whose ABNF is `delta-seconds`.
    pub(super) fn extract_delta_seconds(&self, name: &[u8]) -> Extracted<u64> {
        // Step 1.
        if !self.contains(name) {
            return Extracted::Null;
        }
        // Step 2: the ABNF allows a single header.
        let fields: Vec<&[u8]> = self.values(name).collect();
        let [field] = fields[..] else {
            return Extracted::Failure;
        };
        // Step 4. RFC 9111, 1.2.2: delta-seconds = 1*DIGIT; a number that is too great becomes the greatest representable one.
        if field.is_empty() || !field.iter().all(u8::is_ascii_digit) {
            return Extracted::Failure;
        }
        let seconds = field.iter().fold(0_u64, |seconds, digit| {
            seconds
                .saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        });
        Extracted::Values(seconds)
    }

    fn values<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .iter()
            .filter(move |header| header.0.eq_ignore_ascii_case(name))
            .map(|header| header.1.as_slice())
    }
}

/// get, decode, and split, given a header value.
pub(super) fn decode_and_split(value: &[u8]) -> Vec<String> {
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

/// collect an HTTP quoted string, with extract-value false: quotes and backslashes are kept.
fn collect_quoted_string(input: &[char], position: &mut usize) -> String {
    // Steps 1, 3 and 4. Step 2 only matters when extract-value is true.
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

/// "A header name is a byte sequence that matches the field-name token production."
pub(super) fn is_header_name(name: &[u8]) -> bool {
    is_token(name)
}

/// A header value: no tab or space at either end; no NUL, LF or CR anywhere.
pub(super) fn is_header_value(value: &[u8]) -> bool {
    trim_tab_or_space(value).len() == value.len()
        && !value.iter().any(|byte| [0x00, 0x0A, 0x0D].contains(byte))
}

/// normalize a byte sequence: "remove any leading and trailing HTTP whitespace bytes", including LF and CR.
pub(super) fn normalize(value: &[u8]) -> Vec<u8> {
    trim(value, b"\t\n\r ").to_vec()
}

/// RFC 9110, 5.6.2.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// Infra, "isomorphic encode"; `None` for a string with a code point over U+00FF.
pub(super) fn isomorphic_encode(string: &str) -> Option<Vec<u8>> {
    string
        .chars()
        .map(|character| u8::try_from(character).ok())
        .collect()
}

/// Infra, "isomorphic decode".
pub(super) fn isomorphic_decode(bytes: &[u8]) -> String {
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

    fn list(fields: &[(&str, &str)]) -> HeaderList {
        let headers = fields
            .iter()
            .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
        HeaderList::of_response(&ServerResponse {
            status: 200,
            headers: headers.collect(),
        })
    }

    fn tokens(fields: &[(&str, &str)]) -> Extracted<Vec<Vec<u8>>> {
        list(fields).extract_tokens(b"a")
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
    fn values_of_one_name_are_combined_with_comma_and_space_in_order() {
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

    /// The examples of the standard: <https://fetch.spec.whatwg.org/#example-header-list-get-decode-split>.
    #[test]
    fn get_decode_and_split_agrees_with_the_examples_of_the_standard() {
        let split = |fields: &[(&str, &str)]| list(fields).get_decode_and_split(b"A");
        for fields in [
            &[("A", "nosniff,")][..],
            &[("A", "nosniff"), ("B", "sniff"), ("A", "")],
        ] {
            assert_eq!(split(fields).unwrap(), ["nosniff", ""]);
        }
        assert_eq!(split(&[("A", ""), ("B", "sniff")]).unwrap(), [""]);
        assert_eq!(split(&[("B", "sniff")]), None);
        for fields in [
            &[("A", "text/html;\", x/x")][..],
            &[("A", "text/html;\""), ("A", "x/x")],
        ] {
            assert_eq!(split(fields).unwrap(), ["text/html;\", x/x"]);
        }
        for fields in [
            &[("A", "x/x;test=\"hi\",y/y")][..],
            &[("A", "x/x;test=\"hi\""), ("C", "**bingo**"), ("A", "y/y")],
        ] {
            assert_eq!(split(fields).unwrap(), ["x/x;test=\"hi\"", "y/y"]);
        }
        for fields in [
            &[("A", "x / x,,,1")][..],
            &[("A", "x / x"), ("A", ","), ("A", "1")],
        ] {
            assert_eq!(split(fields).unwrap(), ["x / x", "", "", "1"]);
        }
        for fields in [
            &[("A", "\"1,2\", 3")][..],
            &[("A", "\"1,2\""), ("D", "4"), ("A", "3")],
        ] {
            assert_eq!(split(fields).unwrap(), ["\"1,2\"", "3"]);
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
    fn a_list_of_tokens_may_have_several_fields_spaces_and_empty_elements() {
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
    fn one_element_that_is_not_a_token_makes_the_list_a_failure() {
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
    fn whitespace_and_line_ends_around_a_header_value_are_removed() {
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
