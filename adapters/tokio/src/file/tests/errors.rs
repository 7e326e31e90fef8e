//! Files from which no policy can be built, at the start and later.

use std::error::Error;
use std::fs::File;
use std::io::ErrorKind;

use super::*;

fn fault(path: &Path) -> PolicyFileError {
    PolicyFile::watch::<NoPreparedValues>(path, |_| {}).unwrap_err()
}

#[test]
fn a_missing_or_faulty_file_is_an_error_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    let is_missing = |error| matches!(error, PolicyFileError::Unreadable(_, error) if error.kind() == ErrorKind::NotFound);
    assert!(is_missing(fault(&path)));
    assert!(is_missing(fault(&directory.path().join("gone/cors.toml"))));
    assert!(matches!(
        fault(Path::new("")),
        PolicyFileError::Unreadable(..)
    ));
    save(&path, "");
    let error = fault(&path);
    assert!(matches!(error, PolicyFileError::Faults(..)), "{error}");
}

/// Returns the text and the sources of an error, as a program prints them that only uses the trait `Error`.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[test]
fn an_unreadable_file_is_described_without_its_source() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    let error = fault(&path);
    let source = error.source().unwrap().to_string();
    let text = format!("{}: the policy file cannot be read", path.display());
    assert_eq!(error.to_string(), text);
    for printed in [
        chain(&error),
        format!("{error:#}"),
        // A `main` that returns the error prints this.
        format!("{error:?}"),
    ] {
        assert_eq!(printed, format!("{text}: {source}"));
    }
}

#[test]
fn an_unwatchable_file_is_described_without_its_source() {
    let error = PolicyFileError::Unwatchable("cors.toml".into(), "no more watches".into());
    assert_eq!(
        error.to_string(),
        "cors.toml: the policy file cannot be watched"
    );
    for printed in [chain(&error), format!("{error:#}"), format!("{error:?}")] {
        assert_eq!(
            printed,
            "cors.toml: the policy file cannot be watched: no more watches"
        );
    }
}

#[test]
fn faults_and_syntax_errors_are_printed_exactly_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    for (content, parts) in [
        (
            "allow_origins = ['https://Second.example/']\nallow_methods = ['patch']",
            ["`https://Second.example/`", "`patch`"],
        ),
        (
            "\nallow_origin = []",
            ["cors.toml:2:1: ", "unknown setting"],
        ),
        ("\nallow_origins = [}", ["line 2", "malformed"]),
    ] {
        save(&path, content);
        let error = fault(&path);
        for printed in [
            error.to_string(),
            chain(&error),
            format!("{error:#}"),
            format!("{error:?}"),
        ] {
            for part in parts {
                assert_eq!(printed.matches(part).count(), 1, "{part} in {printed}");
            }
        }
    }
}

#[test]
fn an_unknown_extension_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["cors", "cors.conf", "toml", ".toml"] {
        let path = directory.path().join(name);
        fs::write(&path, policy("first")).unwrap();
        let error = fault(&path);
        assert!(matches!(error, PolicyFileError::UnknownFormat(_)));
        assert!(error.to_string().contains(".toml, .json, .yaml or .yml"));
    }
}

#[cfg(all(feature = "json", feature = "yaml"))]
#[test]
fn every_format_is_followed_and_its_faults_are_reported() {
    let directory = tempfile::tempdir().unwrap();
    for (name, first, second, unknown) in [
        (
            "cors.TOML",
            "allow_origins = ['https://first.example']",
            "allow_origins = ['https://second.example']",
            "allow_origin = []",
        ),
        (
            "cors.json",
            r#"{"allow_origins": ["https://first.example"]}"#,
            r#"{"allow_origins": ["https://second.example"]}"#,
            r#"{"allow_origin": []}"#,
        ),
        (
            "cors.yaml",
            "allow_origins: [https://first.example]",
            "allow_origins: [https://second.example]",
            "allow_origin: []",
        ),
        (
            "cors.yml",
            "allow_origins:\n  - https://first.example",
            "allow_origins:\n  - https://second.example",
            "allow_origin: []",
        ),
    ] {
        let path = directory.path().join(name);
        save(&path, first);
        let followed = follow(&path);
        followed.assert_in_force("first");
        save(&path, unknown);
        let error = followed.next().unwrap_err();
        assert!(matches!(error, PolicyFileError::Faults(..)), "{error}");
        assert!(
            error.to_string().contains("unknown setting `allow_origin`"),
            "{error}"
        );
        save(&path, second);
        followed.expect("second");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_reported_and_the_policy_in_force_stays() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    save(&path, b"allow_origins = ['https://\xff.example']");
    let error = followed.next().unwrap_err();
    assert!(error.to_string().contains("not UTF-8"), "{error}");
    followed.assert_in_force("first");
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    // A sparse file, which would use all memory.
    let endless = path.with_extension("endless");
    File::create(&endless).unwrap().set_len(1 << 40).unwrap();
    fs::rename(&endless, &path).unwrap();
    let error = followed.next().unwrap_err();
    assert!(chain(&error).contains("longer than 64 MiB"), "{error}");
    followed.assert_in_force("first");
}

#[test]
fn a_directory_instead_of_the_file_is_reported_and_the_policy_in_force_stays() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    // The file may be missing for a moment, which is reported first.
    while !chain(&followed.next().unwrap_err()).contains("not a regular file") {}
    followed.assert_in_force("first");
    fs::remove_dir(&path).unwrap();
    save(&path, policy("second"));
    followed.expect_eventually("second");
}

/// Opening a named pipe would block until another program writes to it.
#[cfg(unix)]
#[test]
fn a_named_pipe_instead_of_the_file_is_reported() {
    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    let pipe = path.with_extension("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    fs::rename(&pipe, &path).unwrap();
    let error = followed.next().unwrap_err();
    assert!(chain(&error).contains("not a regular file"), "{error}");
    save(&path, policy("second"));
    followed.expect("second");
}

#[cfg(unix)]
#[test]
fn a_file_without_read_permission_is_reported_and_the_policy_in_force_stays() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    let (_directory, path) = directory_with("first");
    let followed = follow(&path);
    let closed = path.with_extension("closed");
    fs::write(&closed, policy("second")).unwrap();
    set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
    fs::rename(&closed, &path).unwrap();
    if File::open(&path).is_ok() {
        // The superuser can read every file.
        followed.expect("second");
        return;
    }
    let error = followed.next().unwrap_err();
    assert!(
        matches!(&error, PolicyFileError::Unreadable(_, error) if error.kind() == ErrorKind::PermissionDenied),
        "{error}"
    );
    followed.assert_in_force("first");
    set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    followed.expect("second");
}
