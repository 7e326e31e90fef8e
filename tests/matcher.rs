//! Compares the fast matcher of origin patterns with the naive one, on generated patterns and origins that nearly match.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use omnicors_core::{Origin, OriginPattern, Policy, PolicyConfig};
use omnicors_tests::effort::{self, Random};
use omnicors_tests::naive;

/// The number of small pattern sets, and of origins for each.
const SETS: u32 = 700;
const ORIGINS_PER_SET: usize = 120;

/// The number of origins for each large set.
const ORIGINS_PER_LARGE_SET: usize = 3_000;

#[test]
fn a_set_matches_the_same_origins_as_the_naive_matcher() {
    let mut random = Random::from_environment();
    let mut tally = Tally::default();
    for _ in 0..SETS * effort::times() {
        let patterns = some_patterns(&mut random);
        let policy = policy(&patterns);
        for _ in 0..ORIGINS_PER_SET {
            let origin = near(&patterns, &mut random);
            compare(&policy, &patterns, &origin, &mut tally);
        }
    }
    for size in [0, 1, 2, 3, 10, 100, 1_000, 10_000] {
        compare_exact(size, &mut random, &mut tally);
    }
    tally.assert_every_outcome_occurred();
    println!("matcher: {} comparisons, 0 differences", tally.comparisons);
}

/// The table compares parts of hashes before it compares text. Among this many non-members of the same length, one (236 012, with
/// the current hash) shares its partial hash with a member in the same slot.
#[test]
fn a_partial_hash_match_is_followed_by_a_comparison_of_the_text() {
    const MEMBERS: u32 = 20_000;
    let non_members = MEMBERS..400_000 * effort::times();
    let origin = |number: u32| format!("https://{number:08x}.test");
    let patterns: Vec<String> = (0..MEMBERS).map(origin).collect();
    let policy = policy(&patterns);
    let Some(set) = policy.origins() else {
        panic!("any origin")
    };
    for number in 0..MEMBERS {
        assert!(set.contains(origin(number).as_bytes()), "{number}");
    }
    for number in non_members {
        assert!(!set.contains(origin(number).as_bytes()), "{number}");
    }
}

#[derive(Default)]
struct Tally {
    comparisons: u64,
    allowed: u64,
    well_formed_but_denied: u64,
    malformed: u64,
}

impl Tally {
    fn assert_every_outcome_occurred(&self) {
        let [allowed, denied, malformed] =
            [self.allowed, self.well_formed_but_denied, self.malformed];
        let origins = allowed + denied + malformed;
        assert!(
            [allowed, denied, malformed]
                .iter()
                .all(|count| *count > origins / 10),
            "of {origins} origins, {allowed} allowed, {denied} denied, {malformed} malformed",
        );
    }
}

fn policy<P: AsRef<str>>(patterns: &[P]) -> Policy {
    let config = PolicyConfig::new()
        .allow_origins(patterns.iter().map(AsRef::as_ref))
        // An empty set is a fault unless origins are looked up.
        .lookup_origins(true)
        .dangerously_allow_opaque_origins(true);
    config.build().unwrap_or_else(|error| panic!("{error}"))
}

/// Compares one origin against the set, against each pattern, and against the grammar of origins.
fn compare(policy: &Policy, patterns: &[String], origin: &[u8], tally: &mut Tally) {
    let shown = || format!("\"{}\", {patterns:#?}", origin.escape_ascii());
    let Some(set) = policy.origins() else {
        panic!("any origin: {}", shown())
    };
    let expected = naive::any_matches(patterns, origin);
    assert_eq!(set.contains(origin), expected, "the set: {}", shown());
    let parsed = Origin::parse(origin);
    assert_eq!(
        parsed.is_ok(),
        naive::is_origin(origin),
        "the grammar: {}",
        shown()
    );
    tally.comparisons += 2;
    if let Ok(parsed) = &parsed {
        for text in patterns {
            let pattern = OriginPattern::parse(text).unwrap_or_else(|error| panic!("{error}"));
            let expected = naive::pattern_matches(text, origin);
            assert_eq!(pattern.matches(parsed), expected, "{text}: {}", shown());
            tally.comparisons += 1;
        }
    }
    match (expected, parsed.is_ok()) {
        (true, _) => tally.allowed += 1,
        (false, true) => tally.well_formed_but_denied += 1,
        (false, false) => tally.malformed += 1,
    }
}

