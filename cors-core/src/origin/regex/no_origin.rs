//! Determines whether a regular expression can match any origin.
//!
//! The automaton of the expression and automata that describe all origins read the same text, byte by byte. If no text brings the
//! expression and one of the others to a match at the same time, the expression matches no origin.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use regex_automata::dfa::Automaton as _;
use regex_automata::util::primitives::StateID;
use regex_syntax::hir::Hir;

use super::automaton::{Automaton, Direction, anchored, compile, parse, start_state};

/// Matches every `http` and `https` origin, and some other texts, because it does not check that a host is canonical.
const WEB: &str = r"https?://([!-~&&[^A-Z#%/:<>?@\[\\\]^|]]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?";

/// Matches origins of any scheme.
const ANY_SCHEME: &str = r"[a-z][a-z0-9+.-]*://[!-~&&[^/?#@]]+";

/// Matches texts that are not origins although [`ANY_SCHEME`] matches them: `http` and `https` need [`WEB`].
const NOT_OPAQUE: &str = r"(https?|file):.*";
/// Matches texts that are not origins although [`WEB`] matches them.
const DEFAULT_PORT: &str = r"https://.*:443|http://.*:80";

/// Matches the opaque origins.
const WITHOUT_HOST: &str = r"null|file://";

/// The maximum number of states that are visited. Beyond it, the result is that the expression can match.
const MOST_STATES: usize = 10_000;

/// The number of automata that read the same text.
const AUTOMATA: usize = 6;

/// The states of the automata after the same text.
type States = [StateID; AUTOMATA];

/// The automata that describe all origins.
pub(super) struct Origins {
    automata: Option<[Automaton; AUTOMATA - 1]>,
    allow_opaque: bool,
}

impl Origins {
    /// Creates the automata. If `allow_opaque` is true, `null` and `file://` count as origins.
    pub(super) fn new(allow_opaque: bool) -> Self {
        let compile = |text| automaton(parse(text).ok()?);
        let automata = || {
            Some([
                compile(WEB)?,
                compile(ANY_SCHEME)?,
                compile(NOT_OPAQUE)?,
                compile(DEFAULT_PORT)?,
                compile(WITHOUT_HOST)?,
            ])
        };
        Self {
            automata: automata(),
            allow_opaque,
        }
    }

    /// Returns true if the expression matches no origin, and false if this cannot be determined.
    pub(super) fn match_none_of(&self, expression: Hir) -> bool {
        let Some([web, any_scheme, not_opaque, default_port, without_host]) = &self.automata else {
            return false;
        };
        let Some(expression) = automaton(expression) else {
            return false;
        };
        let automata = [
            &expression,
            web,
            any_scheme,
            not_opaque,
            default_port,
            without_host,
        ];
        self.can_match(automata) == Some(false)
    }

    /// Returns whether the expression can match an origin, or `None` if this cannot be determined.
    fn can_match(&self, automata: [&Automaton; AUTOMATA]) -> Option<bool> {
        let mut start = [StateID::ZERO; AUTOMATA];
        for (state, automaton) in start.iter_mut().zip(automata) {
            *state = start_state(automaton)?;
        }
        let mut open: Vec<States> = Vec::from([start]);
        let mut seen: BTreeSet<States> = open.iter().copied().collect();
        while let Some(states) = open.pop() {
            if self.is_origin_that_matches(automata, states) {
                return Some(true);
            }
            for byte in b'!'..=b'~' {
                let next = next(automata, states, byte);
                let [expression, _, any_scheme, _, _, without_host] = next;
                let is_dead = automata[0].is_dead_state(expression)
                    || automata[2].is_dead_state(any_scheme)
                        && automata[5].is_dead_state(without_host);
                if !is_dead && seen.insert(next) {
                    open.push(next);
                }
            }
            if seen.len() > MOST_STATES {
                return None;
            }
        }
        Some(false)
    }

    fn is_origin_that_matches(&self, automata: [&Automaton; AUTOMATA], states: States) -> bool {
        let mut is_match = [false; AUTOMATA];
        for ((is_match, automaton), state) in is_match.iter_mut().zip(automata).zip(states) {
            *is_match = automaton.is_match_state(automaton.next_eoi_state(state));
        }
        let [
            expression,
            web,
            any_scheme,
            not_opaque,
            default_port,
            without_host,
        ] = is_match;
        let is_origin =
            web && !default_port || any_scheme && !not_opaque || without_host && self.allow_opaque;
        expression && is_origin
    }
}

fn next(automata: [&Automaton; AUTOMATA], states: States, byte: u8) -> States {
    let mut next = states;
    for (state, automaton) in next.iter_mut().zip(automata) {
        *state = automaton.next_state(*state, byte);
    }
    next
}

fn automaton(expression: Hir) -> Option<Automaton> {
    compile(&anchored(expression), Direction::FromTheBeginning).ok()
}
