//! Counts the instructions of sections of a program with valgrind. One process counts many sections.

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

/// Counts calls in the current section, if the program runs under [`sections`]. Otherwise this only calls `calls`.
// Callgrind knows this function and the next one by their names, so they must not be inlined.
#[inline(never)]
pub fn counted_by_callgrind(calls: &mut dyn FnMut()) {
    calls();
    black_box(());
}

/// Ends the current section.
#[inline(never)]
pub fn section_end_of_callgrind() {
    black_box(());
}

/// Runs a program with these arguments. Returns each line that it printed together with the number of instructions of the
/// section of the same index. `directory` is for the files of callgrind, and is removed.
///
/// # Errors
///
/// Returns an error if valgrind does not start, if the program fails, or if it does not print one line for each section.
pub fn sections<'a>(
    program: &Path,
    arguments: impl IntoIterator<Item = &'a str>,
    directory: &Path,
) -> Result<Vec<(String, u64)>, String> {
    let create = || -> io::Result<()> {
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        fs::create_dir_all(directory)
    };
    create().map_err(|error| format!("{}: {error}", directory.display()))?;
    let out = directory.join("out");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .args([
            "--toggle-collect=*counted_by_callgrind*",
            "--dump-before=*section_end_of_callgrind*",
        ])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind could not be started: {error}"))?;
    if !output.status.success() {
        let printed = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the program failed under valgrind:\n{printed}"));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut counted = Vec::new();
    for (index, line) in printed.lines().enumerate() {
        let path = out.with_extension((index + 1).to_string());
        let part =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let total = total(&part).ok_or_else(|| format!("{} has no total", path.display()))?;
        counted.push((line.to_owned(), total));
    }
    let next = out.with_extension((counted.len() + 1).to_string());
    if next.exists() {
        return Err(format!(
            "the program printed {} lines for more sections",
            counted.len()
        ));
    }
    fs::remove_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    Ok(counted)
}

/// Returns the number in the line `totals: 1234`.
fn total(part: &str) -> Option<u64> {
    let mut lines = part.lines();
    lines.find_map(|line| line.strip_prefix("totals: ")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_a_part_is_read() {
        let part =
            "version: 1\npart: 3\nevents: Ir\nsummary: 99\n\nfn=(1) main\n1 7\n\ntotals: 1234\n";
        assert_eq!(total(part), Some(1234));
        assert_eq!(total("events: Ir\n"), None);
    }
}
