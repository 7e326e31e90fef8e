use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::start::Config as Start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Hir, Look};

/// Regular expressions over the whole of an origin, compiled to one DFA: one table look-up per byte, however many
/// expressions there are, and nothing allocated.
#[derive(Clone)]
pub(crate) struct OriginRegexes {
    texts: Box<[String]>,
    dfa: Arc<dense::DFA<Vec<u32>>>,
}

/// The DFA, and what it takes to make it, may take this many bytes: some thousand states.
const SIZE_LIMIT: usize = 1 << 20;

/// The DFA would exceed its size limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// One expression, parsed.
pub(crate) struct OriginRegex(Hir);

impl OriginRegex {
    /// The error is what the parser of the expression says.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .build();
        match parser.parse(text) {
            Ok(expression) => Ok(Self(expression)),
            Err(regex_syntax::Error::Parse(error)) => Err(error.kind().to_string()),
            Err(regex_syntax::Error::Translate(error)) => Err(error.kind().to_string()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl OriginRegexes {
    pub(crate) fn compile(
        texts: Vec<String>,
        expressions: Vec<OriginRegex>,
    ) -> Result<Self, TooLarge> {
        // The anchors go around the parsed expressions, not their text, where `a|b` or `(?x)a # b` would escape them.
        let any = Hir::alternation(
            expressions
                .into_iter()
                .map(|expression| expression.0)
                .collect(),
        );
        let anchored = Hir::concat(vec![Hir::look(Look::Start), any, Hir::look(Look::End)]);
        let nfa = thompson::Compiler::new()
            .configure(
                thompson::Config::new()
                    .utf8(false)
                    .nfa_size_limit(Some(SIZE_LIMIT)),
            )
            .build_from_hir(&anchored)
            .map_err(|_| TooLarge)?;
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::All)
            .dfa_size_limit(Some(SIZE_LIMIT))
            .determinize_size_limit(Some(SIZE_LIMIT));
        let dfa = dense::Builder::new()
            .configure(config)
            .build_from_nfa(&nfa)
            .map_err(|_| TooLarge)?;
        Ok(Self {
            texts: texts.into_boxed_slice(),
            dfa: Arc::new(dfa),
        })
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    pub(crate) fn match_origin(&self, origin: &str) -> bool {
        let Ok(mut state) = self.dfa.start_state(&Start::new().anchored(Anchored::Yes)) else {
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
    use super::*;

    fn compile(texts: &[&str]) -> Result<OriginRegexes, TooLarge> {
        let expressions = texts
            .iter()
            .map(|text| OriginRegex::parse(text).unwrap())
            .collect();
        OriginRegexes::compile(texts.iter().map(ToString::to_string).collect(), expressions)
    }

    #[test]
    fn a_regex_is_anchored_at_both_ends_whatever_was_written() {
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
    fn what_does_not_parse_or_grows_too_large_is_an_error() {
        assert_eq!(
            OriginRegex::parse("https://(").err().unwrap(),
            "unclosed group"
        );
        assert_eq!(compile(&["(.{1,100}){1,100}"]).unwrap_err(), TooLarge);
    }
}
