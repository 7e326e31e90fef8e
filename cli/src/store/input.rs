//! The origins that are added or removed.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use omnicors_core::{Origin, PolicyConfig};
use omnicors_tokio::check_stored_origin;

use super::arguments::Listed;
use crate::failure::Failure;
use crate::policy_source::shown;
use crate::terminal::one_line;

/// How many origins that are not valid are named.
const NAMED: usize = 5;

/// Returns the texts of the arguments and of the lines of the file. Empty lines, and lines that begin with `#`, are left out.
pub(super) fn read(listed: &Listed) -> Result<Vec<String>, Failure> {
    let mut texts = listed.origins.clone();
    if let Some(path) = &listed.from {
        let lines = read_file(path).map_err(|error| {
            Failure::because(format_args!(
                "{}: the file cannot be read: {error}",
                shown(path)
            ))
        })?;
        let lines = lines.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        texts.extend(lines.map(str::to_owned));
    }
    Ok(texts)
}

fn read_file(path: &Path) -> io::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    fs::read_to_string(path)
}

/// Nothing is written if one of them is not valid.
pub(super) fn parse(texts: &[String]) -> Result<Vec<Origin<'_>>, Failure> {
    let mut origins = Vec::with_capacity(texts.len());
    let mut faults = Vec::new();
    for text in texts {
        match check_stored_origin(text) {
            Ok(origin) => origins.push(origin),
            Err(error) => faults.push(match suggestion(text) {
                Some(suggestion) => {
                    format!("`{}`: {error}; write `{suggestion}`", one_line(text))
                }
                None => format!("`{}`: {error}", one_line(text)),
            }),
        }
    }
    if faults.is_empty() {
        return Ok(origins);
    }
    let more = faults.len().saturating_sub(NAMED);
    faults.truncate(NAMED);
    if more > 0 {
        faults.push(format!("and {more} more"));
    }
    faults.push("nothing was changed".to_owned());
    Err(Failure::because(faults.join("\n")))
}

/// Returns the origin that was probably meant, as a policy suggests it.
fn suggestion(text: &str) -> Option<String> {
    let policy = PolicyConfig::new().allow_origins([text]).build();
    let error = policy.err()?;
    let suggestion = error.faults().first()?.suggestion()?;
    check_stored_origin(suggestion).ok()?;
    Some(suggestion.to_owned())
}
