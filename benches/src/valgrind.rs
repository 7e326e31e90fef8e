//! Counts the instructions of a program with valgrind. Unlike times, they are the same in each run.

use std::path::Path;
use std::process::Command;

/// Returns the number of instructions that a program with these arguments executes.
///
/// # Errors
///
/// Returns an error if valgrind does not start, or if the program fails. The error contains the output.
pub fn instructions<'a>(
    program: &Path,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Result<f64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no"])
        .arg("--cachegrind-out-file=/dev/null")
        .arg(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("valgrind could not be started: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stderr);
    // `==1== I   refs:      10,586,187`, in newer versions `I refs:`.
    let count = printed.lines().find_map(|line| {
        let (_, rest) = line.split_once("refs:")?;
        rest.trim().replace(',', "").parse().ok()
    });
    count
        .filter(|_| output.status.success())
        .ok_or_else(|| format!("valgrind did not print the number of instructions:\n{printed}"))
}
