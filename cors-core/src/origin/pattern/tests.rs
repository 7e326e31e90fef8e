use alloc::format;
use alloc::string::{String, ToString as _};

use super::*;
use crate::OriginError;

fn allows(pattern: &str, origin: &str) -> bool {
    let pattern = OriginPattern::parse(pattern).unwrap();
    Origin::parse(origin.as_bytes()).is_ok_and(|origin| pattern.matches(&origin))
}

#[test]
fn an_exact_pattern_matches_only_itself() {
    assert!(allows("https://example.com", "https://example.com"));
    for other in [
        "http://example.com",
        "https://example.com:8443",
        "https://a.example.com",
        "https://example.co",
    ] {
        assert!(!allows("https://example.com", other), "{other}");
    }
}

#[test]
fn a_leading_wildcard_matches_whole_labels() {
    for yes in [
        "https://a.example.com",
        "https://a.b.example.com",
        "https://xn--mnchen-3ya.example.com",
    ] {
        assert!(allows("https://*.example.com", yes), "{yes}");
    }
    for no in [
        "https://example.com",
        "https://example.com.evil.test",
        "https://evilexample.com",
        "https://evil-example.com",
        "https://example.com@evil.test",
        "https://sub.example.com:8443",
        "http://sub.example.com",
        "https://.example.com",
        "https://evil.test`.example.com",
        "https://evil_.example.com",
        "https://a-.example.com",
        "https://a..example.com",
    ] {
        assert!(!allows("https://*.example.com", no), "{no}");
    }
}

#[test]
fn a_wildcard_inside_a_label_does_not_match_a_dot() {
    let pattern = "https://pr-*-web.example.com";
    assert!(allows(pattern, "https://pr-7-web.example.com"));
    for no in [
        "https://pr--web.example.com",
        "https://pr-web.example.com",
        "https://pr-a.b-web.example.com",
        "https://x.pr-7-web.example.com",
    ] {
        assert!(!allows(pattern, no), "{no}");
    }
    assert!(allows("http://dev-*:3000", "http://dev-7:3000"));
    assert!(!allows("http://dev-*:3000", "http://dev-7.test:3000"));
}

#[test]
fn a_wildcard_port_matches_any_port_and_the_default_port() {
    for yes in [
        "http://localhost",
        "http://localhost:1",
        "http://localhost:65535",
    ] {
        assert!(allows("http://localhost:*", yes), "{yes}");
    }
    assert!(allows("http://[::1]:*", "http://[::1]:8080"));
    assert!(allows("http://127.0.0.1:*", "http://127.0.0.1:8080"));
    assert!(allows(
        "https://*.example.com:*",
        "https://a.example.com:8443"
    ));
    assert!(allows(
        "https://*.example.com:8443",
        "https://a.example.com:8443"
    ));
    assert!(!allows(
        "https://*.example.com:8443",
        "https://a.example.com"
    ));
}

