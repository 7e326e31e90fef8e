//! Lists of origins in files of their own.

use super::*;

const POLICY: &str = "allow_origins_from = 'origins.txt'\nallow_origins = ['https://own.example']";

fn directory_with_list(policy: &str, list: impl AsRef<[u8]>) -> (TempDir, PathBuf, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    let list_path = directory.path().join("origins.txt");
    save(&list_path, list);
    save(&path, policy);
    (directory, path, list_path)
}

fn message_of(policy: &str, list: impl AsRef<[u8]>) -> String {
    let (directory, path, _) = directory_with_list(policy, list);
    let error = PolicyFile::read(&path).unwrap_err();
    let prefix = format!("{}/", directory.path().display());
    format!("{error:#}").replace(&prefix, "")
}

#[test]
fn a_list_has_one_origin_per_line_with_comments_and_blank_lines() {
    let list = "\u{feff}# tenants\n\nhttps://first.example\r\n  https://*.second.example  # all\n\t\n#\nhttps://third.example";
    let (_directory, path, _) = directory_with_list(POLICY, list);
    let policy = PolicyFile::read(&path).unwrap();
    for name in ["own", "first", "a.second", "third"] {
        assert!(is_in_force(&policy, name), "{name}");
    }
    assert!(!is_in_force(&policy, "other"));
}

#[test]
fn every_format_and_table_names_a_list_relative_to_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let lists = directory.path().join("lists");
    fs::create_dir(&lists).unwrap();
    let absolute = lists.join("origins.txt");
    fs::write(&absolute, "https://first.example").unwrap();
    let absolute = absolute.to_str().unwrap();
    for (name, content) in [
        (
            "app.toml",
            "[cors]\nallow_origins_from = 'lists/origins.txt'".to_owned(),
        ),
        (
            "app.toml",
            format!("[cors]\nallow_origins_from = '{absolute}'"),
        ),
        #[cfg(feature = "json")]
        (
            "app.json",
            r#"{"cors": {"allow_origins_from": "lists/origins.txt"}}"#.to_owned(),
        ),
        #[cfg(feature = "yaml")]
        (
            "app.yml",
            "cors:\n  allow_origins_from: lists/origins.txt".to_owned(),
        ),
    ] {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        let policy = PolicyFile::read_table(&path, "cors").unwrap();
        assert!(is_in_force(&policy, "first"), "{name}");
    }
}

#[test]
fn a_change_of_the_list_is_followed() {
    let (directory, path, list) = directory_with_list(POLICY, "https://first.example");
    let followed = follow(&path);
    followed.assert_in_force("first");
    for name in ["second", "third"] {
        save(&list, format!("https://{name}.example"));
        followed.expect(name);
        followed.assert_in_force("own");
    }
    // The same content is not a change.
    save(&list, "https://third.example");
    followed.assert_no_report();
    // Only the new list is watched now.
    fs::write(
        directory.path().join("others.txt"),
        "https://fourth.example",
    )
    .unwrap();
    save(&path, POLICY.replace("origins.txt", "others.txt"));
    followed.expect("fourth");
    save(&list, "nonsense");
    followed.assert_no_report();
    save(
        &directory.path().join("others.txt"),
        "https://fifth.example",
    );
    followed.expect("fifth");
}

#[test]
fn an_invalid_list_is_reported_and_the_policy_in_force_stays() {
    let (_directory, path, list) = directory_with_list(POLICY, "https://first.example");
    let followed = follow(&path);
    save(&list, "https://second.example/");
    let error = followed.next().unwrap_err().to_string();
    assert!(error.contains("origins.txt:1: "), "{error}");
    followed.assert_in_force("first");
    fs::remove_file(&list).unwrap();
    let error = followed.next().unwrap_err();
    assert!(
        matches!(error, PolicyFileError::OriginsUnreadable(..)),
        "{error}"
    );
    followed.assert_in_force("first");
    save(&list, "https://third.example");
    followed.expect("third");
}

