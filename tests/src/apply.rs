//! Applies the headers of a decision to a response, as their documentation says.

use omnicors_core::adapter::{merged_expose_headers, missing_from_vary};
use omnicors_core::{Operation, ResponseHeaderName, ResponseHeaders};

/// Applies the headers of a decision to the fields of a response, names in lower case.
pub fn apply(headers: &ResponseHeaders<'_>, fields: &mut Vec<(String, Vec<u8>)>) {
    const EXPOSE_HEADERS: ResponseHeaderName = ResponseHeaderName::AccessControlExposeHeaders;
    let exposed = fields
        .iter()
        .filter(|field| EXPOSE_HEADERS.matches(&field.0));
    let exposed = merged_expose_headers(headers, exposed.map(|field| field.1.as_slice()));
    for removed in headers.removed() {
        fields.retain(|(name, _)| !removed.matches(name));
    }
    for field in headers {
        let name = field.name.as_str();
        match field.operation {
            Operation::Set => {
                fields.retain(|(other, _)| other != name);
                fields.push((name.to_owned(), field.value.as_bytes().to_vec()));
            }
            Operation::Merge => {
                let vary: Vec<Vec<u8>> = fields
                    .iter()
                    .filter(|field| field.0 == name)
                    .map(|field| field.1.clone())
                    .collect();
                let missing =
                    missing_from_vary(field.value.as_str(), || vary.iter().map(Vec::as_slice));
                fields.extend(missing.map(|member| (name.to_owned(), member.as_bytes().to_vec())));
            }
            Operation::Append => {
                fields.push((name.to_owned(), field.value.as_bytes().to_vec()));
            }
        }
    }
    if let Some(value) = exposed {
        let name = EXPOSE_HEADERS.as_str();
        fields.retain(|(other, _)| other != name);
        fields.push((name.to_owned(), value.into_bytes()));
    }
}
