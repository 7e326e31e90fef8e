//! Applies each suggestion to the policy. The changed policy must build, allow the request, and allow no other origin.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::{Outcome, Policy, PolicyConfig, RequestParts, evaluate};

/// Returns the text between `before` and the first `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (start, _) = text.split_once(after)?;
    start.rsplit_once(before).map(|(_, found)| found)
}

/// Applies a suggestion to the policy config. Returns `None` if the suggestion does not change the policy.
fn apply(config: PolicyConfig, suggestion: &str) -> Option<PolicyConfig> {
    let config = if suggestion.contains("remove static_origin") {
        config.static_origin(false)
    } else {
        config
    };
    let config = if suggestion.contains("dangerously_allow_insecure_origins") {
        config.dangerously_allow_insecure_origins(true)
    } else if suggestion.contains("dangerously_allow_opaque_origins") {
        config.dangerously_allow_opaque_origins(true)
    } else {
        config
    };
    if let Some(origin) = between(suggestion, "add `", "` to allow_origins") {
        Some(config.allow_origin(origin))
    } else if let Some(method) = between(suggestion, "add `", "` to allow_methods") {
        Some(config.allow_method(method))
    } else if let Some(name) = between(suggestion, "add `", "` to allow_headers") {
        Some(config.allow_header(name))
    } else {
        let sets_only = suggestion.contains("or set dangerously_allow_opaque_origins");
        sets_only.then_some(config)
    }
}

fn is_allowed(policy: &Policy, origin: &str) -> bool {
    let request = RequestParts::new("GET").origin(origin);
    evaluate(policy, &request).verdict().is_allowed()
}

const PATTERNS: [&str; 15] = [
    "https://example.com",
    "http://example.com",
    "https://www.example.com",
    "https://example.com:8443",
    "https://*.example.com",
    "https://pr-*.example.com:*",
    "http://localhost:*",
    "http://localhost:3000",
    "https://localhost",
    "tauri://localhost",
    "capacitor://localhost",
    "http://*.example.org",
    "https://co.uk",
    "https://192.168.1.5:3000",
    "moz-extension://0f3b",
];

const ORIGINS: [&str; 26] = [
    "https://example.com",
    "http://example.com",
    "https://example.com:8443",
    "http://example.com:443",
    "https://www.example.com",
    "http://www.example.com",
    "https://my_app.example.com",
    "https://pr-1.example.com",
    "http://a.b.example.com:8080",
    "https://example.org",
    "https://a.example.org",
    "https://evil.co.uk",
    "https://example.com.evil.test",
    "http://notexample.com",
    "http://localhost",
    "https://localhost",
    "https://localhost:3000",
    "http://127.0.0.1:3000",
    "http://app.localhost:3000",
    "http://tauri.localhost",
    "https://tauri.localhost",
    "tauri://localhost",
    "capacitor://localhost",
    "http://192.168.1.5",
    "moz-extension://1f3b",
    "null",
];

fn configs() -> Vec<PolicyConfig> {
    let mut lists: Vec<Vec<&str>> = Vec::from([Vec::from(["*"])]);
    for (index, first) in PATTERNS.iter().enumerate() {
        lists.push(Vec::from([*first]));
        let others = PATTERNS.iter().skip(index + 1);
        lists.extend(others.map(|second| Vec::from([*first, *second])));
    }
    let mut configs = Vec::new();
    for (number, list) in lists.into_iter().enumerate() {
        let is_pair = list.len() == 2;
        let config = PolicyConfig::new().allow_origins(list);
        let credentials = config.clone().allow_credentials(true);
        let variants = [
            config.clone().static_origin(true),
            credentials.clone().static_origin(true),
            credentials
                .clone()
                .dangerously_allow_insecure_origins(true)
                .dangerously_allow_any_origin_with_credentials(true),
            credentials.clone().allow_origins_if(|_| false),
            config,
            credentials,
        ];
        // To save time, each pair of patterns is tested with every second variant.
        let variants = (number..).zip(variants);
        let used = variants.filter(|(number, _)| !is_pair || number % 2 == 0);
        configs.extend(used.map(|(_, config)| config));
    }
    configs.retain(|config| config.clone().build().is_ok());
    configs
}

