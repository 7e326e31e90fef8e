use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use regex_automata::dfa::Automaton as _;
use regex_syntax::hir::Hir;

use super::automaton::{Automaton, Direction, TooLarge, anchored, compile, parse, start_state};
use super::known_sites::{self, Sites};
use super::no_origin;

/// Regular expressions that match whole origins, compiled to one DFA.
///
/// Matching takes one table lookup per byte, whatever the number of expressions, and allocates nothing.
#[derive(Clone)]
pub(crate) struct OriginRegexes {
    texts: Box<[String]>,
    dfa: Arc<Automaton>,
}

/// A parsed regular expression.
pub(crate) struct OriginRegex(Hir);

impl OriginRegex {
    /// Parses an expression. The error is the message of the parser.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        parse(text).map(Self)
    }

    /// Returns which sites the expression can match. With credentials, a policy may allow only known sites.
    pub(crate) fn sites(&self) -> Sites {
        match compile(&self.0, Direction::FromTheEnd) {
            Ok(reversed) => known_sites::sites(&reversed),
            Err(TooLarge) => Sites::TooMany,
        }
    }
}

impl OriginRegexes {
    pub(crate) fn compile(
        texts: Vec<String>,
        expressions: Vec<OriginRegex>,
    ) -> Result<Self, TooLarge> {
        let any = Hir::alternation(
            expressions
                .into_iter()
                .map(|expression| expression.0)
                .collect(),
        );
        Ok(Self {
            texts: texts.into_boxed_slice(),
            dfa: Arc::new(compile(&anchored(any), Direction::FromTheBeginning)?),
        })
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Returns true if one of the expressions may match an origin of an unknown site.
    pub(crate) fn can_match_any_site(&self) -> bool {
        let mut expressions = self
            .texts
            .iter()
            .filter_map(|text| OriginRegex::parse(text).ok());
        expressions.any(|expression| expression.sites() != Sites::Known)
    }

    /// Returns the expressions that match no origin. If `allow_opaque` is true, `null` and `file://` count as origins.
    pub(crate) fn without_effect(&self, allow_opaque: bool) -> impl Iterator<Item = &str> {
        let origins = no_origin::Origins::new(allow_opaque);
        let texts = self.texts.iter().map(String::as_str);
        texts.filter(move |text| {
            let expression = parse(text).ok();
            expression.is_some_and(|expression| origins.match_none_of(expression))
        })
    }

    pub(crate) fn match_origin(&self, origin: &str) -> bool {
        let Some(mut state) = start_state(&self.dfa) else {
            return false;
        };
        for byte in origin.bytes() {
            state = self.dfa.next_state(state, byte);
            if self.dfa.is_dead_state(state) {
                return false;
            }
        }
        self.dfa.is_match_state(self.dfa.next_eoi_state(state))
    }
}

impl fmt::Debug for OriginRegexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.texts.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn compile(texts: &[&str]) -> Result<OriginRegexes, TooLarge> {
        let expressions = texts
            .iter()
            .map(|text| OriginRegex::parse(text).unwrap())
            .collect();
        OriginRegexes::compile(texts.iter().map(ToString::to_string).collect(), expressions)
    }

    #[test]
    fn every_regex_is_anchored_at_both_ends() {
        for texts in [
            &[r"https://(a|b)\.example\.com"][..],
            &[r"https://a\.example\.com|https://b\.example\.com"],
            &[r"https://a\.example\.com", r"https://b\.example\.com"],
            &[r"(?x) https://[ab]\.example\.com # )"],
            &[r"(?m)^https://[ab]\.example\.com$"],
        ] {
            let regexes = compile(texts).unwrap();
            assert!(regexes.match_origin("https://a.example.com"), "{texts:?}");
            assert!(regexes.match_origin("https://b.example.com"), "{texts:?}");
            for no in [
                "https://a.example.com.evil.test",
                "https://evil.test/https://a.example.com",
                "xhttps://b.example.com",
                "https://c.example.com",
                "",
                "https://a.example.com\n",
                "\nhttps://a.example.com",
            ] {
                assert!(!regexes.match_origin(no), "{texts:?} {no}");
            }
        }
    }

