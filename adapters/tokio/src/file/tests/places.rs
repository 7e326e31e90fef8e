//! Changes of directories and symbolic links on the path to the file.

use super::*;

#[test]
fn after_a_directory_is_replaced_the_file_in_the_new_one_is_followed() {
    let outer = tempfile::tempdir().unwrap();
    let make = |directory: &str, name: &str| {
        let inner = outer.path().join(directory).join("inner");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("cors.toml"), policy(name)).unwrap();
    };
    make("current", "first");
    let path = outer.path().join("current/inner/cors.toml");
    let followed = follow(&path);
    for (number, name) in ["second", "third"].into_iter().enumerate() {
        make("next", name);
        // The old directory still exists under another name, but is no longer watched.
        let old = outer.path().join(format!("old-{number}"));
        fs::rename(outer.path().join("current"), &old).unwrap();
        fs::rename(outer.path().join("next"), outer.path().join("current")).unwrap();
        followed.expect_eventually(name);
        fs::write(old.join("inner/cors.toml"), policy("old")).unwrap();
        followed.assert_no_report();
        // The file in the new directory.
        save(&path, policy("fourth"));
        followed.expect("fourth");
    }
}

#[test]
fn a_directory_that_is_removed_and_created_again_is_followed() {
    let outer = tempfile::tempdir().unwrap();
    let inner = outer.path().join("middle/inner");
    let path = inner.join("cors.toml");
    fs::create_dir_all(&inner).unwrap();
    fs::write(&path, policy("first")).unwrap();
    let followed = follow(&path);
    fs::remove_dir_all(outer.path().join("middle")).unwrap();
    assert!(followed.next().is_err());
    // The directories on the path are created one by one.
    fs::create_dir(outer.path().join("middle")).unwrap();
    assert!(followed.file.blocking_reload().is_err());
    fs::create_dir(&inner).unwrap();
    assert!(followed.file.blocking_reload().is_err());
    save(&path, policy("second"));
    followed.expect_eventually("second");
    fs::remove_dir_all(outer.path().join("middle")).unwrap();
    fs::create_dir_all(&inner).unwrap();
    save(&path, policy("third"));
    followed.expect_eventually("third");
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Replaces a symbolic link atomically.
    fn replace_link(link: &Path, target: impl AsRef<Path>) {
        let temporary = link.parent().unwrap().join("temporary");
        symlink(target, &temporary).unwrap();
        fs::rename(&temporary, link).unwrap();
    }

    /// The kubelet writes a volume like this: `cors.toml -> ..data/cors.toml`, `..data -> ..2026_01`. Each version is in a new
    /// directory, and the old one is removed.
    #[test]
    fn a_config_map_of_kubernetes_is_followed() {
        let volume = tempfile::tempdir().unwrap();
        let version = |number: usize| volume.path().join(format!("..2026_{number}"));
        let publish = |number: usize, name: &str| {
            fs::create_dir(version(number)).unwrap();
            fs::write(version(number).join("cors.toml"), policy(name)).unwrap();
            replace_link(&volume.path().join("..data"), format!("..2026_{number}"));
        };
        publish(0, "first");
        let path = volume.path().join("cors.toml");
        symlink("..data/cors.toml", &path).unwrap();
        let followed = follow(&path);
        followed.assert_in_force("first");
        for (number, name) in [(1, "second"), (2, "third"), (3, "fourth")] {
            publish(number, name);
            fs::remove_dir_all(version(number - 1)).unwrap();
            followed.expect_eventually(name);
        }
        // An invalid version does not replace the policy.
        fs::create_dir(version(4)).unwrap();
        fs::write(version(4).join("cors.toml"), "nonsense").unwrap();
        replace_link(&volume.path().join("..data"), "..2026_4");
        assert!(followed.next().is_err());
        followed.assert_in_force("fourth");
    }

    #[test]
    fn a_change_of_any_link_on_the_path_is_followed() {
        let outer = tempfile::tempdir().unwrap();
        let make = |directory: &str, name: &str| {
            let directory = outer.path().join(directory);
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join("cors.toml"), policy(name)).unwrap();
        };
        make("one", "first");
        make("two", "second");
        // link/cors.toml -> ../current/./cors.toml, current -> one (absolute).
        symlink(outer.path().join("one"), outer.path().join("current")).unwrap();
        fs::create_dir(outer.path().join("link")).unwrap();
        let path = outer.path().join("link/cors.toml");
        symlink("../current/./cors.toml", &path).unwrap();
        let followed = follow(&path);
        followed.assert_in_force("first");
        replace_link(&outer.path().join("current"), "two");
        followed.expect("second");
        save(&outer.path().join("two/cors.toml"), policy("third"));
        followed.expect("third");
        replace_link(&path, outer.path().join("one/cors.toml"));
        followed.expect("first");
        // The old target is no longer watched.
        save(&outer.path().join("two/cors.toml"), policy("fourth"));
        followed.assert_no_report();
        save(&outer.path().join("one/cors.toml"), policy("fifth"));
        followed.expect("fifth");
    }

    #[test]
    fn a_broken_or_circular_link_is_reported_and_the_policy_in_force_stays() {
        let (directory, file) = directory_with("first");
        let path = directory.path().join("link.toml");
        symlink(&file, &path).unwrap();
        let followed = follow(&path);
        for target in ["nowhere", "link.toml"] {
            replace_link(&path, target);
            assert!(matches!(
                followed.next().unwrap_err(),
                PolicyFileError::Unreadable(..)
            ));
            followed.assert_in_force("first");
        }
        fs::write(directory.path().join("nowhere"), policy("second")).unwrap();
        replace_link(&path, "nowhere");
        followed.expect("second");
    }

    #[test]
    fn each_directory_on_the_path_is_watched_and_each_entry_is_known() {
        let directory = tempfile::tempdir().unwrap();
        let outer = directory.path().canonicalize().unwrap();
        fs::create_dir(outer.join("real")).unwrap();
        fs::write(outer.join("real/cors.toml"), "").unwrap();
        symlink("real", outer.join("link")).unwrap();
        let places = crate::file::places::places(&outer.join("link/../link/cors.toml"));
        for watched in [&*outer, &outer.join("real"), &outer.join("real/cors.toml")] {
            assert!(places.watched.contains(watched), "{places:?}");
        }
        for entry in ["link", "real", "real/cors.toml"] {
            assert!(places.entries.contains(&outer.join(entry)), "{places:?}");
        }
        assert!(!places.entries.contains(&outer.join("link/cors.toml")));
        assert!(!places.entries.contains(Path::new("/")));
    }
}
