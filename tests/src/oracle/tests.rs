mod checking;
mod reading;
mod sending;

use super::{Blocked, CheckFailure, CredentialsMode, PageRequest, ServerResponse};

const ORIGIN: &str = "https://example.com";
const MODES: [CredentialsMode; 3] = [
    CredentialsMode::Omit,
    CredentialsMode::SameOrigin,
    CredentialsMode::Include,
];

fn page(method: &str) -> PageRequest {
    PageRequest::new(ORIGIN, method)
}

fn with_credentials(method: &str) -> PageRequest {
    page(method).with_credentials(CredentialsMode::Include)
}

fn respond(status: u16, fields: &[(&str, &str)]) -> ServerResponse {
    let headers = fields
        .iter()
        .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
    ServerResponse {
        status,
        headers: headers.collect(),
    }
}
/// Returns a preflight response that allows the origin with credentials, with additional header fields.
/// Returns a preflight response that allows the origin with credentials, with additional header fields.
fn allow(fields: &[(&str, &str)]) -> ServerResponse {
    let origin = [
        ("Access-Control-Allow-Origin", ORIGIN),
        ("Access-Control-Allow-Credentials", "true"),
    ];
    respond(204, &[&origin[..], fields].concat())
}

fn allow_origin(value: &str) -> ServerResponse {
    respond(200, &[("Access-Control-Allow-Origin", value)])
}

fn field_value<'a>(fields: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a [u8]> {
    fields
        .iter()
        .find(|field| field.0 == name)
        .map(|field| field.1.as_slice())
}

#[test]
fn a_whole_exchange_sends_the_preflight_only_where_it_is_needed() {
    let run = |page: &PageRequest, preflight: &ServerResponse, actual: &ServerResponse| {
        let mut sent = Vec::new();
        let outcome = page.fetch(|method, fields| {
            assert_eq!(field_value(fields, "origin"), Some(ORIGIN.as_bytes()));
            sent.push(method.to_owned());
            if field_value(fields, "access-control-request-method").is_some() {
                preflight.clone()
            } else {
                actual.clone()
            }
        });
        (sent, outcome)
    };
    let (good, bad) = (
        allow(&[("Access-Control-Allow-Methods", "PUT")]),
        respond(200, &[]),
    );
    let missing = CheckFailure::AllowOriginMissing;

    assert_eq!(
        run(&page("GET"), &bad, &good),
        (vec!["GET".to_owned()], Ok(good.clone()))
    );
    assert_eq!(
        run(&page("PUT"), &good, &good),
        (
            vec!["OPTIONS".to_owned(), "PUT".to_owned()],
            Ok(good.clone())
        )
    );
    assert_eq!(
        run(&page("PUT"), &bad, &good),
        (
            vec!["OPTIONS".to_owned()],
            Err(Blocked::PreflightCheck(missing.clone()))
        )
    );
    assert_eq!(
        run(&page("PUT"), &good, &bad),
        (
            vec!["OPTIONS".to_owned(), "PUT".to_owned()],
            Err(Blocked::ActualCheck(missing))
        )
    );
}
