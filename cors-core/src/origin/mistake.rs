//! Recognizes texts that people write by mistake instead of an origin pattern: regular expressions, unreplaced placeholders, quoted texts.
//!
//! The URL standard allows some of these texts as hosts. Without these checks, they would build a policy that never allows the intended
//! origin.

use super::error::OriginPatternError;
use crate::edit_distance::differ_by_one;

/// Schemes that the origin of a page never has: browsers open no pages with `ws`, `wss` and `ftp`, and documents with the other schemes
/// have an opaque origin or the origin of another document ([URL standard, origin](https://url.spec.whatwg.org/#concept-url-origin)).
const WITHOUT_PAGES: [&str; 8] = [
    "about",
    "blob",
    "data",
    "filesystem",
    "ftp",
    "javascript",
    "ws",
    "wss",
];

/// Returns an error for a text that is obviously not meant as an origin pattern, such as a regular expression or a placeholder.
///
/// Some of these texts match the grammar of origins.
pub(super) fn check_text(text: &str) -> Result<(), OriginPatternError> {
    if is_plain(text) {
        // Fast path for large lists: a plain text cannot have the other mistakes.
        return if is_address_range(text) {
            Err(OriginPatternError::AddressRange)
        } else {
            Ok(())
        };
    }
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = |known: &&str| scheme.eq_ignore_ascii_case(known);
    if WITHOUT_PAGES.iter().any(is_scheme) {
        Err(OriginPatternError::SchemeWithoutPages)
    } else if is_placeholder(text) {
        Err(OriginPatternError::Placeholder)
    } else if is_address_range(text) {
        Err(OriginPatternError::AddressRange)
    } else if is_regex(unquoted(text)) {
        Err(OriginPatternError::Regex)
    } else if has_several(unquoted(text.trim()).trim()) {
        Err(OriginPatternError::Several)
    } else if unquoted(text) != text {
        Err(OriginPatternError::Quoted)
    } else if intended_scheme(scheme).is_some() {
        Err(OriginPatternError::MisspelledScheme)
    } else {
        Ok(())
    }
}

/// Returns true if the text contains several origins. A comma or a space alone can be part of a path.
fn has_several(text: &str) -> bool {
    let mut parts = text
        .split(|it: char| matches!(it, ',' | ';') || it.is_whitespace())
        .skip(1);
    parts.any(|part| part.contains("://") || part.contains('.') || part.starts_with("localhost"))
}

/// Returns true for `http` or `https`, followed only by characters of host names, ports and simple paths.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b':' | b'/');
    (text.starts_with("https://") || text.starts_with("http://")) && text.bytes().all(is_plain)
}

/// Returns the text without surrounding quotation marks and brackets, and without a trailing comma or semicolon.
pub(super) fn unquoted(text: &str) -> &str {
    const MARKS: [char; 9] = ['"', '\'', '`', '“', '”', '‘', '’', '<', '>'];
    let is_mark = |character| MARKS.contains(&character);
    let text = text.trim_end_matches([',', ';']);
    let text = without_brackets(text).unwrap_or(text);
    text.trim_start_matches(is_mark).trim_end_matches(is_mark)
}

/// Returns the text without the leading or trailing bracket of a JSON array. Keeps the brackets of an IPv6 address.
fn without_brackets(text: &str) -> Option<&str> {
    let is_quoted_url =
        |rest: &&str| rest.starts_with(['"', '\'']) || rest.split_once("://").is_some();
    match text.strip_prefix('[').filter(is_quoted_url) {
        Some(rest) => Some(rest.strip_suffix(']').unwrap_or(rest)),
        None => text.strip_suffix(']').filter(|rest| !rest.contains('[')),
    }
}

/// Returns true if the text contains a variable of a template or a shell: `https://${HOST}`, `$ORIGIN`, `{{ origin }}`,
/// `<your-domain>`, `%(host)s`.
fn is_placeholder(text: &str) -> bool {
    let is_between = |open, close| {
        let rest = text.split_once(open).map_or("", |(_, rest)| rest);
        // `{a,b}` is a list of alternatives.
        let inner = rest.split_once(close).map(|(inner, _)| inner);
        inner.is_some_and(|inner| !inner.contains(','))
    };
    let mut after_dollar = text.split('$').skip(1);
    let is_variable = after_dollar.any(|rest| {
        rest.starts_with(|first: char| first.is_ascii_uppercase() || first == '{' || first == '(')
    });
    // `<https://example.com>` is a quoted origin, not a placeholder.
    is_variable || is_between("{", "}") || is_between("://<", ">") || is_between("%(", ")")
}

