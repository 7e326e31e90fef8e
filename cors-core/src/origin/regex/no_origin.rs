//! Whether a regular expression can match an origin at all.
//!
//! The automaton of the expression and one of all origins read the same text, byte by byte. If no text brings both to a match,
//! the expression matches no origin. A third automaton excludes default ports, which no origin has.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use regex_automata::dfa::Automaton as _;
use regex_automata::util::primitives::StateID;
use regex_syntax::hir::Hir;

use super::automaton::{Automaton, Direction, anchored, compile, parse, start_state};

/// Matches every origin, and some other texts, because it does not check that a host is canonical: a scheme, a host without
/// upper-case letters that does not end with a dot, and a port without leading zeros.
const ORIGIN: &str = r"[a-z][a-z0-9+.-]*://([!-~&&[^A-Z/?#@\\:\[\]]]*[!-~&&[^A-Z/?#@\\:\[\].]]|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?";

const DEFAULT_PORT: &str = r"(https|wss)://.*:443|(http|ws)://.*:80";

/// The maximum number of states that are visited. Beyond it, the result is that the expression can match.
const MOST_STATES: usize = 10_000;

/// The states of the three automata after the same text.
type States = [StateID; 3];

/// The automata that are the same for every expression: of origins, and of default ports.
pub(super) struct Origins(Option<[Automaton; 2]>);

impl Origins {
    pub(super) fn new() -> Self {
        let compile = |text| automaton(parse(text).ok()?);
        let automata = || Some([compile(ORIGIN)?, compile(DEFAULT_PORT)?]);
        Self(automata())
    }

    /// Returns true if the expression matches no origin, and false if this cannot be determined.
    pub(super) fn match_none_of(&self, expression: Hir) -> bool {
        let Self(Some([origin, default_port])) = self else {
            return false;
        };
        let Some(expression) = automaton(expression) else {
            return false;
        };
        can_match([&expression, origin, default_port]) == Some(false)
    }
}

fn automaton(expression: Hir) -> Option<Automaton> {
    compile(&anchored(expression), Direction::FromTheBeginning).ok()
}

/// Returns `None` if this cannot be determined.
fn can_match(automata: [&Automaton; 3]) -> Option<bool> {
    let [Some(a), Some(b), Some(c)] = automata.map(start_state) else {
        return None;
    };
    let mut open: Vec<States> = Vec::from([[a, b, c]]);
    let mut seen: BTreeSet<States> = open.iter().copied().collect();
    while let Some(states) = open.pop() {
        if is_origin_that_matches(automata, states) {
            return Some(true);
        }
        let [expression, origin, _] = automata;
        for byte in b'!'..=b'~' {
            let next = next(automata, states, byte);
            let is_dead = expression.is_dead_state(next[0]) || origin.is_dead_state(next[1]);
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

fn next([a, b, c]: [&Automaton; 3], [of_a, of_b, of_c]: States, byte: u8) -> States {
    [
        a.next_state(of_a, byte),
        b.next_state(of_b, byte),
        c.next_state(of_c, byte),
    ]
}

fn is_origin_that_matches([a, b, c]: [&Automaton; 3], [of_a, of_b, of_c]: States) -> bool {
    let is_match =
        |automaton: &Automaton, state| automaton.is_match_state(automaton.next_eoi_state(state));
    is_match(a, of_a) && is_match(b, of_b) && !is_match(c, of_c)
}
