//! Hostile input is denied and not echoed, and does not cause a panic.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use super::{decide, everything, everything_with_credentials, get, origins};
use crate::{Denial, OriginError, Policy, RequestParts, Verdict, evaluate, limits};

/// Returns policies that allow much, but not everything.
fn policies() -> Vec<Policy> {
    let mut policies = vec![
        everything(["https://example.com", "https://*.example.com"]),
        everything_with_credentials(["https://example.com", "https://*.example.com"]),
        origins([
            "https://example.com:*",
            "https://*.example.com",
            "https://pr-*.example.com",
        ])
        .build()
        .unwrap(),
        origins(["https://example.com", "https://*.example.com"])
            .allow_credentials(true)
            .allow_methods(["*"])
            .allow_headers(["*"])
            .build()
            .unwrap(),
    ];
    if cfg!(miri) {
        policies.drain(..2);
    }
    policies
}

/// Asserts that an actual request and a preflight with this `Origin` field are denied and get only `Vary`.
#[track_caller]
fn assert_denied(policy: &Policy, origin: &[u8], denial: Option<OriginError>) {
    let actual = get().origin(origin);
    let preflight = RequestParts::new("OPTIONS")
        .origin(origin)
        .request_method("PUT");
    for (request, first) in [(actual, "forward"), (preflight, "respond 403")] {
        let shown = String::from_utf8_lossy(origin);
        assert_eq!(
            decide(policy, &request),
            [first, "+ vary: Origin"],
            "{shown}"
        );
        let verdict = evaluate(policy, &request).verdict();
        match denial {
            Some(error) => assert_eq!(
                verdict,
                Verdict::Denied(Denial::OriginMalformed(error)),
                "{shown}"
            ),
            None => assert!(!verdict.is_allowed(), "{shown}"),
        }
    }
}

#[test]
fn an_origin_that_no_browser_sends_is_denied_by_every_policy() {
    let policies = policies();
    for (origin, error) in [
        (b"".as_slice(), OriginError::Empty),
        (b"\xFF\xFE", OriginError::NotAscii),
        (b"https://example.com\xFF", OriginError::NotAscii),
        (b"https://ex\xC3\xA4mple.example.com", OriginError::NotAscii),
        (b"https://Example.com", OriginError::UpperCase),
        (b"HTTPS://example.com", OriginError::UpperCase),
        (b"https://example.com/", OriginError::Path),
        (b"https://example.com:443", OriginError::DefaultPort),
        (b"https://user@example.com", OriginError::UserInfo),
        (b"https://user:pw@example.com", OriginError::UserInfo),
        (b"https://example.com/path", OriginError::Path),
        (b"https://example.com?", OriginError::Path),
        (b"https://example.com#", OriginError::Path),
        (b"https://example.com\\", OriginError::Path),
        (b" https://example.com", OriginError::Whitespace),
        (b"https://example.com ", OriginError::Whitespace),
        (b"https://example.com\r\nx: y", OriginError::Whitespace),
        (b"https://example.com\0", OriginError::Whitespace),
        (b"https://example.com\x7F", OriginError::Whitespace),
        (b"\thttps://example.com", OriginError::Whitespace),
        (b"https://example.com@evil.test", OriginError::UserInfo),
        (
            b"https://evil.test%2e.example.com",
            OriginError::HostCharacter('%'),
        ),
        (b"https://example.com,https://a.test", OriginError::Path),
        (b"*", OriginError::NoScheme),
        (b"NULL", OriginError::NoScheme),
        (b"null ", OriginError::NoScheme),
        (b"example.com", OriginError::NoScheme),
        (b"file:///home/me", OriginError::FileScheme),
    ] {
        for policy in &policies {
            assert_denied(policy, origin, Some(error));
        }
    }
}

