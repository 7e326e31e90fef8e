use omnicors_core::PolicyConfig;

use super::raw::RawCase;
use super::*;

const GOOD: &str = r#"
    name = "a page may read the response"
    policy = "one"
    method = "GET"
    request = ["Origin: https://example.com"]
    decision = "forward"
    headers = ["access-control-allow-origin: https://example.com"]
    vary = ["Origin"]
    verdict = "allowed"
"#;

fn check(text: &str) -> Result<Case, String> {
    let policy = PolicyConfig::new()
        .allow_origins(["https://example.com"])
        .build();
    let policies = BTreeMap::from([("one".to_owned(), policy.unwrap())]);
    let case: RawCase = toml::from_str(text).map_err(|error| error.to_string())?;
    case.check("a-file", &policies)
}

#[test]
fn the_table_has_at_least_150_cases() {
    let table = load();
    assert!(table.cases.len() >= 150, "{} cases", table.cases.len());
    assert!(
        table.policies.len() >= 12,
        "{} policies",
        table.policies.len()
    );
}

#[test]
fn every_denial_is_in_the_table() {
    let table = load();
    let mut verdicts: BTreeSet<&str> = table
        .cases
        .iter()
        .flat_map(|case| [Some(&case.verdict), case.verdict_with_credentials.as_ref()])
        .flatten()
        // Ignore what a method or header denial names, but distinguish the causes of malformed origins.
        .map(|verdict| match verdict.strip_prefix("OriginMalformed(") {
            Some(error) => error.split(['(', ')']).next().unwrap(),
            None => verdict.split('(').next().unwrap(),
        })
        .collect();
    for verdict in [
        "allowed",
        "OriginRepeated",
        "OriginOpaque",
        "OriginNotAllowed",
        "OriginInsecure",
        "LookupNotAllowed",
        "LookupFailed",
        "LookupTimedOut",
        "LookupNotBegun",
        "OriginUndecided",
        "RequestMethodRepeated",
        "RequestMethodMalformed",
        "MethodNotAllowed",
        "RequestHeadersTooLong",
        "RequestHeadersMalformed",
        "HeaderNotAllowed",
        "CredentialsNotAllowed",
        // Malformed origins.
        "Empty",
        "TooLong",
        "NotAscii",
        "Whitespace",
        "NoScheme",
        "Scheme",
        "FileScheme",
        "UpperCase",
        "UserInfo",
        "Path",
        "NoHost",
        "HostCharacter",
        "Ipv4",
        "Ipv6",
        "Port",
        "DefaultPort",
    ] {
        assert!(verdicts.remove(verdict), "no case has {verdict}");
    }
    assert!(verdicts.is_empty(), "this test does not list: {verdicts:?}");
}

#[test]
fn a_valid_case_is_accepted() {
    let case = check(GOOD).unwrap();
    assert_eq!(case.expected.status, 200);
    assert!(case.expected.ran);
    assert_eq!(case.request.fields[0], ("Host".into(), b"api.test".into()));
}

#[test]
fn an_invalid_case_is_an_error_with_the_reason() {
    for (from, to, message) in [
        ("a page may read the response", "page", "not a sentence"),
        (r#"policy = "one""#, r#"policy = "two""#, "no policy `two`"),
        (r#""Origin: "#, r#""Origin "#, "not a header field"),
        (
            r#"["Origin: https://example.com"]"#,
            r#"["Origin"]"#,
            "not a header field",
        ),
        (
            r#"verdict = "allowed""#,
            r#"verdict = "denied""#,
            "`verdict`",
        ),
        ("\"forward\"", "\"run\"", "`decision`"),
        ("\"forward\"", "\"respond x\"", "`decision`"),
        ("vary =", "varies =", "unknown field `varies`"),
        (
            "headers = [\"access-control-",
            "headers = [\"Access-Control-",
            "not a CORS field in lower case",
        ),
        (
            "vary =",
            "lookup = \"allowed\"\nvary =",
            "lookup says NotAllowed",
        ),
        (
            "vary =",
            "cannot_carry = { snail = \"it is slow\" }\nvary =",
            "names `snail`",
        ),
        (
            "vary =",
            "cannot_carry = { http1 = \"it is slow\" }\nvary =",
            "can carry it",
        ),
        (
            "vary =",
            "cannot_carry = { http1 = \"no\" }\nvary =",
            "gives no reason",
        ),
        (
            r#""Origin: https://example.com""#,
            r"'Origin: a\x00b'",
            "add the reason to `cannot_carry`",
        ),
        (
            r#""Origin: https://example.com""#,
            r"'Origin: a\y'",
            "a single backslash",
        ),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD);
        let fault = check(&text).unwrap_err();
        assert!(fault.contains(message), "{to}: {fault}");
    }
}

#[test]
fn a_response_of_an_application_that_does_not_run_is_an_error() {
    let text = GOOD
        .replace("\"forward\"", "\"respond 403\"")
        .replace("vary =", "respond = { status = 404 }\nvary =");
    assert!(check(&text).unwrap_err().contains("does not run"));
}