#[test]
fn a_wildcard_in_another_place_is_an_error() {
    for (text, error) in [
        ("*://example.com", OriginPatternError::WildcardInScheme),
        ("http*://example.com", OriginPatternError::WildcardInScheme),
        ("https://*", OriginPatternError::WildcardHost),
        ("https://*:*", OriginPatternError::WildcardHost),
        ("https://*:8080", OriginPatternError::WildcardHost),
        (
            "https://*.*.example.com",
            OriginPatternError::SeveralWildcards,
        ),
        (
            "https://a*b*.example.com",
            OriginPatternError::SeveralWildcards,
        ),
        (
            "https://**.example.com",
            OriginPatternError::SeveralWildcards,
        ),
        (
            "https://api.*.example.com",
            OriginPatternError::WildcardNotFirst,
        ),
        ("https://example.*", OriginPatternError::WildcardNotFirst),
        (
            "https://example.com:80*",
            OriginPatternError::WildcardInPort,
        ),
        (
            "https://*.example.com:80*",
            OriginPatternError::WildcardInPort,
        ),
        ("https://*.127.0.0.1", OriginPatternError::WildcardInIp),
        ("http://[*::1]", OriginPatternError::WildcardInIp),
        (
            "https://*.a_b.example",
            OriginPatternError::WildcardHostName,
        ),
        ("https://-*.example", OriginPatternError::WildcardHostName),
        ("https://*..example.com", OriginPatternError::EmptyLabel),
        ("https://*.a..example.com", OriginPatternError::EmptyLabel),
        ("https://.example.com", OriginPatternError::EmptyLabel),
        ("https://a..example.com", OriginPatternError::EmptyLabel),
        ("https://example.com..", OriginPatternError::EmptyLabel),
        ("https://.", OriginPatternError::EmptyLabel),
        ("https://.:*", OriginPatternError::EmptyLabel),
        ("https://*.", OriginError::NoHost.into()),
        ("*.example.com", OriginError::NoScheme.into()),
        ("https://*.example.com/", OriginError::Path.into()),
        (
            "https://*.example.com.",
            OriginPatternError::WildcardHostName,
        ),
        (
            "https://pr-*.a!b.example",
            OriginPatternError::WildcardHostName,
        ),
        ("https://a,b", OriginPatternError::Delimiter(',')),
        ("https://a.example;b", OriginPatternError::Delimiter(';')),
        ("https://xn--.example", OriginPatternError::Punycode),
        (
            "https://*.xn--99999999.example",
            OriginPatternError::Punycode,
        ),
        (
            "app://*.example.com",
            OriginPatternError::WildcardInOpaqueHost,
        ),
        (
            "tauri://localhost:*",
            OriginPatternError::WildcardInOpaqueHost,
        ),
        (
            "moz-extension://*:*",
            OriginPatternError::WildcardInOpaqueHost,
        ),
        ("Moz-extension://*", OriginError::UpperCase.into()),
        ("_://*", OriginError::Scheme.into()),
        ("*://*", OriginPatternError::WildcardInScheme),
        ("wss://*", OriginPatternError::SchemeWithoutPages),
        ("htps://*.example.com", OriginPatternError::MisspelledScheme),
        ("https://*.example.com:443", OriginError::DefaultPort.into()),
        ("https://*.Example.com", OriginError::UpperCase.into()),
        ("https://user@*.example.com", OriginError::UserInfo.into()),
        ("https://example.com:80:*", OriginError::Port.into()),
        ("https://*.example.com:80:*", OriginError::Port.into()),
        ("https://example.com/*", OriginError::Path.into()),
        ("file://*", OriginError::FileScheme.into()),
        ("file:*", OriginError::NoScheme.into()),
        ("file://home", OriginError::FileScheme.into()),
        ("file://*.a", OriginError::FileScheme.into()),
    ] {
        assert_eq!(
            OriginPattern::parse(text).map(|pattern| pattern.kind),
            Err(error),
            "{text}"
        );
    }
}

#[test]
fn an_origin_of_another_scheme_is_matched_byte_by_byte() {
    assert!(allows("app://.", "app://."));
    assert!(allows("app://My.App:80", "app://My.App:80"));
    assert!(allows("null", "null") && allows("file://", "file://"));
    for (pattern, no) in [
        ("app://.", "app://.."),
        ("app://My.App", "app://my.app"),
        ("app://a", "app://a:80"),
        ("null", "file://"),
        ("https://example.com", "app://example.com"),
        ("https://example.com", "https://example.com."),
        ("https://example.com.", "https://example.com"),
    ] {
        assert!(!allows(pattern, no), "{pattern} {no}");
    }
    for yes in [
        "moz-extension://a",
        "moz-extension://2F9A:1",
        "moz-extension://*",
    ] {
        assert!(allows("moz-extension://*", yes), "{yes}");
    }
    for no in ["moz-extensions://a", "moz://a", "null", "https://a"] {
        assert!(!allows("moz-extension://*", no), "{no}");
    }
}

#[test]
fn an_unusual_host_can_be_listed_exactly_and_with_any_port() {
    let long = "https://".to_string() + &"a".repeat(300) + ".example";
    for origin in [
        "https://example.com.",
        "https://it's.example",
        "https://a!b.example",
        "https://a~b.example",
        "https://a`b.example",
        "https://a_b.example",
        &long,
    ] {
        assert!(allows(origin, origin), "{origin}");
        assert!(
            allows(&format!("{origin}:*"), &format!("{origin}:1")),
            "{origin}"
        );
    }
}

#[test]
fn a_wildcard_without_room_for_a_character_is_an_error() {
    for (text, is_error) in [
        (format!("{}://*", "a".repeat(508)), false),
        (format!("{}://*", "a".repeat(509)), true),
        (format!("https://{}*.example", "a".repeat(62)), false),
        (format!("https://{}*.example", "a".repeat(63)), true),
        (format!("https://*{}.example", "a".repeat(63)), true),
        (format!("https://*.{}.example", "a".repeat(63)), false),
        (format!("https://*.{}.example", "a".repeat(64)), true),
        (format!("https://*.{}", host_of(251)), false),
        (format!("https://*.{}", host_of(252)), true),
        (format!("https://a*.{}", host_of(250)), false),
        (format!("https://a*.{}", host_of(251)), true),
    ] {
        let expected = if is_error {
            Some(OriginPatternError::WildcardTooLong)
        } else {
            None
        };
        assert_eq!(OriginPattern::parse(&text).err(), expected, "{text}");
    }
}

