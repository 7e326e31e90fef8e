use omnicors_core::{Origin, OriginPattern};

use super::*;

/// Compares the reader with the parser of the core, and with wildcards, which match host names only.
fn check(text: &[u8], tally: &mut [u32; 5]) {
    let mut reader = OriginReader::START;
    for byte in text {
        reader = reader.next(*byte);
    }
    let read = reader.kind();
    let parsed = Origin::parse(text).ok();
    let shown = text.escape_ascii();
    assert_eq!(read.is_some(), parsed.is_some(), "{shown}: {reader:?}");
    let (Some(kind), Some(origin)) = (read, parsed) else {
        tally[0] += 1;
        return;
    };
    let trustworthy = origin.is_potentially_trustworthy();
    assert_eq!(kind.is_trustworthy, trustworthy, "{shown}");
    assert_eq!(kind.host == HostKind::None, origin.is_opaque(), "{shown}");
    let is_web = matches!(kind.host, HostKind::Name | HostKind::OtherWeb);
    assert_eq!(is_web, origin.host().is_some(), "{shown}");
    match kind.host {
        HostKind::Name => tally[1] += 1,
        HostKind::OtherWeb => tally[2] += 1,
        HostKind::Opaque => tally[3] += 1,
        HostKind::None => tally[4] += 1,
    }
    // `*.parent` allows each host name below the parent, and no other host.
    let parent = origin.host().and_then(|host| host.split_once('.'));
    if let Some((first, parent)) = parent.filter(|(first, _)| !first.is_empty()) {
        let pattern = format!("{}://*.{parent}:*", origin.scheme());
        if let Ok(pattern) = OriginPattern::parse(&pattern) {
            let is_name = kind.host == HostKind::Name;
            assert_eq!(pattern.matches(&origin), is_name, "{shown}: {first}");
        }
    }
}

#[test]
fn all_short_texts_are_read_as_the_core_parses_them() {
    let mut tally = [0; 5];
    for (before, alphabet, longest) in [
        (&b"https://"[..], &b"a1.-_:%A"[..], 4),
        (b"http://", b"0x1.f", 5),
        (b"https://[", b"0:1f]", 5),
        (b"http://[", b"0:1]", 6),
        (b"http://[1:", b"0:]", 8),
        (b"http://[1:0:0:", b"0:2]", 6),
        (b"http://1.2.", b"12560.", 5),
        (b"http://127.0.0.", b"127560.:", 3),
        (b"https://a:6", b"3456", 5),
        (b"https://a:", b"4435", 4),
        (b"http://a:", b"805", 4),
        (b"http://[::1]:", b"805]", 3),
        (b"", b"htps:/", 5),
        (b"http", b"s:/.a", 6),
        (b"fi", b"le:/a", 6),
        (b"", b"nul:/A", 5),
        (b"", b"ws:/?@", 5),
        (b"f", b"tp:/a", 6),
        (b"app://", b"A:/.@[ ~", 3),
    ] {
        let mut texts = vec![before.to_vec()];
        for _ in 0..=longest {
            for text in &texts {
                check(text, &mut tally);
            }
            texts = texts
                .iter()
                .flat_map(|text| alphabet.iter().map(|byte| [text, &[*byte][..]].concat()))
                .filter(|text| text.len() <= before.len() + longest)
                .collect();
        }
    }
    assert!(tally.iter().all(|count| *count > 0), "{tally:?}");
}

#[test]
fn changed_origins_are_read_as_the_core_parses_them() {
    let label = "a".repeat(63);
    let long = format!("{label}.{label}.{label}.");
    let mut origins: Vec<String> = [
        "null",
        "file://",
        "https://example.com",
        "https://a-b.example.com:8443",
        "http://localhost:3000",
        "http://app.localhost",
        "http://.localhost",
        "http://127.0.0.1:80",
        "http://192.168.255.249:65535",
        "http://[2001:db8::1]:443",
        "http://[::1]",
        "http://[1:0:0:2::3]",
        "http://[::ffff:102:304]",
        "https://xn--bcher-kva.example",
        "https://example.com.",
        "https://1.2.3.4.",
        "https://0xab.0x1",
        "tauri://localhost",
        "wss://a:443",
        "safari-web-extension://2F9A8C11-AB00",
    ]
    .map(String::from)
    .to_vec();
    // Around the limits of labels and names.
    for length in [60, 61, 62, 63] {
        origins.push(format!("https://{long}{}", "b".repeat(length)));
        origins.push(format!("http://{}.b.example", "b".repeat(length + 2)));
    }
    let mut tally = [0; 5];
    for origin in origins {
        let bytes = origin.as_bytes();
        check(bytes, &mut tally);
        for place in 0..=bytes.len() {
            let (before, after) = bytes.split_at(place);
            check(
                &[before, after.get(1..).unwrap_or_default()].concat(),
                &mut tally,
            );
            for byte in b"\0 !-./0139:@AZ[]_`afglowxz~\x7F\xFF".iter().copied() {
                check(&[before, &[byte], after].concat(), &mut tally);
                let replaced = [before, &[byte], after.get(1..).unwrap_or_default()].concat();
                check(&replaced, &mut tally);
            }
        }
    }
    assert!(tally.iter().all(|count| *count > 0), "{tally:?}");
}

#[test]
fn bytes_of_one_class_lead_to_the_same_state() {
    let mut states = vec![OriginReader::START];
    for text in [
        "https://a.0x1.localhost:8443",
        "http://[1:0:0:2::f]:80",
        "app://x:1",
        "ws://a",
        "http://127.0.0.1",
    ] {
        let mut state = OriginReader::START;
        for byte in text.bytes() {
            state = state.next(byte);
            states.push(state);
        }
    }
    for state in states {
        for one in 0..=255 {
            for other in 0..=255 {
                if class(one) == class(other) {
                    assert_eq!(
                        state.next(one),
                        state.next(other),
                        "{state:?} {one} {other}"
                    );
                }
            }
        }
    }
}
