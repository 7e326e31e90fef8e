use std::error::Error;
use std::fmt;

/// Writes the sources of an error after its own text: `: ` and the text of each.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, error: &dyn Error) -> fmt::Result {
    let mut source = error.source();
    while let Some(error) = source {
        write!(f, ": {error}")?;
        source = error.source();
    }
    Ok(())
}
