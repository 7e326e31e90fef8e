//! Which origins a pattern matches.

use super::super::any_matches;
use super::{assert_matches, assert_misses, long_host};

#[test]
fn an_exact_pattern_matches_only_itself() {
    assert_matches("https://example.com", &["https://example.com"]);
    assert_matches("http://a_b.test:8080", &["http://a_b.test:8080"]);
    assert_matches("http://[::1]:8080", &["http://[::1]:8080"]);
    assert_misses(
        "https://example.com",
        &[
            "http://example.com",
            "https://example.com:8443",
            "https://example.com:443",
            "https://example.com/",
            "https://example.com.",
            "https://www.example.com",
            "https://example.co",
            "https://example.comm",
            "https://xexample.com",
            "https://example.com.evil.test",
            "https://example.com@evil.test",
            "https://example.com\0.evil.test",
            "HTTPS://EXAMPLE.COM",
            "null",
            "",
        ],
    );
    assert_misses(
        "https://example.com:8443",
        &[
            "https://example.com",
            "https://example.com:84430",
            "https://example.com:844",
        ],
    );
}

#[test]
fn a_pattern_that_is_not_canonical_matches_nothing() {
    for pattern in [
        "https://EXAMPLE.com",
        "https://example.com:443",
        "https://example.com/",
        "https://example.com.",
        "https://example.com:",
        "https://example.com:08443",
        "example.com",
        "",
        "https://",
        "https://*",
        "https://*.",
        "https://**.example.com",
        "https://a*b*.example.com",
        "https://a.*.com",
        "https://example.*",
        "https://*:443",
        "*://example.com",
        "**",
        "file://*.example.com",
        "file://example.com",
        "https://[*]",
    ] {
        assert_misses(
            pattern,
            &[
                "https://example.com",
                "https://example.com:443",
                "https://example.com:8443",
                "https://a.example.com",
                "https://ab.example.com",
                "https://axbx.example.com",
                "https://a.b.com",
                "https://a",
                "https://[::1]",
                "file://example.com",
                "file://a.example.com",
                "null",
            ],
        );
    }
}

#[test]
fn whole_labels_match_one_or_more_labels_before_the_base() {
    let pattern = "https://*.example.com";
    assert_matches(
        pattern,
        &[
            "https://sub.example.com",
            "https://a.b.c.example.com",
            "https://x-1.example.com",
            "https://example.com.example.com",
            "https://1.example.com",
            "https://az09.az-09.example.com",
            "https://xn--bcher-kva.example.com",
        ],
    );
    assert_misses(
        pattern,
        &[
            "https://example.com",
            "https://example.com.evil.test",
            "https://sub.example.com.evil.test",
            "https://evilexample.com",
            "https://evil-example.com",
            "https://example.com@evil.test",
            "https://evil.test@sub.example.com",
            "https://sub.example.com:8443",
            "https://sub.example.com:443",
            "http://sub.example.com",
            "https://.example.com",
            "https://sub..example.com",
            "https://evil.test`.example.com",
            "https://evil_.example.com",
            "https://evil.test/.example.com",
            "https://evil.test?.example.com",
            "https://evil.test#.example.com",
            "https://evil.test\\.example.com",
            "https://evil.test%2f.example.com",
            "https://evil.test\0.example.com",
            "https://evil.test .example.com",
            "https://-evil.example.com",
            "https://evil-.example.com",
            "https://a.-.example.com",
            "https://Sub.example.com",
            "https://sub.Example.com",
            "https://sub.example.com.",
            "https://sub.example.com/",
            "https://*.example.com",
            "https://sub.example.co",
            "https://sub.xample.com",
            "null",
        ],
    );
}

#[test]
fn whole_labels_match_only_hosts_of_253_characters() {
    let host = long_host(253);
    let (_, base) = host.split_once('.').unwrap();
    assert_matches(&format!("https://*.{base}"), &[&format!("https://{host}")]);
    assert_misses(
        &format!("https://*.{base}a"),
        &[&format!("https://{host}a")],
    );
}

#[test]
fn a_wildcard_within_a_label_matches_only_characters_of_that_label() {
    assert_matches(
        "https://preview-*.example.com",
        &[
            "https://preview-1.example.com",
            "https://preview-a-b.example.com",
            "https://preview-preview-1.example.com",
        ],
    );
    assert_misses(
        "https://preview-*.example.com",
        &[
            "https://preview-.example.com",
            "https://preview.example.com",
            "https://preview-1.sub.example.com",
            "https://preview-1.evil.test.example.com",
            "https://x.preview-1.example.com",
            "https://xpreview-1.example.com",
            "https://preview-1-.example.com",
            "https://preview-_.example.com",
            "https://preview-a_b.example.com",
            "https://preview-1.example.com:8443",
            "http://preview-1.example.com",
            "https://preview-1.example.com.evil.test",
            "https://preview-1.example.org",
            "https://example.com",
        ],
    );
    assert_matches(
        "https://*-app.example.com",
        &[
            "https://my-app.example.com",
            "https://a-app-app.example.com",
        ],
    );
    assert_misses(
        "https://*-app.example.com",
        &[
            "https://-app.example.com",
            "https://app.example.com",
            "https://my-app2.example.com",
            "https://a.my-app.example.com",
        ],
    );
    assert_matches(
        "https://a*a.example.com",
        &["https://aba.example.com", "https://aaa.example.com"],
    );
    assert_misses(
        "https://a*a.example.com",
        &[
            "https://a.example.com",
            "https://aa.example.com",
            "https://ab.example.com",
        ],
    );
    assert_matches("http://dev*:*", &["http://dev1", "http://dev-2:8080"]);
    assert_misses("http://dev*:*", &["http://dev", "http://dev1.test"]);
}

