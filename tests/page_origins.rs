//! The origins of pages, as the URL standard serializes them: a policy that lists one allows a page of that origin, and no other page.
//! The pages are those of the standard's test data, and generated ones.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use omnicors::browser::{Page, PolicyFetch};
use omnicors::{Origin, PolicyConfig};
use omnicors_tests::effort::{self, Random};
use serde::Deserialize;

/// An entry of `urltestdata.json`: a URL, and the parts that the standard's parser finds in it.
#[derive(Deserialize)]
struct UrlTest {
    href: Option<String>,
    /// Missing in entries whose origin depends on the implementation.
    origin: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Test(UrlTest),
    Comment(serde::de::IgnoredAny),
}

/// Origins that a list does not accept, and why.
fn is_fault_in_lists(origin: &str) -> Option<&'static str> {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    if host.contains(['"', ',', ';']) {
        return Some("a quote or a separator in a list is a mistake more often than a host");
    }
    if host.ends_with(":0") {
        return Some("browsers block port 0, so no page has this origin");
    }
    if host == "." || host.contains("..") {
        return Some("a dot without a label is a mistake more often than a host");
    }
    if host.contains('*') {
        return Some("`*` is a wildcard in a list");
    }
    if host.contains('`') || host.contains(['{', '}', '$', '(', ')']) {
        return Some("a placeholder that was not replaced");
    }
    None
}

/// Returns true for an origin with a character for which a list may not accept it: see [`is_fault_in_lists`]. The character alone is not
/// a fault everywhere.
fn may_be_fault_in_lists(origin: &str) -> bool {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let is_quoted = host.starts_with('\'') || host.ends_with('\'') || host.contains("':");
    // A range of IP addresses, such as `192.168.1.1-254`. No top-level domain is like its last label.
    let without_port = host.split(':').next().unwrap_or_default();
    let mut labels = without_port.split('.');
    let is_range = without_port.contains('-')
        && labels.all(|label| label.chars().all(|it| it.is_ascii_digit() || it == '-'));
    // `.+` is part of a regular expression more often than of a host.
    is_fault_in_lists(origin).is_some()
        || host.starts_with('.')
        || is_quoted
        || is_range
        || host.contains(".+")
}

/// The URLs of http(s) pages by origin.
fn pages() -> BTreeMap<String, String> {
    let data = include_str!("fixtures/urltestdata.json");
    let entries: Vec<Entry> = serde_json::from_str(data).expect("the fixture is valid");
    let mut pages = BTreeMap::new();
    for entry in entries {
        if let Entry::Test(UrlTest {
            href: Some(href),
            origin: Some(origin),
        }) = entry
            && (origin.starts_with("http://") || origin.starts_with("https://"))
            && href.starts_with("http")
        {
            pages.insert(origin, href);
        }
    }
    pages
}

#[test]
fn a_listed_origin_of_the_url_standard_allows_its_page_and_no_other() {
    let pages = pages();
    let mut allowed = 0;
    let mut faults = Vec::new();
    let mut wrong = Vec::new();
    for (origin, href) in &pages {
        let page = Page::new(href).expect("the standard parses it");
        assert_eq!(page.origin().to_string(), *origin, "{href}");
        let has_page = !origin.ends_with(":0"); // Browsers block port 0: https://fetch.spec.whatwg.org/#port-blocking
        assert_eq!(
            Origin::parse(origin.as_bytes()).is_ok(),
            has_page,
            "{origin}: {:?}",
            Origin::parse(origin.as_bytes())
        );

        let built = PolicyConfig::new().allow_origin(origin).build();
        let policy = match (built, is_fault_in_lists(origin)) {
            (Ok(policy), None) => policy,
            (Err(_), Some(reason)) => {
                faults.push(format!("{origin}: {reason}"));
                continue;
            }
            (Ok(_), Some(reason)) => {
                wrong.push(format!("{origin} is accepted, although: {reason}"));
                continue;
            }
            (Err(error), None) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        for other in pages.keys() {
            let outcome = policy.fetch(other).outcome();
            assert_eq!(
                outcome.result().is_ok(),
                other == origin,
                "{origin} and {other}\n{outcome}"
            );
        }
        allowed += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!(
        "page origins: {allowed} of {} origins of the URL standard's test data are allowed if listed, and no other page is",
        pages.len()
    );
    assert!(
        pages.len() >= 61,
        "the fixture has fewer origins than it had"
    );
    assert!(faults.len() < 10, "{faults:#?}");
}

/// Generates a URL of a page: a host of any characters with the usual parts around it.
fn generated_url(random: &mut Random) -> String {
    const CHARACTERS: &str =
        "abz019-_.~!$&'()*+,;=\"{}`|^%:@[] \u{fc}\u{df}\u{3002}\u{ff41}\u{200d}\u{5d0}";
    const PIECES: [&str; 12] = [
        "xn--",
        "xn--bcher-kva",
        "127.",
        "0x7f",
        "1.2.3",
        "[::1]",
        "localhost",
        ".example",
        "%61",
        "..",
        "-a-",
        "com",
    ];
    let characters: Vec<char> = CHARACTERS.chars().collect();
    let mut host = String::new();
    for _ in 0..=random.below(6) {
        if random.one_in(2) {
            host += random.choose(&PIECES);
        } else {
            host.extend(characters.get(random.below(characters.len())));
        }
    }
    let scheme = random.choose(&["https", "http", "HTTPS"]);
    let user = random.choose(&["", "", "user:pass@"]);
    let port = random.choose(&["", "", ":", ":443", ":080", ":65535", ":0"]);
    let path = random.choose(&["", "/a?b#c"]);
    format!("{scheme}://{user}{host}{port}{path}")
}

#[test]
fn every_origin_that_a_page_can_have_is_parsed_and_matches_itself() {
    let mut random = Random::from_environment();
    let (mut origins, mut faults) = (0_u32, 0_u32);
    let mut wrong = Vec::new();
    for _ in 0..20_000 * effort::times() {
        let url = generated_url(&mut random);
        let Ok(page) = Page::new(&url) else { continue };
        let origin = page.origin().to_string();
        origins += 1;
        if origin.ends_with(":0") {
            // Browsers block port 0.
            assert!(Origin::parse(origin.as_bytes()).is_err(), "{origin}");
            continue;
        }
        let parsed = Origin::parse(origin.as_bytes());
        assert!(parsed.is_ok(), "{url} has the origin {origin}: {parsed:?}");
        let config = PolicyConfig::new()
            .allow_origin(&origin)
            .dangerously_allow_insecure_origins(true);
        match config.build() {
            // It may match no origin that browsers send, or many.
            Ok(_) if origin.contains('*') => faults += 1,
            Ok(policy) => {
                policy.fetch(&origin).outcome().assert_readable();
            }
            Err(_) if may_be_fault_in_lists(&origin) => faults += 1,
            Err(error) => wrong.push(error.to_string()),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(origins > 5_000, "{origins} origins only");
    println!(
        "page origins: {} of {origins} generated origins are allowed if listed; a list does not accept the others, as documented",
        origins - faults
    );
}
