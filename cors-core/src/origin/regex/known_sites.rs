//! Determines whether a regular expression can only match origins of a few known sites.
//!
//! The expression is compiled in reverse and read from the end of the origin to its beginning:
//!
//! ```text
//! https?://.+\.example\.com(:\d+)?
//!                          ^^^^^^^ 1. skip a port, if the expression allows one
//!             ^^^^^^^^^^^^^        2. collect bytes of the host, as long as only a few bytes can come next,
//!            ^                     3. up to a `.` before a registrable domain, or up to `//`
//! ```
//!
//! Every path through the expression must reach step 3. A path that contains `.*` or `[a-z]+` earlier does not: anyone could register a
//! matching domain and would be allowed. Hosts of schemes other than `http` and `https` are opaque and are read in the same way.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use regex_automata::dfa::Automaton as _;
use regex_automata::util::primitives::StateID;

use super::automaton::{Automaton, start_state};
use crate::limits;
use crate::origin::host::{LONGEST_HOST, is_domain_byte};
use crate::origin::ip;
use crate::origin::public_suffix::{has_public_suffixes_below, public_suffix};

/// The maximum number of different bytes that can come next in a literal host. `\d` and an alternation of a few words stay below the
/// limit; `[a-z]` and an unescaped dot exceed it.
const MOST_CHOICES: usize = 20;

/// The maximum number of steps of a search.
const MOST_STEPS: usize = 100_000;

/// The sites whose origins a regular expression can match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sites {
    /// Only sites with one of a few literal hosts.
    Known,
    /// Sites that the expression does not name.
    Unknown,
    /// Too many sites to check.
    TooMany,
}

/// Returns which sites an expression can match. Its automaton must read from the end of an origin.
pub(super) fn sites(reversed: &Automaton) -> Sites {
    let Some(start) = start_state(reversed) else {
        return Sites::TooMany;
    };
    let start = Node {
        state: start,
        tail: Tail::Nothing,
    };
    let mut starts = after_port(reversed, start);
    starts.push(start);
    let bracketed: Vec<Node> = starts
        .iter()
        .filter_map(|node| next(reversed, *node, b']'))
        .collect();
    let kinds = [
        (starts.clone(), Host::Name),
        (bracketed, Host::Ipv6),
        (starts, Host::Opaque),
    ];
    let mut hosts = BTreeSet::new();
    for (starts, host) in kinds {
        let mut search = Search {
            reversed,
            kind: host,
            nodes: Nodes::new(reversed, &starts, host),
            host: Vec::new(),
            hosts: &mut hosts,
            steps_left: MOST_STEPS,
        };
        for node in starts {
            let sites = search.sites(node);
            if sites != Sites::Known {
                return sites;
            }
        }
    }
    Sites::Known
}

/// A kind of host. Each has its own grammar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Host {
    /// A domain or an IPv4 address, with `http` or `https`.
    Name,
    /// An IPv6 address, with `http` or `https`. Its closing bracket has been read.
    Ipv6,
    /// The host of any other scheme.
    Opaque,
}

impl Host {
    /// Returns true if the host can contain the byte.
    fn contains(self, byte: u8) -> bool {
        match self {
            Self::Name => is_domain_byte(byte),
            Self::Ipv6 => matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b':' | b'['),
            Self::Opaque => byte.is_ascii_graphic() && !matches!(byte, b'/' | b'?' | b'#' | b'@'),
        }
    }
}

fn is_scheme_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.')
}

/// A state of the automaton, and the kind of text that has been read. If that is only digits, a colon before them begins a port, which is
/// not part of a host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    state: StateID,
    tail: Tail,
}

/// The text that has been read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tail {
    Nothing,
    Digits,
    Other,
}

impl Tail {
    fn and(self, byte: u8) -> Self {
        if self != Self::Other && byte.is_ascii_digit() {
            Self::Digits
        } else {
            Self::Other
        }
    }
}

/// Returns the node after one more byte, or `None` if no match is possible after it.
fn next(reversed: &Automaton, node: Node, byte: u8) -> Option<Node> {
    if node.tail == Tail::Digits && byte == b':' {
        return None;
    }
    let state = next_state(reversed, node.state, byte)?;
    let tail = node.tail.and(byte);
    Some(Node { state, tail })
}

