//! JSON output.

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;

/// Prints a report as JSON.
pub(crate) fn print(report: &impl Serialize) -> Result<(), Failure> {
    Ok(write(&mut anstream::stdout().lock(), report)?)
}

/// Writes a report as JSON.
pub(crate) fn write(out: &mut impl Write, report: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}
