use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::{PolicyConfig, RequestParts};

#[track_caller]
fn suggestion(patterns: &[&str], origin: &str) -> String {
    let policy = PolicyConfig::new().allow_origins(patterns).build().unwrap();
    let request = RequestParts::new("GET").origin(origin);
    let explanation = policy.explain(&request);
    explanation.suggestion().unwrap_or("allowed").to_string()
}

#[track_caller]
fn check(patterns: &[&str], origin: &str, expected: &str) {
    assert_eq!(
        suggestion(patterns, origin),
        alloc::format!("add `{origin}` to allow_origins; {expected}"),
        "{patterns:?}"
    );
}

#[test]
fn a_near_miss_names_the_scheme_or_the_port() {
    for (patterns, origin, expected) in [
        (
            &["http://localhost:*"][..],
            "https://localhost:3000",
            "the listed `http://localhost:*` differs in the scheme",
        ),
        (
            &["http://localhost:3000"],
            "http://localhost:5173",
            "the listed `http://localhost:3000` differs in the port",
        ),
        (
            &["https://example.com:8443"],
            "http://example.com",
            "the listed `https://example.com:8443` differs in the scheme and the port",
        ),
        // A host that begins with the same text is another host.
        (
            &["https://example.com:8443", "https://example.company"],
            "http://example.com",
            "the listed `https://example.com:8443` differs in the scheme and the port",
        ),
        (
            &["app://example.com"],
            "https://example.com",
            "the listed `app://example.com` differs in the scheme",
        ),
        (
            &["http://*.example.com"],
            "https://a.b.example.com",
            "the listed `http://*.example.com` differs in the scheme",
        ),
        // 443 is the default port of https, so only the scheme differs.
        (
            &["https://example.com"],
            "http://example.com:443",
            "the listed `https://example.com` differs in the scheme",
        ),
        (
            &["http://example.com"],
            "https://example.com:80",
            "the listed `http://example.com` differs in the scheme",
        ),
        (
            &["https://example.com"],
            "https://example.com:80",
            "the listed `https://example.com` differs in the port",
        ),
        (
            &["https://pr-*.example.com"],
            "http://pr-1.example.com",
            "the listed `https://pr-*.example.com` differs in the scheme",
        ),
        (
            &[
                "https://a-*.example.com:8443",
                "https://b-*.example.com:8443",
            ],
            "http://b-1.example.com",
            "the listed `https://b-*.example.com:8443` differs in the scheme and the port",
        ),
        (
            &["https://*.example.com:8443"],
            "http://a.example.com",
            "the listed `https://*.example.com:8443` differs in the scheme and the port",
        ),
    ] {
        check(patterns, origin, expected);
    }
}

#[test]
fn the_nearest_pattern_is_named_in_any_order_of_the_patterns() {
    for (patterns, origin, expected) in [
        (
            [
                "http://localhost:3000",
                "https://localhost:8443",
                "http://localhost:8443",
            ],
            "https://localhost:3000",
            "the listed `http://localhost:3000` differs in the scheme",
        ),
        (
            [
                "http://example.com:9000",
                "app://example.com:1",
                "https://example.com:8443",
            ],
            "https://example.com",
            "the listed `https://example.com:8443` differs in the port",
        ),
        (
            [
                "http://example.com:9000",
                "https://example.com",
                "https://*.example.com",
            ],
            "https://example.com:8443",
            "the listed `https://example.com` differs in the port",
        ),
        (
            [
                "https://*.example.com:8443",
                "https://pr-*.example.com",
                "http://example.com:*",
            ],
            "https://a.example.com",
            "the listed `https://*.example.com:8443` differs in the port",
        ),
        (
            [
                "https://pr-*.example.com",
                "https://*.example.com:8443",
                "https://example.com",
            ],
            "https://pr-1.example.com:8080",
            "the listed `https://*.example.com:8443` differs in the port",
        ),
        (
            [
                "http://example.com",
                "https://example.com",
                "https://xexample.com",
            ],
            "https://app.example.com",
            "the listed `https://example.com` does not allow its subdomains, but `https://*.example.com` would",
        ),
        (
            [
                "https://www.example.com",
                "https://*.example.com",
                "https://notexample.com",
            ],
            "https://example.com",
            "the listed `https://www.example.com` differs in the leading `www.`",
        ),
        (
            [
                "tauri://localhost",
                "http://localhost:*",
                "https://tauri.localhost:1",
            ],
            "http://tauri.localhost",
            "Tauri sends `tauri://localhost` on macOS, iOS and Linux, and `http://tauri.localhost` on Windows and Android",
        ),
    ] {
        let [a, b, c] = patterns;
        let orders = [
            [a, b, c],
            [a, c, b],
            [b, a, c],
            [b, c, a],
            [c, a, b],
            [c, b, a],
        ];
        for order in &orders[..if cfg!(miri) { 1 } else { 6 }] {
            check(order, origin, expected);
        }
    }
}