/// Compares a set of exact origins with a `BTreeSet` of their texts.
fn compare_exact(size: usize, random: &mut Random, tally: &mut Tally) {
    let mut members = BTreeSet::new();
    while members.len() < size {
        members.insert(exact(random));
    }
    let patterns: Vec<String> = members.iter().cloned().collect();
    let policy = policy(&patterns);
    let Some(set) = policy.origins() else {
        panic!("any origin")
    };
    assert_eq!(set.len(), size);
    let mut check = |origin: &[u8]| {
        let expected = std::str::from_utf8(origin).is_ok_and(|text| members.contains(text));
        assert_eq!(
            set.contains(origin),
            expected,
            "one of {size}: \"{}\"",
            origin.escape_ascii()
        );
        tally.comparisons += 1;
        if expected {
            tally.allowed += 1;
        }
    };
    for pattern in &patterns {
        check(pattern.as_bytes());
    }
    for _ in 0..ORIGINS_PER_LARGE_SET {
        check(&near(&patterns, random));
    }
}

const SCHEMES: [&str; 6] = [
    "https",
    "http",
    "app",
    "chrome-extension",
    "tauri",
    "a+b.c-1",
];

/// Few labels, so that generated domains overlap at every depth.
const LABELS: [&str; 10] = [
    "a",
    "b",
    "ab",
    "ba",
    "example",
    "foo",
    "bar",
    "x-1",
    "xn--bcher-kva",
    "0",
];

const ENDS: [&str; 5] = ["com", "test", "co.uk", "localhost", "a"];

const PORTS: [&str; 7] = ["", "", "", ":1", ":8080", ":8443", ":65535"];

const ADDRESSES: [&str; 10] = [
    "example.com.",
    "a.b.test.",
    "it's.example.com",
    "a`b.com",
    "127.0.0.1",
    "1.2.3.4",
    "[::1]",
    "[2001:db8::1]",
    "localhost",
    "a_b.example.com",
];

fn domain(random: &mut Random) -> String {
    let mut domain = random.choose(&ENDS).to_owned();
    for _ in 0..random.below(4) {
        domain = format!("{}.{domain}", random.choose(&LABELS));
    }
    domain
}

fn some_patterns(random: &mut Random) -> Vec<String> {
    // A few large sets fill the tables.
    let count = match random.below(50) {
        0 => 60,
        1 => 0,
        _ => 1 + random.below(8),
    };
    (0..count).map(|_| pattern(random)).collect()
}

fn exact(random: &mut Random) -> String {
    let scheme = random.choose(&SCHEMES);
    let port = random.choose(&PORTS);
    // A number makes them unique; its digits are in the first label, the last label, or the port.
    let number = random.below(100_000);
    match random.below(4) {
        0 => format!("{scheme}://{number}.{}{port}", domain(random)),
        1 => format!("{scheme}://{}.t{number}{port}", domain(random)),
        2 => format!(
            "{scheme}://{}.{}.test:{}",
            random.choose(&LABELS),
            domain(random),
            1_000 + number % 60_000
        ),
        _ => format!(
            "{scheme}://{number}{}.{}{port}",
            random.choose(&LABELS),
            domain(random)
        ),
    }
}

fn pattern(random: &mut Random) -> String {
    let scheme = random.choose(&SCHEMES[..2]);
    let port = if random.one_in(4) {
        ":*"
    } else {
        random.choose(&PORTS)
    };
    match random.below(20) {
        0 => random
            .choose(&[
                "null",
                "file://",
                "app://*",
                "app://.",
                "tauri://My.App:80",
                "a+b.c-1://*",
            ])
            .to_owned(),
        1..=4 => format!("{scheme}://{}{port}", domain(random)),
        5..=6 => format!("{scheme}://{}{port}", random.choose(&ADDRESSES)),
        7..=13 => format!("{scheme}://*.{}{port}", domain(random)),
        // Some patterns match hosts of one label.
        14 => format!("{scheme}://dev-*{port}"),
        _ => {
            let (before, after) = match random.below(3) {
                0 => (random.choose(&["a", "pr-", "x-1"]), ""),
                1 => ("", random.choose(&["a", "-app", "-1"])),
                _ => (random.choose(&["a", "pr-"]), random.choose(&["a", "-b"])),
            };
            format!("{scheme}://{before}*{after}.{}{port}", domain(random))
        }
    }
}

