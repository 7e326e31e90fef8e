//! The origins that are added or removed.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use omnicors_core::{Origin, PolicyConfig};
use omnicors_tokio::{check_stored_origin, origins_in_list};

use super::arguments::Listed;
use crate::failure::Failure;
use crate::policy_source::shown;
use crate::terminal::one_line;

/// How many origins that are not valid are named.
const NAMED: usize = 5;

/// Returns the texts of the arguments, and those of the file, which is a list as `allow_origins_from` reads it.
pub(super) fn read(listed: &Listed) -> Result<Vec<String>, Failure> {
    let mut texts = listed.origins.clone();
    if let Some(path) = &listed.from {
        let list = read_file(path).map_err(|error| {
            Failure::because(format_args!(
                "{}: the file cannot be read: {error}",
                shown(path)
            ))
        })?;
        texts.extend(origins_in_list(&list).map(str::to_owned));
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

/// Returns the origins, each once. Nothing is written if one of them is not valid.
pub(super) fn parse(texts: &[String]) -> Result<Vec<Origin<'_>>, Failure> {
    let mut origins = Vec::with_capacity(texts.len());
    let mut seen = HashSet::with_capacity(texts.len());
    let mut faults = Vec::new();
    for text in texts.iter().filter(|text| seen.insert(text.as_str())) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(origins: &[&str]) -> Vec<String> {
        origins.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_origin_that_is_repeated_counts_once() {
        let (a, b) = ("https://a.example", "https://b.example");
        let texts = texts(&[a, b, a, a]);
        let origins = parse(&texts).unwrap();
        assert_eq!(origins, parse(&texts[..2]).unwrap());
        assert_eq!(origins.len(), 2);
    }

    #[test]
    fn a_file_is_a_list_as_allow_origins_from_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("origins.txt");
        let list = "\u{feff}https://a.example\r\n# a comment\r\n\n  https://b.example  # since May\n#\nhttps://c.example";
        fs::write(&file, list).unwrap();
        let listed = Listed {
            origins: texts(&["https://d.example"]),
            from: Some(file),
        };
        let read = read(&listed).unwrap();
        let expected = [
            "https://d.example",
            "https://a.example",
            "https://b.example",
            "https://c.example",
        ];
        assert_eq!(read, expected);
    }
}
