//! Programs that the tests run until they end.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Returns the folder of the programs of PostgreSQL, which Debian does not put into the search path.
pub(crate) fn postgres_programs() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<_> = versions.flatten().map(|entry| entry.path()).collect();
    versions.sort();
    folders.extend(versions.iter().rev().map(|version| version.join("bin")));
    let has_all = |folder: &PathBuf| {
        let mut programs = [
            "initdb",
            "pg_basebackup",
            "pg_ctl",
            "pg_dump",
            "postgres",
            "psql",
        ]
        .iter();
        programs.all(|program| folder.join(program).is_file())
    };
    let found = folders.into_iter().find(has_all);
    found.expect("PostgreSQL is installed: `cargo xtask test` installs it on Debian")
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    run(Command::new("cp").arg("--archive").arg(from).arg(to));
}

pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    output
}
