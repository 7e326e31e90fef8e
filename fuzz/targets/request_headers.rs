//! The scanner of `Access-Control-Request-Headers` equals a plain split, trim, compare.

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
    let plain = plain(&values, &listed, credentials);
    let expected = match &plain {
        Ok(()) => Verdict::Allowed,
        Err(Refused::TooLong) => Verdict::Denied(Denial::RequestHeadersTooLong),
        Err(Refused::Malformed) => Verdict::Denied(Denial::RequestHeadersMalformed),
        Err(Refused::Header(name)) => Verdict::Denied(Denial::HeaderNotAllowed(name)),
    };
    assert_eq!(decision.verdict(), expected);

    // An echo repeats what is a list within the limits, field by field, without those that have no element.
    if credentials && listed.contains(&"*") {
        let echoed: Vec<&[u8]> = decision
            .headers()
            .iter()
            .filter(|field| field.name == ResponseHeaderName::AccessControlAllowHeaders)
            .map(|field| field.value.as_bytes())
            .collect();
        let has_element = |value: &&[u8]| value.iter().any(|byte| !b", \t".contains(byte));
        let expected: Vec<&[u8]> = values.into_iter().filter(has_element).collect();
        assert_eq!(echoed, if plain.is_ok() { expected } else { Vec::new() });
    }
});

enum Refused {
    TooLong,
    Malformed,
    Header(Vec<u8>),
}

fn plain(lines: &[&[u8]], listed: &[&str], credentials: bool) -> Result<(), Refused> {
    // The limits matter only where the fields are echoed. What is beyond them is not read.
    let echoes = credentials && listed.contains(&"*");
    let is_beyond = |count: &usize| {
        *count > limits::REQUEST_HEADERS_FIELDS
            || lines[..*count].concat().len() > limits::REQUEST_HEADERS
    };
    let beyond = (1..=lines.len()).find(is_beyond).filter(|_| echoes);
    let read = beyond.map_or(lines, |count| &lines[..count - 1]);
    let listed: Vec<String> = listed.iter().map(|name| name.to_lowercase()).collect();
    let has = |name: &str| listed.iter().any(|listed| listed == name);
    for element in read
        .iter()
        .flat_map(|line| line.split(|byte| *byte == b','))
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
            return Err(Refused::Malformed);
        }
        let lower = String::from_utf8_lossy(name).to_lowercase();
        let is_covered = has("*") && (credentials || lower != "authorization");
        if !is_covered && !has(&lower) {
            return Err(Refused::Header(name.to_vec()));
        }
    }
    match beyond {
        Some(_) => Err(Refused::TooLong),
        None => Ok(()),
    }
}
