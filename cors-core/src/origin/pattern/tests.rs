use super::*;

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
fn a_wildcard_inside_a_label_stays_inside_it() {
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
fn a_wildcard_port_matches_any_port_and_none() {
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
        ("https://*..example.com", OriginError::EmptyLabel.into()),
        ("https://*.", OriginError::NoHost.into()),
        ("*.example.com", OriginError::NoScheme.into()),
        ("https://*.example.com/", OriginError::Path.into()),
        ("https://*.example.com.", OriginError::TrailingDot.into()),
        ("https://*.example.com:443", OriginError::DefaultPort.into()),
        ("https://*.Example.com", OriginError::UpperCase.into()),
        ("https://user@*.example.com", OriginError::UserInfo.into()),
        ("https://example.com:80:*", OriginError::Port.into()),
        ("https://*.example.com:80:*", OriginError::Port.into()),
        ("https://example.com/*", OriginError::Path.into()),
        ("file://*", OriginError::FileScheme.into()),
        ("file:*", OriginError::NoScheme.into()),
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
fn a_pattern_covers_the_patterns_whose_origins_it_allows() {
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
        ("http://localhost:*", "http://localhost:3000", true),
        ("https://*.example.com:*", "https://a.example.com:*", true),
        ("https://*.example.com:*", "https://example.com:*", false),
        (
            "https://*.example.com:*",
            "https://a_b.example.com:*",
            false,
        ),
        ("https://*.a.example.com", "https://*.example.com", false),
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
    ] {
        assert_eq!(
            domain_of(pattern.as_bytes()),
            domain.as_bytes(),
            "{pattern}"
        );
    }
}