#[test]
fn faults_of_a_list_have_its_path_and_the_line() {
    for (policy, list, parts) in [
        (
            "allow_origins = ['https://Own.example', 'https://own.example']\nallow_origins_from = 'origins.txt'",
            "# first\nhttps://a.example\n\nhttps://B.example\nhttps://c.example/",
            &[
                "cors.toml: the CORS policy has 3 faults:",
                "\n  cors.toml:1:18: allow_origins[0]: `https://Own.example` is invalid",
                "\n  origins.txt:4: `https://B.example` is invalid",
                "write `https://b.example`",
                "\n  origins.txt:5: `https://c.example/` is invalid",
            ][..],
        ),
        (
            "allow_origins_from = 'origins.txt'\nallow_credentials = true",
            "\nhttp://a.example",
            &["has a fault:\n  origins.txt:2: `http://a.example` is unsafe"],
        ),
        (
            "allow_origins_from = 'origins.txt'",
            "# none",
            &["no origin is allowed"],
        ),
        (
            r#"allow_origins_from = "none\u001b.txt""#,
            "",
            &["none\\u{1b}.txt: the list of origins cannot be read: "],
        ),
        ("allow_origins_from = '.'", "", &["not a regular file"]),
        (
            "allow_origins_from = 5",
            "",
            &["cors.toml:1:22: allow_origins_from: `5` is invalid: expected the path of a file"],
        ),
        ("allow_origin_from = 5", "", &["`allow_origins_from`"]),
    ] {
        let message = message_of(policy, list);
        for part in parts {
            assert!(message.contains(part), "{part:?} in {message}");
        }
    }
    #[cfg(feature = "json")]
    {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cors.json");
        fs::write(
            &path,
            r#"{"allow_origins_from": "a", "allow_origins_from": "b"}"#,
        )
        .unwrap();
        let error = PolicyFile::read(&path).unwrap_err().to_string();
        assert!(
            error.contains(
                "cors.json:1:29: allow_origins_from: invalid: the setting is written twice"
            ),
            "{error}"
        );
    }
}

#[test]
fn faults_of_the_policy_file_are_reported_although_its_list_cannot_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    fs::write(&path, "allow_origins_from = 'none.txt'\nmaxAge = 5").unwrap();
    let error = PolicyFile::read(&path).unwrap_err();
    assert!(matches!(error, PolicyFileError::Faults(..)), "{error}");
    let message = error.to_string();
    for part in [
        "has a fault:\n  cors.toml:2:1: unknown setting `maxAge`",
        "none.txt: the list of origins cannot be read: ",
    ] {
        assert!(message.contains(part), "{part:?} in {message}");
    }
}

#[test]
fn lines_that_are_not_text_or_too_long_are_reported_with_their_number() {
    let long = "a".repeat(5_000_000);
    for (list, expected) in [
        (
            b"https://a.example\n\nhttps://\xff\x1b.example".to_vec(),
            r"origins.txt: the list of origins is malformed: line 3: `https://\u{fffd}\u{1b}.example` is not UTF-8; save the file as UTF-8",
        ),
        (
            format!("\nhttps://{long}").into_bytes(),
            "line 2: longer than 4096 bytes",
        ),
        (
            format!("https://{}.example", &long[..4000]).into_bytes(),
            "origins.txt:1: ",
        ),
    ] {
        let message = message_of("allow_origins_from = 'origins.txt'", list);
        assert!(message.contains(expected), "{expected} in {message}");
        assert!(
            message.len() < 2048 && !message.contains('\u{1b}'),
            "{message}"
        );
    }
}

#[test]
fn a_list_may_be_longer_than_a_policy_file_but_has_a_limit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    let list = directory.path().join("origins.txt");
    fs::write(&path, "allow_origins_from = 'origins.txt'").unwrap();
    // Comments do not take memory.
    let comment = format!("#{}\n", "-".repeat(4000));
    let mut content = comment.repeat((65 << 20) / comment.len());
    content.push_str("https://first.example");
    fs::write(&list, content).unwrap();
    assert!(is_in_force(&PolicyFile::read(&path).unwrap(), "first"));
    // A sparse file.
    let endless = fs::File::create(&list).unwrap();
    endless.set_len((1 << 30) + 1).unwrap();
    let error = PolicyFile::read(&path).unwrap_err();
    let is_unreadable = matches!(error, PolicyFileError::OriginsUnreadable(..));
    assert!(is_unreadable, "{error}");
    assert!(
        format!("{error:#}").contains("longer than 1024 MiB"),
        "{error:#}"
    );
}
