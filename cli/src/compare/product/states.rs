//! The product of automata, with a state for each combination of theirs.

use std::collections::HashMap;
use std::mem;
use std::rc::Rc;

use regex_automata::dfa::Automaton as _;
use regex_automata::util::primitives::StateID;

use super::super::entry::{Automaton, Entry, Gate, TooLarge, is_match, start_state};
use super::super::origin_reader::{self, Lengths, Needs, OriginReader};

/// The maximum number of states of a product.
const MOST_STATES: usize = 400_000;

/// The maximum number of states of automata in all states of a product, which bounds the memory.
const MOST_PLACES: usize = 20_000_000;

/// The bytes of an origin, in the order in which a search tries them. So an origin that is found is easy to read.
pub(super) fn alphabet() -> impl Iterator<Item = u8> {
    let others = (b'!'..=b'~').filter(|byte| !byte.is_ascii_lowercase() && !byte.is_ascii_digit());
    (b'a'..=b'z').chain(b'0'..=b'9').chain(others)
}

/// The state that all dead states are.
pub(super) const DEAD: u32 = u32::MAX;

/// An automaton of the product.
pub(super) struct Member<'a> {
    automaton: Option<&'a Automaton>,
    gate: Gate,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Of,
    Within,
    Except,
}

/// The states of the automata after a text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    reader: OriginReader,
    /// The members that can still match, in order, with their states. Shared, because a product stores each state twice.
    members: Rc<[(u32, StateID)]>,
}

pub(super) struct Product<'a> {
    pub(super) members: Vec<Member<'a>>,
    pub(super) has_within: bool,
    pub(super) lengths: Lengths,
    /// The bytes of each class, in the order of the alphabet.
    pub(super) classes: Vec<Vec<u8>>,
    pub(super) states: Vec<State>,
    pub(super) indices: HashMap<State, u32>,
    /// For each state, the state and the class from which it was reached first.
    pub(super) parents: Vec<(u32, u32)>,
    pub(super) is_match: Vec<bool>,
    pub(super) first_match: Option<u32>,
    /// For each state whose successors are known, the successor of each class.
    pub(super) next: Vec<u32>,
    pub(super) places: usize,
    /// The members of the state that is being made, which most often turns out to be dead.
    scratch: Vec<(u32, StateID)>,
}

