use alloc::format;

use super::*;

#[test]
fn an_origin_as_browsers_send_it_parses() {
    for (text, scheme, host, port) in [
        ("https://example.com", "https", "example.com", None),
        ("http://localhost:3000", "http", "localhost", Some(3000)),
        ("http://[::1]:8080", "http", "[::1]", Some(8080)),
        ("http://127.0.0.1", "http", "127.0.0.1", None),
        ("https://a_b.-c-.example", "https", "a_b.-c-.example", None),
        (
            "https://xn--mnchen-3ya.example",
            "https",
            "xn--mnchen-3ya.example",
            None,
        ),
        (
            "chrome-extension://abcdefghijklmnop",
            "chrome-extension",
            "abcdefghijklmnop",
            None,
        ),
        ("capacitor://localhost", "capacitor", "localhost", None),
        ("https://example.com:80", "https", "example.com", Some(80)),
    ] {
        let origin = Origin::parse(text.as_bytes()).unwrap();
        assert_eq!(
            (origin.scheme(), origin.host(), origin.port()),
            (scheme, host, port)
        );
        assert_eq!(format!("{origin}"), text);
    }
}

#[test]
fn an_origin_that_no_browser_sends_does_not_parse() {
    for (text, error) in [
        ("", OriginError::Empty),
        ("null", OriginError::Opaque),
        ("NULL", OriginError::NoScheme),
        ("example.com", OriginError::NoScheme),
        ("https:/example.com", OriginError::NoScheme),
        ("https://", OriginError::NoHost),
        ("https://:8080", OriginError::NoHost),
        ("://example.com", OriginError::Scheme),
        ("1http://example.com", OriginError::Scheme),
        ("HTTPS://example.com", OriginError::UpperCase),
        ("https://Example.com", OriginError::UpperCase),
        (" https://example.com", OriginError::Whitespace),
        ("https://example.com ", OriginError::Whitespace),
        ("https://exa\tmple.com", OriginError::Whitespace),
        ("https://example.com\r\nX: y", OriginError::Whitespace),
        ("https://example.com/", OriginError::Path),
        ("https://example.com/path", OriginError::Path),
        ("https://example.com:8443/", OriginError::Path),
        ("https://example.com?", OriginError::Path),
        ("https://example.com#", OriginError::Path),
        ("https://example.com.", OriginError::TrailingDot),
        ("https://example.com.:8080", OriginError::TrailingDot),
        ("https://.example.com", OriginError::EmptyLabel),
        ("https://a..example.com", OriginError::EmptyLabel),
        ("https://user@example.com", OriginError::UserInfo),
        ("https://user:pass@example.com", OriginError::UserInfo),
        ("https://example.com@evil.test", OriginError::UserInfo),
        (
            "https://evil.test`.example.com",
            OriginError::HostCharacter('`'),
        ),
        ("https://a,b", OriginError::HostCharacter(',')),
        ("https://*.example.com", OriginError::HostCharacter('*')),
        (
            "https://example.com, https://a.test",
            OriginError::HostCharacter(','),
        ),
        ("https://1.2.3", OriginError::Ipv4),
        ("https://1.2.3.04", OriginError::Ipv4),
        ("https://example.0x1", OriginError::Ipv4),
        ("https://256.1.1.1", OriginError::Ipv4),
        ("http://[0:0::1]", OriginError::Ipv6),
        ("http://[::1", OriginError::Ipv6),
        ("http://[::1]a", OriginError::HostCharacter('a')),
        ("http://[[::1]]", OriginError::Ipv6),
        ("http://[[::1]", OriginError::Ipv6),
        ("https://example.com:", OriginError::Port),
        ("https://example.com:0", OriginError::Port),
        ("https://example.com:08443", OriginError::Port),
        ("https://example.com:65536", OriginError::Port),
        ("https://example.com:8x", OriginError::Port),
        ("https://example.com:443", OriginError::DefaultPort),
        ("http://example.com:80", OriginError::DefaultPort),
        ("file:///home", OriginError::FileScheme),
        ("file:/home", OriginError::FileScheme),
        ("file:", OriginError::FileScheme),
        ("https://münchen.example", OriginError::NotAscii),
    ] {
        assert_eq!(Origin::parse(text.as_bytes()), Err(error), "{text}");
    }
    assert_eq!(
        Origin::parse(b"https://example.com\xFF"),
        Err(OriginError::NotAscii)
    );
    assert_eq!(Origin::parse(&[b'a'; 513]), Err(OriginError::TooLong));
}

#[test]
fn a_host_and_its_labels_have_the_length_limits_of_dns() {
    let label = "a".repeat(63);
    assert!(Origin::parse(format!("https://{label}.com").as_bytes()).is_ok());
    assert_eq!(
        Origin::parse(format!("https://a{label}.com").as_bytes()),
        Err(OriginError::HostTooLong)
    );
    assert_eq!(
        Origin::parse(format!("https://com.a{label}").as_bytes()),
        Err(OriginError::HostTooLong)
    );
    let host = format!("{label}.{label}.{label}.{}", "a".repeat(61));
    assert_eq!(host.len(), 253);
    assert!(Origin::parse(format!("https://{host}").as_bytes()).is_ok());
    assert_eq!(
        Origin::parse(format!("https://{host}a").as_bytes()),
        Err(OriginError::HostTooLong)
    );
}

#[test]
fn loopback_hosts_are_trustworthy_without_tls() {
    for yes in [
        "http://localhost:3000",
        "http://a.localhost",
        "http://127.8.0.1",
        "http://[::1]:1",
        "https://a.test",
        "tauri://localhost",
    ] {
        assert!(
            Origin::parse(yes.as_bytes())
                .unwrap()
                .is_potentially_trustworthy(),
            "{yes}"
        );
    }
    for no in [
        "http://example.com",
        "http://notlocalhost",
        "http://localhost.evil.test",
        "http://128.0.0.1",
        "ws://a.test",
    ] {
        assert!(
            !Origin::parse(no.as_bytes())
                .unwrap()
                .is_potentially_trustworthy(),
            "{no}"
        );
    }
}

#[test]
fn a_host_field_is_compared_by_host_and_port() {
    for (origin, host, same) in [
        ("https://example.com", "example.com", true),
        ("https://example.com", "EXAMPLE.com:443", true),
        ("http://example.com", "example.com", true),
        ("http://example.com", "example.com:443", false),
        ("https://example.com:8443", "example.com:8443", true),
        ("https://example.com:8443", "example.com", false),
        ("http://[::1]:80", "[::1]", false),
        ("http://[::1]:8080", "[::1]:8080", true),
        ("http://[::1]", "[::1]", true),
        ("https://example.com", "example.com.evil.test", false),
        ("https://example.com", "", false),
        ("https://example.com", "example.com:", true),
        ("https://example.com", "example.com:x", false),
        ("https://example.com", "example.com:+443", false),
        ("app://shell", "shell:x", false),
        ("app://shell", "shell", false),
    ] {
        if let Ok(origin) = Origin::parse(origin.as_bytes()) {
            assert_eq!(origin.is_host(host.as_bytes()), same, "{origin} {host}");
        }
    }
}
