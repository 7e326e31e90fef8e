use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::parts::TooManyShapes;
use super::*;
use crate::limits;
use crate::origin::host::HostKind;
use crate::origin::pattern::PatternKind;
use crate::origin::{Origin, OriginPattern};

fn set_of<'a>(patterns: impl IntoIterator<Item = &'a str>) -> WildcardSet {
    let mut builder = WildcardSetBuilder::default();
    for pattern in patterns {
        match OriginPattern::parse(pattern).unwrap().kind {
            PatternKind::Wildcard(wildcard) => builder.insert(&wildcard).unwrap(),
            PatternKind::Scheme(scheme) => builder.insert_scheme(scheme),
            kind => panic!("{kind:?}"),
        }
    }
    builder.build()
}

/// Returns origins that are similar to each other and to the patterns below.
fn near_misses() -> Vec<String> {
    let mut origins = Vec::new();
    for scheme in ["https", "http", "app"] {
        for host in [
            "com",
            "example.com",
            "a.example.com",
            "b.a.example.com",
            "c.b.a.example.com",
            "xexample.com",
            "pr-1.example.com",
            "pr-.example.com",
            "pr-1-web.a.example.com",
            "x.pr-1.example.com",
            "a_b.example.com",
            "-a.example.com",
            "pr-_.example.com",
            "localhost",
            "x.localhost",
            "dev-1",
            "dev-",
            "127.0.0.1",
            "[::1]",
            "example.com.evil.test",
            "example.com.",
            "a.example.com.",
            "a!b.example.com",
            // Not host names.
            ".example.com",
            "a..example.com",
            "a b.example.com",
            "user@a.example.com",
            "a:80.example.com",
            "/a.example.com",
            "[::1].example.com",
            "A.example.com",
            "\u{e4}.example.com",
            "*.example.com",
            "a.-.example.com",
            "a-.b.a.example.com",
            "1.example.com",
            "1.0xaf",
            "0xaf",
            "0.0x7f.com",
        ] {
            // The last ones are not written by any browser.
            for port in [
                "", ":8080", ":8443", ":1", ":80", ":443", ":0", ":", ":08443", ":008080",
                ":65536", ":+1", ":1:1",
            ] {
                origins.push(format!("{scheme}://{host}{port}"));
            }
        }
    }
    origins
}

#[test]
fn the_set_matches_an_origin_if_one_of_its_patterns_does() {
    let patterns = [
        "https://*.example.com",
        "https://*.example.com:8443",
        "https://*.a.example.com:8080",
        "https://*.b.a.example.com",
        "https://example.com:*",
        "http://*.com:1",
        "https://pr-*.example.com:*",
        "https://pr-*.example.com:8443",
        "https://pr-*.example.com",
        "https://pr-*-web.a.example.com:*",
        "https://*-web.a.example.com",
        "http://localhost:*",
        "http://*.localhost:*",
        "http://127.0.0.1:*",
        "http://[::1]:*",
        "http://dev-*",
        "app://*",
    ];
    // All patterns, and some subsets of three.
    let mut subsets = Vec::from([patterns.to_vec()]);
    for (index, one) in patterns.iter().enumerate() {
        for other in &patterns[..index] {
            subsets.push(Vec::from([
                *one,
                *other,
                patterns[(index * 7) % patterns.len()],
            ]));
        }
    }
    if cfg!(miri) {
        subsets.truncate(3);
    }
    let near_misses = near_misses();
    for subset in subsets {
        let set = set_of(subset.iter().copied());
        let patterns: Vec<_> = subset
            .iter()
            .map(|pattern| OriginPattern::parse(pattern).unwrap())
            .collect();
        // Seven and the number of ports have no common factor, so each port occurs.
        for text in near_misses.iter().step_by(if cfg!(miri) { 7 } else { 1 }) {
            let origin = Origin::parse(text.as_bytes());
            let expected = origin
                .as_ref()
                .is_ok_and(|origin| patterns.iter().any(|pattern| pattern.matches(origin)));
            let bytes = text.as_bytes();
            assert_eq!(set.contains(bytes), expected, "{text} {subset:?}");
            if let Ok(origin) = origin {
                assert_eq!(set.contains_origin(&origin), expected, "{text} {subset:?}");
                check_nearest(&set, &subset, &origin, expected);
            }
        }
    }
}

/// Checks that the nearest pattern is one of the set, and that it allows the origin if any pattern does.
fn check_nearest(set: &WildcardSet, patterns: &[&str], origin: &Origin<'_>, is_allowed: bool) {
    let is_host_name = origin.kind() == HostKind::HostName;
    let nearest = set.nearest(origin.scheme(), origin, is_host_name);
    if let Some(text) = &nearest {
        assert!(patterns.contains(&text.as_str()), "{text} {patterns:?}");
    }
    let allows =
        nearest.is_some_and(|text| OriginPattern::parse(&text).is_ok_and(|it| it.matches(origin)));
    assert_eq!(allows, is_allowed, "{origin} {patterns:?}");
}

#[test]
fn a_host_that_browsers_parse_as_an_ip_address_is_not_a_label() {
    // The pattern has no labels after its wildcard.
    let set = set_of(["https://*f"]);
    assert!(set.contains(b"https://leaf"));
    // URL standard, https://url.spec.whatwg.org/#ends-in-a-number-checker: 0.0.0.175, and an error.
    assert!(!set.contains(b"https://0xaf"));
    assert!(!set.contains(b"https://0xffffffffff"));
}