#[test]
fn an_origin_that_resembles_an_allowed_one_is_denied() {
    let policies = policies();
    for origin in [
        "https://example.com.evil.test",
        "https://evilexample.com",
        "https://evil-example.com",
        "https://sub.example.com:8443",
        "http://sub.example.com",
        "http://example.com",
        "https://example.com.",
        "https://sub.example.com.",
        "https://.example.com",
        "https://a..example.com",
        "https://evil.test`.example.com",
        "https://evil.test{.example.com",
        "https://*.example.com",
        "evil://example.com",
        "evil://sub.example.com",
        "https://evil_.example.com",
        "https://_.example.com",
        "https://-evil.example.com",
        "https://evil-.example.com",
        "https://a.evil-.example.com",
        "https://example.co",
        "https://example.comm",
        "https://xample.com",
        "https://com",
        "https://example.com.example",
        "wss://example.com",
        "httpss://example.com",
        "https://127.0.0.1",
        "https://[::1]",
        "null",
    ] {
        for policy in &policies {
            assert_denied(policy, origin.as_bytes(), None);
        }
    }
}

#[test]
fn a_mix_of_two_allowed_hosts_is_denied() {
    for patterns in [
        ["https://foo.com", "https://bar.com"],
        ["https://*.foo.com", "https://*.bar.com"],
        ["https://*.foo.com", "https://bar.com"],
    ] {
        let policy = origins(patterns).build().unwrap();
        for origin in [
            "https://barfoo.com",
            "https://foobar.com",
            "https://foo.combar.com",
            "https://a.barfoo.com",
            "https://foo.com.bar",
        ] {
            assert_denied(&policy, origin.as_bytes(), None);
        }
    }
}

#[test]
fn a_repeated_origin_is_denied_even_if_the_values_are_the_same() {
    for policy in policies() {
        for second in ["https://example.com", "https://evil.test", ""] {
            let fields = [("origin", "https://example.com"), ("Origin", second)];
            for twice in [
                get().origin("https://example.com").origin(second),
                RequestParts::read(&policy, "GET", &fields),
            ] {
                assert_eq!(decide(&policy, &twice), ["forward", "+ vary: Origin"]);
                assert_eq!(
                    evaluate(&policy, &twice).verdict(),
                    Verdict::Denied(Denial::OriginRepeated)
                );
            }
        }
    }
}

#[test]
fn an_origin_beyond_the_limit_is_denied() {
    let policies = policies();
    let lengths = [limits::ORIGIN + 1, if cfg!(miri) { 1_000 } else { 100_000 }];
    for length in lengths {
        let labels = "a.".repeat(length).into_bytes();
        let mut origin = b"https://".to_vec();
        origin.extend(&labels[..length - b"https://example.com".len()]);
        origin.extend(b"example.com");
        assert_eq!(origin.len(), length);
        for policy in &policies {
            assert_denied(policy, &origin, Some(OriginError::TooLong));
        }
    }
}

/// Returns the verdict on a preflight with these `Access-Control-Request-Headers` fields, and the decision.
fn request_headers(policy: &Policy, values: &[&[u8]]) -> (String, Vec<String>) {
    let mut fields = vec![
        ("origin", b"https://example.com".as_slice()),
        ("access-control-request-method", b"GET"),
    ];
    fields.extend(
        values
            .iter()
            .map(|value| ("access-control-request-headers", *value)),
    );
    let request = RequestParts::read(policy, "OPTIONS", &fields);
    (
        format!("{:?}", evaluate(policy, &request).verdict()),
        decide(policy, &request),
    )
}

#[test]
fn a_list_of_headers_is_allowed_with_any_whitespace_and_empty_elements() {
    let echoing = origins(["https://example.com"])
        .allow_credentials(true)
        .allow_methods(["PUT"])
        .allow_headers(["*"]);
    for policy in [
        everything(["https://example.com"]),
        echoing.build().unwrap(),
    ] {
        for values in [
            &[b"x-a,x-b".as_slice()][..],
            &[b"X-B , \tx-A\t,,x-b,"],
            &[b"x-b", b"x-a"],
            &[b"", b" ", b"x-a", b",,"],
            &[&b",".repeat(1024)],
            &[b"x-a", b"x-a", b"x-a", b"x-a", b"x-a"],
            &[],
        ] {
            assert_eq!(request_headers(&policy, values).0, "Allowed", "{values:?}");
        }
    }
}

