//! Whether a regular expression can match an origin at all.
//!
//! The automaton of the expression and one of all origins read the same text, byte by byte. If no text brings both to a match,
//! the expression matches no origin. A third automaton excludes default ports, which no origin has.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use regex_automata::dfa::Automaton as _;
use regex_automata::util::primitives::StateID;
use regex_syntax::hir::Hir;

use super::automaton::{Automaton, Direction, anchored, compile, start_state};

/// What every origin looks like, and some texts beside (the URL standard's canonical hosts are not checked): a scheme, a host
/// without upper-case letters that does not end with a dot, and a port without leading zeros.
const ORIGIN: &str = r"[a-z][a-z0-9+.-]*://([!-~&&[^A-Z/?#@\\:\[\]]]*[!-~&&[^A-Z/?#@\\:\[\].]]|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?";

const DEFAULT_PORT: &str = r"(https|wss)://.*:443|(http|ws)://.*:80";

/// The most states that are visited. Beyond them, the expression counts as one that can match.
const MOST_STATES: usize = 100_000;

/// The states of the three automata after the same text.
type States = [StateID; 3];

/// Returns true if no origin matches the expression. `parse` parses an expression.
pub(super) fn matches_no_origin(expression: &Hir, parse: impl Fn(&str) -> Option<Hir>) -> bool {
    can_match(expression, parse) == Some(false)
}

/// Returns `None` if it cannot be told.
fn can_match(expression: &Hir, parse: impl Fn(&str) -> Option<Hir>) -> Option<bool> {
    let compile = |expression| compile(&anchored(expression), Direction::FromTheBeginning).ok();
    let automata = [
        compile(expression.clone())?,
        compile(parse(ORIGIN)?)?,
        compile(parse(DEFAULT_PORT)?)?,
    ];
    let [expression, origin, _] = &automata;
    let start = automata.each_ref().map(start_state);
    let [Some(first), Some(second), Some(third)] = start else {
        return None;
    };
    let mut open: Vec<States> = Vec::from([[first, second, third]]);
    let mut seen: BTreeSet<States> = open.iter().copied().collect();
    while let Some(states) = open.pop() {
        if is_origin_that_matches(&automata, states) {
            return Some(true);
        }
        for byte in b'!'..=b'~' {
            let next = next(&automata, states, byte);
            let [of_expression, of_origin, _] = next;
            let is_dead =
                expression.is_dead_state(of_expression) || origin.is_dead_state(of_origin);
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

fn next([a, b, c]: &[Automaton; 3], [of_a, of_b, of_c]: States, byte: u8) -> States {
    [
        a.next_state(of_a, byte),
        b.next_state(of_b, byte),
        c.next_state(of_c, byte),
    ]
}

fn is_origin_that_matches([a, b, c]: &[Automaton; 3], [of_a, of_b, of_c]: States) -> bool {
    let is_match =
        |automaton: &Automaton, state| automaton.is_match_state(automaton.next_eoi_state(state));
    is_match(a, of_a) && is_match(b, of_b) && !is_match(c, of_c)
}
