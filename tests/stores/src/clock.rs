//! A wall clock that a test sets.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

/// A wall clock that a test can set back while processes use it, by the library libfaketime. Their monotonic clocks are those of the
/// machine, as when the clock of a machine is set.
#[derive(Debug)]
pub struct WallClock {
    library: String,
    /// Contains the offset to the clock of the machine, which the library reads for each call.
    offset: PathBuf,
    // Removed with the value.
    _folder: TempDir,
}

impl WallClock {
    /// Returns a clock that is as that of the machine.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "it writes a file and runs a program"
    )]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // The processes may be those of another user.
        allow_all(folder.path(), 0o755);
        let clock = Self {
            library: library(),
            offset: folder.path().join("offset"),
            _folder: folder,
        };
        clock.write_offset("+0");
        clock
    }

    /// Sets the clock back, from what the clock of the machine says.
    pub fn set_back(&self, by: Duration) {
        self.write_offset(&format!("-{}", by.as_secs()));
    }

    /// Returns the environment variables of a process that uses this clock.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let offset = self.offset.to_str().expect("UTF-8");
        // The C library again, so that its `malloc` is found before that of libjemalloc, which Redis uses. The latter asks for the time
        // when it is first called, and libfaketime allocates memory when it is first asked: they would wait for each other.
        let preload = format!("{}:libc.so.6", self.library);
        let variables = [
            ("LD_PRELOAD", preload.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", offset),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("NO_FAKE_STAT", "1"),
        ];
        variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    }

    fn write_offset(&self, offset: &str) {
        // Renamed, so that no process reads half of it.
        let new = self.offset.with_extension("new");
        fs::write(&new, offset).expect("a file in the folder");
        allow_all(&new, 0o644);
        fs::rename(&new, &self.offset).expect("the file is renamed");
    }
}

impl Drop for WallClock {
    /// Removes the shared memory of libfaketime that processes which were killed have left behind. Its names end with the id of the process.
    fn drop(&mut self) {
        for entry in fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
            let name = entry.file_name();
            let id = name.to_str().and_then(|name| {
                let name = name.strip_prefix("sem.").unwrap_or(name);
                name.strip_prefix("faketime_sem_")
                    .or(name.strip_prefix("faketime_shm_"))
            });
            if id.is_some_and(|id| !Path::new("/proc").join(id).exists()) {
                // Another test may have removed it.
                let _gone = fs::remove_file(entry.path());
            }
        }
    }
}

fn allow_all(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode changes");
}

/// Returns the path of libfaketime, as the program `faketime` gives it to the dynamic linker.
fn library() -> String {
    let mut faketime = Command::new("faketime");
    let output = faketime
        .args(["-f", "+0", "printenv", "LD_PRELOAD"])
        .output();
    let output = output.expect("`faketime` is installed: `cargo xtask test` installs it on Debian");
    let path = String::from_utf8(output.stdout).expect("UTF-8");
    path.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(clock: &WallClock) -> u64 {
        let mut date = Command::new("date");
        let output = date.arg("+%s").envs(clock.environment()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap()
    }

    #[test]
    #[ignore = "needs faketime: run `cargo xtask test`"]
    fn a_process_sees_that_the_clock_was_set_back() {
        const DAY: u64 = 24 * 60 * 60;
        let clock = WallClock::new();
        let before = seconds(&clock);
        clock.set_back(Duration::from_secs(DAY));
        let after = seconds(&clock);
        assert!(
            (DAY - 60..=DAY).contains(&(before - after)),
            "{before}, {after}"
        );
    }
}