#[test]
fn a_list_of_headers_beyond_the_limits_is_denied_and_never_echoed() {
    let many_bytes = vec![b'a'; 100_000];
    let over = vec![b'a'; limits::REQUEST_HEADERS + 1];
    let half = vec![b'a'; limits::REQUEST_HEADERS / 2 + 1];
    let many_fields = vec![b"a".as_slice(); limits::REQUEST_HEADERS_FIELDS + 1];
    for policy in policies() {
        let nothing_asked = request_headers(&policy, &[]).1;
        let lists = [&[&*many_bytes][..], &[&half, &half], &[&over], &many_fields];
        // Miri takes a minute for the long lists.
        for values in lists.into_iter().skip(if cfg!(miri) { 2 } else { 0 }) {
            let (verdict, decided) = request_headers(&policy, values);
            assert!(verdict.starts_with("Denied("), "{verdict}");
            assert_eq!(decided, nothing_asked);
        }
    }
}

#[test]
fn a_malformed_list_of_headers_is_denied_and_never_echoed() {
    let control = (0..=0x1F_u8)
        .filter(|byte| *byte != b'\t')
        .chain(0x7F..=0xFF)
        .map(|byte| vec![b'x', byte, b'y']);
    let mut lists: Vec<Vec<u8>> = vec![
        b"x-a\r\nset-cookie: a=b".to_vec(),
        b"x a".to_vec(),
        b"x-a;x-b".to_vec(),
        b"\"x-a\"".to_vec(),
        b"x-a:1".to_vec(),
    ];
    lists.extend(control.step_by(if cfg!(miri) { 20 } else { 1 }));
    for policy in policies() {
        let nothing_asked = request_headers(&policy, &[]).1;
        for list in &lists {
            for values in [&[&**list][..], &[b"x-a", list], &[list, b"x-a"]] {
                let (verdict, decided) = request_headers(&policy, values);
                // A policy that lists headers may find one that is not listed first.
                assert!(verdict.starts_with("Denied("), "{verdict}");
                assert_eq!(decided, nothing_asked);
            }
            let (verdict, _) = request_headers(&policy, &[list]);
            assert_eq!(verdict, "Denied(RequestHeadersMalformed)");
        }
        assert_eq!(nothing_asked[0], "respond 204");
    }
}

#[test]
fn an_invalid_method_is_denied_and_never_echoed() {
    let preflight = || RequestParts::new("OPTIONS").origin("https://example.com");
    for policy in policies() {
        for method in ["", "P U T", "PUT\r\nx: y", "PUT,GET", "ü", "\0"] {
            let request = preflight().request_method(method);
            assert_eq!(
                evaluate(&policy, &request).verdict(),
                Verdict::Denied(Denial::RequestMethodMalformed),
                "{method}"
            );
            let decided = decide(&policy, &request);
            assert_eq!(decided[0], "respond 204");
            let is_echo =
                |field: &String| *field == format!("access-control-allow-methods: {method}");
            assert!(!decided.iter().any(is_echo), "{decided:?}");
        }
        let twice = preflight().request_method("PUT").request_method("PUT");
        assert_eq!(
            evaluate(&policy, &twice).verdict(),
            Verdict::Denied(Denial::RequestMethodRepeated)
        );
        assert_eq!(decide(&policy, &twice)[0], "respond 204");
    }
}

#[test]
fn a_safelisted_method_is_never_denied() {
    for policy in policies() {
        for method in ["GET", "HEAD", "POST"] {
            let request = RequestParts::new("OPTIONS")
                .origin("https://example.com")
                .request_method(method);
            assert_eq!(evaluate(&policy, &request).verdict(), Verdict::Allowed);
        }
    }
}

#[test]
fn a_denial_is_printed_without_line_breaks() {
    let policy = everything(["https://example.com"]);
    for (origin, method, headers) in [
        ("https://a\r\nb", "PUT", "x-a"),
        ("https://example.com", "P\r\nT", "x-a"),
        ("https://example.com", "PATCH", "x-a"),
        ("https://example.com", "PUT", "x-z,\r\n"),
        ("https://example.com", "PUT", "\r\n"),
    ] {
        let request = RequestParts::new("OPTIONS")
            .origin(origin)
            .request_method(method)
            .request_headers(headers);
        let decision = evaluate(&policy, &request);
        let Verdict::Denied(denial) = decision.verdict() else {
            panic!("{origin} {method} {headers}")
        };
        assert!(!format!("{denial}").contains(['\r', '\n']), "{denial}");
    }
}
