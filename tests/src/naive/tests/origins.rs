//! Which texts are origins.

use super::super::is_origin;

#[test]
fn an_origin_is_a_scheme_a_host_and_an_optional_port() {
    for origin in [
        "https://example.com",
        "http://localhost",
        "http://localhost:8080",
        "https://example.com:1",
        "https://example.com:65535",
        "https://a",
        "https://a-b.c--d.e_f",
        "https://-a.b-._",
        "https://xn--bcher-kva.example",
        "https://1.a",
        "https://1.2.3.4a",
        "https://a.0xg",
        "chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh",
        "moz-extension://7e3b8d3c-1d1f-4f5e-9a67-0a1b2c3d4e5f",
        "a1+-.://x",
        "az09://az09-_.az09-_",
        "capacitor://localhost:80",
        "null",
        "file://",
        "https://example.com.",
        "https://.example.com",
        "https://a..b",
        "https://.",
        "https://*.example.com",
        "https://it's.example",
        "https://a`b.example",
        "https://a!b~c.example",
        "app://.",
        "safari-web-extension://2F9A8C11-AB00",
        "content://com.example_provider",
        "x://[a]:b:c",
    ] {
        assert!(is_origin(origin.as_bytes()), "{origin}");
    }
}

#[test]
fn text_that_browsers_never_send_is_not_an_origin() {
    for origin in [
        "",
        "NULL",
        "*",
        "example.com",
        "//example.com",
        "://example.com",
        "https:example.com",
        "https:/example.com",
        "https:///example.com",
        "https://",
        "https://:8080",
        "https://example.com/",
        "https://example.com/path",
        "https://example.com?",
        "https://example.com#",
        "app://",
        "app://a/b",
        "app://a@b",
        "app://a b",
        "https://user@example.com",
        "https://user:password@example.com",
        "https://@example.com",
        "https://exa mple.com",
        " https://example.com",
        "https://example.com ",
        "https://example.com\t",
        "https://example.com\n",
        "https://example.com\0",
        "https://example.com,https://example.com",
        "https://example.com https://example.com",
        "https://example.com:*",
        "https://bücher.example",
        "https://%65xample.com",
        "https://exa\\mple.com",
        "https://example.com%00",
        "Https://example.com",
        "HTTPS://EXAMPLE.COM",
        "https://Example.com",
        "1a://example.com",
        "+a://example.com",
        "a_b://example.com",
        "file://example.com",
        "file:///",
        "https://https://example.com",
    ] {
        assert!(!is_origin(origin.as_bytes()), "{origin:?}");
    }
    assert!(!is_origin(b"https://example.com\xff"));
    assert!(!is_origin(b"https://\xc3\xbc.com"));
}

#[test]
fn a_port_is_a_decimal_number_other_than_the_default_port() {
    for port in [
        "", "0", "00", "080", "65536", "99999", "100000", "+80", "-1", "8o", "80:80", " 80", "80 ",
        "*",
    ] {
        assert!(
            !is_origin(format!("https://example.com:{port}").as_bytes()),
            "{port:?}"
        );
        assert!(
            !is_origin(format!("https://[::1]:{port}").as_bytes()),
            "{port:?}"
        );
    }
    for (scheme, default) in [
        ("http", "80"),
        ("https", "443"),
        // The URL standard has default ports for these schemes too, but their origins are compared as opaque text.
        ("ws", ""),
        ("wss", ""),
        ("ftp", ""),
    ] {
        for port in ["21", "80", "443"] {
            let origin = format!("{scheme}://example.com:{port}");
            assert_eq!(is_origin(origin.as_bytes()), port != default, "{origin}");
        }
    }
}

#[test]
fn an_ipv4_address_is_dotted_decimal_and_no_other_host_ends_in_a_number() {
    for host in ["0.0.0.0", "127.0.0.1", "1.2.3.4", "255.255.255.255"] {
        assert!(is_origin(format!("http://{host}").as_bytes()), "{host}");
        assert!(
            is_origin(format!("http://{host}:8080").as_bytes()),
            "{host}"
        );
    }
    for host in [
        "1",
        "127.1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.04",
        "2130706433",
        "0x7f.0.0.1",
        "0x7f000001",
        "0x",
        "a.0x",
        "a.0x1",
        "a.1",
        "example.0xff",
        "1.2.3.0x4",
        "1.2.3.4.",
        "0177.0.0.1",
        "a.007",
    ] {
        assert!(!is_origin(format!("http://{host}").as_bytes()), "{host}");
    }
}

#[test]
fn an_ipv6_address_is_compressed_and_in_brackets() {
    for host in [
        "::",
        "::1",
        "1::",
        "1:2:3:4:5:6:7:8",
        "2001:db8::1",
        "::ffff:102:304",
        "1:0:2::",
        "1::2:0:0:3",
        "2001:db8:0:1:1:1:1:1",
        "1:2:3:4:5:6::",
        "::3:4:5:6:7:8",
        "fe80::abcd:ef01",
        "1:0:0:2::3",
        "1::2:3:0:0:4",
    ] {
        assert!(is_origin(format!("http://[{host}]").as_bytes()), "{host}");
        assert!(
            is_origin(format!("http://[{host}]:8080").as_bytes()),
            "{host}"
        );
        assert!(
            !is_origin(format!("http://{host}").as_bytes()),
            "{host} without brackets"
        );
    }
    for host in [
        "",
        ":",
        "1",
        "0:0:0:0:0:0:0:1",
        "::01",
        "::0001",
        "2001:DB8::1",
        "2001:db8:0::1",
        "2001:db8::1:1:1:1:1",
        "::ffff:1.2.3.4",
        "::1.2.3.4",
        "1::2:0:0:0:3",
        "1:0:0:2:3::4",
        "1::2::3",
        "1:2:3:4:5:6:7:8:9",
        "fe80::1%eth0",
        "::g",
        "[::1]",
        "1.2.3.4",
        "v1.a",
        " ::1",
        "1:2:3:4:5:6:7::",
        "1:2:3:4:5:6:7:0:",
    ] {
        assert!(!is_origin(format!("http://[{host}]").as_bytes()), "{host}");
    }
    for origin in [
        "http://[::1",
        "http://::1]",
        "http://[::1]x",
        "http://[::1]80",
        "http://[::1].com",
        "http://[::1]]",
    ] {
        assert!(!is_origin(origin.as_bytes()), "{origin}");
    }
}

#[test]
fn an_origin_has_at_most_512_bytes_and_labels_of_any_length() {
    let label = |length: usize| format!("https://{}.com", "a".repeat(length));
    for length in [63, 64, 300] {
        assert!(is_origin(label(length).as_bytes()));
    }
    let origin = |length: usize| {
        format!(
            "{}://example.com",
            "a".repeat(length - "://example.com".len())
        )
    };
    assert!(is_origin(origin(512).as_bytes()));
    assert!(!is_origin(origin(513).as_bytes()));
}