#[test]
fn a_wildcard_within_a_label_matches_only_labels_of_at_most_63_characters() {
    let origin = |length: usize| format!("https://{}.com", "a".repeat(length));
    assert_matches("https://a*.com", &[&origin(63)]);
    assert_misses("https://a*.com", &[&origin(64)]);
}

#[test]
fn any_port_includes_the_default_port() {
    assert_matches(
        "https://example.com:*",
        &[
            "https://example.com",
            "https://example.com:1",
            "https://example.com:8443",
            "https://example.com:65535",
        ],
    );
    assert_misses(
        "https://example.com:*",
        &[
            "https://example.com:443",
            "https://example.com:0",
            "https://example.com:65536",
            "https://example.com:*",
            "https://example.com:",
            "https://example.com:8443.evil.test",
            "https://example.com:8443@evil.test",
            "http://example.com:8443",
            "https://sub.example.com:8443",
        ],
    );
    assert_matches("http://a_b.test:*", &["http://a_b.test:8080"]);
    assert_matches(
        "http://127.0.0.1:*",
        &["http://127.0.0.1", "http://127.0.0.1:8080"],
    );
    assert_matches("http://[::1]:*", &["http://[::1]", "http://[::1]:8080"]);
    assert_misses("http://[::1]:*", &["http://[::1]:80", "http://[::2]:8080"]);
}

#[test]
fn wildcards_in_host_and_port_combine() {
    assert_matches(
        "http://*.localhost:*",
        &["http://a.localhost", "http://a.b.localhost:3000"],
    );
    assert_misses(
        "http://*.localhost:*",
        &["http://localhost:3000", "http://a.localhost:80"],
    );
    assert_matches(
        "https://*.example.com:8443",
        &["https://a.example.com:8443"],
    );
    assert_misses(
        "https://*.example.com:8443",
        &["https://a.example.com", "https://a.example.com:8444"],
    );
}

#[test]
fn wildcards_in_a_host_never_match_an_ip_address() {
    for pattern in [
        "http://*.2.3.4",
        "http://*.4",
        "http://*.0.0.1:*",
        "http://1*.2.3.4",
        "http://*7.0.0.1",
    ] {
        assert_misses(
            pattern,
            &[
                "http://1.2.3.4",
                "http://127.0.0.1",
                "http://11.2.3.4",
                "http://0.1.2.3.4",
            ],
        );
    }
    assert_misses("http://*.[::1]", &["http://[::1]", "http://a.[::1]"]);
}

#[test]
fn any_origin_matches_every_origin_and_null_but_not_malformed_text() {
    assert_matches(
        "*",
        &[
            "https://example.com",
            "http://a_b:8080",
            "http://[::1]",
            "http://1.2.3.4",
            "null",
            "app://x",
            "file://",
        ],
    );
    assert_misses(
        "*",
        &[
            "",
            "*",
            "Null",
            "null ",
            "https://example.com/",
            "https://example.com:443",
            "file:///",
            "x",
        ],
    );
}

#[test]
fn null_matches_only_null() {
    assert_matches("null", &["null"]);
    assert_misses(
        "null",
        &["NULL", "null/", "", "nul", "nulll", "https://null"],
    );
    assert_misses("https://null", &["null"]);
    for pattern in ["https://*.null", "n*", "null:*", "*.null"] {
        assert_misses(pattern, &["null"]);
    }
}

#[test]
fn two_patterns_do_not_match_a_mixture_of_their_hosts() {
    let patterns = ["https://foo.com", "https://bar.com"];
    assert!(any_matches(&patterns, b"https://foo.com"));
    assert!(any_matches(&patterns, b"https://bar.com"));
    for mixture in [
        "https://barfoo.com",
        "https://foobar.com",
        "https://bar.comfoo.com",
        "https://foo.combar.com",
        "https://oo.com",
    ] {
        assert!(!any_matches(&patterns, mixture.as_bytes()), "{mixture}");
    }
    let patterns = [
        "https://*.foo.com".to_owned(),
        "https://*.bar.com".to_owned(),
    ];
    for mixture in [
        "https://barfoo.com",
        "https://a.barfoo.com",
        "https://foo.com",
        "https://a.foobar.com",
    ] {
        assert!(!any_matches(&patterns, mixture.as_bytes()), "{mixture}");
    }
}

#[test]
fn an_empty_list_of_patterns_matches_nothing() {
    assert!(!any_matches(&[""; 0], b"https://example.com"));
    assert!(!any_matches(&[""; 0], b"null"));
}
