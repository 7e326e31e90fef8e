//! Counting the instructions of a program, which repeat exactly where times drift.

use std::path::Path;
use std::process::Command;

/// The instructions of a program with these arguments, from its start to its end.
///
/// # Errors
///
/// Valgrind does not start, or the program fails: with what it has told.
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
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    // `==1== I   refs:      10,586,187`; newer ones leave the space out.
    let count = told.lines().find_map(|line| {
        let (_, rest) = line.split_once("refs:")?;
        rest.trim().replace(',', "").parse().ok()
    });
    count
        .filter(|_| output.status.success())
        .ok_or_else(|| format!("valgrind does not tell how many:\n{told}"))
}
