//! The origins in the test data of the URL standard: a policy that lists one allows a page of that origin, and no other page.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use omnicors::browser::{Page, PolicyFetch};
use omnicors::{Origin, PolicyConfig};
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
