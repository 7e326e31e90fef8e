//! Compares the printed sets of origins with what the policies say. It reads the entries of a set with the core, not with the automata of
//! the comparison.

use omnicors_core::{Origin, OriginPattern, Policy, PolicyConfig};

use crate::cli::compare::{Access, Comparison, Direction, EntryText, Form, Gate, Region};
use crate::reads;

const KINDS: [(Direction, Access); 6] = [
    (Direction::Widens, Access::WithCredentials),
    (Direction::Widens, Access::WithoutCredentials),
    (Direction::Widens, Access::OnlyCredentials),
    (Direction::Narrows, Access::WithCredentials),
    (Direction::Narrows, Access::WithoutCredentials),
    (Direction::Narrows, Access::OnlyCredentials),
];

/// Panics unless each printed set contains an origin if, and only if, the policies disagree about it in this way.
pub(crate) fn check(comparison: &Comparison<'_>, old: &Policy, new: &Policy, origins: &[String]) {
    for (direction, access) in KINDS {
        let changes = comparison.origins.iter();
        let mut changes = changes.filter(|it| it.direction == direction && it.access == access);
        let region = changes.next().map(|change| Printed::new(&change.region));
        assert!(changes.next().is_none(), "two changes of one kind");
        for origin in origins {
            let (old_reads, new_reads) = (reads(old, origin), reads(new, origin));
            let (one, other) = match direction {
                Direction::Narrows => (old_reads, new_reads),
                _ => (new_reads, old_reads),
            };
            let expected = match access {
                Access::WithCredentials => one == (true, true) && !other.0,
                Access::WithoutCredentials => one == (true, false) && !other.0,
                Access::OnlyCredentials => one == (true, true) && other == (true, false),
            };
            let region = region.as_ref();
            assert_eq!(
                region.is_some_and(|region| region.contains(origin)),
                expected,
                "{direction:?} {access:?} {origin}\nold:\n{old}\nnew:\n{new}\n{comparison:#?}"
            );
        }
    }
}

/// A printed set of origins.
struct Printed<'p> {
    region: &'p Region<'p>,
    entries: Vec<PrintedEntry<'p>>,
    within: Vec<PrintedEntry<'p>>,
    except: Vec<PrintedEntry<'p>>,
}

impl<'p> Printed<'p> {
    fn new(region: &'p Region<'p>) -> Self {
        let entries = region.entries.iter();
        Self {
            entries: entries.map(|part| PrintedEntry::new(&part.entry)).collect(),
            within: region.within.iter().map(PrintedEntry::new).collect(),
            except: region.except.iter().map(PrintedEntry::new).collect(),
            region,
        }
    }

    fn contains(&self, text: &str) -> bool {
        let origin = Origin::parse(text.as_bytes()).expect("all origins are valid");
        let any =
            |entries: &[PrintedEntry<'_>]| entries.iter().any(|it| it.contains(&origin, text));
        let by_entry = any(&self.entries)
            && (self.within.is_empty() || any(&self.within))
            && !any(&self.except)
            && !self.region.except_exact.contains(&text);
        self.region.exact.contains(&text) || by_entry
    }
}

/// A printed entry.
struct PrintedEntry<'p> {
    gate: Gate,
    origins: Origins<'p>,
}

/// The origins that the text of an entry allows.
enum Origins<'p> {
    Any,
    Pattern(OriginPattern<'p>),
    /// A policy with the regular expression.
    Regex(Box<Policy>),
}

impl<'p> PrintedEntry<'p> {
    fn new(entry: &'p EntryText) -> Self {
        let origins = match entry.form {
            Form::Any => Origins::Any,
            Form::Pattern => {
                let pattern = OriginPattern::parse(&entry.text);
                Origins::Pattern(pattern.expect("a printed pattern is valid"))
            }
            Form::Regex => {
                let config = PolicyConfig::new()
                    .allow_origin_regexes([&entry.text])
                    .dangerously_allow_opaque_origins(true);
                let policy = config.build();
                Origins::Regex(Box::new(policy.expect("a printed expression is valid")))
            }
        };
        let gate = entry.gate;
        Self { gate, origins }
    }

    fn contains(&self, origin: &Origin<'_>, text: &str) -> bool {
        let passes = match self.gate {
            Gate::Origin { allow_opaque, .. } if origin.is_opaque() => allow_opaque,
            Gate::Origin { allow_insecure, .. } => {
                allow_insecure || origin.is_potentially_trustworthy()
            }
            // The pattern itself says which hosts it allows.
            Gate::Name | Gate::Web | Gate::OpaqueHost => true,
        };
        passes
            && match &self.origins {
                Origins::Any => true,
                Origins::Pattern(pattern) => pattern.matches(origin),
                Origins::Regex(policy) => reads(policy, text).0,
            }
    }
}
