//! Files that are written to cost much time.

use std::fmt::Write as _;
use std::time::Instant;

use super::*;

/// The time in which a file of at most 1 MB is rejected in a debug build on a busy machine. A release build takes milliseconds. If
/// the cost were quadratic, 20 kB would take longer than this.
const QUICK: Duration = Duration::from_secs(5);

#[track_caller]
fn assert_rejected_quickly(name: &str, content: &str) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, content).unwrap();
    let begin = Instant::now();
    let error = PolicyFile::watch::<NoPreparedValues>(&path, |_| {}).unwrap_err();
    let elapsed = begin.elapsed();
    let start = content.chars().take(40).collect::<String>();
    let is_malformed = matches!(error, PolicyFileError::Malformed(..));
    assert!(is_malformed, "{start}: {error}");
    assert!(elapsed < QUICK, "{name}, {start}: {elapsed:?}");
}

/// Returns nested YAML of about this length, each level indented by one more space.
fn indented(length: usize) -> String {
    let mut text = String::new();
    for depth in 0.. {
        if text.len() >= length {
            break;
        }
        writeln!(text, "{:depth$}a:", "").unwrap();
    }
    text
}

#[test]
fn deep_nesting_is_rejected_quickly() {
    for length in [20_000, 1_000_000] {
        for (name, item, prefix) in [
            #[cfg(feature = "yaml")]
            ("cors.yaml", "[", ""),
            #[cfg(feature = "yaml")]
            ("cors.yaml", "[", "allow_origins: "),
            #[cfg(feature = "yaml")]
            ("cors.yaml", "[", "other: "),
            #[cfg(feature = "yaml")]
            ("cors.yaml", "{", ""),
            #[cfg(feature = "yaml")]
            ("cors.yaml", "{a: ", ""),
            #[cfg(feature = "yaml")]
            ("cors.yaml", "- ", ""),
            #[cfg(feature = "yaml")]
            ("cors.yaml", "- ", "allow_origins:\n"),
            #[cfg(feature = "yaml")]
            ("cors.yaml", "? ", ""),
            #[cfg(feature = "yaml")]
            ("cors.yaml", "&a ", "allow_origins: "),
            #[cfg(feature = "json")]
            ("cors.json", "[", ""),
            #[cfg(feature = "json")]
            ("cors.json", "[", "{\"allow_origins\": "),
            #[cfg(feature = "json")]
            ("cors.json", "{\"a\": ", ""),
            ("cors.toml", "[", ""),
            ("cors.toml", "[", "allow_origins = "),
            ("cors.toml", "{a = ", "allow_origins = "),
        ] {
            let content = format!("{prefix}{}", item.repeat(length / item.len()));
            assert_rejected_quickly(name, &content);
        }
        #[cfg(feature = "yaml")]
        assert_rejected_quickly("cors.yaml", &indented(length));
    }
}

/// The parser reads the rest of the file as well.
#[cfg(feature = "yaml")]
#[test]
fn aliases_of_aliases_beside_a_table_are_rejected_quickly() {
    let mut content = "cors: {allow_origins: ['https://a.example']}\na0: &a0 [x]\n".to_owned();
    for level in 1..60 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(content, "a{level}: &a{level} [{items}]").unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.yaml");
    fs::write(&path, content).unwrap();
    let begin = Instant::now();
    let error = PolicyFile::read_table(&path, "cors").unwrap_err();
    let elapsed = begin.elapsed();
    assert!(matches!(error, PolicyFileError::Malformed(..)), "{error}");
    assert!(elapsed < QUICK, "{elapsed:?}");
}

#[cfg(feature = "yaml")]
#[test]
fn aliases_of_aliases_are_rejected_quickly() {
    let mut content = "a0: &a0 ['https://a.example']\n".to_owned();
    for level in 1..60 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(content, "a{level}: &a{level} [{items}]").unwrap();
    }
    assert_rejected_quickly("cors.yaml", &format!("{content}allow_origins: *a59\n"));
    let reversed = format!("allow_methods: []\n{content}");
    assert_rejected_quickly("cors.yaml", &reversed);
    // One long list, repeated many times.
    let list = "https://a.example, ".repeat(10_000);
    let content = format!("a: &a [{list}]\nb: [{}]\n", "*a, ".repeat(100_000));
    assert_rejected_quickly("cors.yaml", &content);
}
