//! What changes on the way to the file.

use super::*;

#[test]
fn a_directory_that_is_replaced_is_followed_and_the_file_in_the_new_one() {
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
        // The old one stays, as another: it is watched no more.
        let old = outer.path().join(format!("old-{number}"));
        fs::rename(outer.path().join("current"), &old).unwrap();
        fs::rename(outer.path().join("next"), outer.path().join("current")).unwrap();
        followed.expect_at_last(name);
        fs::write(old.join("inner/cors.toml"), policy("old")).unwrap();
        followed.assert_silent();
        // In the new one.
        save(&path, policy("fourth"));
        followed.expect("fourth");
    }
}

#[test]
fn a_directory_that_vanishes_and_returns_is_followed() {
    let outer = tempfile::tempdir().unwrap();
    let inner = outer.path().join("middle/inner");
    let path = inner.join("cors.toml");
    fs::create_dir_all(&inner).unwrap();
    fs::write(&path, policy("first")).unwrap();
    let followed = follow(&path);
    fs::remove_dir_all(outer.path().join("middle")).unwrap();
    assert!(followed.next().is_err());
    // It is found on its way step by step.
    fs::create_dir(outer.path().join("middle")).unwrap();
    assert!(followed.file.blocking_reload().is_err());
    fs::create_dir(&inner).unwrap();
    assert!(followed.file.blocking_reload().is_err());
    save(&path, policy("second"));
    followed.expect_at_last("second");
    fs::remove_dir_all(outer.path().join("middle")).unwrap();
    fs::create_dir_all(&inner).unwrap();
    save(&path, policy("third"));
    followed.expect_at_last("third");
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Points a link elsewhere at once.
    fn point(link: &Path, target: impl AsRef<Path>) {
        let beside = link.parent().unwrap().join("beside");
        symlink(target, &beside).unwrap();
        fs::rename(&beside, link).unwrap();
    }

    /// As the kubelet writes a volume: `cors.toml -> ..data/cors.toml`, `..data -> ..2026_01`, each change in a directory of its
    /// own, and the old one removed.
    #[test]
    fn a_config_map_of_kubernetes_is_followed() {
        let volume = tempfile::tempdir().unwrap();
        let version = |number: usize| volume.path().join(format!("..2026_{number}"));
        let publish = |number: usize, name: &str| {
            fs::create_dir(version(number)).unwrap();
            fs::write(version(number).join("cors.toml"), policy(name)).unwrap();
            point(&volume.path().join("..data"), format!("..2026_{number}"));
        };
        publish(0, "first");
        let path = volume.path().join("cors.toml");
        symlink("..data/cors.toml", &path).unwrap();
        let followed = follow(&path);
        followed.assert_in_force("first");
        for (number, name) in [(1, "second"), (2, "third"), (3, "fourth")] {
            publish(number, name);
            fs::remove_dir_all(version(number - 1)).unwrap();
            followed.expect_at_last(name);
        }
        // As with any other, what is invalid changes nothing.
        fs::create_dir(version(4)).unwrap();
        fs::write(version(4).join("cors.toml"), "nonsense").unwrap();
        point(&volume.path().join("..data"), "..2026_4");
        assert!(followed.next().is_err());
        followed.assert_in_force("fourth");
    }

    #[test]
    fn links_across_directories_are_followed_wherever_one_of_them_changes() {
        let outer = tempfile::tempdir().unwrap();
        let make = |directory: &str, name: &str| {
            let directory = outer.path().join(directory);
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join("cors.toml"), policy(name)).unwrap();
        };
        make("one", "first");
        make("two", "second");
        // link/cors.toml, over current (absolute), over chosen (relative, by way of the directory above).
        symlink(outer.path().join("one"), outer.path().join("current")).unwrap();
        fs::create_dir(outer.path().join("link")).unwrap();
        let path = outer.path().join("link/cors.toml");
        symlink("../current/./cors.toml", &path).unwrap();
        let followed = follow(&path);
        followed.assert_in_force("first");
        point(&outer.path().join("current"), "two");
        followed.expect("second");
        save(&outer.path().join("two/cors.toml"), policy("third"));
        followed.expect("third");
        point(&path, outer.path().join("one/cors.toml"));
        followed.expect("first");
        // Where it led before is no more concern of ours.
        save(&outer.path().join("two/cors.toml"), policy("fourth"));
        followed.assert_silent();
        save(&outer.path().join("one/cors.toml"), policy("fifth"));
        followed.expect("fifth");
    }

    #[test]
    fn a_link_that_leads_nowhere_or_in_a_circle_is_reported_and_changes_nothing() {
        let (directory, file) = directory_with("first");
        let path = directory.path().join("link.toml");
        symlink(&file, &path).unwrap();
        let followed = follow(&path);
        for target in ["nowhere", "link.toml"] {
            point(&path, target);
            assert!(matches!(
                followed.next().unwrap_err(),
                PolicyFileError::Unreadable(..)
            ));
            followed.assert_in_force("first");
        }
        fs::write(directory.path().join("nowhere"), policy("second")).unwrap();
        point(&path, "nowhere");
        followed.expect("second");
    }

    #[test]
    fn each_directory_on_the_way_is_watched_and_each_entry_known() {
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