/// Returns an origin that one of the patterns matches, or nearly matches.
fn near(patterns: &[String], random: &mut Random) -> Vec<u8> {
    let pattern = if patterns.is_empty() || random.one_in(20) {
        pattern(random)
    } else {
        patterns[random.below(patterns.len())].clone()
    };
    let mut origin = instance(&pattern, random).into_bytes();
    for _ in 0..[0, 0, 1, 1, 1, 2, 3][random.below(7)] {
        mutate(&mut origin, random);
    }
    origin
}

/// Returns an origin that the pattern appears to match.
fn instance(pattern: &str, random: &mut Random) -> String {
    let (pattern, port) = match pattern.strip_suffix(":*") {
        Some(pattern) => (pattern, random.choose(&PORTS)),
        None => (pattern, ""),
    };
    let filling = match random.below(6) {
        0 => "a",
        1 => "7",
        2 => "a-b",
        3 => "x.y",
        4 => "example.com",
        _ => "pr-1-app",
    };
    format!("{}{port}", pattern.replacen('*', filling, 1))
}

fn mutate(origin: &mut Vec<u8>, random: &mut Random) {
    const BYTES: &[u8] = b"ab01-._:/@*`[]?#%\\ \tA\0\xFF,x~!'\"$&()+;={}<>^|";
    let byte = BYTES[random.below(BYTES.len())];
    let place = random.below(origin.len() + 1);
    let has_byte = place < origin.len();
    match random.below(14) {
        0 => origin.insert(place, byte),
        1 if has_byte => {
            origin.remove(place);
        }
        2 if has_byte => origin[place] = byte,
        3 if has_byte => origin[place].make_ascii_uppercase(),
        4 if has_byte => origin.insert(place, origin[place]),
        5 => {
            // Add or remove the first label.
            let host = find(origin, b"://").map_or(0, |scheme| scheme + 3);
            if random.one_in(2) {
                let label = format!("{}.", random.choose(&LABELS));
                origin.splice(host..host, label.into_bytes());
            } else if let Some(dot) = find(&origin[host..], b".") {
                origin.drain(host..=host + dot);
            }
        }
        6 => {
            // Prepend letters to the host: barfoo.com.
            let host = find(origin, b"://").map_or(0, |scheme| scheme + 3);
            let letters = random.choose(&["bar", "evil", "evil-", "evil_", "."]);
            origin.splice(host..host, letters.bytes());
        }
        7 => {
            let end = find(origin, b"://").unwrap_or(0);
            let scheme =
                random.choose(&["http", "https", "HTTPS", "file", "", "app", "tauri", "wss"]);
            origin.splice(..end, scheme.bytes());
        }
        8 => {
            let suffixes = [
                ":443", ":80", ":8443", ":0", ":", ":*", ":065", ":65536", ":1", ":21",
            ];
            if let Some(colon) = origin.iter().rposition(|byte| *byte == b':')
                && origin[colon..].iter().skip(1).all(u8::is_ascii_digit)
            {
                origin.truncate(colon);
            }
            origin.extend(random.choose(&suffixes).bytes());
        }
        9 => {
            let suffixes = [
                ".evil.test",
                ".",
                "/",
                "@evil.test",
                ".com",
                "-",
                "x",
                "\\",
                "?a",
                ".1",
            ];
            origin.extend(random.choose(&suffixes).bytes());
        }
        10 => {
            // Double a dot.
            if let Some(dot) = find(origin, b".") {
                origin.insert(dot, b'.');
            }
        }
        11 => {
            // Two origins in one text.
            let other = pattern(random);
            origin.extend(instance(&other, random).bytes());
        }
        12 => {
            // A host near the limits of 63 and 253 bytes.
            let host = find(origin, b"://").map_or(0, |scheme| scheme + 3);
            let label = "a".repeat(60 + random.below(6));
            let labels = format!("{label}.").repeat(1 + random.below(5));
            origin.splice(host..host, labels.into_bytes());
        }
        _ => origin.truncate(place),
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