impl<'a> Product<'a> {
    pub(super) fn new(
        of: &'a Entry,
        within: Option<&[&'a Entry]>,
        except: &[&'a Entry],
        lengths: Lengths,
    ) -> Result<Self, TooLarge> {
        let member = |entry: &'a Entry, role| {
            Ok(Member {
                automaton: entry.automaton()?,
                gate: entry.gate,
                role,
            })
        };
        let mut members = vec![member(of, Role::Of)?];
        for entry in within.unwrap_or_default() {
            members.push(member(entry, Role::Within)?);
        }
        for entry in except {
            members.push(member(entry, Role::Except)?);
        }
        let mut product = Self {
            classes: classes(&members),
            has_within: within.is_some(),
            lengths,
            states: Vec::new(),
            indices: HashMap::new(),
            parents: Vec::new(),
            is_match: Vec::new(),
            first_match: None,
            next: Vec::new(),
            places: 0,
            scratch: Vec::new(),
            members,
        };
        let mut start = Vec::with_capacity(product.members.len());
        for (index, member) in (0..).zip(&product.members) {
            let state = member.automaton.map_or(Ok(StateID::ZERO), start_state)?;
            start.push((index, state));
        }
        if product.is_alive(&start) {
            let start = State {
                reader: OriginReader::START,
                members: start.into(),
            };
            product.insert(start, (DEAD, 0))?;
        }
        Ok(product)
    }

    /// Finds all states whose shortest text has this length. The last call was for the length before.
    pub(super) fn expand(&mut self, length: usize) -> Result<(), TooLarge> {
        if length > 0 {
            let expanded = self.expanded();
            let end = self.states.len();
            for index in expanded..end {
                for class in 0..self.classes.len() {
                    let next = self.successor(index, class)?;
                    self.next.push(next);
                }
            }
        }
        Ok(())
    }

    /// Returns the number of states whose successors are known.
    pub(super) fn expanded(&self) -> usize {
        self.next.len() / self.classes.len()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.expanded() == self.states.len()
    }

    pub(super) fn successor(&mut self, index: usize, class: usize) -> Result<u32, TooLarge> {
        let byte = self.classes.get(class).and_then(|bytes| bytes.first());
        let (Some(state), Some(&byte)) = (self.states.get(index), byte) else {
            return Ok(DEAD);
        };
        let reader = state.reader.next(byte);
        if reader == OriginReader::Dead {
            return Ok(DEAD);
        }
        let mut members = mem::take(&mut self.scratch);
        members.clear();
        let mut needs = Needs {
            names: false,
            lengths: self.lengths,
            trust: false,
        };
        for &(index, state) in &*state.members {
            let Some(member) = self.members.get(index as usize) else {
                continue;
            };
            if member.gate == Gate::Name && !reader.can_have_name() {
                continue;
            }
            let next = match member.automaton {
                None => state,
                Some(automaton) => {
                    let next = automaton.next_state(state, byte);
                    if automaton.is_dead_state(next) {
                        continue;
                    }
                    next
                }
            };
            needs.names |= member.gate == Gate::Name;
            needs.trust |= member.gate.needs_trust();
            members.push((index, next));
        }
        let next = self.is_alive(&members).then(|| State {
            reader: reader.simplified(needs),
            members: members.as_slice().into(),
        });
        self.scratch = members;
        let Some(next) = next else {
            return Ok(DEAD);
        };
        if let Some(known) = self.indices.get(&next) {
            return Ok(*known);
        }
        let parent = u32::try_from(index).map_err(|_| TooLarge)?;
        let class = u32::try_from(class).map_err(|_| TooLarge)?;
        self.insert(next, (parent, class))
    }

    pub(super) fn role(&self, member: u32) -> Option<Role> {
        self.members.get(member as usize).map(|member| member.role)
    }

    /// Returns false if no continuation of the text matches.
    fn is_alive(&self, members: &[(u32, StateID)]) -> bool {
        let has = |role| {
            members
                .iter()
                .any(|(member, _)| self.role(*member) == Some(role))
        };
        has(Role::Of) && (!self.has_within || has(Role::Within))
    }

    pub(super) fn insert(&mut self, state: State, parent: (u32, u32)) -> Result<u32, TooLarge> {
        self.places += state.members.len();
        if self.states.len() == MOST_STATES || self.places > MOST_PLACES {
            return Err(TooLarge);
        }
        let index = u32::try_from(self.states.len()).map_err(|_| TooLarge)?;
        let is_match = self.matches(&state);
        if is_match && self.first_match.is_none() {
            self.first_match = Some(index);
        }
        self.is_match.push(is_match);
        self.parents.push(parent);
        self.states.push(state.clone());
        self.indices.insert(state, index);
        Ok(index)
    }

    /// Returns true if a text that ends in this state is one of those that are searched for.
    pub(super) fn matches(&self, state: &State) -> bool {
        let Some(kind) = state.reader.kind() else {
            return false;
        };
        let (mut of, mut within) = (false, !self.has_within);
        for (index, place) in &*state.members {
            let Some(member) = self.members.get(*index as usize) else {
                return false;
            };
            let automaton = member.automaton;
            let allows = member.gate.allows(kind)
                && automaton.is_none_or(|automaton| is_match(automaton, *place));
            match member.role {
                Role::Of => of |= allows,
                Role::Within => within |= allows,
                Role::Except if allows => return false,
                Role::Except => {}
            }
        }
        of && within
    }

    /// Returns the shortest text that leads to a state.
    pub(super) fn shortest_text(&self, mut state: u32) -> String {
        let mut text = Vec::new();
        while let Some(&(parent, class)) = self.parents.get(state as usize) {
            if parent == DEAD {
                break;
            }
            let byte = self.classes.get(class as usize).and_then(|it| it.first());
            text.extend(byte.copied().map(char::from));
            state = parent;
        }
        text.iter().rev().collect()
    }
}

/// Groups the bytes of an origin, so that all bytes of a group lead from each state to the same one.
fn classes(members: &[Member<'_>]) -> Vec<Vec<u8>> {
    let mut known: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut classes: Vec<Vec<u8>> = Vec::new();
    for byte in alphabet() {
        let automata = members.iter().filter_map(|member| member.automaton);
        let of_automata = automata.map(|automaton| automaton.byte_classes().get(byte));
        let signature = std::iter::once(origin_reader::class(byte))
            .chain(of_automata)
            .collect();
        let class = *known.entry(signature).or_insert_with(|| {
            classes.push(Vec::new());
            classes.len() - 1
        });
        if let Some(class) = classes.get_mut(class) {
            class.push(byte);
        }
    }
    classes
}
