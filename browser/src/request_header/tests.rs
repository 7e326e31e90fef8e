use super::*;

fn assert_safelisted(name: &str, values: &[&str]) {
    for value in values {
        assert!(
            is_safelisted(name.as_bytes(), value.as_bytes()),
            "{name}: {value:?}"
        );
    }
}

fn assert_unsafe(name: &str, values: &[&str]) {
    for value in values {
        assert!(
            !is_safelisted(name.as_bytes(), value.as_bytes()),
            "{name}: {value:?}"
        );
    }
}

fn names(headers: &[(&str, &str)]) -> Vec<String> {
    let list = headers
        .iter()
        .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
    unsafe_names(&HeaderList(list.collect()))
        .iter()
        .map(|name| isomorphic_decode(name))
        .collect()
}

#[test]
fn only_five_names_are_safelisted_in_any_case() {
    assert_safelisted("ACCEPT", &["x"]);
    assert_safelisted("accept-Language", &["x"]);
    assert_safelisted("Content-Language", &["x"]);
    assert_safelisted("Content-Type", &["text/plain"]);
    assert_safelisted("Range", &["bytes=0-"]);
    for name in [
        "authorization",
        "x-custom",
        "cache-control",
        "dpr",
        "save-data",
        "last-event-id",
        "accept-",
        "user-agent",
    ] {
        assert_unsafe(name, &["", "x"]);
    }
}

#[test]
fn a_safelisted_value_has_at_most_128_bytes() {
    assert_safelisted("accept", &["", &"a".repeat(128)]);
    assert_unsafe("accept", &[&"a".repeat(129)]);
    let plain = |length: usize| format!("text/plain;{}", "a".repeat(length - "text/plain;".len()));
    assert_safelisted("content-type", &[&plain(128)]);
    assert_unsafe("content-type", &[&plain(129)]);
}

#[test]
fn an_unsafe_byte_in_accept_or_content_type_is_not_safelisted() {
    for byte in 0..=255_u8 {
        let listed =
            b"\"():<>?@[\\]{}".contains(&byte) || byte == 0x7F || (byte < 0x20 && byte != b'\t');
        assert_eq!(is_unsafe_byte(byte), listed, "{byte:#x}");
        assert_eq!(
            is_safelisted(b"accept", &[b'a', byte, b'b']),
            !listed,
            "{byte:#x}"
        );
        let content_type = [b"text/plain;", &[byte][..], b"b"].concat();
        assert_eq!(
            is_safelisted(b"content-type", &content_type),
            !listed,
            "{byte:#x}"
        );
    }
    assert_safelisted("accept", &["text/html,*/*;q=0.5", "a\tb", "é"]);
}

#[test]
fn safelisted_languages_contain_only_letters_digits_and_a_few_marks() {
    for name in ["accept-language", "content-language"] {
        assert_safelisted(name, &["", "de-DE, en;q=0.5, *", "a.b=C9"]);
        assert_unsafe(
            name,
            &["a\tb", "a_b", "é", "a/b", "a+b", "a:b", "\"a\"", "a\u{7f}"],
        );
    }
}

#[test]
fn three_media_types_are_safelisted_with_any_parameters() {
    assert_safelisted(
        "content-type",
        &[
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain",
            "TEXT/Plain;charset=utf-8",
            "text/plain ;garbage",
            "text/plain;",
            "text/plain;application/json",
            "text/plain;,application/json",
        ],
    );
    assert_unsafe(
        "content-type",
        &[
            "",
            "text",
            "text/",
            "/plain",
            "application/json",
            "text/plain2",
            "text /plain",
            "text/ plain",
            "text\t/\tplain",
            "text/plain,",
            ",text/plain",
            "text/plain,text/plain",
            "text/plain, application/json",
            "text/plain/x",
            "multipart/form-data;\"",
            "multipart/form-data; boundary=\"x\"",
            "text/plain\u{b}",
            "application/x-www-form-urlencoded;\u{7f}",
        ],
    );
}

