//! Policies in a table of a larger file.

use super::*;

/// An application's own file.
const APPLICATION: &str = "\
name = 'shop'
started = 2024-01-01T00:00:00Z
ports = [80, 443]

[database]
url = 'postgres://localhost'

[server]
workers = 4

[server.cors]
allow_origins = ['https://first.example']

[server.tls]
";

fn file_with(name: &str, content: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    save(&path, content);
    (directory, path)
}

#[test]
fn a_table_of_a_larger_file_is_read_in_every_format() {
    for (name, content, table) in [
        ("app.toml", APPLICATION, "server.cors"),
        (
            "app.toml",
            "cors.allow_origins = ['https://first.example']\nother = 1",
            "cors",
        ),
        (
            "app.toml",
            "server = { port = 1, cors = { allow_origins = ['https://first.example'] } }",
            "server.cors",
        ),
        #[cfg(feature = "json")]
        (
            "app.json",
            r#"{"a": [null, 1.5], "server": {"x": {}, "cors": {"allow_origins": ["https://first.example"]}}}"#,
            "server.cors",
        ),
        #[cfg(feature = "yaml")]
        (
            "app.yaml",
            "1: x\ntrue: ~\nx: !custom {a: [1.5]}\nserver:\n  cors:\n    allow_origins: [https://first.example]\n",
            "server.cors",
        ),
        // An alias to an anchor outside the table.
        #[cfg(feature = "yaml")]
        (
            "app.yaml",
            "all: &all [https://first.example]\ncors: {allow_origins: *all}",
            "cors",
        ),
    ] {
        let (_directory, path) = file_with(name, content);
        let policy = PolicyFile::read_table(&path, table).unwrap();
        assert!(is_in_force(&policy, "first"), "{content}");
    }
}

#[test]
fn a_whole_file_is_read() {
    let (_directory, path) = directory_with("first");
    assert!(is_in_force(&PolicyFile::read(&path).unwrap(), "first"));
}

#[test]
fn a_table_is_followed_and_stays_in_force_when_it_is_removed() {
    let (_directory, path) = file_with("app.toml", APPLICATION);
    let (sender, reports) = channel();
    let (policy, _): (PolicyHandle<NoPreparedValues>, _) =
        PolicyFile::watch_table(&path, "server.cors", move |outcome| {
            sender.send(outcome).unwrap();
        })
        .unwrap();
    let next = || reports.recv_timeout(PATIENCE).expect("a report");
    save(&path, APPLICATION.replace("first", "second"));
    assert_eq!(next().unwrap(), Reloaded::Replaced);
    assert!(is_in_force(policy.load().policy(), "second"));
    save(&path, APPLICATION.replace("[server.cors]", "[server.core]"));
    let error = next().unwrap_err();
    assert!(matches!(error, PolicyFileError::NoTable { .. }), "{error}");
    assert!(is_in_force(policy.load().policy(), "second"));
}

#[test]
fn a_missing_table_is_an_error_that_lists_the_tables() {
    let many = (0..30).map(|number| format!("[table-{number}]"));
    let many = many.collect::<Vec<_>>().join("\n");
    let long = format!("[{}]\n[short]\n", "t".repeat(5_000_000));
    for (name, content, table, expected) in [
        (
            "app.toml",
            APPLICATION,
            "cors",
            "the table `cors` does not exist; the file has `database`, `server`, `server.cors`, `server.tls`",
        ),
        (
            "app.toml",
            APPLICATION,
            "server.core",
            "the table `server.core` does not exist; the file has `database`",
        ),
        (
            "app.toml",
            APPLICATION,
            "",
            "the table `` does not exist; the file has",
        ),
        ("app.toml", "a = 1", "cors", "the file has no tables"),
        ("app.toml", &many, "cors", "` and 10 more"),
        ("app.toml", &long, "cors", "the file has `short` and 1 more"),
        #[cfg(feature = "json")]
        (
            "app.json",
            r#"{"a": null, "b": {"c": {}}, "d": [{}]}"#,
            "cors",
            "the file has `b`, `b.c`",
        ),
        #[cfg(feature = "yaml")]
        (
            "app.yaml",
            "a: ~\nb: {c: {x: 1}}\nd: [{}]\n",
            "cors",
            "the file has `b`, `b.c`",
        ),
    ] {
        let (_directory, path) = file_with(name, content);
        let error = PolicyFile::read_table(&path, table).unwrap_err();
        assert!(matches!(error, PolicyFileError::NoTable { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains(expected), "{expected} in {message}");
        assert!(message.len() < 2048, "{}", message.len());
    }
}

#[test]
fn faults_of_a_table_have_the_line_of_the_file_and_the_setting() {
    for (name, content, expected) in [
        (
            "app.toml",
            "[other]\nallow_origin = 1\n\n[cors]\nallow_origin = []",
            "app.toml:5:1: unknown setting `allow_origin`: ",
        ),
        (
            "app.toml",
            "[cors]\nallow_origins = ['https://a.example']\nmax_age = true",
            "app.toml:3:11: max_age: `true` is invalid: ",
        ),
        ("app.toml", "cors = 1\n", "line 1, column 8: "),
        ("app.toml", "[[cors]]\n", "expected a map of the settings"),
        ("app.toml", "[other\n\n[cors]", "line 1, column 7: "),
        (
            "app.toml",
            "[cors]\nallow_methods = ['patch']",
            "app.toml:2:18: allow_methods[0]: `patch`",
        ),
        #[cfg(feature = "json")]
        (
            "app.json",
            "{\"other\": 1,\n\"cors\": {\n\"allow_credentials\": 1}}",
            "app.json:3:22: allow_credentials: ",
        ),
        #[cfg(feature = "json")]
        (
            "app.json",
            r#"{"cors": {}, "cors": {}}"#,
            "duplicate key `cors`",
        ),
        #[cfg(feature = "yaml")]
        (
            "app.yaml",
            "other: 1\ncors:\n  allow_origin: []\n",
            "app.yaml:3:3: unknown setting `allow_origin`: ",
        ),
    ] {
        let (_directory, path) = file_with(name, content);
        let error = PolicyFile::read_table(&path, "cors").unwrap_err();
        let message = error.to_string();
        assert!(message.contains(expected), "{expected} in {message}");
        assert!(message.starts_with(path.to_str().unwrap()), "{message}");
    }
}
