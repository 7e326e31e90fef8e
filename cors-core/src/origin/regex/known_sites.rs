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
use crate::limits;
use crate::origin::host::LONGEST_HOST;
use crate::origin::ip;
use crate::origin::public_suffix::{has_public_suffixes_below, public_suffix};

/// The most bytes that may come next for a host to be literal. `\d` and an alternation of a few words stay below it;
/// `[a-z]` and a dot that should have been escaped do not.
const MOST_CHOICES: usize = 20;

/// The most bytes that are read altogether.
const MOST_STEPS: usize = 100_000;

/// The sites whose origins a regular expression can match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sites {
    /// Only those of a few literal hosts, each of which belongs to somebody.
    Known,
    /// Others as well.
    Unknown,
    /// So many that it takes too long to tell.
    TooMany,
}

/// Returns which sites an expression can match, given its automaton from the end of an origin to the beginning.
pub(super) fn sites(reversed: &Automaton) -> Sites {
    let Some(start) = start_state(reversed) else {
        return Sites::TooMany;
    };
    let mut starts = after_port(reversed, start);
    starts.push(start);
    let bracketed: Vec<StateID> = starts
        .iter()
        .filter_map(|state| next(reversed, *state, b']'))
        .collect();
    let kinds: [(Vec<StateID>, IsOfHost); 2] = [(starts, is_of_name), (bracketed, is_of_ipv6)];
    for (starts, is_of_host) in kinds {
        let mut search = Search {
            reversed,
            is_of_host,
            states: States::new(reversed, &starts, is_of_host),
            host: Vec::new(),
            hosts: 0,
            steps: 0,
        };
        for state in starts {
            let sites = search.sites(state);
            if sites != Sites::Known {
                return sites;
            }
        }
    }
    Sites::Known
}

/// Tells whether a byte belongs to a kind of host.
type IsOfHost = fn(u8) -> bool;

/// The bytes of a host that is not an IPv6 address.
fn is_of_name(byte: u8) -> bool {
    let is_delimiter = matches!(byte, b'/' | b'?' | b'#' | b'@' | b'\\' | b':' | b'[' | b']');
    byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && !is_delimiter
}

fn is_of_scheme(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.')
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

/// Returns true if an origin can begin here.
fn can_end(reversed: &Automaton, state: StateID) -> bool {
    reversed.is_match_state(reversed.next_eoi_state(state))
}

/// Returns all states that these bytes lead to, with the states from which they do so in one step.
fn reachable(
    reversed: &Automaton,
    starts: impl IntoIterator<Item = StateID>,
    is_read: fn(u8) -> bool,
) -> BTreeMap<StateID, Vec<StateID>> {
    let mut before: BTreeMap<StateID, Vec<StateID>> = BTreeMap::new();
    let mut unread: Vec<StateID> = starts.into_iter().collect();
    before.extend(unread.iter().map(|state| (*state, Vec::new())));
    while let Some(state) = unread.pop() {
        for byte in (0..=0x7F).filter(|byte| is_read(*byte)) {
            let Some(next) = next(reversed, state, byte) else {
                continue;
            };
            let states = before.entry(next).or_insert_with(|| {
                unread.push(next);
                Vec::new()
            });
            // The same state comes again only in a row.
            if states.last() != Some(&state) {
                states.push(state);
            }
        }
    }
    before
}

/// Returns the states that lead to one of the goals, and the goals.
fn leading_to(
    goals: &BTreeSet<StateID>,
    mut before: BTreeMap<StateID, Vec<StateID>>,
) -> BTreeSet<StateID> {
    let mut leading = goals.clone();
    let mut unread: Vec<StateID> = goals.iter().copied().collect();
    while let Some(state) = unread.pop() {
        let states = before.remove(&state).unwrap_or_default();
        unread.extend(states.into_iter().filter(|state| leading.insert(*state)));
    }
    leading
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
        let of_host = reachable(reversed, starts.iter().copied(), is_of_host);
        // A host begins after `//`, with a scheme in front of it and nothing else; or at once, as people write it too.
        let after_scheme: BTreeMap<StateID, StateID> = of_host
            .keys()
            .filter_map(|state| {
                let mut bytes = b"//:".iter();
                let after = bytes.try_fold(*state, |state, byte| next(reversed, state, *byte))?;
                Some((*state, after))
            })
            .collect();
        let of_scheme = reachable(reversed, after_scheme.values().copied(), is_of_scheme);
        let ends: BTreeSet<StateID> = of_scheme
            .keys()
            .copied()
            .filter(|state| can_end(reversed, *state))
            .collect();
        let in_scheme = leading_to(&ends, of_scheme);
        let begins = |state: &StateID| {
            let after_scheme = after_scheme.get(state);
            can_end(reversed, *state) || after_scheme.is_some_and(|after| in_scheme.contains(after))
        };
        let at_beginning: BTreeSet<StateID> = of_host.keys().copied().filter(begins).collect();
        Self {
            leading_there: leading_to(&at_beginning, of_host),
            at_beginning,
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
    /// Returns the sites that the ways on from this state end in.
    fn sites(&mut self, state: StateID) -> Sites {
        self.steps += 1;
        if self.states.at_beginning.contains(&state) {
            // The whole host is literal.
            self.hosts += 1;
        }
        if self.hosts > limits::REGEX_HOSTS || self.steps > MOST_STEPS {
            return Sites::TooMany;
        }
        let choices = self.choices(state);
        let is_registrable =
            choices.iter().any(|(byte, _)| *byte == b'.') && is_registrable(&self.host);
        if choices.len() > MOST_CHOICES || self.host.len() > LONGEST_HOST {
            return Sites::Unknown;
        }
        for (byte, next) in choices {
            if byte == b'.' && is_registrable {
                self.hosts += 1;
                continue;
            }
            self.host.push(byte);
            let sites = self.sites(next);
            self.host.pop();
            if sites != Sites::Known {
                return sites;
            }
        }
        Sites::Known
    }

    /// The bytes of a host that can come next, and where they lead.
    fn choices(&self, state: StateID) -> Vec<(u8, StateID)> {
        (0..=0x7F)
            .filter(|byte| (self.is_of_host)(*byte))
            .filter_map(|byte| Some((byte, next(self.reversed, state, byte)?)))
            .filter(|(_, next)| self.states.leading_there.contains(next))
            .collect()
    }
}

/// Returns true if the end of a host, last byte first, is a registrable domain or lies under one, and all names in front of it
/// belong to whoever owns it. (Those under `amazonaws.com` do not: `s3.amazonaws.com` is a public suffix.)
fn is_registrable(host: &[u8]) -> bool {
    let labels: Vec<u8> = host.iter().rev().copied().collect();
    let Ok(labels) = String::from_utf8(labels) else {
        return false;
    };
    let last_label = labels.rsplit('.').next();
    // Names under `localhost` are this machine's own (RFC 6761, section 6.3).
    last_label == Some("localhost")
        || !last_label.is_some_and(ip::is_number)
            && public_suffix(&labels).is_none()
            && !has_public_suffixes_below(&labels)
}