#[test]
fn a_near_miss_of_a_wildcard_names_the_character_that_it_does_not_match() {
    let matches = "; a `*` matches only letters, digits and inner hyphens";
    for (patterns, origin, expected) in [
        (
            &["https://*.example.com"][..],
            "https://my_app.example.com",
            "the `*` of the listed `https://*.example.com` does not match `my_app` because of the `_`",
        ),
        (
            &["https://*.example.com"],
            "https://a.-b.example.com",
            "the `*` of the listed `https://*.example.com` does not match `a.-b`",
        ),
        (
            &["https://pr-*-web.example.com:*"],
            "https://pr-a_b-web.example.com:8443",
            "the `*` of the listed `https://pr-*-web.example.com:*` does not match `a_b` because of the `_`",
        ),
        (
            &["https://*.example.com:8443"],
            "https://my_app.example.com",
            "the listed `https://*.example.com:8443` differs in the port, and its `*` does not match `my_app` because of the `_`",
        ),
        (
            &["https://*.example.com"],
            "http://my_app.example.com",
            "the listed `https://*.example.com` differs in the scheme, and its `*` does not match `my_app` because of the `_`",
        ),
    ] {
        check(patterns, origin, &alloc::format!("{expected}{matches}"));
    }
}

#[test]
fn a_near_miss_names_the_part_of_the_domain() {
    for (patterns, origin, expected) in [
        (
            &["https://*.example.com"][..],
            "http://example.com",
            "the listed `https://*.example.com` differs in the scheme, and does not allow `example.com` itself",
        ),
        (
            &["http://localhost:3000"],
            "http://app.localhost:3000",
            "the listed `http://localhost:3000` does not allow its subdomains, but `http://*.localhost:3000` would",
        ),
        (
            &["http://localhost:*"],
            "http://app.localhost:3000",
            "the listed `http://localhost:*` does not allow its subdomains, but `http://*.localhost:*` would",
        ),
        (
            &["https://example.com"],
            "https://my_app.example.com",
            "the listed `https://example.com` does not allow its subdomains",
        ),
        // Anyone can register a name under `com`, so no wildcard is suggested.
        (
            &["https://com"],
            "https://example.com",
            "the listed `https://com` does not allow its subdomains",
        ),
        (
            &["https://example.com"],
            "https://www.example.com",
            "the listed `https://example.com` differs in the leading `www.`",
        ),
        (
            &["https://www.example.com"],
            "https://example.com",
            "the listed `https://www.example.com` differs in the leading `www.`",
        ),
        (
            &["https://www.example.com:8443"],
            "http://example.com:8443",
            "the listed `https://www.example.com:8443` differs in the scheme and in the leading `www.`",
        ),
        (
            &["https://www.example.com"],
            "https://www.shop.example.com",
            "",
        ),
    ] {
        if expected.is_empty() {
            assert_eq!(
                suggestion(patterns, origin),
                alloc::format!("add `{origin}` to allow_origins")
            );
        } else {
            check(patterns, origin, expected);
        }
    }
}

/// Anyone can get a name under `s3.amazonaws.com`.
#[cfg(feature = "public-suffix")]
#[test]
fn no_wildcard_is_suggested_above_a_public_suffix() {
    check(
        &["https://amazonaws.com"],
        "https://a.amazonaws.com",
        "the listed `https://amazonaws.com` does not allow its subdomains",
    );
}

#[test]
fn loopback_names_are_different_hosts() {
    for (pattern, origin, host) in [
        (
            "http://localhost:3000",
            "http://127.0.0.1:3000",
            "127.0.0.1",
        ),
        ("http://localhost:*", "http://[::1]:3000", "[::1]"),
        (
            "http://127.0.0.1:3000",
            "http://localhost:3000",
            "localhost",
        ),
    ] {
        let expected = alloc::format!(
            "the listed `{pattern}` differs in the host; to a browser, `{host}` is a different host"
        );
        check(&[pattern], origin, &expected);
    }
}

