//! The messages of errors in long and unusual files.

use super::*;

/// The longest message.
const LONGEST: usize = 2048;
/// The length of a faulty key or value.
const LENGTH: usize = 5_000_000;

fn error_of(name: &str, content: &str) -> PolicyFileError {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, content).unwrap();
    PolicyFile::watch::<NoPreparedValues>(&path, |_| {}).unwrap_err()
}

#[test]
fn the_message_for_a_long_file_is_short() {
    let origins = "'https://a.example', ".repeat(LENGTH / 21);
    let few_origins = "'https://a.example', ".repeat(10_000);
    let long = "k".repeat(LENGTH);
    let value = "k".repeat(200_000);
    for (name, content, part) in [
        // One long line.
        ("cors.toml", format!("allow_origins = [{origins}"), "line 1"),
        (
            "cors.toml",
            format!("\nallow_origins = [{few_origins}]]"),
            "line 2",
        ),
        (
            "cors.toml",
            format!("allow_origins = [{few_origins} true]"),
            "allow_origins[10000]: `true` is invalid",
        ),
        // One long key or value.
        ("cors.toml", format!("{long} = 1"), "unknown setting `kkkk"),
        (
            "cors.toml",
            format!("{long} = 1"),
            "the most common settings are allow_origins",
        ),
        ("cors.toml", format!("'{value}\u{7}"), "line 1"),
        (
            "cors.toml",
            format!("allow_credentials = '{value}'"),
            "expected true or false",
        ),
        (
            "cors.toml",
            format!("max_age = '{value}'"),
            "cors.toml:1:11: max_age: ",
        ),
        (
            "cors.toml",
            format!("allow_origins = ['https://{value}.example']"),
            "allow_origins[0]",
        ),
        (
            "cors.toml",
            format!("allow_methods = ['{value} {value}']\nallow_headers = ['{value}:']"),
            "allow_headers[0]",
        ),
        #[cfg(feature = "regex")]
        (
            "cors.toml",
            format!("allow_origin_regexes = ['https://{value}(']"),
            "not a valid regular expression",
        ),
        #[cfg(feature = "json")]
        (
            "cors.json",
            format!("{{\n\"{long}\": 1}}"),
            "unknown setting `kkkk",
        ),
        #[cfg(feature = "json")]
        (
            "cors.json",
            format!("{{\"allow_credentials\": \"{value}\"}}"),
            "expected true or false",
        ),
        #[cfg(feature = "json")]
        (
            "cors.json",
            format!("{{\"allow_origins\": \"{value}"),
            "line 1",
        ),
        #[cfg(feature = "yaml")]
        (
            "cors.yaml",
            format!("allow_credentials: {value}"),
            "cors.yaml:1:20: allow_credentials: ",
        ),
        #[cfg(feature = "yaml")]
        (
            "cors.yaml",
            format!("allow_origins:\n - '{value}"),
            "line 2",
        ),
        #[cfg(feature = "yaml")]
        ("cors.yaml", format!("!{value} a: 1"), "line 1"),
        #[cfg(feature = "yaml")]
        (
            "cors.yaml",
            format!("max_age: 1\n? {long}\n: 1"),
            "unknown setting `kkkk",
        ),
    ] {
        let start: String = content.chars().take(40).collect();
        let message = error_of(name, &content).to_string();
        let length = message.len();
        assert!(length <= LONGEST, "{name}, {start}: {length}");
        assert!(
            message.contains(part),
            "{name}, {start}: {part} in {message}"
        );
    }
}

#[test]
fn a_message_shows_the_place_and_escapes_invisible_characters() {
    for (name, content, expected) in [
        (
            "cors.toml",
            "# first\nallow_origin = []",
            "cors.toml:2:1: unknown setting `allow_origin`: did you mean `allow_origins`?",
        ),
        (
            "cors.toml",
            "allow_origins = []\nallow_credentials = 'yes'",
            "cors.toml:2:21: allow_credentials: `yes` is invalid: expected true or false; write `true`",
        ),
        (
            "cors.toml",
            "allow_methods = ['\u{1b}[31m'\u{1b}]",
            r"1 | allow_methods = ['\u{1b}[31m'\u{1b}]",
        ),
        (
            "cors.toml",
            "\"\\u001b[31m\\n\u{200b}\" = 1",
            r"cors.toml:1:1: unknown setting `\u{1b}[31m\n\u{200b}`",
        ),
        #[cfg(feature = "json")]
        (
            "cors.json",
            "{\n\"allow_credentials\": \"\\u001b\\n\"}",
            r"cors.json:2:22: allow_credentials: `\u{1b}\n` is invalid: expected true or false",
        ),
        #[cfg(feature = "yaml")]
        (
            "cors.yaml",
            "allow_origins: []\nallow_credentials: 'yes'",
            "cors.yaml:2:20: allow_credentials: ",
        ),
    ] {
        let message = error_of(name, content).to_string();
        assert!(message.contains(expected), "{expected}\nin {message}");
        let is_control = |character: char| character.is_control() && character != '\n';
        assert!(!message.contains(is_control), "{message:?}");
    }
}

#[test]
fn many_faults_are_cut_with_their_number() {
    let origins = "'https://Upper.example/', ".repeat(10_000);
    let message = error_of("cors.toml", &format!("allow_origins = [{origins}]")).to_string();
    assert!(message.len() < 3_000, "{}", message.len());
    assert!(message.lines().count() <= 25, "{message}");
    assert!(message.contains("10000 faults"), "{message}");
    assert!(message.contains("… and 99"), "{message}");
}