    #[test]
    fn an_expression_that_ends_in_hosts_of_known_sites_is_recognized() {
        for text in [
            r".+\.example\.com",
            r"(app|api)\.example\.com(:\d+)?",
            r"https://example\.com",
            r"^https://example\.com$",
            r"https?://([a-z0-9-]+\.)*example\.com(:[0-9]{1,5})?",
            r"https://(.+\.)?example\.(com|org)",
            r"https://(?:app|admin)\.example\.(?:com|co\.uk):(3000|8080)",
            r"https://example\.com:.*",
            r"https://[^.]+\.pr-\d+\.example\.com",
            r"https://example[0-9]\.com",
            r"https?://localhost(:\d+)?",
            r"http://.+\.localhost(:\d+)?",
            r"http://127\.0\.0\.1:\d+",
            r"http://\[::1\](:\d+)?",
            r"chrome-extension://abcdefghijklmnopabcdefghijklmnop",
            r"(?i)https://example\.com",
            r"(?i).+\.example\.com(:\d+)?",
            r"https?://localhost(:.*)?",
            r"safari-web-extension://2F9A8C11-AB00",
            r"app://(x|y):\d+",
            r"[a-z]+://app\.example\.com",
            // These expressions match no origin.
            r"example\.com",
            r"https://[A-Z]+\.COM",
        ] {
            let regex = OriginRegex::parse(text).unwrap();
            assert_eq!(regex.sites(), Sites::Known, "{text}");
        }
    }

    #[test]
    fn an_expression_that_can_match_an_unknown_site_is_recognized() {
        for text in [
            r".*",
            r"https?://.*",
            r"https://.*example\.com",
            r".*example\.com",
            r"https://[a-z]*example\.com",
            r"https://.+\.com",
            r"https://app.*",
            r"https://app\..*",
            r"https://example\.com.*",
            r"https://example\.com(\..*)?",
            r"[a-z]+\.(com|net)",
            r"https://[a-z]{3}\.com",
            r"https://app\.[a-z]+\.com",
            // The dot is not escaped: `https://apixexample.com`.
            r"https://api.example\.com",
            r"https://example\.com|https://.*",
            r"https://\d+\.\d+\.\d+\.\d+",
            r"https://.*\.0\.0\.1",
            r"https://(example\.com|.*)(:\d+)?",
            r"https://(a|b){10}[a-z]\.com",
            r"moz-extension://.*",
            r"app://.*:evil",
            r"app://[A-Z]+",
            r"[a-z]+://[A-Z]+\.COM",
            r"app://x\..*\]",
        ] {
            let regex = OriginRegex::parse(text).unwrap();
            assert_eq!(regex.sites(), Sites::Unknown, "{text}");
        }
    }

    #[test]
    fn an_expression_that_matches_no_origin_is_recognized() {
        let origins = no_origin::Origins::new(false);
        for text in [
            // A JavaScript literal.
            r"/https:\/\/example\.com/",
            r"/https://example\.com/",
            r"https://example\.com/",
            r"https://example\.com/.+",
            r"https://example\.com:443",
            r"http://example\.com:80",
            r"https://Example\.com",
            r"HTTPS://example\.com",
            r"example\.com",
            r"//example\.com",
            r"[a-z]+\.example\.com",
            r"https://EXAMPLE\.com",
            r"https://a%20b\.com",
            r"app://",
            r"App://.*",
            r"file://.*",
            r"https://example\.com:x",
            r"https://example\.com:08443",
            r"https:example\.com",
            r"https://exam ple\.com",
            r"https://user@example\.com",
            r"null",
            r"",
        ] {
            assert!(origins.match_none_of(parse(text).unwrap()), "{text}");
        }
        for text in [
            r"https://example\.com",
            r"https?://example\.com:(443|80)",
            r"https://example\.com:443[0-9]?",
            r"(?i)https://Example\.com",
            r".*",
            r"https://(.+\.)?example\.com(:\d+)?/?",
            r".+\.example\.com",
            r"http://\[::1\](:\d+)?",
            r"http://127\.0\.0\.1:\d+",
            r"chrome-extension://[a-p]{32}",
            r"tauri://localhost",
            r"https://example\.com\.",
            r"app://[A-Z]+",
            r"https://a!b\.com",
            r"wss://example\.com:443",
        ] {
            assert!(!origins.match_none_of(parse(text).unwrap()), "{text}");
        }
        let with_opaque = no_origin::Origins::new(true);
        for text in ["null", "file://", "null|x"] {
            let expression = || parse(text).unwrap();
            assert!(origins.match_none_of(expression()), "{text}");
            assert!(!with_opaque.match_none_of(expression()), "{text}");
        }
    }

    #[test]
    fn an_expression_with_too_many_hosts_to_check_is_recognized() {
        for text in [
            r"https://(a|b){20}\.com",
            r"https://[a-j]{3}\.com",
            r"chrome-extension://[a-p]{32}",
            // The automaton that reads from the end is larger than the other one.
            r"https://.{14}a.*\.example\.com",
        ] {
            let regex = OriginRegex::parse(text).unwrap();
            assert_eq!(regex.sites(), Sites::TooMany, "{text}");
        }
    }

