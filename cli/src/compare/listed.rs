//! The origins that a policy lists, and what two policies make of the same origins.

use std::borrow::Cow;
use std::ptr;

use omnicors_core::{OriginSet, OriginStatus, Policy, RequestParts, evaluate};

use super::entry::{Entry, Form, Gate, TooLarge};
use super::product;

/// A set of origins.
#[derive(Debug)]
pub(super) struct Listed<'p> {
    policy: Option<&'p Policy>,
    /// Sorted.
    exact: Vec<&'p str>,
    entries: Vec<Entry>,
}

/// A set of origins that is made of the entries of policies: all origins of `exact` and of `entries` that are none of the exceptions.
#[derive(Debug, Default)]
pub(crate) struct Region<'p> {
    /// In the order of the text.
    pub(crate) exact: Vec<&'p str>,
    pub(crate) entries: Vec<RegionEntry>,
    /// Only origins that one of these allows as well, unless it is empty.
    pub(crate) within: Vec<EntryText>,
    pub(crate) except: Vec<EntryText>,
    pub(crate) except_exact: Vec<&'p str>,
}

/// An entry that allows at least one origin of a region.
#[derive(Clone, Debug)]
pub(crate) struct RegionEntry {
    pub(crate) entry: EntryText,
    /// An origin of the region that the entry allows.
    pub(crate) witness: String,
}

/// An entry as it is written in a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntryText {
    pub(crate) text: String,
    pub(crate) form: Form,
    /// The kinds of origins that the entry can allow.
    pub(crate) gate: Gate,
}

impl Region<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.entries.is_empty()
    }

    /// Returns an origin for each part of the region.
    pub(crate) fn witnesses(&self) -> impl Iterator<Item = &str> {
        let of_entries = self.entries.iter().map(|part| &*part.witness);
        self.exact.iter().copied().chain(of_entries)
    }
}

impl<'p> Listed<'p> {
    pub(super) fn of(policy: &'p Policy) -> Self {
        let set = policy.origins().into_iter();
        let patterns = set.flat_map(OriginSet::patterns);
        let mut exact: Vec<&str> = patterns.filter(|text| !text.contains('*')).collect();
        exact.sort_unstable();
        Self {
            policy: Some(policy),
            exact,
            entries: Entry::all(policy),
        }
    }

    /// Returns the set of all origins.
    pub(super) fn everything() -> Self {
        Self {
            policy: None,
            exact: Vec::new(),
            entries: vec![Entry::any()],
        }
    }

    pub(super) fn nothing() -> Self {
        Self {
            entries: Vec::new(),
            ..Self::everything()
        }
    }

    /// Returns the exact origins and the other entries, as text.
    pub(super) fn texts(&self) -> (&[&'p str], Vec<EntryText>) {
        (&self.exact, self.entries.iter().map(text_of).collect())
    }

    fn is_everything(&self) -> bool {
        self.policy.is_none() && !self.entries.is_empty()
    }

    /// Returns true if the policy lists the origin. Lookups do not count.
    fn contains(&self, origin: &str) -> bool {
        match self.policy {
            None => self.is_everything(),
            Some(policy) => {
                let request = RequestParts::new("GET").origin(origin);
                evaluate(policy, &request).origin_status() == OriginStatus::Allowed
            }
        }
    }

    fn has_exact(&self, origin: &str) -> bool {
        self.exact.binary_search(&origin).is_ok()
    }
}

fn text_of(entry: &Entry) -> EntryText {
    EntryText {
        text: entry.text.clone(),
        form: entry.form,
        gate: entry.gate,
    }
}

/// Returns the origins that are in `of` and in `within`, and in none of the others.
pub(super) fn region<'p>(
    of: &Listed<'p>,
    within: &Listed<'p>,
    except: &[&Listed<'p>],
) -> Result<Region<'p>, TooLarge> {
    // Two policies with credentials ask for the origins that are in a set and not in the same set.
    let is_empty = |set: &&Listed<'_>| set.is_everything() || ptr::eq(*set, within);
    if except.iter().any(is_empty) {
        return Ok(Region::default());
    }
    // The narrower set describes the region better.
    let is_any = |set: &Listed<'_>| matches!(&*set.entries, [entry] if entry.form == Form::Any);
    let (of, within) = if is_any(of) && !within.is_everything() {
        (within, of)
    } else {
        (of, within)
    };
    let is_in_region = |set: &Listed<'_>, origin: &str| is_between(origin, set, except);
    let exact = of.exact.iter().copied();
    let mut exact: Vec<&str> = exact.filter(|it| is_in_region(within, it)).collect();
    if !of.entries.is_empty() {
        let others = within.exact.iter().copied();
        exact.extend(others.filter(|it| !of.has_exact(it) && is_in_region(of, it)));
        exact.sort_unstable();
    }
    let mut region = Region {
        exact,
        ..Region::default()
    };
    let mut contained: Vec<&Entry> = Vec::new();
    for entry in &of.entries {
        if let Some(witness) = find(entry, within, except)? {
            contained.push(entry);
            region.entries.push(RegionEntry {
                entry: text_of(entry),
                witness,
            });
        }
    }
    if !contained.is_empty() {
        if !within.is_everything() {
            region.within = within.entries.iter().map(text_of).collect();
        }
        for set in except {
            for other in overlapping(&contained, &set.entries)? {
                if !region.except.contains(&other) {
                    region.except.push(other);
                }
            }
            let exact = set.exact.iter().copied();
            for origin in exact.filter(|origin| of.contains(origin)) {
                if any(&contained, |entry| entry.allows(origin))? {
                    region.except_exact.push(origin);
                }
            }
        }
    }
    // Two of the sets can have the same origins.
    region.except_exact.sort_unstable();
    region.except_exact.dedup();
    Ok(region)
}