#[test]
#[cfg_attr(miri, ignore = "thousands of policies")]
fn a_suggestion_allows_the_request_and_no_other_origin() {
    let mut applied = 0;
    for config in configs() {
        let policy = config.clone().build().unwrap();
        let before = ORIGINS.map(|origin| is_allowed(&policy, origin));
        for origin in ORIGINS {
            let request = RequestParts::new("GET").origin(origin);
            let explanation = policy.explain(&request);
            if explanation.verdict().is_allowed() {
                continue;
            }
            let suggestion = explanation.suggestion().unwrap_or_default();
            let at = || format!("{config:?}\n{origin}: {suggestion}");
            let changed = apply(config.clone(), suggestion);
            let Some(changed) = changed else {
                panic!("{}", at());
            };
            let changed = changed
                .build()
                .unwrap_or_else(|error| panic!("{}: {error}", at()));
            for (other, before) in ORIGINS.iter().zip(before) {
                let expected = before || *other == origin;
                assert_eq!(is_allowed(&changed, other), expected, "{other}, {}", at());
            }
            applied += 1;
            if let Some(pattern) = between(suggestion, "but `", "` would") {
                let changed = config.clone().static_origin(false).allow_origin(pattern);
                let changed = changed.build();
                let changed = changed.unwrap_or_else(|error| panic!("{}: {error}", at()));
                assert!(is_allowed(&changed, origin), "{}", at());
            }
        }
    }
    assert!(applied > 5_000, "{applied}");
}

#[test]
#[cfg_attr(miri, ignore = "builds many policies")]
fn applying_suggestions_for_methods_and_headers_allows_the_request() {
    for method in ["PUT", "PURGE", "patch", "put", "TRACE", "X_Y", "ANY", "*"] {
        for header in ["x-a", "Content-Type", "authorization", "any", "cookie", "*"] {
            let mut config = PolicyConfig::new().allow_origins(["https://a.test"]);
            let mut method = method.to_string();
            let mut header = Some(header.to_string());
            // One round for the method, one for the header, and one in which no suggestion is left.
            for _ in 0..4 {
                let policy = config.clone().build().unwrap();
                let request = RequestParts::new("OPTIONS")
                    .origin("https://a.test")
                    .request_method(&method);
                let request = match &header {
                    Some(header) => request.request_headers(header),
                    None => request,
                };
                let explanation = policy.explain(&request);
                let Some(suggestion) = explanation.suggestion().map(String::from) else {
                    break;
                };
                if let Some(changed) = apply(config.clone(), &suggestion) {
                    config = changed;
                }
                if let Some(upper) = between(&suggestion, "write `", "` in the page") {
                    method = upper.to_string();
                } else if suggestion.contains("use another method") {
                    method = "GET".to_string();
                } else if suggestion.contains("do not set the header") {
                    header = None;
                }
            }
            let policy = config.build().unwrap();
            let request = RequestParts::new("OPTIONS")
                .origin("https://a.test")
                .request_method(&method);
            assert!(policy.explain(&request).verdict().is_allowed(), "{method}");
        }
    }
}

#[test]
fn a_step_prints_its_parts() {
    let policy = PolicyConfig::new().allow_origin("https://example.com");
    let policy = policy.build().unwrap();
    let request = RequestParts::new("GET").origin("https://example.com");
    let explanation = policy.explain(&request);
    let step = &explanation.steps()[1];
    let found = "https://example.com is allowed by `https://example.com`";
    assert_eq!(step.subject(), "Origin");
    assert_eq!(step.found(), found);
    assert_eq!(step.standard(), "Fetch, \"CORS check\"");
    assert_eq!(step.outcome(), Outcome::Passed);
    assert_eq!(
        step.to_string(),
        format!("Origin: passed: {found} (Fetch, \"CORS check\")")
    );
}