#[test]
fn a_group_stores_only_the_labels_that_its_parent_does_not_have() {
    let set = set_of([
        "https://*.example.com",
        "https://*.c.b.a.example.com",
        "https://*.com",
        "http://*.b.com",
    ]);
    let mut own: Vec<(&str, bool)> = set
        .groups
        .iter()
        .map(|group| (&*group.labels, group.parent.is_some()))
        .collect();
    own.sort_unstable();
    assert_eq!(
        own,
        [
            ("b.com", false),
            ("c.b.a.", true),
            ("com", false),
            ("example.", true)
        ]
    );
}

#[test]
fn more_shapes_than_the_limit_are_an_error() {
    let mut builder = WildcardSetBuilder::default();
    let mut insert = |length: usize| {
        let pattern = format!("https://{}*.example.com", "a".repeat(length));
        let PatternKind::Wildcard(wildcard) = OriginPattern::parse(&pattern).unwrap().kind else {
            panic!("{pattern}")
        };
        builder.insert(&wildcard)
    };
    for length in 1..=limits::LABEL_SHAPES {
        insert(length).unwrap();
    }
    insert(1).unwrap();
    assert_eq!(insert(limits::LABEL_SHAPES + 1), Err(TooManyShapes));
}

#[test]
fn a_part_pattern_is_found_among_many_of_its_shape() {
    let count = if cfg!(miri) { 20 } else { 2_000 };
    let mut patterns = Vec::new();
    for number in 0..count {
        let domain = ["example.com", "a.example.com"][number % 2];
        patterns.push(format!("https://{number:04}-*-x.{domain}"));
        patterns.push(format!("https://p*{number:04}.{domain}:{}", 8000 + number));
        // The same part with other ports, the highest first.
        patterns.push(format!("https://p*{number:04}.{domain}:{}", 7000 - number));
    }
    let set = set_of(patterns.iter().map(String::as_str));
    for number in 0..count {
        let (domain, other) = [
            ("example.com", "a.example.com"),
            ("a.example.com", "example.com"),
        ][number % 2];
        for (origin, expected) in [
            (format!("https://{number:04}-7-x.{domain}"), true),
            (format!("https://{number:04}-7-x.{other}"), false),
            (format!("https://{number:04}-7.7-x.{domain}"), false),
            (format!("https://{number:04}--x.{domain}"), false),
            (
                format!("https://p7{number:04}.{domain}:{}", 8000 + number),
                true,
            ),
            (
                format!("https://p7{number:04}.{domain}:{}", 7000 - number),
                true,
            ),
            (
                format!("https://p7{number:04}.{domain}:{}", 8001 + number),
                false,
            ),
            (format!("https://p7{number:04}.{domain}"), false),
            (
                format!("https://p{number:04}.{domain}:{}", 8000 + number),
                false,
            ),
        ] {
            assert_eq!(set.contains(origin.as_bytes()), expected, "{origin}");
        }
    }
}

#[test]
fn the_asterisk_of_a_part_pattern_matches_one_label() {
    let several_shapes = ["https://pr-*.example.com", "https://*-app.example.com"];
    for patterns in [&several_shapes[..1], &several_shapes] {
        let set = set_of(patterns.iter().copied());
        let long = format!("https://pr-{}.example.com", "a".repeat(60));
        for (origin, expected) in [
            ("https://pr-1.example.com", true),
            (&*long, true),
            (&long.replace("pr-", "pr-a"), false),
            ("https://pr-1.a.example.com", false),
            ("https://pr-a.1.example.com", false),
            ("https://xr-1.example.com", false),
        ] {
            assert_eq!(set.contains(origin.as_bytes()), expected, "{origin}");
        }
    }
}

#[test]
fn the_same_part_with_several_ports_allows_each() {
    let ports =
        ["9443", "8443", "80", "7443"].map(|port| format!("https://pr-*.example.com:{port}"));
    let set_with = |others: &[&str]| {
        let mut patterns: Vec<&str> = ports.iter().map(String::as_str).collect();
        patterns.extend(others);
        set_of(patterns)
    };
    let listed = set_with(&[]);
    let and_default = set_with(&["https://pr-*.example.com"]);
    let and_any = set_with(&["https://pr-*.example.com:*"]);
    for (port, by_default, by_any) in [
        (":9443", true, true),
        (":8443", true, true),
        (":80", true, true),
        (":7443", true, true),
        (":7444", false, true),
        ("", true, true),
    ] {
        let origin = format!("https://pr-7.example.com{port}");
        let is_listed = by_default && !port.is_empty();
        assert_eq!(listed.contains(origin.as_bytes()), is_listed, "{origin}");
        assert_eq!(
            and_default.contains(origin.as_bytes()),
            by_default,
            "{origin}"
        );
        assert_eq!(and_any.contains(origin.as_bytes()), by_any, "{origin}");
    }
}

/// The dots of an IPv4 address do not separate labels, even if the end of the address is as long as the labels of another pattern.
#[test]
fn an_ip_address_with_any_port_is_found_beside_other_patterns() {
    let set = set_of(["http://a.b:*", "http://127.0.0.1:*", "http://[::1]:*"]);
    for origin in ["http://127.0.0.1:8080", "http://[::1]:3000", "http://a.b:1"] {
        assert!(set.contains(origin.as_bytes()), "{origin}");
    }
}
