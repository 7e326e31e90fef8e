//! What the documentation of a decision's headers says to do with them.

use omnicors_core::adapter::{merged_expose_headers, missing_from_vary};
use omnicors_core::{Operation, ResponseHeaderName, ResponseHeaders};

/// Applies the headers of a decision to the lines of a response, names in lower case.
pub fn apply(headers: &ResponseHeaders<'_>, lines: &mut Vec<(String, Vec<u8>)>) {
    const EXPOSE_HEADERS: ResponseHeaderName = ResponseHeaderName::AccessControlExposeHeaders;
    let exposed = lines.iter().filter(|line| EXPOSE_HEADERS.matches(&line.0));
    let exposed = merged_expose_headers(headers, exposed.map(|line| line.1.as_slice()));
    for removed in headers.removed() {
        lines.retain(|(name, _)| !removed.matches(name));
    }
    for line in headers {
        let name = line.name.as_str();
        match line.operation {
            Operation::Set => {
                lines.retain(|(other, _)| other != name);
                lines.push((name.to_owned(), line.value.as_bytes().to_vec()));
            }
            Operation::Merge => {
                let vary: Vec<Vec<u8>> = lines
                    .iter()
                    .filter(|line| line.0 == name)
                    .map(|line| line.1.clone())
                    .collect();
                let missing =
                    missing_from_vary(line.value.as_str(), || vary.iter().map(Vec::as_slice));
                lines.extend(missing.map(|member| (name.to_owned(), member.as_bytes().to_vec())));
            }
            Operation::Append => {
                lines.push((name.to_owned(), line.value.as_bytes().to_vec()));
            }
        }
    }
    if let Some(value) = exposed {
        let name = EXPOSE_HEADERS.as_str();
        lines.retain(|(other, _)| other != name);
        lines.push((name.to_owned(), value.into_bytes()));
    }
}
