use alloc::format;

use super::*;

#[test]
fn an_origin_in_the_form_that_browsers_send_parses() {
    for (text, scheme, host, port) in [
        ("https://example.com", "https", "example.com", None),
        ("http://localhost:3000", "http", "localhost", Some(3000)),
        ("http://[::1]:8080", "http", "[::1]", Some(8080)),
        ("http://127.0.0.1", "http", "127.0.0.1", None),
        ("https://a_b.-c-.example", "https", "a_b.-c-.example", None),
        // A last label that begins with a digit and is not a number:
        // https://url.spec.whatwg.org/#ends-in-a-number-checker
        ("https://example.1a", "https", "example.1a", None),
        ("https://example.0xg", "https", "example.0xg", None),
        (
            "https://xn--mnchen-3ya.example",
            "https",
            "xn--mnchen-3ya.example",
            None,
        ),
        ("https://example.com:80", "https", "example.com", Some(80)),
    ] {
        let origin = Origin::parse(text.as_bytes()).unwrap();
        assert_eq!(
            (origin.scheme(), origin.host(), origin.port()),
            (scheme, Some(host), port)
        );
        assert_eq!(format!("{origin}"), text);
    }
}

#[test]
fn an_origin_that_no_browser_sends_does_not_parse() {
    for (text, error) in [
        ("", OriginError::Empty),
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
        ("https://user@example.com", OriginError::UserInfo),
        ("https://user:pass@example.com", OriginError::UserInfo),
        ("https://example.com@evil.test", OriginError::UserInfo),
        ("https://a%b", OriginError::HostCharacter('%')),
        ("https://a<b", OriginError::HostCharacter('<')),
        ("https://a^b", OriginError::HostCharacter('^')),
        ("https://a|b", OriginError::HostCharacter('|')),
        ("https://a[b", OriginError::HostCharacter('[')),
        ("https://a\\b", OriginError::Path),
        (
            "https://example.com, https://a.test",
            OriginError::Whitespace,
        ),
        ("https://1.2.3", OriginError::Ipv4),
        ("https://1.2.3.04", OriginError::Ipv4),
        ("https://example.0x1", OriginError::Ipv4),
        ("https://256.1.1.1", OriginError::Ipv4),
        ("https://127.0.0.1.", OriginError::Ipv4),
        ("https://example.1.", OriginError::Ipv4),
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
        ("file://host", OriginError::FileScheme),
        ("file:///", OriginError::FileScheme),
        ("app://", OriginError::NoHost),
        ("app://a/", OriginError::Path),
        ("app://a?", OriginError::Path),
        ("app://a#", OriginError::Path),
        ("app://a@b", OriginError::UserInfo),
        ("app://a b", OriginError::Whitespace),
        ("App://a", OriginError::UpperCase),
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
fn every_host_character_of_the_url_test_data_parses() {
    // From the URL standard's test data (web-platform-tests, url/resources/urltestdata.json).
    let origin = Origin::parse(b"http://!\"$&'()*+,-.;=_`{}~").unwrap();
    assert_eq!(origin.host(), Some("!\"$&'()*+,-.;=_`{}~"));
    for host in ["example.com.", "a..b", ".", "..", ".a", "a.", "-a-", "1.a."] {
        let text = format!("https://{host}:8443");
        let origin = Origin::parse(text.as_bytes()).unwrap();
        assert_eq!((origin.host(), origin.port()), (Some(host), Some(8443)));
    }
}

#[test]
fn a_host_of_any_length_parses_within_the_limit_for_origins() {
    for length in [63, 64, 253, 254, 500] {
        let text = format!("https://{}.com", "a".repeat(length));
        assert!(Origin::parse(text.as_bytes()).is_ok(), "{length}");
    }
    let longest = format!("https://{}", "a".repeat(504));
    assert!(Origin::parse(longest.as_bytes()).is_ok());
    assert_eq!(
        Origin::parse(format!("{longest}a").as_bytes()),
        Err(OriginError::TooLong)
    );
}

#[test]
fn the_host_of_another_scheme_is_opaque() {
    let dat = format!("dat://{}", "0af5".repeat(16));
    for (text, scheme, authority) in [
        ("app://.", "app", "."),
        ("tauri://localhost", "tauri", "localhost"),
        ("capacitor://localhost:80", "capacitor", "localhost:80"),
        ("content://Com.Example.App", "content", "Com.Example.App"),
        (
            "safari-web-extension://2F9A8C11-AB00",
            "safari-web-extension",
            "2F9A8C11-AB00",
        ),
        (&dat, "dat", &dat[6..]),
        ("a1+-.://!~[]:|%", "a1+-.", "!~[]:|%"),
        ("ws://example.com", "ws", "example.com"),
    ] {
        let origin = Origin::parse(text.as_bytes()).unwrap();
        assert_eq!((origin.scheme(), origin.authority()), (scheme, authority));
        assert_eq!((origin.host(), origin.port()), (None, None), "{text}");
        assert!(!origin.is_opaque() && !origin.is_loopback(), "{text}");
        assert_eq!(origin.as_str(), text);
    }
}

#[test]
fn an_opaque_origin_has_no_host() {
    for (text, scheme) in [("null", ""), ("file://", "file")] {
        let origin = Origin::parse(text.as_bytes()).unwrap();
        assert_eq!((origin.scheme(), origin.authority()), (scheme, ""));
        assert_eq!((origin.host(), origin.port_or_default()), (None, None));
        assert!(origin.is_opaque() && !origin.is_potentially_trustworthy());
        assert_eq!(origin.as_str(), text);
    }
}

#[test]
fn a_loopback_host_is_trustworthy_without_tls() {
    for yes in [
        "http://localhost:3000",
        "http://a.localhost",
        "http://localhost.:3000",
        "http://a.localhost.",
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
        "http://localhost..",
        "http://.localhost.",
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
fn an_origin_is_written_for_debugging_and_converts_to_text() {
    let origin = Origin::parse(b"https://example.com:8443").unwrap();
    assert_eq!(
        format!("{origin:?}"),
        "Origin(\"https://example.com:8443\")"
    );
    let text: &str = origin.as_ref();
    assert_eq!(text, "https://example.com:8443");
}

/// The default ports are those of [special schemes](https://url.spec.whatwg.org/#default-port).
#[test]
fn an_origin_without_a_port_has_the_default_port_of_its_scheme() {
    for (origin, port) in [
        ("https://example.com", Some(443)),
        ("http://example.com", Some(80)),
        ("https://example.com:80", Some(80)),
        ("http://example.com:3000", Some(3000)),
        ("app://example.com", None),
    ] {
        let port_of = Origin::parse(origin.as_bytes()).unwrap().port_or_default();
        assert_eq!(port_of, port, "{origin}");
    }
}
