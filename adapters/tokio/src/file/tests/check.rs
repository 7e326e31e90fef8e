//! Checks for tools: the range of each finding.

use crate::{PolicyFileCheck, Problem};

use super::*;

/// Returns the text of each finding, as it is in the file, with its rule.
fn found(name: &str, text: &str, table: Option<&str>) -> Vec<String> {
    let read = |_: &Path| Ok(text.as_bytes().to_vec());
    let check = PolicyFileCheck::read_with(name, table, read).unwrap();
    assert_eq!(check.text(), text);
    let findings = check.findings().iter();
    findings
        .map(|finding| {
            let kind = match finding.problem() {
                Problem::Fault(_) => "fault",
                Problem::Warning(_) => "warning",
                _ => "malformed",
            };
            match finding.range() {
                Some(range) => format!("{kind}: {}", &check.text_of(finding)[range]),
                None => format!("{kind} without a place"),
            }
        })
        .collect()
}

#[test]
fn a_fault_has_the_range_of_its_name_value_item_or_part() {
    let expected = [
        "fault: maxage",
        "fault: \"https://B.example\"",
        "fault: patch",
        "fault: 'maybe'",
        "fault: 404",
    ];
    let text = "\
maxage = 5 # \u{e9}
allow_origins = ['https://a.example', \"https://B.example\"]
allow_methods = 'PUT, patch'
allow_credentials = 'maybe'
preflight_status = 404
";
    assert_eq!(found("cors.toml", text, None), expected);
    let table = format!("[app.cors]\n{text}");
    assert_eq!(found("app.toml", &table, Some("app.cors")), expected);

    #[cfg(feature = "json")]
    assert_eq!(
        found(
            "cors.json",
            "{ \"max\\u0061ge\": 5, \"allow_origins\": [ \"https://B.example\" , {\"x\": []} ],
              \"allow_methods\": \"PUT patch\", \"preflight_status\": 404}",
            None
        ),
        [
            "fault: \"max\\u0061ge\"",
            "fault: \"https://B.example\"",
            "fault: {\"x\": []}",
            "fault: patch",
            "fault: 404"
        ]
    );
    #[cfg(feature = "yaml")]
    assert_eq!(
        found(
            "cors.yaml",
            "# \u{1f980}\n'maxage': 5\nallow_origins:\n  - https://B.example # b\n  - \"https://C.\\x65xample\"\nallow_methods: PUT, patch\npreflight_status: 404\n",
            None
        ),
        [
            "fault: 'maxage'",
            "fault: https://B.example",
            "fault: \"https://C.\\x65xample\"",
            "fault: patch",
            "fault: 404"
        ]
    );
}

#[test]
fn a_warning_has_the_range_of_its_item_of_its_value_or_of_a_name_to_leave_out() {
    let text = "\
allow_origins = ['https://a.example', 'http://b.example']
allow_methods = ['PUT', \"GET\"]
allow_headers = 'content-type, X-*'
expose_headers = ['Content-Length']
max_age = 10_000
dangerously_allow_opaque_origins = true
";
    assert_eq!(
        found("cors.toml", text, None),
        [
            "warning: 'http://b.example'",
            "warning: \"GET\"",
            "warning: X-*",
            "warning: 'Content-Length'",
            "warning: 10_000",
            "warning: dangerously_allow_opaque_origins",
        ]
    );
    // A text with escapes has no parts.
    let text = "allow_origins = 'https://a.example'\nallow_methods = \"PUT, \\u0047ET\"\nallow_headers = 'content-type'";
    assert_eq!(
        found("cors.toml", text, None),
        ["warning: \"PUT, \\u0047ET\""]
    );
}

#[test]
fn beside_faults_only_warnings_that_do_not_depend_on_them_are_found() {
    let text = "\
allow_origins = ['http://localhost', 'https://B.example']
allow_methods = ['GET', 'patch', 'PUT']
max_age = 100_000
";
    assert_eq!(
        found("cors.toml", text, None),
        [
            "fault: 'https://B.example'",
            "warning: 'GET'",
            "fault: 'patch'",
            "fault: 100_000",
        ]
    );
}

#[test]
fn an_error_of_syntax_has_its_place() {
    assert_eq!(
        found("cors.toml", "allow_origins = ['a' 'b']", None),
        ["malformed: '"]
    );
    assert_eq!(found("cors.toml", "", None), ["fault without a place"]);
    #[cfg(feature = "json")]
    {
        assert_eq!(found("cors.json", "{\"a\": }", None), ["malformed: }"]);
        assert_eq!(found("cors.json", "", None), ["malformed: "]);
    }
    #[cfg(feature = "yaml")]
    assert_eq!(
        found("cors.yaml", "allow_origins: *", None),
        ["malformed: *"]
    );
    let bytes = b"allow_origins = '\xff'".to_vec();
    let check = PolicyFileCheck::read_with("cors.toml", None, |_| Ok(bytes.clone())).unwrap();
    assert_eq!(check.findings()[0].start(), Some((1, 18)));
}

#[test]
fn a_list_of_origins_has_its_own_ranges() {
    let read = |path: &Path| {
        Ok(match path.to_str() {
            Some("app/cors.toml") => {
                b"allow_origins = ['https://A.example']\nallow_origins_from = 'list.txt'".to_vec()
            }
            Some("app/list.txt") => {
                b"\xef\xbb\xbf# all\r\n https://B.example # b\r\n\nhttps://c.example".to_vec()
            }
            other => panic!("{other:?}"),
        })
    };
    let check = PolicyFileCheck::read_with("app/cors.toml", None, read).unwrap();
    let [own, of_list] = check.findings() else {
        panic!("{check:?}");
    };
    assert_eq!((own.is_in_list(), own.start()), (false, Some((1, 18))));
    assert_eq!(
        (of_list.is_in_list(), of_list.start()),
        (true, Some((2, 2)))
    );
    assert_eq!(of_list.end(), Some((2, 19)));
    assert_eq!(of_list.path(), Path::new("app/list.txt"));
    assert_eq!(
        &check.text_of(of_list)[of_list.range().unwrap()],
        "https://B.example"
    );
}

#[test]
fn a_warning_about_an_origin_of_the_list_is_in_the_list() {
    let read = |path: &Path| {
        Ok(match path.to_str() {
            Some("cors.toml") => b"allow_origins_from = 'list.txt'".to_vec(),
            _ => b"https://a.site.example\nhttps://*.site.example # all\nhttps://b.site.example"
                .to_vec(),
        })
    };
    let check = PolicyFileCheck::read_with("cors.toml", None, read).unwrap();
    let warnings: Vec<_> = check
        .findings()
        .iter()
        .map(|finding| (finding.is_in_list(), finding.start()))
        .collect();
    assert_eq!(warnings, [(true, Some((1, 1))), (true, Some((3, 1)))]);
}

#[test]
fn a_list_that_cannot_be_used_is_a_finding_among_others() {
    let text = "allow_origins_from = 'list.txt'\nallow_methods = ['patch']";
    let check = |list: Option<&'static [u8]>| {
        PolicyFileCheck::read_with("cors.toml", None, |path| match path.to_str() {
            Some("cors.toml") => Ok(text.as_bytes().to_vec()),
            _ => list
                .map(<[u8]>::to_vec)
                .ok_or_else(|| std::io::ErrorKind::NotFound.into()),
        })
        .unwrap()
    };
    let missing = check(None);
    assert_eq!(missing.findings().len(), 2);
    assert_eq!(missing.findings()[0].start(), Some((1, 22)));
    assert!(
        matches!(missing.findings()[0].problem(), Problem::OriginsUnreadable(text) if text.contains("`list.txt`"))
    );
    assert!(missing.policy().is_none());

    let malformed = check(Some(b"https://a.example\n\xff"));
    assert_eq!(malformed.findings().len(), 2);
    assert_eq!(malformed.findings()[1].start(), Some((2, 1)));
    assert!(matches!(
        malformed.findings()[1].problem(),
        Problem::Malformed(_)
    ));
    assert!(malformed.findings()[1].is_in_list());
    assert!(malformed.policy().is_none());
}

/// Parsers may ignore a byte order mark (RFC 8259, section 8.1). Editors do not count it as a column.
#[test]
fn a_byte_order_mark_is_ignored_and_offsets_count_it() {
    for (name, text) in [
        ("cors.toml", "allow_origins = ['https://A.example']"),
        #[cfg(feature = "json")]
        ("cors.json", "{\"allow_origins\": ['https://A.example']}"),
        #[cfg(feature = "yaml")]
        ("cors.yaml", "allow_origins: ['https://A.example']"),
        #[cfg(feature = "yaml")]
        ("cors.yml", "allow_origins:\n  - 'https://A.example'"),
    ] {
        let text = match name {
            "cors.json" => text.replace('\'', "\""),
            _ => text.to_owned(),
        };
        let check = |text: String| {
            let read = |_: &Path| Ok(text.clone().into_bytes());
            PolicyFileCheck::read_with(name, None, read).unwrap()
        };
        let without = check(text.clone());
        let with = check(format!("\u{feff}{text}"));
        let ([found], [expected]) = (with.findings(), without.findings()) else {
            panic!("{name}: {with:?}");
        };
        let range = found.range().unwrap();
        assert_eq!(
            with.text()[range.clone()].trim_matches(['\'', '"']),
            "https://A.example"
        );
        let before = expected.range().unwrap();
        assert_eq!(range, before.start + 3..before.end + 3, "{name}");
        assert_eq!(
            (found.start(), found.end()),
            (expected.start(), expected.end())
        );
    }
}

#[test]
fn an_error_of_syntax_after_a_byte_order_mark_has_its_place() {
    for (name, text, place) in [
        ("cors.toml", "allow_origins = ['a' 'b']", (1, 22)),
        #[cfg(feature = "json")]
        ("cors.json", "{\"a\": }", (1, 7)),
        #[cfg(feature = "yaml")]
        ("cors.yaml", "allow_origins: *", (1, 16)),
    ] {
        for text in [text.to_owned(), format!("\u{feff}{text}")] {
            let read = |_: &Path| Ok(text.clone().into_bytes());
            let check = PolicyFileCheck::read_with(name, None, read).unwrap();
            let finding = &check.findings()[0];
            assert_eq!(finding.start(), Some(place), "{name}");
            let before = text.len() - text.trim_start_matches('\u{feff}').len();
            assert_eq!(finding.range().unwrap().start, before + place.1 - 1);
        }
    }
    // The excerpt of the line does not contain the mark.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    fs::write(&path, "\u{feff}allow_origins = ['\u{e9}' 'b']\n").unwrap();
    let message = format!("{:#}", PolicyFile::read(&path).unwrap_err());
    assert!(
        message.contains("line 1, column 22: ") && message.contains("1 | allow_origins"),
        "{message}"
    );
}

#[test]
fn a_file_that_is_not_edited_is_read_with_the_limits() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    let list = directory.path().join("list");
    fs::create_dir(&list).unwrap();
    fs::write(&path, "allow_origins = ['https://a.example']").unwrap();
    let edited = b"allow_origins_from = 'list'".to_vec();
    let check =
        PolicyFileCheck::read_edited(&path, None, |asked| (asked == path).then(|| edited.clone()))
            .unwrap();
    let finding = &check.findings()[0];
    assert!(
        matches!(finding.problem(), Problem::OriginsUnreadable(text) if text.ends_with("not a regular file")),
        "{finding:?}"
    );
    let check =
        PolicyFileCheck::read_edited(&path, None, |asked| (asked == list).then(|| edited.clone()))
            .unwrap();
    assert!(check.policy().is_some());
}