fn next_state(reversed: &Automaton, state: StateID, byte: u8) -> Option<StateID> {
    let next = reversed.next_state(state, byte);
    (!reversed.is_dead_state(next)).then_some(next)
}

/// Returns true if an origin can begin here.
fn can_end(reversed: &Automaton, state: StateID) -> bool {
    reversed.is_match_state(reversed.next_eoi_state(state))
}

/// Returns all places that can be reached from `starts`. The value of each is the places from which it can be reached in one step.
fn reachable<P: Copy + Ord>(
    starts: impl IntoIterator<Item = P>,
    is_read: impl Fn(u8) -> bool,
    next: impl Fn(P, u8) -> Option<P>,
) -> BTreeMap<P, Vec<P>> {
    let mut before: BTreeMap<P, Vec<P>> = BTreeMap::new();
    let mut unread: Vec<P> = starts.into_iter().collect();
    before.extend(unread.iter().map(|place| (*place, Vec::new())));
    while let Some(place) = unread.pop() {
        for byte in (0..=0x7F).filter(|byte| is_read(*byte)) {
            let Some(next) = next(place, byte) else {
                continue;
            };
            let places = before.entry(next).or_insert_with(|| {
                unread.push(next);
                Vec::new()
            });
            // All steps from one place come in a row, so comparing the last entry removes all duplicates.
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }
    before
}

/// Returns the goals, and all places from which a goal can be reached.
fn leading_to<P: Copy + Ord>(goals: &BTreeSet<P>, mut before: BTreeMap<P, Vec<P>>) -> BTreeSet<P> {
    let mut leading = goals.clone();
    let mut unread: Vec<P> = goals.iter().copied().collect();
    while let Some(place) = unread.pop() {
        let places = before.remove(&place).unwrap_or_default();
        unread.extend(places.into_iter().filter(|place| leading.insert(*place)));
    }
    leading
}

/// Returns the nodes after a port: digits, and the colon before them.
fn after_port(reversed: &Automaton, start: Node) -> Vec<Node> {
    let mut after_digits = BTreeSet::new();
    let mut after_colon = BTreeSet::new();
    let mut unread = Vec::from([start.state]);
    while let Some(state) = unread.pop() {
        for digit in b'0'..=b'9' {
            let Some(state) = next_state(reversed, state, digit) else {
                continue;
            };
            if after_digits.insert(state) {
                unread.push(state);
                after_colon.extend(next_state(reversed, state, b':'));
            }
        }
    }
    let node = |state| Node {
        state,
        tail: Tail::Other,
    };
    after_colon.into_iter().map(node).collect()
}

/// The nodes that are relevant for a host.
struct Nodes {
    /// The nodes at which a host can begin.
    at_beginning: BTreeSet<Node>,
    /// The nodes from which more bytes of a host lead to one of `at_beginning`. No origin matches through any other node.
    leading_there: BTreeSet<Node>,
}

impl Nodes {
    fn new(reversed: &Automaton, starts: &[Node], host: Host) -> Self {
        let of_host = reachable(
            starts.iter().copied(),
            |byte| host.contains(byte),
            |node, byte| next(reversed, node, byte),
        );
        // A host begins after `://`, before which there is only a scheme. People also write expressions without a scheme.
        let after_separator = |node: &Node| {
            let mut bytes = b"//:".iter();
            bytes.try_fold(node.state, |state, byte| next_state(reversed, state, *byte))
        };
        let separators = of_host.keys().filter_map(after_separator);
        let before_scheme = before_scheme(reversed, separators, host);
        let begins = |node: &Node| {
            let is_whole = host != Host::Opaque && can_end(reversed, node.state);
            is_whole || after_separator(node).is_some_and(|after| before_scheme.contains(&after))
        };
        let at_beginning: BTreeSet<Node> = of_host.keys().copied().filter(begins).collect();
        Self {
            leading_there: leading_to(&at_beginning, of_host),
            at_beginning,
        }
    }
}

/// Returns those states in `separators` (after reading `://`) from which a scheme with this kind of host leads to the beginning of an
/// origin.
fn before_scheme(
    reversed: &Automaton,
    separators: impl Iterator<Item = StateID>,
    host: Host,
) -> BTreeSet<StateID> {
    let starts = separators.map(|state| (state, Scheme::default()));
    let of_scheme = reachable(
        starts,
        is_scheme_byte,
        |(state, scheme): (_, Scheme), byte| {
            Some((next_state(reversed, state, byte)?, scheme.and(byte)))
        },
    );
    let is_end = |(state, scheme): &(StateID, Scheme)| {
        let is_web = scheme.is_web();
        can_end(reversed, *state) && is_web == (host != Host::Opaque)
    };
    let ends = of_scheme.keys().copied().filter(is_end).collect();
    let leading = leading_to(&ends, of_scheme);
    let starts = leading
        .into_iter()
        .filter(|(_, scheme)| *scheme == Scheme::default());
    starts.map(|(state, _)| state).collect()
}

/// The part of a scheme that has been read, last byte first. It holds only what is needed to recognize `http` and `https`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Scheme {
    bytes: [u8; 5],
    /// 6, which is one more than fits into `bytes`, if the scheme is neither `http` nor `https`.
    length: usize,
}

