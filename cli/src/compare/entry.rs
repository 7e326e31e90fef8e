//! The entries of a policy that can allow many origins, and the set of origins that each of them denotes.
//!
//! An entry denotes the texts that are origins ([`OriginReader`]) of a kind that its [`Gate`] lets
//! through and that, as a whole, match a regular expression over bytes:
//!
//! | entry | regular expression | gate |
//! |---|---|---|
//! | `https://*.example.com` | `https://[^:]+\.example\.com` | [`Gate::Name`]: a host name of at most 253 bytes, with labels of at most 63 |
//! | `https://pr-*.example.com` | `https://pr\-[^.:]+\.example\.com` | [`Gate::Name`] |
//! | `http://localhost:*` | `http://localhost(:[0-9]+)?` | [`Gate::Web`]; the origin has a port without leading zeros that is not the default one |
//! | `https://*.example.com:8443` | `https://[^:]+\.example\.com:8443` | [`Gate::Name`] |
//! | `moz-extension://*` | `moz\-extension://[!-~]+` | [`Gate::OpaqueHost`] |
//! | a regular expression | itself | [`Gate::Origin`]: with credentials, only trustworthy origins; opaque ones only with the opt-out |
//! | `*` with credentials | none | [`Gate::Origin`]: opaque origins only with the opt-out |
//! | `*` without credentials, and others without credentials | none | [`Gate::Origin`]: all origins |
//!
//! The test `each_entry_denotes_the_origins_that_the_core_allows` compares each form with the core.

mod pattern;

use std::cell::OnceCell;

use omnicors_core::Policy;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Hir, Look};

use super::origin_reader::{HostKind, OriginKind, OriginReader};
use pattern::{Host, Pattern};

/// A deterministic automaton, which takes one step per byte.
pub(super) type Automaton = dense::DFA<Vec<u32>>;

/// The maximum size in bytes of an automaton, as in the core.
const SIZE_LIMIT: usize = 1 << 20;

/// An automaton, or a product of several, is too large to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The form of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// An item of `allow_origins` with a wildcard.
    Pattern,
    /// An item of `allow_origin_regexes`.
    Regex,
    /// `*`, or all others.
    Any,
}

/// The kinds of origins that an entry can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Origins whose host is a host name.
    Name,
    /// Origins with `http` or `https`.
    Web,
    /// Origins with another scheme.
    OpaqueHost,
    /// Origins of any kind, with these exceptions.
    Origin {
        /// If false, not `null` and `file://`.
        allow_opaque: bool,
        /// If false, only opaque origins and those that are potentially trustworthy.
        allow_insecure: bool,
    },
}

impl Gate {
    pub(super) const ANY: Self = Self::Origin {
        allow_opaque: true,
        allow_insecure: true,
    };

    pub(super) fn allows(self, kind: OriginKind) -> bool {
        match self {
            Self::Name => kind.host == HostKind::Name,
            Self::Web => matches!(kind.host, HostKind::Name | HostKind::OtherWeb),
            Self::OpaqueHost => kind.host == HostKind::Opaque,
            Self::Origin {
                allow_opaque,
                allow_insecure,
            } => match kind.host {
                HostKind::None => allow_opaque,
                _ => allow_insecure || kind.is_trustworthy,
            },
        }
    }

    /// Returns true if it matters whether an origin is potentially trustworthy.
    pub(super) fn needs_trust(self) -> bool {
        matches!(
            self,
            Self::Origin {
                allow_insecure: false,
                ..
            }
        )
    }

    /// Returns true if this gate lets through every origin that the other one does, for two entries with the same text.
    fn is_as_wide_as(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Origin {
                    allow_opaque,
                    allow_insecure,
                },
                Self::Origin {
                    allow_opaque: other_opaque,
                    allow_insecure: other_insecure,
                },
            ) => (allow_opaque || !other_opaque) && (allow_insecure || !other_insecure),
            _ => self == other,
        }
    }
}

/// An entry of a policy that can allow many origins.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(super) text: String,
    pub(super) form: Form,
    pub(super) gate: Gate,
    pattern: Option<Pattern>,
    automaton: OnceCell<Result<Option<Automaton>, TooLarge>>,
}

