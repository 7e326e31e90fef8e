//! Whether a regular expression can only match origins of a few known sites.
//!
//! The expression is compiled in reverse and read from the end of the origin to its beginning:
//!
//! ```text
//! https?://.+\.example\.com(:\d+)?
//!                          ^^^^^^^ 1. a port is passed over, where the expression allows one
//!             ^^^^^^^^^^^^^        2. bytes of the host are collected as long as only a few can come next,
//!            ^                     3. up to a `.` in front of a registrable domain, or up to `//`
//! ```
//!
//! Every way through the expression must reach step 3. One that meets `.*` or `[a-z]+` earlier does not: whoever
//! registers a fitting domain would be allowed.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use regex_automata::dfa::Automaton as _;
use regex_automata::util::primitives::StateID;

use super::automaton::{Automaton, start_state};
use crate::origin::ip;
use crate::origin::public_suffix::public_suffix;

/// The most literal hosts that an expression may end in.
const MOST_HOSTS: usize = 250;

/// The most bytes that may come next for a host to be literal. `\d` and an alternation of a few words stay below it;
/// `[a-z]` and a dot that should have been escaped do not.
const MOST_CHOICES: usize = 20;

/// The most bytes that are read altogether.
const MOST_STEPS: usize = 100_000;

/// The longest host, in bytes (RFC 1035, section 2.3.4).
const LONGEST_HOST: usize = 253;

/// Returns true if every origin that the automaton matches, from its end to its beginning, ends in one of a few literal hosts,
/// before an optional port.
pub(super) fn matches_known_sites_only(reversed: &Automaton) -> bool {
    let Some(start) = start_state(reversed) else {
        return false;
    };
    let mut starts = after_port(reversed, start);
    starts.push(start);
    let bracketed: Vec<StateID> = starts
        .iter()
        .filter_map(|state| next(reversed, *state, b']'))
        .collect();
    let kinds: [(Vec<StateID>, IsOfHost); 2] = [(starts, is_of_name), (bracketed, is_of_ipv6)];
    kinds.into_iter().all(|(starts, is_of_host)| {
        let mut search = Search {
            reversed,
            is_of_host,
            states: States::new(reversed, &starts, is_of_host),
            host: Vec::new(),
            hosts: 0,
            steps: 0,
        };
        starts.into_iter().all(|state| search.is_literal(state))
    })
}

/// Tells whether a byte belongs to a kind of host.
type IsOfHost = fn(u8) -> bool;

/// The bytes of a host that is not an IPv6 address.
fn is_of_name(byte: u8) -> bool {
    let is_delimiter = matches!(byte, b'/' | b'?' | b'#' | b'@' | b'\\' | b':' | b'[' | b']');
    byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && !is_delimiter
}

/// The bytes of an IPv6 address in brackets, after the one at its end.
fn is_of_ipv6(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b':' | b'[')
}

/// The state after one more byte, unless nothing can match then.
fn next(reversed: &Automaton, state: StateID, byte: u8) -> Option<StateID> {
    let next = reversed.next_state(state, byte);
    (!reversed.is_dead_state(next)).then_some(next)
}

/// Returns true if a host can begin here: a scheme comes next and nothing else, or nothing at all, which people write as well.
fn can_begin_host(reversed: &Automaton, state: StateID) -> bool {
    let can_end = |state| reversed.is_match_state(reversed.next_eoi_state(state));
    let before_scheme = b"//:"
        .iter()
        .try_fold(state, |state, byte| next(reversed, state, *byte));
    let mut unread: Vec<StateID> = before_scheme.into_iter().collect();
    let mut seen: BTreeSet<StateID> = unread.iter().copied().collect();
    let is_of_scheme = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.');
    while let Some(state) = unread.pop() {
        if can_end(state) {
            return true;
        }
        let next = (0..=0x7F)
            .filter(is_of_scheme)
            .filter_map(|byte| next(reversed, state, byte));
        unread.extend(next.filter(|next| seen.insert(*next)));
    }
    can_end(state)
}

