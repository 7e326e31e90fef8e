use std::fs;

use serde_json::Value;

use super::*;
use crate::check::{json, sarif};

/// Fixes a file, and returns its new text.
fn fixed_text(name: &str, text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    fix(&path, None).unwrap();
    let left = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(left, 1, "a temporary file is left");
    fs::read_to_string(&path).unwrap()
}

#[test]
fn only_the_values_change() {
    for (name, text, expected) in [
        (
            "cors.toml",
            "# \u{e9}\r\nallow_origins = [ 'https://A.example' ,\t# 'https://A.example'\r\n \"https://b.example/\" ]\r\n\r\nmax_age = '1h'",
            "# \u{e9}\r\nallow_origins = [ 'https://a.example' ,\t# 'https://A.example'\r\n \"https://b.example\" ]\r\n\r\nmax_age = 3600",
        ),
        (
            "cors.toml",
            "allow_origins = ['https://a.example']\nmax_age = 1_000_000\nallow_methods = 'put delete'",
            "allow_origins = ['https://a.example']\nmax_age = 86400\nallow_methods = 'PUT DELETE'",
        ),
        (
            "cors.json",
            "{\"allow_origins\":[\"https:\\/\\/A.example\"],\n\t\"allow_credentials\" : \"on\"}",
            "{\"allow_origins\":[\"https://a.example\"],\n\t\"allow_credentials\" : true}",
        ),
        (
            "cors.yaml",
            "allow_origins: &all # all\n  - \"https://A\\x2eexample\"\n  - https://b.example/ # b\n",
            "allow_origins: &all # all\n  - \"https://a.example\"\n  - https://b.example # b\n",
        ),
        (
            "cors.yml",
            "allow_origins: https://A.example, https://b.example\nmax_age: 10m\n",
            "allow_origins: https://a.example, https://b.example\nmax_age: 600\n",
        ),
        (
            "cors.yaml",
            "allow_origins: ['http://[::1]:03000', 'http://[0:0::1]:3000']\n",
            "allow_origins: ['http://[::1]:3000', 'http://[::1]:3000']\n",
        ),
        (
            "cors.json",
            "\u{feff}{\"allow_origins\": \"https://A.example\"}",
            "\u{feff}{\"allow_origins\": \"https://a.example\"}",
        ),
        (
            "cors.yaml",
            "\u{feff}allow_origins: https://A.example\n",
            "\u{feff}allow_origins: https://a.example\n",
        ),
        (
            "cors.toml",
            "\u{feff}allow_origins = 'https://A.example'\n",
            "\u{feff}allow_origins = 'https://a.example'\n",
        ),
    ] {
        assert_eq!(fixed_text(name, text), expected);
    }
}

#[test]
fn a_name_is_corrected_and_then_its_value() {
    for (name, text, expected) in [
        (
            "cors.toml",
            "allowOrigins = ['https://A.example']\n'allow-methods' = ['put']",
            "allow_origins = ['https://a.example']\n'allow_methods' = ['PUT']",
        ),
        (
            "cors.json",
            "{\"ALLOW_ORIGIN\": \"https://A.example\"}",
            "{\"allow_origins\": \"https://a.example\"}",
        ),
        (
            "cors.yaml",
            "allow_origins: https://a.example\ndecide_origins_outside: yes\n",
            "allow_origins: https://a.example\nlookup_origins: true\n",
        ),
    ] {
        assert_eq!(fixed_text(name, text), expected);
    }
}

#[test]
fn safelisted_entries_are_removed_except_request_headers() {
    for (name, text, expected) in [
        (
            "cors.toml",
            "allow_origins = ['https://a.example']\nallow_methods = ['GET', 'PUT', 'HEAD']\nallow_headers = ['content-type', 'Accept']\nexpose_headers = 'Content-Length'",
            "allow_origins = ['https://a.example']\nallow_methods = ['PUT']\nallow_headers = ['content-type', 'Accept']\nexpose_headers = 'Content-Length'",
        ),
        (
            "cors.yaml",
            "allow_origins: https://a.example\nallow_methods:\n  - GET\n  - DELETE\n",
            "allow_origins: https://a.example\nallow_methods:\n  - DELETE\n",
        ),
    ] {
        assert_eq!(fixed_text(name, text), expected);
    }
}

