//! Compiles a regular expression to an automaton.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use regex_automata::Anchored;
use regex_automata::MatchKind;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start::Config as Start;
use regex_syntax::hir::{Hir, Look};

/// A deterministic finite automaton (DFA), which takes one step per byte.
pub(super) type Automaton = dense::DFA<Vec<u32>>;

/// The maximum size in bytes of a DFA, of its NFA, and of the memory to build them: a few thousand states.
const SIZE_LIMIT: usize = 1 << 20;

/// The error returned when an automaton would exceed its size limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The direction in which an automaton reads an origin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    FromTheBeginning,
    FromTheEnd,
}

/// Parses an expression. The error is the message of the parser.
pub(super) fn parse(text: &str) -> Result<Hir, String> {
    let mut parser = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build();
    match parser.parse(text) {
        Ok(expression) => Ok(expression),
        Err(regex_syntax::Error::Parse(error)) => Err(error.kind().to_string()),
        Err(regex_syntax::Error::Translate(error)) => Err(error.kind().to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// Returns an expression that matches only whole texts.
///
/// The anchors are added to the parsed expression and not to its text, because `^a|b$` and `^(?x)a # b$` are not anchored at both ends.
pub(super) fn anchored(expression: Hir) -> Hir {
    Hir::concat(vec![
        Hir::look(Look::Start),
        expression,
        Hir::look(Look::End),
    ])
}

pub(super) fn compile(expression: &Hir, direction: Direction) -> Result<Automaton, TooLarge> {
    let nfa = thompson::Compiler::new()
        .configure(
            thompson::Config::new()
                .utf8(false)
                .which_captures(WhichCaptures::None)
                .reverse(direction == Direction::FromTheEnd)
                .nfa_size_limit(Some(SIZE_LIMIT)),
        )
        .build_from_hir(expression)
        .map_err(|_| TooLarge)?;
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .match_kind(MatchKind::All)
        .dfa_size_limit(Some(SIZE_LIMIT))
        .determinize_size_limit(Some(SIZE_LIMIT));
    dense::Builder::new()
        .configure(config)
        .build_from_nfa(&nfa)
        .map_err(|_| TooLarge)
}

pub(super) fn start_state(dfa: &Automaton) -> Option<StateID> {
    dfa.start_state(&Start::new().anchored(Anchored::Yes)).ok()
}