/// The states in which a port has been read: digits, and the colon in front of them.
fn after_port(reversed: &Automaton, start: StateID) -> Vec<StateID> {
    let mut after_digits = BTreeSet::new();
    let mut after_colon = BTreeSet::new();
    let mut unread = Vec::from([start]);
    while let Some(state) = unread.pop() {
        for next_state in (b'0'..=b'9').filter_map(|digit| next(reversed, state, digit)) {
            if after_digits.insert(next_state) {
                unread.push(next_state);
                after_colon.extend(next(reversed, next_state, b':'));
            }
        }
    }
    after_colon.into_iter().collect()
}

/// The states of an automaton that matter for a host.
struct States {
    /// A host can begin here.
    at_beginning: BTreeSet<StateID>,
    /// More bytes of a host lead to a state where it can begin. Through any other state no origin is matched.
    leading_there: BTreeSet<StateID>,
}

impl States {
    fn new(reversed: &Automaton, starts: &[StateID], is_of_host: IsOfHost) -> Self {
        let mut before: BTreeMap<StateID, Vec<StateID>> = BTreeMap::new();
        let mut seen: BTreeSet<StateID> = starts.iter().copied().collect();
        let mut unread = starts.to_vec();
        let mut at_beginning = BTreeSet::new();
        while let Some(state) = unread.pop() {
            if can_begin_host(reversed, state) {
                at_beginning.insert(state);
            }
            for byte in (0..=0x7F).filter(|byte| is_of_host(*byte)) {
                let Some(next) = next(reversed, state, byte) else {
                    continue;
                };
                before.entry(next).or_default().push(state);
                if seen.insert(next) {
                    unread.push(next);
                }
            }
        }
        let mut leading_there = at_beginning.clone();
        let mut unread: Vec<StateID> = at_beginning.iter().copied().collect();
        while let Some(state) = unread.pop() {
            let states = before.remove(&state).unwrap_or_default();
            unread.extend(
                states
                    .into_iter()
                    .filter(|state| leading_there.insert(*state)),
            );
        }
        Self {
            at_beginning,
            leading_there,
        }
    }
}

/// A depth-first search through all hosts that an expression allows.
struct Search<'d> {
    reversed: &'d Automaton,
    is_of_host: IsOfHost,
    states: States,
    /// The end of the host that has been read, last byte first.
    host: Vec<u8>,
    hosts: usize,
    steps: usize,
}

impl Search<'_> {
    /// Returns true if each way on from this state ends in a literal host.
    fn is_literal(&mut self, state: StateID) -> bool {
        self.steps += 1;
        if self.states.at_beginning.contains(&state) {
            // The whole host is literal.
            self.hosts += 1;
        }
        let choices: Vec<(u8, StateID)> = (0..=0x7F)
            .filter(|byte| (self.is_of_host)(*byte))
            .filter_map(|byte| Some((byte, next(self.reversed, state, byte)?)))
            .filter(|(_, next)| self.states.leading_there.contains(next))
            .collect();
        let is_registrable = choices.iter().any(|(byte, _)| *byte == b'.') && self.is_registrable();
        if choices.len() > MOST_CHOICES
            || self.hosts > MOST_HOSTS
            || self.steps > MOST_STEPS
            || self.host.len() > LONGEST_HOST
        {
            return false;
        }
        choices.into_iter().all(|(byte, next)| {
            if byte == b'.' && is_registrable {
                self.hosts += 1;
                return true;
            }
            self.host.push(byte);
            let is_literal = self.is_literal(next);
            self.host.pop();
            is_literal
        })
    }

    /// Returns true if what has been read of the host is a registrable domain, or lies under one: whoever owns it owns all
    /// names in front of it.
    fn is_registrable(&self) -> bool {
        let labels: Vec<u8> = self.host.iter().rev().copied().collect();
        let Ok(labels) = String::from_utf8(labels) else {
            return false;
        };
        let is_ip = labels.rsplit('.').next().is_some_and(ip::is_number);
        !is_ip && public_suffix(&labels).is_none()
    }
}