/// Programs make all corrections of a report together.
#[test]
fn corrections_in_a_report_do_not_overlap() {
    let text = "allow_origins = ['https://A.example']\nallow_methods = ['GET', 'HEAD']\nexpose_headers = ['expires', 'pragma', 'etag']";
    let check = PolicyFileCheck::read_with("cors.toml", None, |_| Ok(text.into())).unwrap();
    let files = [Outcome::Checked(Box::new(Checked::new(check)))];
    let report = |write: fn(&[Outcome], &mut Vec<u8>) -> std::io::Result<()>| -> Value {
        let mut out = Vec::new();
        write(&files, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    };
    let json = report(json::write);
    let findings = json["files"][0]["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 5);
    let mut corrected = text.to_owned();
    let corrections = findings.iter().filter_map(|finding| finding.get("fix"));
    let corrections: Vec<_> = corrections.collect();
    for fix in corrections.iter().rev() {
        let number = |name: &str| usize::try_from(fix[name].as_u64().unwrap()).unwrap();
        let (offset, length) = (number("offset"), number("length"));
        corrected.replace_range(offset..offset + length, fix["text"].as_str().unwrap());
    }
    assert_eq!(
        corrected,
        "allow_origins = ['https://a.example']\nallow_methods = ['HEAD']\nexpose_headers = ['etag']"
    );
    let sarif = report(sarif::write);
    let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
    let count = results.filter(|result| result.get("fixes").is_some());
    assert_eq!(count.count(), corrections.len());
}

/// The list is a device, which `check` does not read.
#[cfg(unix)]
#[test]
fn a_list_that_cannot_be_read_is_not_read_for_a_correction() {
    assert_eq!(
        fixed_text(
            "cors.toml",
            "allow_origins_from = '/dev/null'\nallow_methods = ['patch']"
        ),
        "allow_origins_from = '/dev/null'\nallow_methods = ['PATCH']"
    );
}

/// A list of YAML without items is not a list.
#[test]
fn a_removal_that_would_be_a_new_fault_is_not_written() {
    let text = "allow_origins: https://a.example\nallow_methods:\n  - GET\n  - HEAD\n";
    assert_eq!(fixed_text("cors.yaml", text), text);
}

#[test]
fn what_may_allow_more_than_was_meant_is_not_written() {
    for text in [
        // A path may have been meant as a limit.
        "allow_origins = ['https://sites.example/~mine']",
        "allow_origins = ['sites.example/mine']",
        // The name of a user may have been meant as the host.
        "allow_origins = ['https://mine.example@other.example']",
        // `*` was not written.
        "allow_origins = ['https://.example.com']",
        "allow_origins = ['any']",
        "allow_origins = ['https://a.example']\nallow_methods = ['all']",
        "allow_origins = ['https://a.example']\nallow_headers = ['any']",
        // Opt-outs.
        "allow_origins = ['null']\ndangerouslyAllowOpaqueOrigins = true",
        "allow_origins = ['null']\ndangerously_allow_null_origin = true",
        "allow_origins = ['null']\ndangerously_allow_opaque_origins = 'yes'",
        // Another name, which may have another meaning.
        "origins = ['https://a.example']",
        "allowed_origins = ['https://a.example']",
        "allow_origins = ['https://a.example']\nmax_age_seconds = 5",
        // Two settings of the same name.
        "allow_origins = ['https://a.example']\nallowOrigins = ['https://b.example']",
        // Several items instead of one.
        "allow_origins = ['https://a.example']\nallow_methods = ['PUT, DELETE']",
        // A fault without a suggestion.
        "allow_origins = ['https://*']",
    ] {
        assert_eq!(fixed_text("cors.toml", text), text);
    }
}

#[test]
fn a_list_of_origins_is_fixed_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    let list = directory.path().join("origins.txt");
    let text = "allow_origins_from = 'origins.txt'";
    fs::write(&path, text).unwrap();
    fs::write(
        &list,
        "\u{feff}# all\r\n\thttps://A.example # a\r\n\r\nb.example\n*.Example.org",
    )
    .unwrap();
    let Outcome::Checked(checked) = fix(&path, None).unwrap() else {
        panic!();
    };
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(
        fs::read_to_string(&list).unwrap(),
        "\u{feff}# all\r\n\thttps://a.example # a\r\n\r\nhttps://b.example\nhttps://*.example.org"
    );
    let places: Vec<_> = checked
        .changes
        .iter()
        .map(|change| (change.line, change.column))
        .collect();
    assert_eq!(places, [(2, 2), (4, 1), (5, 1)]);
    assert_eq!(checked.count_faults(), 0);
}

#[test]
fn a_table_of_a_larger_file_is_fixed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.toml");
    fs::write(
        &path,
        "allow_origins = ['A']\n[server.cors]\nallow_origins = ['https://A.example']",
    )
    .unwrap();
    fix(&path, Some("server.cors")).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "allow_origins = ['A']\n[server.cors]\nallow_origins = ['https://a.example']"
    );
}