#[test]
fn a_host_of_the_maximum_length_with_another_mistake_is_not_too_long() {
    // RFC 1035, section 2.3.4: labels of 63 bytes and names of 253 characters are valid. RFC 1123: `_` is not.
    for text in [
        format!("https://*._{}.example", "a".repeat(62)),
        format!("https://a*._{}", &host_of(250)[1..]),
    ] {
        let error = OriginPattern::parse(&text).err();
        assert_eq!(error, Some(OriginPatternError::WildcardHostName), "{text}");
    }
}

#[test]
fn a_pattern_with_a_wildcard_port_is_at_most_as_long_as_an_origin() {
    for (length, expected) in [
        (limits::ORIGIN, None),
        (limits::ORIGIN + 1, Some(OriginError::TooLong.into())),
        (limits::ORIGIN + 2, Some(OriginError::TooLong.into())),
    ] {
        let host = "a".repeat(length - "https://:*".len());
        let pattern = format!("https://{host}:*");
        assert_eq!(OriginPattern::parse(&pattern).err(), expected, "{length}");
    }
}

/// Returns a host name of `length` bytes.
fn host_of(length: usize) -> String {
    let host = "abc.".repeat(length / 4 + 1);
    let start = host.len() - length;
    String::from("x") + &host[start + 1..host.len() - 1] + "y"
}

#[test]
fn a_pattern_covers_each_pattern_whose_origins_it_allows() {
    for (wide, narrow, covers) in [
        ("*", "https://*.example.com", true),
        ("https://*.example.com", "https://a.example.com", true),
        ("https://*.example.com", "https://*.a.example.com", true),
        ("https://*.example.com", "https://pr-*.example.com", true),
        ("https://*.example.com", "https://*.evilexample.com", false),
        ("https://*.example.com", "https://*.example.com:*", false),
        ("https://*.example.com:*", "https://*.example.com:1", true),
        (
            "https://pr-*.example.com",
            "https://pr-a-*.example.com",
            true,
        ),
        ("https://pr-*.example.com", "https://*.example.com", false),
        (
            "https://pr-*.example.com",
            "https://dev-*.example.com",
            false,
        ),
        (
            "https://*-web.example.com",
            "https://*-app.example.com",
            false,
        ),
        (
            "https://pr-*.example.com",
            "https://pr-a-*.example.org",
            false,
        ),
        ("http://localhost:*", "http://localhost:*", true),
        ("http://localhost:*", "http://127.0.0.1:*", false),
        ("http://localhost:*", "http://localhost:3000", true),
        ("https://*.example.com:*", "https://a.example.com:*", true),
        ("https://*.example.com:*", "https://example.com:*", false),
        (
            "https://*.example.com:*",
            "https://a_b.example.com:*",
            false,
        ),
        ("https://*.a.example.com", "https://*.example.com", false),
        ("app://*", "app://.", true),
        ("app://*", "app://*", true),
        ("app://*", "tauri://localhost", false),
        ("*", "file://", true),
    ] {
        let (wide, narrow) = (
            OriginPattern::parse(wide).unwrap(),
            OriginPattern::parse(narrow).unwrap(),
        );
        assert_eq!(wide.covers(&narrow), covers, "{wide} {narrow}");
    }
}

#[test]
fn the_domain_of_a_pattern_is_its_host_or_the_labels_after_the_wildcard() {
    for (pattern, domain) in [
        ("https://example.com", "example.com"),
        ("https://example.com:8443", "example.com"),
        ("http://localhost:*", "localhost"),
        ("https://*.example.com:*", "example.com"),
        ("https://pr-*-web.example.com:8443", "example.com"),
        ("http://dev-*", ""),
        ("http://[::1]:*", "[::1]"),
        ("http://[2001:db8::1]", "[2001:db8::1]"),
        ("http://127.0.0.1:80", "127.0.0.1"),
        ("null", ""),
        ("file://", ""),
        ("app://*", ""),
        ("app://.", "."),
    ] {
        assert_eq!(
            domain_of(pattern.as_bytes()),
            domain.as_bytes(),
            "{pattern}"
        );
    }
}

#[test]
fn the_scheme_of_a_pattern_has_only_the_characters_of_schemes() {
    for pattern in ["my_app://*", "1app://*", "+app://*", "app!://*"] {
        let error = OriginPattern::parse(pattern).unwrap_err();
        assert_eq!(error, OriginError::Scheme.into(), "{pattern}");
    }
    for pattern in ["my-app://*", "a+b://*", "app1://*", "a.b://*"] {
        assert!(OriginPattern::parse(pattern).is_ok(), "{pattern}");
    }
}

#[test]
fn a_pattern_is_its_text_for_debugging() {
    let pattern = OriginPattern::parse("https://*.example.com").unwrap();
    let text = "OriginPattern(\"https://*.example.com\")";
    assert_eq!(format!("{pattern:?}"), text);
}