/// Returns true for a range such as `192.168.1.0/24` or `192.168.1.*`, with or without a scheme.
fn is_address_range(text: &str) -> bool {
    // The first two are faster, for large lists.
    let text = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .or_else(|| text.split_once("://").map(|(_, rest)| rest))
        .unwrap_or(text);
    let (address, bits) = text.split_once('/').unwrap_or((text, ""));
    let has_two_colons = || address.as_bytes().windows(2).any(|two| two == b"::");
    if !address.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '*' | '['))
        && !has_two_colons()
    {
        // Fast path for large lists: it begins like no address.
        return false;
    }
    let bits = bits.split(':').next().unwrap_or_default();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let is_range = |label: &str| {
        let ends = label.split_once('-');
        ends.is_some_and(|(first, last)| is_number(first) && is_number(last))
    };
    let is_mask = bits.split('.').all(is_number);
    let is_ipv6 = has_two_colons()
        && address
            .bytes()
            .all(|it| it.is_ascii_hexdigit() || it == b':')
        || address.starts_with('[');
    let (host, _) = address.split_once(':').unwrap_or((address, ""));
    let labels = || host.split('.');
    let has_number = labels().any(is_number);
    let is_several = |label: &str| label == "*" || is_range(label);
    let is_ipv4 = has_number && labels().all(|label| is_number(label) || is_several(label));
    is_mask && (is_ipv4 || is_ipv6) || is_ipv4 && labels().skip(1).any(is_several)
}

/// Returns true if the text looks like a regular expression.
fn is_regex(text: &str) -> bool {
    let is_anchored = text.starts_with('^') || text.ends_with('$');
    // A JavaScript literal: `/…/` or `/…/i`.
    let is_literal = text.strip_prefix('/').is_some_and(|rest| {
        let rest = rest.trim_end_matches(['g', 'i', 'm', 'u']);
        !rest.starts_with('/') && rest.ends_with('/')
    });
    let is_escaped = ["\\.", "\\/", "\\d+", "\\d*", "\\d{", "\\w+", "\\w*", "\\w{"]
        .iter()
        .any(|escape| text.contains(escape));
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    let repeats_any = host.starts_with(".*") || text.contains(".+");
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    let is_scheme_optional = scheme.contains(['?', '[', ']']);
    let has_group =
        is_scheme_optional || text.contains('|') || text.contains('(') && text.contains(')');
    is_anchored || is_literal || is_escaped || repeats_any || has_group || has_class(text)
}

/// Returns true if the text contains a character class such as `[a-z]`. Brackets at the beginning of a host can be those of an IPv6
/// address.
fn has_class(text: &str) -> bool {
    let (_, host) = text.split_once("://").unwrap_or(("", text));
    let is_inside = |(index, _): (usize, &str)| {
        let before = host.get(..index).unwrap_or_default();
        !before.is_empty() && !before.ends_with(['@', '*'])
    };
    if host.contains(']') && host.match_indices('[').any(is_inside) {
        return true;
    }
    let mut classes = text.split('[').skip(1);
    classes.any(|rest| {
        let class = rest.split_once(']').map(|(class, _)| class);
        class.is_some_and(|class| class.contains('-'))
    })
}

