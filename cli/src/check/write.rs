//! Replaces a file at once.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use crate::failure::Failure;
use crate::policy_source::shown;

/// Writes a new text into a file, if it still has the text that was seen. The text is written to a temporary file, which then gets the
/// name of the file, so that a server that follows it never reads a part of it. Permissions stay, and a symbolic link stays one.
pub(super) fn replace_file(path: &Path, seen: &str, text: &str) -> Result<(), Failure> {
    replace(path, seen, text).map_err(|error| {
        Failure::because(format_args!(
            "{}: the file cannot be written: {error}",
            shown(path)
        ))
    })
}

fn replace(path: &Path, seen: &str, text: &str) -> io::Result<()> {
    let target = path.canonicalize()?;
    let directory = target.parent().unwrap_or(Path::new("."));
    let metadata = target.metadata()?;
    if metadata.permissions().readonly() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it is read-only",
        ));
    }
    let mut file = tempfile::Builder::new()
        .prefix(".omnicors-")
        .tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    keep_owner(file.path(), &metadata);
    fs::set_permissions(file.path(), metadata.permissions())?;
    file.as_file().sync_all()?;
    if fs::read(&target)? != seen.as_bytes() {
        return Err(io::Error::other(
            "it was changed while it was checked; run the command again",
        ));
    }
    file.persist(&target)?;
    Ok(())
}

#[cfg(unix)]
fn keep_owner(path: &Path, metadata: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt as _, chown};

    // Only the administrator can give a file away. For others, the file is their own, as with most editors.
    let _not_permitted = chown(path, Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &fs::Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_changed_meanwhile_is_not_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cors.toml");
        fs::write(&path, "another text").unwrap();
        let error = replace_file(&path, "the text that was seen", "new").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("it was changed while it was checked"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "another text");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_symbolic_links_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cors.toml");
        let link = directory.path().join("link.toml");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("cors.toml", &link).unwrap();
        replace_file(&link, "old", "new").unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o640);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
        let error = replace_file(&path, "new", "newer").unwrap_err();
        assert!(error.to_string().contains("read-only"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