/// Returns an origin of the same set as [`region`] does, or `None` if the set is empty.
pub(super) fn witness<'p>(
    of: &Listed<'p>,
    within: &Listed<'p>,
    except: &[&Listed<'p>],
) -> Result<Option<Cow<'p, str>>, TooLarge> {
    if except.iter().any(|set| set.is_everything()) {
        return Ok(None);
    }
    let is_in_all = |origin: &str| of.contains(origin) && is_between(origin, within, except);
    let mut exact = of.exact.iter().chain(&within.exact);
    if let Some(origin) = exact.find(|origin| is_in_all(origin)) {
        return Ok(Some(Cow::Borrowed(origin)));
    }
    for entry in &of.entries {
        if let Some(origin) = find(entry, within, except)? {
            return Ok(Some(Cow::Owned(origin)));
        }
    }
    Ok(None)
}

/// The example of any origin, which is easier to read than the shortest one, `null`.
const OTHER_ORIGIN: &str = "https://other.example";

/// Returns true if the origin is in `within`, and in none of the others.
fn is_between(origin: &str, within: &Listed<'_>, except: &[&Listed<'_>]) -> bool {
    within.contains(origin) && !except.iter().any(|except| except.contains(origin))
}

/// Returns an origin of the entry that an entry of `within` allows as well, and that is in none of the others.
fn find(
    entry: &Entry,
    within: &Listed<'_>,
    except: &[&Listed<'_>],
) -> Result<Option<String>, TooLarge> {
    if entry.form == Form::Any && is_between(OTHER_ORIGIN, within, except) {
        return Ok(Some(OTHER_ORIGIN.to_owned()));
    }
    let mut relevant: Vec<&Entry> = Vec::new();
    for other in except.iter().flat_map(|set| &set.entries) {
        if other.certainly_covers(entry) {
            return Ok(None);
        }
        if other.may_overlap(entry) {
            relevant.push(other);
        }
    }
    let is_exact = |origin: &str| except.iter().any(|set| set.has_exact(origin));
    if within.is_everything() {
        return product::find(entry, None, &relevant, &is_exact);
    }
    let others = within.entries.iter();
    let others: Vec<&Entry> = others.filter(|other| other.may_overlap(entry)).collect();
    if others.is_empty() {
        return Ok(None);
    }
    product::find(entry, Some(&others), &relevant, &is_exact)
}

/// Returns those of the others that allow an origin that one of the entries allows.
fn overlapping(entries: &[&Entry], others: &[Entry]) -> Result<Vec<EntryText>, TooLarge> {
    let mut found = Vec::new();
    for other in others {
        let overlaps = any(entries, |entry| {
            if !entry.may_overlap(other) {
                return Ok(false);
            }
            Ok(entry.form == Form::Any
                || product::find(entry, Some(&[other]), &[], &|_| false)?.is_some())
        })?;
        if overlaps {
            found.push(text_of(other));
        }
    }
    Ok(found)
}

fn any<T>(items: &[T], is_it: impl Fn(&T) -> Result<bool, TooLarge>) -> Result<bool, TooLarge> {
    for item in items {
        if is_it(item)? {
            return Ok(true);
        }
    }
    Ok(false)
}
