//! Parses arbitrary `Access-Control-Request-Headers` fields. The result must equal that of a simple implementation, which splits, trims and
//! compares.

#![no_main]

use libfuzzer_sys::fuzz_target;
use omnicors_core::{
    Denial, PolicyConfig, RequestParts, ResponseHeaderName, Verdict, evaluate, limits,
};
use omnicors_fuzz::{Kind, Script};

fuzz_target!(|data: &[u8]| {
    let script = Script::new(data);
    let credentials = script.first(Kind::Credentials).is_some();
    let listed: Vec<&str> = script.texts(Kind::AllowHeader).collect();
    let config = PolicyConfig::new()
        .allow_origins(["https://example.com"])
        .allow_headers(listed.iter().copied())
        .allow_credentials(credentials);
    let Ok(policy) = config.build() else { return };

    let values: Vec<&[u8]> = script.all(Kind::RequestHeaders).collect();
    let mut fields: Vec<(&str, &[u8])> = vec![
        ("origin", b"https://example.com"),
        ("access-control-request-method", b"GET"),
    ];
    fields.extend(
        values
            .iter()
            .map(|value| ("access-control-request-headers", *value)),
    );
    let parts = RequestParts::read(&policy, "OPTIONS", &fields);
    let decision = evaluate(&policy, &parts);
    let expected_result = parse(&values, &listed, credentials);
    let expected = match &expected_result {
        Ok(()) => Verdict::Allowed,
        Err(ExpectedDenial::TooLong) => Verdict::Denied(Denial::RequestHeadersTooLong),
        Err(ExpectedDenial::Malformed) => Verdict::Denied(Denial::RequestHeadersMalformed),
        Err(ExpectedDenial::Header(name)) => Verdict::Denied(Denial::HeaderNotAllowed(name)),
    };
    assert_eq!(decision.verdict(), expected);

    // A valid list within the limits is echoed field by field. Fields without elements are dropped.
    if credentials && listed.contains(&"*") {
        let echoed: Vec<&[u8]> = decision
            .headers()
            .iter()
            .filter(|field| field.name == ResponseHeaderName::AccessControlAllowHeaders)
            .map(|field| field.value.as_bytes())
            .collect();
        let has_element = |value: &&[u8]| value.iter().any(|byte| !b", \t".contains(byte));
        let expected: Vec<&[u8]> = values.into_iter().filter(has_element).collect();
        assert_eq!(
            echoed,
            if expected_result.is_ok() {
                expected
            } else {
                Vec::new()
            }
        );
    }
});

/// The reason why the request headers are denied.
enum ExpectedDenial {
    TooLong,
    Malformed,
    Header(Vec<u8>),
}

/// The simple implementation.
fn parse(fields: &[&[u8]], listed: &[&str], credentials: bool) -> Result<(), ExpectedDenial> {
    // The limits apply only if the fields are echoed. Fields beyond the limits are not read.
    let echoes = credentials && listed.contains(&"*");
    let is_beyond = |count: &usize| {
        *count > limits::REQUEST_HEADERS_FIELDS
            || fields[..*count].concat().len() > limits::REQUEST_HEADERS
    };
    let beyond = (1..=fields.len()).find(is_beyond).filter(|_| echoes);
    let read = beyond.map_or(fields, |count| &fields[..count - 1]);
    let listed: Vec<String> = listed.iter().map(|name| name.to_lowercase()).collect();
    let has = |name: &str| listed.iter().any(|listed| listed == name);
    for element in read
        .iter()
        .flat_map(|field| field.split(|byte| *byte == b','))
    {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
        let start = element.iter().position(|byte| !is_space(byte));
        let end = element.iter().rposition(|byte| !is_space(byte));
        let (Some(start), Some(end)) = (start, end) else {
            continue;
        };
        let name = &element[start..=end];
        let signs = b"!#$%&'*+-.^_`|~";
        if !name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || signs.contains(byte))
        {
            return Err(ExpectedDenial::Malformed);
        }
        let lower = String::from_utf8_lossy(name).to_lowercase();
        let is_covered = has("*") && (credentials || lower != "authorization");
        if !is_covered && !has(&lower) {
            return Err(ExpectedDenial::Header(name.to_vec()));
        }
    }
    match beyond {
        Some(_) => Err(ExpectedDenial::TooLong),
        None => Ok(()),
    }
}