    #[cfg(feature = "public-suffix")]
    #[test]
    fn a_public_suffix_is_not_the_host_of_a_known_site() {
        for text in [
            r".+\.co\.uk",
            r"https://.+\.github\.io",
            r"https://.+\.kawasaki\.jp",
            // The dot at the end belongs to no site.
            r"https://.+\.amazonaws\.com\.",
            r"https://.+\.co\.uk\.?",
            // Public suffixes below registrable domains.
            r"https://.+\.s3\.amazonaws\.com",
            r"https://.+\.blob\.core\.windows\.net(:\d+)?",
            r"https://[a-z0-9-]+\.web\.core\.windows\.net",
            r"https://(app|.+\.s3)\.amazonaws\.com",
            r"https://.+\.amazonaws\.com",
            r"https://pr-\d+\.example\.com|https://.+\.s3\.amazonaws\.com",
            r"https://(pr-\d+\.example|.+\.s3\.amazonaws)\.com",
            r".+\.\d{1,12}\.example\.com|.+\.s3\.amazonaws\.com",
            r"https://(x|[a-z0-9]+\.s3|[a-z]+)\.amazonaws\.com",
            r"https://(.+\.s3|[a-z]+\.foo|x[a-z])\.amazonaws\.com",
            r"(https://example\.com|https://.+\.s3\.(us-east-1|eu-west-1)\.amazonaws\.com)",
        ] {
            let regex = OriginRegex::parse(text).unwrap();
            assert_eq!(regex.sites(), Sites::Unknown, "{text}");
        }
        for text in [
            r".+\.example\.co\.uk",
            r"https://.+\.me\.github\.io",
            r"https://.+\.me\.github\.io\.",
            r"https://.+\.my-bucket\.s3\.amazonaws\.com",
            r"https://my-bucket\.s3\.amazonaws\.com",
            r"https://(app|api)\.azure\.com(:\d+)?",
            r"https://pr-\d+\.zzz\.com|https://pr-\d{1,12}\.example\.com",
            r"https://pr-\d+\.example\.com",
            r"https://pr-\d+\.app-\d+\.example\.com",
            r"https://(.+\.)?app\.example\.com",
        ] {
            let regex = OriginRegex::parse(text).unwrap();
            assert_eq!(regex.sites(), Sites::Known, "{text}");
        }
    }

    #[test]
    fn an_expression_that_does_not_parse_or_grows_too_large_is_an_error() {
        assert_eq!(
            OriginRegex::parse("https://(").err().unwrap(),
            "unclosed group"
        );
        assert_eq!(compile(&["(.{1,100}){1,100}"]).unwrap_err(), TooLarge);
    }

    #[test]
    fn an_expression_can_end_in_as_many_hosts_as_documented() {
        let most = crate::limits::REGEX_HOSTS;
        let sites = |format: &str, count: usize| {
            let hosts: Vec<String> = (0..count)
                .map(|number| alloc::format!("a{number}"))
                .collect();
            let text = format.replace("HOSTS", &hosts.join("|"));
            OriginRegex::parse(&text).unwrap().sites()
        };
        // Whole hosts, and registrable domains with any subdomain. The same host with and without a port or subdomains counts once.
        for format in [
            "https://(HOSTS)",
            r"https?://(HOSTS)\.com",
            r"https://(HOSTS)\.com(:\d+)?",
            r"https://.+\.(HOSTS)\.com",
            r"https://(.+\.)?(HOSTS)\.com(:(8443|9443))?",
        ] {
            assert_eq!(sites(format, most), Sites::Known, "{format}");
            assert_eq!(sites(format, most + 1), Sites::TooMany, "{format}");
        }
        // Hosts of all schemes count together.
        let format = r"https://(HOSTS)\.com|app://x";
        assert_eq!(sites(format, most - 1), Sites::Known);
        assert_eq!(sites(format, most), Sites::TooMany);
    }

    /// [RFC 1035, section 2.3.4](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4): 255 bytes with the lengths of the labels, which is a
    /// text of 253.
    #[test]
    fn an_expression_can_have_the_longest_host() {
        let text = alloc::format!("https://{}", "a".repeat(253));
        assert_eq!(OriginRegex::parse(&text).unwrap().sites(), Sites::Known);
    }

    #[test]
    fn a_class_of_at_most_twenty_characters_of_a_host_is_literal() {
        for (text, sites) in [
            ("https://x[a-t]", Sites::Known),
            ("https://x[a-u]", Sites::Unknown),
            // 21 characters, of which `#` and `/` cannot be in a host.
            ("app://x[#-7]", Sites::Known),
            ("app://x[#-9]", Sites::Unknown),
        ] {
            assert_eq!(OriginRegex::parse(text).unwrap().sites(), sites, "{text}");
        }
    }

    #[test]
    fn expressions_are_their_texts_for_debugging() {
        let regexes = compile(&[r"https://a\.example", "b"]).unwrap();
        assert_eq!(
            alloc::format!("{regexes:?}"),
            r#"["https://a\\.example", "b"]"#
        );
    }
}
