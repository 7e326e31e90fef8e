//! JSON output.

use std::io::Write as _;

use serde::Serialize;

use crate::failure::Failure;

/// Prints a report as JSON.
pub(crate) fn print(report: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(report).map_err(Failure::because)?;
    writeln!(anstream::stdout().lock(), "{text}")?;
    Ok(())
}