/// Returns `http` or `https` if the scheme differs from it by one letter: `htps`, `htttp`, `hhttps`. Applications use other schemes.
pub(super) fn intended_scheme(scheme: &str) -> Option<&'static str> {
    let is_near = |known: &&str| *known != scheme && differ_by_one(scheme, known);
    let mut near = ["https", "http"].into_iter().filter(is_near);
    // `httpd` differs by one letter from both, so the intention is not clear.
    let is_word = scheme.bytes().all(|byte| byte.is_ascii_lowercase());
    let first = near
        .next()
        .filter(|_| is_word && !matches!(scheme, "http" | "https"))?;
    near.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> Option<OriginPatternError> {
        check_text(text).err()
    }

    #[test]
    fn a_scheme_that_pages_do_not_have_is_recognized() {
        for text in [
            "ws://example.com",
            "wss://example.com:8443",
            "WSS://example.com",
            "ftp://example.com",
            "data:text/html,x",
            "blob:https://example.com/7e3b8d3c",
            "javascript:alert(1)",
            "about:blank",
            "filesystem:https://example.com/temporary",
        ] {
            assert_eq!(
                error(text),
                Some(OriginPatternError::SchemeWithoutPages),
                "{text}"
            );
        }
    }

    #[test]
    fn a_range_of_addresses_is_recognized() {
        for text in [
            "192.168.1.0/24",
            "http://10.0.0.0/8",
            "192.168.1.*",
            "192.168.*.*:3000",
            "10.0.0.0/255.0.0.0",
            "10.0.0.0/8:3000",
            "192.168.1.1-254",
            "http://192.168.1.*",
            "http://[fd00::]/8",
            "fd00::/8",
            "http://[1:2:3:4:5:6:7:8]/64",
            "*.*.1.1",
        ] {
            assert_eq!(
                error(text),
                Some(OriginPatternError::AddressRange),
                "{text}"
            );
        }
        for text in [
            "192.168.1.5",
            "*.1.2.3",
            "http://127.1/",
            "https://1.example/24",
            "https://cafe/24",
            "1.*.example",
        ] {
            assert_eq!(error(text), None, "{text}");
        }
    }

    #[test]
    fn a_regular_expression_is_recognized() {
        for text in [
            r"^https://example\.com$",
            "^https://example.com",
            "https://example.com$",
            r"/https:\/\/example\.com/",
            "/example.com/i",
            r".*\.example\.com",
            ".*example.com",
            "https://.*",
            "https://.*.example.com",
            "https?://.+.example.com",
            "https://(app|api).example.com",
            "https?://example.com",
            "http[s]?://example.com",
            "https://ex[ae]mple.com",
            "http://localhost:[3000-3010]",
            "https://(www.)?example.com",
            "https://[a-z]+.example.com",
            "https://pr-[0-9].example.com",
            r"https://pr-\d+.example.com",
        ] {
            assert_eq!(error(text), Some(OriginPatternError::Regex), "{text}");
        }
    }

    #[test]
    fn a_placeholder_is_recognized() {
        for text in [
            "$ORIGIN",
            "${ORIGIN}",
            "https://${domain}",
            "https://$(host)",
            "https://{{ .Values.host }}",
            "https://{tenant}.example.com",
            "https://<your-domain>",
            "https://%(host)s",
        ] {
            assert_eq!(error(text), Some(OriginPatternError::Placeholder), "{text}");
        }
    }

    #[test]
    fn quotation_marks_and_separators_are_recognized() {
        for text in [
            "\"https://example.com\"",
            "'https://example.com'",
            "`https://example.com`",
            "“https://example.com”",
            "<https://example.com>",
            "https://example.com,",
            "https://example.com;",
            "\"https://example.com\",",
            "[\"https://example.com\",",
            "\"https://example.com\"]",
            "[https://example.com]",
            "https://example.com'",
        ] {
            assert_eq!(error(text), Some(OriginPatternError::Quoted), "{text}");
            assert_eq!(unquoted(text), "https://example.com");
        }
    }

    #[test]
    fn several_origins_in_one_text_are_recognized() {
        for text in [
            "https://a.example,https://b.example",
            "https://*.a.example, https://*.b.example",
            "http://localhost:3000/;localhost:5173",
            "example.com example.org",
            "'https://a.example', 'https://b.example'",
        ] {
            assert_eq!(error(text), Some(OriginPatternError::Several), "{text}");
        }
        for text in ["https://example.com/a,b", "https://example.com/a b"] {
            assert_eq!(error(text), None, "{text}");
        }
    }

    #[test]
    fn a_misspelled_scheme_is_recognized() {
        for (text, meant) in [
            ("htps://example.com", "https"),
            ("htttps://example.com", "https"),
            ("hhttp://example.com", "http"),
            ("htpps://example.com", "https"),
            ("ttps://example.com", "https"),
            ("htp://example.com", "http"),
            ("thtps://example.com", "https"),
            ("hptts://example.com", ""),
        ] {
            let scheme = text.split(':').next().unwrap();
            let error_expected =
                (!meant.is_empty()).then_some(OriginPatternError::MisspelledScheme);
            assert_eq!(error(text), error_expected, "{text}");
            assert_eq!(intended_scheme(scheme).unwrap_or_default(), meant, "{text}");
        }
    }

    #[test]
    fn a_valid_pattern_is_not_a_mistake() {
        for text in [
            "https://example.com",
            "https://*.example.com",
            "http://localhost:*",
            "http://[::1]:8080",
            "http://[2001:db8::1]",
            "https://pr-*.example.com",
            "https://a.*.example.com",
            "https://example.*",
            "moz-extension://*",
            "app://.",
            "tauri://localhost",
            "file://",
            "null",
            "httpd://x",
            "https://it's.example",
            "https://a!b.example",
            "https://a~b.example",
            "https://a`b.example",
            "https://a$b.example",
            "https://a(b.example",
            "https://a+b.example",
            "//example.com/",
        ] {
            assert_eq!(error(text), None, "{text}");
        }
    }
}