#[test]
fn only_a_single_range_with_a_start_is_safelisted() {
    assert_safelisted(
        "range",
        &["bytes=0-", "bytes=100-200", "bytes=5-5", "bytes=007-8"],
    );
    let long = "9".repeat(60);
    assert_safelisted("range", &[&format!("bytes={long}-{long}")]);
    assert_unsafe("range", &[&format!("bytes=1{long}-{long}")]);
    assert_unsafe(
        "range",
        &[
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=-500",
            "bytes=5",
            "bytes=6-5",
            "bytes=10-9",
            "bytes=8-007",
            "bytes=1-2,3-4",
            "bytes =1-2",
            "bytes= 1-2",
            "bytes=1 -2",
            "bytes=1- 2",
            "bytes=1-2x",
            "bytes=a-b",
            "bytes=+1-2",
            "Bytes=1-2",
            "MB=1-2",
            "1-2",
            ",bytes=1-2",
        ],
    );
}

#[test]
fn unsafe_names_are_sorted_and_lower_cased_and_named_once() {
    assert_eq!(names(&[]), [""; 0]);
    assert_eq!(
        names(&[
            ("X-B", "1"),
            ("authorization", ""),
            ("x-A", "2"),
            ("x-b", "3"),
            ("Accept", "x"),
            ("X_C", "")
        ]),
        ["authorization", "x-a", "x-b", "x_c"]
    );
    // Sorted by bytes, not by words: 0x2D comes before 0x5F.
    assert_eq!(
        names(&[("a_b", ""), ("a-b", ""), ("a", "")]),
        ["a", "a-b", "a_b"]
    );
}

#[test]
fn one_safe_and_one_unsafe_value_of_a_name_make_it_unsafe() {
    assert_eq!(
        names(&[
            ("Content-Type", "text/plain"),
            ("content-type", "application/json")
        ]),
        ["content-type"]
    );
}

#[test]
fn more_than_1024_bytes_of_safelisted_values_make_all_of_them_unsafe() {
    let full = "a".repeat(128);
    let mut headers = vec![("Accept", full.as_str()); 8];
    assert_eq!(names(&headers), [""; 0]);
    // Empty values add nothing, and unsafe ones are not counted.
    headers.push(("accept-language", ""));
    headers.push(("x-custom", full.as_str()));
    assert_eq!(names(&headers), ["x-custom"]);
    headers.push(("content-language", "a"));
    assert_eq!(
        names(&headers),
        ["accept", "accept-language", "content-language", "x-custom"]
    );
}

#[test]
fn forbidden_names_are_forbidden_in_any_case() {
    for name in [
        "Accept-Charset",
        "accept-encoding",
        "ACCESS-CONTROL-REQUEST-HEADERS",
        "access-control-request-method",
        "connection",
        "content-length",
        "Cookie",
        "cookie2",
        "date",
        "DNT",
        "expect",
        "host",
        "keep-alive",
        "Origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "Proxy-Anything",
        "proxy-",
        "Sec-",
        "sec-fetch-site",
    ] {
        assert!(is_forbidden(name.as_bytes(), b""), "{name}");
    }
    for name in [
        "user-agent",
        "authorization",
        "proxy",
        "sec",
        "secret",
        "x-sec-a",
        "set-cookie2",
        "range",
        "access-control-allow-origin",
        "access-control-request-private-network",
    ] {
        assert!(!is_forbidden(name.as_bytes(), b""), "{name}");
    }
}

#[test]
fn a_method_override_is_forbidden_when_it_names_a_forbidden_method() {
    for name in [
        "X-HTTP-Method",
        "x-http-method-override",
        "X-Method-Override",
    ] {
        for value in [
            "TRACE",
            "track",
            "get, Connect",
            " TRACE ,x",
            "\"a,b\",TRACE",
        ] {
            assert!(
                is_forbidden(name.as_bytes(), value.as_bytes()),
                "{name}: {value}"
            );
        }
        for value in [
            "",
            "GET",
            "TRACER",
            "\"TRACE\"",
            "\"a,TRACE\"",
            "\"a,TRACE,b",
        ] {
            assert!(
                !is_forbidden(name.as_bytes(), value.as_bytes()),
                "{name}: {value}"
            );
        }
    }
    assert!(!is_forbidden(b"x-method", b"TRACE"));
}
