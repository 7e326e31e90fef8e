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

    let mut parts = RequestParts::new("OPTIONS")
        .origin("https://example.com")
        .request_method("GET");
    let lines: Vec<&[u8]> = script.all(Kind::RequestHeaders).collect();
    for line in &lines {
        parts = parts.request_headers(*line);
    }
    let decision = evaluate(&policy, &parts);
    let plain = plain(&lines, &listed, credentials);
    let expected = match &plain {
        Ok(()) => Verdict::Allowed,
        Err(Refused::TooLong) => Verdict::Denied(Denial::RequestHeadersTooLong),
        Err(Refused::Malformed) => Verdict::Denied(Denial::RequestHeadersMalformed),
        Err(Refused::Header(name)) => Verdict::Denied(Denial::HeaderNotAllowed(name)),
    };
    assert_eq!(decision.verdict(), expected);

    // An echo repeats what is a list, line by line, and nothing else.
    if credentials && listed.contains(&"*") {
        let echoed: Vec<&[u8]> = decision
            .headers()
            .iter()
            .filter(|line| line.name == ResponseHeaderName::AccessControlAllowHeaders)
            .map(|line| line.value.as_bytes())
            .collect();
        assert_eq!(echoed, if plain.is_ok() { lines } else { Vec::new() });
    }
});

enum Refused {
    TooLong,
    Malformed,
    Header(Vec<u8>),
}

fn plain(lines: &[&[u8]], listed: &[&str], credentials: bool) -> Result<(), Refused> {
    if lines.len() > limits::REQUEST_HEADERS_LINES || lines.concat().len() > limits::REQUEST_HEADERS
    {
        return Err(Refused::TooLong);
    }
    let listed: Vec<String> = listed.iter().map(|name| name.to_lowercase()).collect();
    let has = |name: &str| listed.iter().any(|listed| listed == name);
    let mut empty = 0;
    for element in lines
        .iter()
        .flat_map(|line| line.split(|byte| *byte == b','))
    {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
        let start = element.iter().position(|byte| !is_space(byte));
        let end = element.iter().rposition(|byte| !is_space(byte));
        let (Some(start), Some(end)) = (start, end) else {
            empty += 1;
            if empty > limits::EMPTY_ELEMENTS {
                return Err(Refused::Malformed);
            }
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
    Ok(())
}
