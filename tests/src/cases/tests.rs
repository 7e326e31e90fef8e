use omnicors_core::PolicyConfig;

use super::written::RawCase;
use super::*;

const GOOD: &str = r#"
    name = "a page may read the response"
    policy = "one"
    method = "GET"
    request = ["Origin: https://example.com"]
    decision = "forward"
    lines = ["access-control-allow-origin: https://example.com"]
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
fn the_table_is_as_large_as_promised() {
    let table = load();
    assert!(table.cases.len() >= 150, "{} cases", table.cases.len());
    assert!(
        table.policies.len() >= 12,
        "{} policies",
        table.policies.len()
    );
}

#[test]
fn every_way_to_be_denied_is_in_the_table() {
    let table = load();
    let mut verdicts: BTreeSet<&str> = table
        .cases
        .iter()
        .flat_map(|case| [Some(&case.verdict), case.verdict_with_credentials.as_ref()])
        .flatten()
        // `MethodNotAllowed(PUT)` is one way, and `OriginMalformed(HostCharacter('*'))` another than its kin.
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
    assert!(verdicts.is_empty(), "not known here: {verdicts:?}");
}

#[test]
fn a_good_case_is_taken() {
    let case = check(GOOD).unwrap();
    assert_eq!(case.expected.status, 200);
    assert!(case.expected.ran);
    assert_eq!(case.request.lines[0], ("Host".into(), b"api.test".into()));
}

#[test]
fn a_bad_case_is_told_what_is_wrong_with_it() {
    for (from, to, told) in [
        ("a page may read the response", "page", "no sentence"),
        (r#"policy = "one""#, r#"policy = "two""#, "no policy `two`"),
        (r#""Origin: "#, r#""Origin "#, "no header line"),
        (
            r#"["Origin: https://example.com"]"#,
            r#"["Origin"]"#,
            "no header line",
        ),
        (
            r#"verdict = "allowed""#,
            r#"verdict = "denied""#,
            "`verdict`",
        ),
        ("\"forward\"", "\"run\"", "`decision`"),
        ("\"forward\"", "\"answer x\"", "`decision`"),
        ("vary =", "varies =", "unknown field `varies`"),
        (
            "lines = [\"access-control-",
            "lines = [\"Access-Control-",
            "no CORS line in lower case",
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
            "which `cannot_carry` must say",
        ),
        (
            r#""Origin: https://example.com""#,
            r"'Origin: a\y'",
            "a lonely backslash",
        ),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD);
        let fault = check(&text).unwrap_err();
        assert!(fault.contains(told), "{to}: {fault}");
    }
}

#[test]
fn what_an_application_that_does_not_run_would_respond_is_refused() {
    let text = GOOD
        .replace("\"forward\"", "\"answer 403\"")
        .replace("vary =", "respond = { status = 404 }\nvary =");
    assert!(check(&text).unwrap_err().contains("does not run"));
}