impl Entry {
    /// Returns the entries of a policy, except its exact origins.
    pub(super) fn all(policy: &Policy) -> Vec<Self> {
        let credentials = policy.allow_credentials();
        let allow_opaque = policy.dangerously_allow_opaque_origins();
        let Some(set) = policy.origins() else {
            let gate = Gate::Origin {
                allow_opaque: !credentials || allow_opaque,
                allow_insecure: true,
            };
            return vec![Self::new("*", Form::Any, gate)];
        };
        let patterns = set.patterns().filter(|pattern| pattern.contains('*'));
        let patterns = patterns.map(Self::of_pattern);
        let gate = Gate::Origin {
            allow_opaque,
            allow_insecure: !credentials || policy.dangerously_allow_insecure_origins(),
        };
        let regexes = policy.origin_regexes();
        let regexes = regexes.map(|regex| Self::new(regex, Form::Regex, gate));
        patterns.chain(regexes).collect()
    }

    /// Returns the entry that allows every origin.
    pub(super) fn any() -> Self {
        Self::new("*", Form::Any, Gate::ANY)
    }

    fn new(text: &str, form: Form, gate: Gate) -> Self {
        Self {
            text: text.to_owned(),
            form,
            gate,
            pattern: None,
            automaton: OnceCell::new(),
        }
    }

    fn of_pattern(text: &str) -> Self {
        let pattern = Pattern::of(text);
        let gate = match pattern.host {
            Host::Any => Gate::OpaqueHost,
            Host::Exact(_) => Gate::Web,
            Host::Under(_) | Host::Part { .. } => Gate::Name,
        };
        Self {
            pattern: Some(pattern),
            ..Self::new(text, Form::Pattern, gate)
        }
    }

    /// Returns the automaton of the regular expression. `None` matches every text.
    pub(super) fn automaton(&self) -> Result<Option<&Automaton>, TooLarge> {
        let build = || match (self.form, &self.pattern) {
            (Form::Any, _) => Ok(None),
            (_, None) => compile(&self.text).map(Some),
            (_, Some(pattern)) => compile(&pattern.regex()).map(Some),
        };
        match self.automaton.get_or_init(build) {
            Ok(automaton) => Ok(automaton.as_ref()),
            Err(error) => Err(*error),
        }
    }

    /// Returns true if the entry allows the origin.
    pub(super) fn allows(&self, origin: &str) -> Result<bool, TooLarge> {
        let step = |reader: OriginReader, byte| reader.next(byte);
        let read = origin.bytes().fold(OriginReader::START, step);
        if !read.kind().is_some_and(|kind| self.gate.allows(kind)) {
            return Ok(false);
        }
        let Some(automaton) = self.automaton()? else {
            return Ok(true);
        };
        let mut state = start_state(automaton)?;
        for byte in origin.bytes() {
            state = automaton.next_state(state, byte);
        }
        Ok(is_match(automaton, state))
    }

    /// Returns true if this entry certainly allows every origin that the other one allows. False means nothing.
    pub(super) fn certainly_covers(&self, other: &Self) -> bool {
        if self.form == Form::Any || (self.form == other.form && self.text == other.text) {
            return self.gate.is_as_wide_as(other.gate)
                // A pattern can allow only origins with a host.
                || self.form == Form::Any && other.form == Form::Pattern;
        }
        match (&self.pattern, &other.pattern) {
            (Some(pattern), Some(other)) => pattern.covers(other),
            _ => false,
        }
    }

    /// Returns false if no origin is certainly allowed by both entries. True means nothing.
    pub(super) fn may_overlap(&self, other: &Self) -> bool {
        match (&self.pattern, &other.pattern) {
            (Some(pattern), Some(other)) => pattern.may_overlap(other),
            _ => true,
        }
    }
}

/// Compiles an expression to an automaton that matches only whole texts.
fn compile(text: &str) -> Result<Automaton, TooLarge> {
    let mut parser = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build();
    // The expressions of a policy are valid.
    let expression = parser.parse(text).map_err(|_| TooLarge)?;
    let (start, end) = (Hir::look(Look::Start), Hir::look(Look::End));
    let nfa = thompson::Compiler::new()
        .configure(
            thompson::Config::new()
                .utf8(false)
                .which_captures(WhichCaptures::None)
                .nfa_size_limit(Some(SIZE_LIMIT)),
        )
        .build_from_hir(&Hir::concat(vec![start, expression, end]))
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

pub(super) fn start_state(automaton: &Automaton) -> Result<StateID, TooLarge> {
    let anchored = start::Config::new().anchored(Anchored::Yes);
    automaton.start_state(&anchored).map_err(|_| TooLarge)
}

/// Returns true if the text ends in this state and matches.
pub(super) fn is_match(automaton: &Automaton, state: StateID) -> bool {
    automaton.is_match_state(automaton.next_eoi_state(state))
}
