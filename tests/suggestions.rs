//! Compares the suggestions in faults with the `url` crate, an independent implementation of the URL standard.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use omnicors_core::{FaultCause, OriginPattern, OriginPatternError, PolicyConfig};
use omnicors_tests::effort::{self, Random};
use url::Url;

/// Returns the suggestion in the only fault of a policy with this origin; `None` without a fault or suggestion.
fn suggestion(text: &str) -> Option<String> {
    let error = PolicyConfig::new().allow_origins([text]).build().err()?;
    let [fault] = error.faults() else {
        panic!("{text}: {error}");
    };
    fault.suggestion().map(str::to_owned)
}

/// Returns the origin of an http or https URL.
fn origin_of(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

fn check(text: &str) -> bool {
    let Some(suggestion) = suggestion(text) else {
        return false;
    };
    let built = PolicyConfig::new()
        .allow_origins([&suggestion])
        .dangerously_allow_opaque_origins(true)
        .allow_credentials(suggestion.starts_with("https://") && !suggestion.contains('*'))
        .build();
    if let Err(error) = built {
        panic!("{text}: {error}");
    }
    // The URL standard has no wildcards, and parses `*` as part of the host.
    let has_wildcard = text.contains('*') || suggestion.contains('*');
    // A host may contain these characters, but an origin that ends in one is a mistake.
    let unquoted = text.trim_matches(['\'', '"', ',', ';', ' ']);
    // The URL standard parses the second `https` as a host.
    let unquoted = unquoted.replacen("https://https://", "https://", 1);
    if let Some(origin) = origin_of(&unquoted).filter(|_| !has_wildcard) {
        assert_eq!(suggestion, origin, "{text}");
    }
    if suggestion.contains('*') && suggestion != "*" {
        let asks_for_wildcard = text.contains('*') || text.contains("//.") || text.starts_with('.');
        assert!(asks_for_wildcard, "{text}: {suggestion}");
    }
    true
}

#[test]
fn the_suggestion_for_an_international_name_is_its_ascii_form() {
    let mut suggestions = 0;
    // Two blocks have ten thousand similar characters each: test a part of them.
    let is_one_of_many = |character: &char| {
        matches!(character, '一'..='鿿' | '가'..='힣') && u32::from(*character) % 31 != 0
    };
    let characters = ('\u{80}'..=char::MAX).filter(|character| character.is_alphanumeric());
    for character in characters.filter(|character| !is_one_of_many(character)) {
        for text in [
            format!("https://{character}.example"),
            format!("https://x{character}y{character}.example"),
        ] {
            suggestions += u32::from(check(&text));
        }
    }
    println!("suggestions: {suggestions} international names, 0 differences");
    assert!(suggestions > 1_500, "{suggestions}");
}

#[test]
fn a_label_that_is_a_fault_is_invalid_in_a_url() {
    let mut random = Random::from_environment();
    let (mut faults, mut hosts) = (0, 0);
    for _ in 0..20_000 * effort::times() {
        let length = 1 + random.below(9);
        let label: String = (0..length)
            .map(|_| random.choose(&["a", "b", "k", "z", "0", "5", "9", "-"]))
            .collect();
        let text = format!("https://xn--{label}.example");
        let is_fault = PolicyConfig::new()
            .allow_origins([&text])
            .build()
            .is_err_and(|error| {
                let cause = FaultCause::OriginPattern(OriginPatternError::Punycode);
                error.faults().iter().any(|fault| *fault.cause() == cause)
            });
        if is_fault {
            faults += 1;
            assert!(Url::parse(&text).is_err(), "{text}");
        }
        hosts += u32::from(Url::parse(&text).is_ok());
    }
    assert!(
        faults > 1_000 && hosts > 10,
        "{faults} faults, {hosts} hosts"
    );
}

#[test]
fn a_label_with_a_character_that_urls_can_have_is_no_fault() {
    let mut faults = 0;
    for character in '\u{80}'..=char::MAX {
        for label in [String::from(character), format!("a{character}")] {
            let encoded = idna::punycode::encode_str(&label).expect("a short label");
            let text = format!("https://xn--{encoded}.example");
            if OriginPattern::parse(&text) == Err(OriginPatternError::Punycode) {
                faults += 1;
                assert!(Url::parse(&text).is_err(), "{text} of {character:?}");
            }
        }
    }
    println!("suggestions: {faults} labels are faults, and invalid in a URL");
    assert!(faults > 1_000, "{faults}");
}

#[test]
fn a_suggestion_is_the_origin_of_the_text_as_a_url() {
    const STARTS: [&str; 22] = [
        "https://",
        "http://",
        "HTTPS://",
        "https:/",
        "https//",
        "https:///",
        "https:\\\\",
        "http:/",
        "//",
        "",
        " https://",
        "'https://",
        "\"http://",
        "htps://",
        "htp://",
        "*://",
        "http*://",
        "https://https://",
        "http://https://",
        "https://user:pass@",
        "https://user@",
        "https://.",
    ];
    const HOSTS: [&str; 26] = [
        "example.com",
        "Example.COM",
        "www.example.com.",
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "192.168.1.5",
        "10.0.0.1",
        "[::1]",
        "[0:0::1]",
        "[2001:DB8::1]",
        "::1",
        "::1:3000",
        "*.example.com",
        "*example.com",
        "bücher.example",
        "BÜCHER.example",
        "xn--bcher-kva.example",
        "a_b.example",
        "it's.example",
        "myhost",
        "self",
        "exam ple.com",
    ];
    const PORTS: [&str; 10] = [
        "", ":443", ":80", ":8443", ":08443", ":", ":*", ":0", ":99999", ":x",
    ];
    const ENDS: [&str; 12] = [
        "", "/", "/path", "/*", "?a=b", "#c", "\\", ",", ";", "'", "/24", " ",
    ];
    let (mut texts, mut suggestions) = (0, 0);
    for start in STARTS {
        for host in HOSTS {
            for port in PORTS {
                for end in ENDS {
                    texts += 1;
                    let text = format!("{start}{host}{port}{end}");
                    suggestions += u32::from(check(&text));
                }
            }
        }
    }
    println!("suggestions: {suggestions} for {texts} texts, 0 differences");
    assert!(suggestions > texts / 4, "{suggestions} of {texts}");
}
