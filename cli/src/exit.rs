//! The exit codes.

/// The exit code if there is something to report: faults, a blocked request, findings.
pub(crate) const REPORTED: u8 = 1;

/// The exit code if the command could not be run: wrong arguments, or a file or a server that cannot be read. Not 2, because `diff` uses
/// that.
pub(crate) const NOT_RUN: u8 = 3;