// The origins are those of `useHttpsScheme` (Tauri), `androidScheme` and `iosScheme` (Capacitor), and "CORS errors" (Ionic).
#[test]
fn a_near_miss_names_the_systems_of_an_application() {
    for (pattern, origin, expected) in [
        (
            "tauri://localhost",
            "http://tauri.localhost",
            "Tauri sends `tauri://localhost` on macOS, iOS and Linux, and `http://tauri.localhost` on Windows and Android",
        ),
        (
            "http://tauri.localhost",
            "tauri://localhost",
            "Tauri sends `http://tauri.localhost` on Windows and Android, and `tauri://localhost` on macOS, iOS and Linux",
        ),
        (
            "http://tauri.localhost",
            "https://tauri.localhost",
            "Tauri sends `http://tauri.localhost` on Windows and Android, and `https://tauri.localhost` on Windows and Android \
             with `useHttpsScheme`",
        ),
        (
            "capacitor://localhost",
            "https://localhost",
            "Capacitor sends `capacitor://localhost` on iOS, and `https://localhost` on Android",
        ),
        (
            "https://localhost",
            "capacitor://localhost",
            "Capacitor sends `https://localhost` on Android, and `capacitor://localhost` on iOS",
        ),
        (
            "ionic://localhost",
            "http://localhost",
            "Ionic's web view for Cordova sends `ionic://localhost` on iOS, and `http://localhost` on Android",
        ),
        // Both can be the origin of a local server, so no application is named.
        (
            "http://localhost",
            "https://localhost",
            "the listed `http://localhost` differs in the scheme",
        ),
        // The port is not that of a Tauri application.
        (
            "tauri://localhost",
            "http://localhost:1420",
            "the listed `tauri://localhost` differs in the scheme and the port",
        ),
    ] {
        check(&[pattern], origin, expected);
    }
}

#[test]
fn a_near_miss_names_a_trailing_dot() {
    let with_dot = "https://example.com.";
    for (pattern, origin) in [
        ("https://example.com", with_dot),
        (with_dot, "https://example.com"),
    ] {
        let expected =
            alloc::format!("the listed `{pattern}` differs in the trailing dot of the host");
        check(&[pattern], origin, &expected);
    }
}

#[test]
fn a_look_alike_is_recognized_wherever_its_host_contains_the_domain() {
    for origin in [
        "https://notexample.com",
        "https://my-example.com:8443",
        "https://example.com.evil.test",
        "https://www.example.com.evil.test",
        "https://my-example.com-login.test",
        "http://xexample.comx.test",
    ] {
        for pattern in ["https://example.com", "https://*.example.com"] {
            assert_eq!(
                suggestion(&["http://localhost", pattern], origin),
                alloc::format!(
                    "`{origin}` only looks like `{pattern}`; if it is yours, add `{origin}` to allow_origins"
                )
            );
        }
    }
}

#[test]
fn the_nearest_pattern_is_found_among_many() {
    let count = if cfg!(miri) { 20 } else { 5_000 };
    let exact = |number| alloc::format!("https://tenant-{number}.example");
    let under = |number| alloc::format!("https://*.tenant-{number}.test");
    let patterns: Vec<String> = (0..count)
        .flat_map(|number| [exact(number), under(number)])
        .collect();
    let policy = PolicyConfig::new()
        .allow_origins(&patterns)
        .build()
        .unwrap();
    let last = count - 1;
    for (origin, near) in [
        (alloc::format!("http://tenant-{last}.example"), exact(last)),
        (alloc::format!("http://a.tenant-{last}.test"), under(last)),
        (alloc::format!("https://tenant-{last}.test"), under(last)),
        (
            alloc::format!("https://a.tenant-{last}.example"),
            exact(last),
        ),
        (
            alloc::format!("https://xtenant-{last}.example"),
            exact(last),
        ),
        (
            alloc::format!("https://tenant-{last}.test.evil.test"),
            under(last),
        ),
    ] {
        let request = RequestParts::new("GET").origin(origin.as_str());
        let explanation = policy.explain(&request);
        let suggestion = explanation.suggestion().unwrap_or_default();
        assert!(
            suggestion.contains(&alloc::format!("`{near}`")),
            "{suggestion}"
        );
    }
}

#[test]
fn a_wildcard_inside_a_label_is_near_with_another_scheme() {
    check(
        &["https://pr-*.example.com"],
        "http://pr-7.example.com",
        "the listed `https://pr-*.example.com` differs in the scheme",
    );
}