impl Scheme {
    const WEB: [&'static [u8]; 2] = [b"ptth", b"sptth"];

    fn and(mut self, byte: u8) -> Self {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
            let read = self.read();
            if Self::WEB.iter().any(|scheme| scheme.starts_with(read)) {
                return self;
            }
        }
        Self {
            bytes: [0; 5],
            length: 6,
        }
    }

    fn read(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn is_web(&self) -> bool {
        Self::WEB.contains(&self.read())
    }
}

/// A depth-first search through all hosts that an expression allows.
struct Search<'d> {
    reversed: &'d Automaton,
    kind: Host,
    nodes: Nodes,
    /// The end of the host that has been read, last byte first.
    host: Vec<u8>,
    /// The hosts that were found, each in the form of `host`. The same one is found again with a port, or with subdomains.
    hosts: &'d mut BTreeSet<Vec<u8>>,
    steps_left: usize,
}

impl Search<'_> {
    /// Returns the sites that all paths from this node lead to.
    fn sites(&mut self, node: Node) -> Sites {
        let Some(steps_left) = self.steps_left.checked_sub(1) else {
            return Sites::TooMany;
        };
        self.steps_left = steps_left;
        if self.nodes.at_beginning.contains(&node) {
            // The whole host is literal.
            self.hosts.insert(self.host.clone());
        }
        let choices = self.choices(node);
        let is_registrable =
            choices.iter().any(|(byte, _)| *byte == b'.') && is_registrable(&self.host);
        if choices.len() > MOST_CHOICES || self.host.len() > LONGEST_HOST {
            return Sites::Unknown;
        }
        for (byte, next) in choices {
            if byte == b'.' && is_registrable {
                self.hosts.insert(self.host.clone());
                continue;
            }
            self.host.push(byte);
            let sites = self.sites(next);
            self.host.pop();
            if sites != Sites::Known {
                return sites;
            }
        }
        if self.hosts.len() > limits::REGEX_HOSTS {
            return Sites::TooMany;
        }
        Sites::Known
    }

    /// Returns the bytes of a host that can come next, and the nodes after them. A letter that is allowed in both cases is one choice.
    fn choices(&self, node: Node) -> Vec<(u8, Node)> {
        let next = |byte: u8| {
            let next = next(self.reversed, node, byte).filter(|_| self.kind.contains(byte))?;
            self.nodes.leading_there.contains(&next).then_some(next)
        };
        let is_repeated = |byte: u8, node: Node| {
            byte.is_ascii_uppercase() && next(byte.to_ascii_lowercase()) == Some(node)
        };
        (0..=0x7F)
            .filter_map(|byte| Some((byte, next(byte)?)))
            .filter(|(byte, node)| !is_repeated(*byte, *node))
            .collect()
    }
}

/// Returns true if the end of a host (last byte first) is a registrable domain or a subdomain of one, and all of its subdomains have the
/// same owner. This is false for `amazonaws.com`, because `s3.amazonaws.com` is a public suffix.
fn is_registrable(host: &[u8]) -> bool {
    let labels: Vec<u8> = host.iter().rev().copied().collect();
    let Ok(labels) = String::from_utf8(labels) else {
        return false;
    };
    let labels = labels.strip_suffix('.').unwrap_or(&labels);
    let last_label = labels.rsplit('.').next();
    // Subdomains of `localhost` are loopback names: https://www.rfc-editor.org/rfc/rfc6761#section-6.3
    last_label == Some("localhost")
        || !last_label.is_some_and(ip::is_number)
            && public_suffix(labels).is_none()
            && !has_public_suffixes_below(labels)
}
