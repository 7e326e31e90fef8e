use std::panic::AssertUnwindSafe;

use omnicors_core::{Decision, Guard, PolicyConfig, RequestParts, evaluate};

use super::*;
use crate::choice_request::tests::View;
use crate::prepared::NoPreparedValues;

/// Returns the path of the entry that is chosen, `denied`, `rejected` or `left alone`.
fn chosen(entries: &[&'static str], path: &'static str) -> String {
    let policy = |path: &str| {
        let config = PolicyConfig::new()
            .allow_origin("https://a.example")
            .expose_headers([format!("x{}", path.replace('/', "-"))]);
        PolicyEntry::<NoPreparedValues>::from(config.build().unwrap())
    };
    let entries = entries.iter().map(|path| {
        let is_left_alone = *path == "/alone";
        let entry = if is_left_alone {
            PolicyEntry::left_alone()
        } else {
            policy(path)
        };
        (*path, entry)
    });
    let paths = PathPolicies::new(entries);
    let view = View {
        path,
        ..View::default()
    };
    let Some(policy) = paths.choose(&ChoiceRequest::new(&view)) else {
        return "left alone".to_owned();
    };
    match policy.policy().expose_headers().next() {
        Some(name) => name.trim_start_matches('x').replace('-', "/"),
        None if policy.policy().guard() == Guard::All => "rejected".to_owned(),
        None => "denied".to_owned(),
    }
}

#[test]
fn if_an_entry_lists_hosts_no_reading_leads_around_them() {
    let config = PolicyConfig::new().allow_origin("https://a.example");
    let with_hosts = config.clone().allow_hosts(["api.example"]);
    for (api, checks_hosts) in [
        (with_hosts.clone(), true),
        (with_hosts.guard_report_only(true), false),
        (config.clone(), false),
    ] {
        let entries = [("/api", api), ("/", config.clone())];
        let entries = entries.map(|(path, config)| (path, config.build().unwrap()));
        let paths = PathPolicies::<NoPreparedValues>::new(entries);
        for path in ["/%61pi/x", "/API", "/public/../api", "//api"] {
            let view = View {
                path,
                ..View::default()
            };
            let policy = paths.choose(&ChoiceRequest::new(&view)).unwrap();
            for host in ["api.example", "rebound.example", ""] {
                let fields = [("host", host)];
                let request = RequestParts::read(policy.policy(), "GET", &fields);
                let decision = evaluate(policy.policy(), &request);
                let is_rejected = matches!(decision, Decision::Respond { .. });
                assert_eq!(is_rejected, checks_hosts, "{path} {host:?}");
            }
        }
    }
}

#[test]
fn the_longest_path_of_whole_segments_is_chosen() {
    let entries = ["/api", "/public", "/api/v1/items", "/alone"];
    for (path, expected) in [
        ("/api", "/api"),
        ("/api/", "/api"),
        ("/api/items", "/api"),
        ("/api/v1/items/7", "/api/v1/items"),
        ("/api/v1/items-of-others", "/api"),
        ("/public/a.b/.well-known", "/public"),
        ("/alone/x", "left alone"),
        ("/apis", "denied"),
        ("/ap", "denied"),
        ("/", "denied"),
        ("*", "denied"),
        ("", "denied"),
        ("/other/api", "denied"),
    ] {
        assert_eq!(chosen(&entries, path), expected, "{path}");
    }
    let with_root = ["/", "/api"];
    assert_eq!(chosen(&with_root, "/"), "/");
    assert_eq!(chosen(&with_root, "/apis"), "/");
    assert_eq!(chosen(&with_root, "/api"), "/api");
    assert_eq!(chosen(&with_root, "//"), "/");
    assert_eq!(chosen(&with_root, "*"), "denied");
}

#[test]
fn a_path_that_could_be_read_as_another_entry_is_rejected() {
    let entries = ["/api", "/public", "/api/v1"];
    for path in [
        "/%61pi",
        "/%61%50i/x",
        "//api",
        "//api/x",
        "/%2Fapi",
        "/api//v1",
        "/api%2Fv1",
        "/API",
        "/Api/x",
        "/api/../public",
        "/public/../api",
        "/public/%2e%2e/api",
        "/public/%2E./api",
        "/public/..%2fapi",
        "/./api",
        "/.%2Fapi",
        "/%2e/api",
        "/api/./v1",
        "/api/%2E/v1",
        "/api/.%2Fv1",
        "/api/.%5cv1",
        "/api%5Cv1",
        "/api\\v1",
        "\\api",
        "/%5Capi",
        "/api%5C%61",
        "/api/x/..",
        "/api/x%5C..",
        "/api/x%5C..%5C..",
        "/api/..%2Fconfig",
        "/public/..",
        "/public\\..\\api",
        "/public%5c..%5capi",
    ] {
        assert_eq!(chosen(&entries, path), "rejected", "{path}");
    }
    for (path, expected) in [
        ("/api//x", "/api"),
        ("/api/%61", "/api"),
        ("/api/a%2Fb", "/api"),
        ("/api/%", "/api"),
        ("/api/%zz", "/api"),
        ("/api/\u{e9}", "/api"),
        ("/api/%FF", "/api"),
        ("/api/X", "/api"),
        ("/api/...", "/api"),
        ("/api/.", "/api"),
        ("/public/./x", "/public"),
        ("/public/%2e/x", "/public"),
        // What pages send with `encodeURIComponent`.
        ("/api/search/%5Cd%2B", "/api"),
        ("/api/search/%5C.%5C.", "/api"),
        ("/api/.%2Fconfig", "/api"),
        ("/api/a%5C", "/api"),
        ("/api/C%3A%5CUsers%5Cx", "/api"),
        ("/api/a..b/..c%5Cd..", "/api"),
        ("/api/v1/%5C", "/api/v1"),
        ("/api/v1%5Cx", "rejected"),
        ("/other%5Cx", "denied"),
        ("/other/.%2Fx", "denied"),
        ("/other//x", "denied"),
        ("/%", "denied"),
        // Decoded once.
        ("/%2561pi", "denied"),
    ] {
        assert_eq!(chosen(&entries, path), expected, "{path}");
    }
}

#[test]
fn faults_in_the_entries_are_reported_together() {
    let policy = || PolicyConfig::public_read_only().build().unwrap();
    let message = |paths: &[&str]| {
        let entries = paths.iter().map(|path| (*path, policy()));
        let panic = std::panic::catch_unwind(AssertUnwindSafe(|| {
            PathPolicies::<NoPreparedValues>::new(entries.collect::<Vec<_>>())
        }));
        *panic.unwrap_err().downcast::<String>().unwrap()
    };
    for (path, expected) in [
        ("api", r#""api" does not begin with `/`: write "/api""#),
        ("", r#""" does not begin with `/`: write "/""#),
        ("https://a.example/api", "is a URL: write only its path"),
        ("/api/", r#""/api/" ends with `/`: write "/api""#),
        ("/api?x=1", r#"has a query or fragment: write "/api""#),
        ("/api/*", "has a wildcard"),
        ("/api/{id}", "has a wildcard"),
        ("/%61pi", "a character that routers read differently"),
        ("/\u{e9}", "a character that routers read differently"),
        ("/api//x", "an empty segment"),
        ("/api/../x", "a segment `.` or `..`"),
    ] {
        let message = message(&[path]);
        assert!(message.contains(expected), "{message}");
    }
    let all = message(&["api", "/b", "/c", "/b", "/C"]);
    for expected in ["\"api\"", "\"/b\" is there twice", "differ only in case"] {
        assert!(all.contains(expected), "{all}");
    }
    assert!(message(&[]).contains("there are none"));
}
